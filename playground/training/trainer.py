"""The trainer: one network, one optimizer, one order of the data, and a step of five phases.

Autograd is for any layer and any device; `fast` takes over small networks on the CPU, and `graph` whole epochs on a
CUDA device, with the same results. A plain PyTorch script gives the same losses if it does, in the same order:

- first weights: `torch.manual_seed(init_seed)`, all layers made, then the initialiser over the Linear layers;
- `torch.manual_seed(seed)` before the first step, for dropout, and `order = torch.Generator().manual_seed(seed)`;
- each epoch: `permutation = torch.randperm(N, generator=order)`, cut into batches, the last of which may be smaller.
  With a batch norm in the network a last batch of a single sample is left out, because one sample has no variance;
- a step: the loss of the batch in train() mode and its gradient; to it the gradients of the penalties (l1 * sum |w| +
  l2 / 2 * sum w^2 over the weights of Linear layers; with adamw l2 is the decoupled weight_decay of those weights
  instead); clipping by the global norm if clip_norm > 0; the update with the rate of `learning_rate_at`;
- after each epoch: losses and metric of all train and all test samples in eval() mode, without penalties.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from time import perf_counter
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from playground.data.dataset import Dataset
from playground.experiment.experiment import LIVE_FIELDS, Experiment, changed_fields
from playground.network.module import build_module
from playground.training.checkpoint import Checkpoint
from playground.training.closing import Closing, Parts
from playground.training.devices import find_device
from playground.training.divergence import LastFinite, divergence_sentence
from playground.training.evaluation import Evaluation, Samples
from playground.training.fast import FastPath, kernel_ready
from playground.training.flat import FlatState
from playground.training.graph import GraphPath
from playground.training.history import EpochRecord, History
from playground.training.losses import loss_function
from playground.training.optimizers import add_penalties, build_optimizer, clip_gradients, set_weight_decay
from playground.training.order import BatchOrder, OwnRandomness
from playground.training.schedules import learning_rate_at
from playground.training.snapshot import capture, put_back

PHASES = ("predict", "loss", "backward", "step", "zero_grad")
LARGEST_EDIT = 1e6  # far beyond any useful weight, and its square is still finite in float32
EDITS_KEPT = 1_000
UNENDING = 2**62  # steps
NO_GRAPH = "The GPU could not record the steps of this network, so it does them one by one, which is slower."


class Trainer:
    """One run of an Experiment. Its state changes only through the methods below, and equal calls give equal states.

    phase: the phase last performed in slow motion, None when no slow motion is on. diverged: why training stopped, in
    one sentence. edited: what was changed by hand, as plain records; a script cannot give the same numbers any more.
    notice: why it trains more slowly than it might, in one sentence.
    """

    def __init__(
        self, experiment: Experiment, dataset: Dataset, device: str | None = None, *, fast: bool = False
    ) -> None:
        """Ready to train, with the record of epoch 0. fast: go over to the fused kernel or a graph where it fits.

        Raises: ValueError with one sentence where the experiment cannot train or the device is not present.
        """
        if experiment.obstacle:
            raise ValueError(experiment.obstacle)
        self.experiment = experiment
        self.dataset = dataset
        self.device = find_device(device or experiment.device)
        self.module = build_module(experiment).to(self.device)
        self.flat = FlatState(self.module)
        self.optimizer = build_optimizer(experiment, self.module, self.flat)
        self.history = History(len(self.flat.linears))
        self.epoch = 0
        self.step_count = 0
        self.phase: str | None = None
        self.diverged: str | None = None
        self.edited: list[dict[str, Any]] = []
        self.notice: str | None = None

        self.samples = Samples(experiment, dataset, self.device)
        self.order = BatchOrder(
            self.samples.part("train", self.samples.X),
            self.samples.part("train", self.samples.y),
            batch_size=experiment.batch_size,
            seed=experiment.seed,
            smallest=experiment.smallest_batch,
        )
        self.steps_per_epoch = self.order.steps_per_epoch
        self._loss_function = loss_function(experiment)
        self.randomness = OwnRandomness(self.device, experiment.seed)
        self._has_dropout = any(isinstance(layer, nn.Dropout) for layer in self.module)
        self._gradient_norms = (math.nan,) * len(self.flat.linears)
        self._last_finite = LastFinite(self.flat)
        self._checks_steps = True
        self._fast: FastPath | None = None
        self._may_be_fast = fast and self.device.type == "cpu"
        self._graph: GraphPath | None = None
        self._may_be_graph = fast and self.device.type == "cuda" and GraphPath.fits(self)
        self.closing = Closing()
        self._slow_start: Checkpoint | None = None
        self._slow_batch: NDArray[np.int64] | None = None
        self._perform = {name: getattr(self, f"_{name}") for name in PHASES}

        self.optimizer.learning_rate = learning_rate_at(experiment, 0, self.steps_per_epoch)
        self.history.append(self._record(self.evaluate()))

    # ---- training

    def step(self) -> None:
        """One whole step, or the rest of one begun in slow motion; nothing once the run has diverged."""
        self.settle()
        self._finish_step()
        self.settle()

    def _finish_step(self) -> None:
        for name in PHASES[self._phases_done() :]:
            if self.diverged is None:
                self._perform[name]()
        self.phase = None

    def advance_phase(self) -> str:
        """Perform the next of the five phases and say which; "" once the run has diverged."""
        self.settle()
        if self.diverged is not None:
            return ""
        done = self._phases_done()
        if done == 0:
            self._slow_start = capture(self)
            self._slow_batch = self.order.indices
        self._perform[PHASES[done]]()
        self.settle()
        self.phase = None if self.diverged else PHASES[done]
        return PHASES[done]

    def _phases_done(self) -> int:
        """How many phases of the current step are done, 0 to 4."""
        return 0 if self.phase is None else (PHASES.index(self.phase) + 1) % len(PHASES)

    def finish_epoch(self) -> None:
        """Steps until an epoch is complete."""
        self.train_steps(self.steps_per_epoch - self.order.position)

    def train_for(self, seconds: float) -> None:
        """Steps until the time is over, on the fastest path that there is: at least one, or a part of an evaluation.

        The evaluation that ends an epoch may be left to the next call, or to `settle`: then `closing` is true.
        """
        end = perf_counter() + seconds
        if self._close_epoch(end):
            self._train(UNENDING, end)

    def train_steps(self, steps: int, seconds: float = math.inf) -> None:
        """So many steps, or as many as the time allows, at least one, and the evaluation of an epoch that they end."""
        self.settle()
        self._train(steps, perf_counter() + seconds)
        self.settle()

    def settle(self) -> None:
        """Do what is left of an epoch's evaluation."""
        self._close_epoch(math.inf)

    def _close_epoch(self, end: float) -> bool:
        """Evaluate until the clock says `end`. True when the epoch that has ended has its record.

        It has none, too, where its evaluation failed or it ended with a divergence, and every epoch needs one.
        """
        if not self.closing and self.history.appended <= self.epoch and self.diverged is None:
            self.end_epoch(self._gradient_norms, self._scoring())
        return self.closing.go_on(end)

    def _train(self, steps: int, end: float) -> None:
        goal = self.step_count + steps
        if self.phase is not None:
            self.step()
        path = (self.fast or self.graph) if self.diverged is None and self.step_count < goal else None
        if path is not None:
            self._last_finite.begin_call()
            if not path.advance(goal - self.step_count, end):
                self._diverge()
            return
        self._last_finite.keep()
        self._checks_steps = self.device.type == "cpu"  # elsewhere a look at the loss waits for the device
        try:
            while self.diverged is None and self.step_count < goal:
                self._finish_step()
                if not self.closing.go_on(end) or perf_counter() >= end:
                    break
        finally:
            self._checks_steps = True
        if self.diverged is None and not self._is_finite():
            self._diverge()

    @property
    def fast(self) -> FastPath | None:
        """The fused kernel bound to this run; None where autograd trains it, for good or until the kernel is ready."""
        if self._may_be_fast and self._fast is None and kernel_ready():
            self._fast = FastPath.of(self)
            self._may_be_fast = self._fast is not None
        return self._fast

    @property
    def graph(self) -> GraphPath | None:
        """The recorded steps of this run on a CUDA device; None where each operation is asked for."""
        if self._may_be_graph:
            self._may_be_graph = False
            try:
                self._graph = GraphPath(self)
            except RuntimeError:
                self.notice = NO_GRAPH
        return self._graph

    def _predict(self) -> None:
        X, self._y_batch = self.order.batch
        if self._has_dropout:
            with self.randomness.drawing():
                self._logits = self.module(X)
        else:
            self._logits = self.module(X)

    def _loss(self) -> None:
        self._batch_loss = self._loss_function(self._logits, self._y_batch)
        if self._checks_steps:
            if not math.isfinite(self._batch_loss.item()):
                self._diverge()
            else:
                self._last_finite.keep()

    def _backward(self) -> None:
        experiment = self.experiment
        self.flat.backward(self._batch_loss)
        add_penalties(self.flat, l1=experiment.l1, l2=0.0 if experiment.optimizer == "adamw" else experiment.l2)
        if self.order.at_last_batch:
            self._gradient_norms = self.flat.linear_gradient_norms()
        if experiment.clip_norm:
            clip_gradients(self.flat, experiment.clip_norm)

    def _step(self) -> None:
        if self.experiment.schedule != "constant":
            self.optimizer.learning_rate = learning_rate_at(self.experiment, self.step_count, self.steps_per_epoch)
        self.optimizer.step()
        if self._checks_steps and not self._is_finite():
            self._diverge()

    def _zero_grad(self) -> None:
        self.flat.gradients.zero_()
        self.step_count += 1
        self.order.advance()
        if self.order.position == 0:
            self._end_epoch()

    def _end_epoch(self) -> None:
        self.epoch += 1
        self.end_epoch(self._gradient_norms, self._scoring())

    def end_epoch(self, gradient_norms: Sequence[float], scoring: Parts[Sequence[float]]) -> None:
        """What is left of the epoch is its evaluation, the numbers of an `Evaluation`, and then its record.

        gradient_norms: of its last batch, one a Linear layer, before clipping.
        """
        self._gradient_norms = tuple(gradient_norms)
        self.closing.begin(self._record_epoch(scoring))

    def _record_epoch(self, scoring: Parts[Sequence[float]]) -> Iterator[None]:
        evaluation = Evaluation(*(yield from scoring))
        if math.isfinite(evaluation.train_loss) and self._is_finite():
            self.history.append(self._record(evaluation))
            self._last_finite.keep_epoch()
        else:
            self._diverge()

    @property
    def batch(self) -> NDArray[np.int64] | None:
        """The indices of the train samples in the current batch; None when no slow motion is on."""
        return None if self.phase is None else self._slow_batch

    @property
    def learning_rate(self) -> float:
        """The rate of the last update, or of the next one where the settings have changed since."""
        return self.optimizer.learning_rate

    # ---- looking

    def evaluate(self) -> Evaluation:
        """Losses and metric of all train and test samples in eval() mode; the module's mode stays as it was."""
        if self._fast is not None:
            return Evaluation(*self._fast.view.evaluate())
        return Evaluation(*self.scores().tolist())

    def _scoring(self) -> Parts[Sequence[float]]:
        """What `evaluate` returns, in parts."""
        if self._fast is not None:
            return self._fast.view.evaluate()
        scores: list[float] = (yield from self.samples.scoring(self.module)).tolist()
        return scores

    def scores(self) -> Tensor:
        """(4,): what `evaluate` returns, where the network is."""
        return self.samples.scores(self.module)

    def _record(self, evaluation: Evaluation) -> EpochRecord:
        return EpochRecord(self.epoch, self.step_count, *evaluation, self.optimizer.learning_rate, self._gradient_norms)

    # ---- divergence

    def _is_finite(self) -> bool:
        return self.flat.is_finite() and self.optimizer.is_finite()

    def _diverge(self) -> None:
        """Go back to the last finite weights with a finite loss, and empty the optimizer's memory, which led astray."""
        self._last_finite.go_back(lambda: self.evaluate().train_loss)
        self.flat.gradients.zero_()
        self.optimizer.forget()
        self.diverged = divergence_sentence(self.experiment, self.epoch)

    # ---- changes by hand

    def apply(self, experiment: Experiment) -> None:
        """Take over new values of live fields, between two steps; a run that had diverged may then go on.

        Raises: ValueError where another field differs.
        """
        changed = changed_fields(self.experiment, experiment)
        if fixed := [name for name in changed if name not in LIVE_FIELDS]:
            raise ValueError(f"{fixed[0]} cannot change within a run, because it would be another run. Start that one.")
        self._finish_slow_step()
        if self.step_count:
            for name in changed:
                before, after = getattr(self.experiment, name), getattr(experiment, name)
                self._note({"kind": "setting", "name": name, "from": before, "to": after})
        self.experiment = experiment
        set_weight_decay(self.optimizer, experiment)
        self.optimizer.learning_rate = learning_rate_at(experiment, self.step_count, self.steps_per_epoch)
        self.diverged = None

    def edit(self, parameter: str, index: tuple[int, ...], value: float) -> None:
        """Set one number of a parameter, named as in `module.state_dict()`, between two steps.

        The optimizer's memory of it stays. Raises: ValueError for an unknown place, or a value beyond 1e6 in size.
        """
        parameters = dict(self.module.named_parameters())
        if parameter not in parameters:
            raise ValueError(f"The network has no parameter {parameter!r}. It has {', '.join(parameters)}.")
        tensor = parameters[parameter]
        if len(index) != tensor.ndim or not all(0 <= i < size for i, size in zip(index, tensor.shape, strict=True)):
            raise ValueError(f"{parameter} has no entry {list(index)}. Its shape is {list(tensor.shape)}, from 0.")
        if not math.isfinite(value) or abs(value) > LARGEST_EDIT:
            raise ValueError(f"The value is {value:g}, but it must lie between -1e6 and 1e6. Try 0.5.")
        self._finish_slow_step()
        with torch.no_grad():
            before = tensor[index].item()
            tensor[index] = value
        self._note({"kind": "weight", "name": parameter, "index": list(index), "from": before, "to": float(value)})
        self._last_finite.keep()
        self.diverged = None

    def _note(self, record: dict[str, Any]) -> None:
        self.edited = [*self.edited, {**record, "epoch": self.epoch, "step": self.step_count}][-EDITS_KEPT:]

    def _finish_slow_step(self) -> None:
        self.settle()
        if self.phase not in (None, PHASES[-1]):
            self.step()

    # ---- saving

    def checkpoint(self) -> Checkpoint:
        """The run between two steps; in the middle of a slow step, as it was before that step."""
        self.settle()
        in_step = self.phase not in (None, PHASES[-1])
        return self._slow_start if in_step and self._slow_start else capture(self)

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go on from a checkpoint of the same experiment; live fields become the checkpoint's.

        Raises: ValueError where it belongs to another experiment or to other data.
        """
        changed = changed_fields(self.experiment, checkpoint.experiment)
        if fixed := [name for name in changed if name not in LIVE_FIELDS]:
            raise ValueError(f"The checkpoint is of another experiment: its {fixed[0]} differs. Open it as a new run.")
        self.closing.forget()
        put_back(self, checkpoint)
        self.phase = None
        set_weight_decay(self.optimizer, self.experiment)
        self.optimizer.learning_rate = learning_rate_at(self.experiment, self.step_count, self.steps_per_epoch)
        self.flat.gradients.zero_()
        self._last_finite.keep()
        self._last_finite.keep_epoch()


def continued_on_cpu(trainer: Trainer) -> Trainer:
    """The same run as it was before its unfinished step, on the CPU: for when its device has run out of memory."""
    moved = Trainer(trainer.experiment, trainer.dataset, "cpu", fast=True)
    moved.restore(trainer.checkpoint())
    return moved
