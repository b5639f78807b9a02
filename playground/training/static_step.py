"""A training step that never looks at its own numbers: always the same operations on tensors of the same shapes.

So a CUDA graph can record it once and replay it for ever. What changes lies in tensors on the device: which samples are
in each batch, the learning rates, the penalties, the clipping norm, and where in the epoch training is. A last batch
that is smaller is filled up with sample 0, which then counts for nothing. Dropout draws for the filled-up samples too,
so from a smaller batch on it draws other numbers than autograd, as good as those.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from playground.data.tokens import PAD_ID
from playground.experiment.experiment import Experiment
from playground.training.flat import FlatState
from playground.training.losses import Loss, loss_function
from playground.training.optimizers import SGD, Adagrad, Adam, AdamW, Optimizer, RMSprop
from playground.training.order import BatchOrder
from playground.training.schedules import learning_rate_at

CLIP_EPSILON = 1e-6  # as in torch.nn.utils.clip_grad_norm_


class StaticStep:
    """The step of one run, on its own parameters, gradients and optimizer memory.

    X: (N, ...), y: (N, ...), train samples on the device. loss: 0-d, the sum of the batches' losses since `begin`.
    """

    def __init__(
        self, experiment: Experiment, module: nn.Module, optimizer: Optimizer, order: BatchOrder, X: Tensor, y: Tensor
    ) -> None:
        self._module, self._flat, self._optimizer = module, optimizer.flat, optimizer
        self._loss = loss_function(experiment)
        self._X, self._y = X, y
        self._size, self._steps = min(experiment.batch_size, len(X)), order.steps_per_epoch
        self._rows = torch.zeros(self._steps, self._size, dtype=torch.int64, device=X.device)  # each batch's samples
        self._places = torch.arange(self._size, device=X.device)
        present = [min(self._size, len(X) - i * self._size) for i in range(self._steps)]
        self._present = torch.tensor(present, device=X.device)
        self.filled_up = present[-1] < self._size
        self._at = torch.zeros(1, dtype=torch.int64, device=X.device)  # the batch of the epoch that is next
        # Tensors without dimensions leave float32 as it is; float64, because Adam corrects by 1 - 0.999^updates.
        exact = torch.zeros(4 + self._steps, dtype=torch.float64, device=X.device)
        self._updates, self._l1, self._l2, self._decay = exact[:4].unbind()
        self._rates = exact[4:]
        self._clip, self._clipping, self.loss = optimizer.flat.values.new_zeros(3).unbind()
        self._clipping.fill_(1.0)  # what the last gradient was multiplied by
        self._experiment: Experiment | None = None
        self._permutation: Tensor | None = None

    def begin(self, experiment: Experiment, order: BatchOrder, step_count: int) -> None:
        """Put onto the device what has changed since the last call: settings, the epoch's order, the place in it."""
        self._at.fill_(order.position)
        self._updates.fill_(self._optimizer.step_count)
        self.loss.zero_()
        if order.permutation is not self._permutation:
            rows = self._rows.new_zeros(self._rows.numel(), device="cpu")
            used = order.permutation[: len(rows)]
            rows[: len(used)] = used
            self._rows.copy_(rows.view_as(self._rows))
        if order.permutation is not self._permutation or experiment is not self._experiment:
            first = step_count - order.position
            if experiment.schedule == "constant":
                self._rates.fill_(experiment.learning_rate)
            else:
                rates = [learning_rate_at(experiment, first + i, self._steps) for i in range(self._steps)]
                self._rates.copy_(torch.tensor(rates, dtype=torch.float64))
            decays = isinstance(self._optimizer, AdamW)
            self._l1.fill_(experiment.l1)
            self._l2.fill_(0.0 if decays else experiment.l2)
            self._decay.fill_(experiment.l2 if decays else 0.0)
            self._clip.fill_(experiment.clip_norm)
        self._experiment, self._permutation = experiment, order.permutation

    def __call__(self) -> None:
        """Train on the next batch of the epoch."""
        rows = self._rows.index_select(0, self._at).squeeze(0)  # (B,)
        X, y = self._X.index_select(0, rows), self._y.index_select(0, rows)
        logits = self._module(X)
        if self.filled_up:
            loss = masked_loss(self._loss, logits, y, self._places < self._present.index_select(0, self._at))
        else:
            loss = self._loss(logits, y)
        self._flat.backward(loss)
        with torch.no_grad():
            self.loss.add_(loss.detach())
            self._regularise()
            self._updates.add_(1)
            rate = self._rates.index_select(0, self._at).squeeze(0)
            if isinstance(self._optimizer, AdamW):
                self._flat.values.mul_(1 - self._flat.weight_mask * (rate * self._decay))
            UPDATES[type(self._optimizer)](self._optimizer, self._flat, rate, self._updates)
            self._at.add_(1).remainder_(self._steps)

    def _regularise(self) -> None:
        """As `optimizers.add_penalties` and `clip_gradients`; with a norm of 0 the gradient is multiplied by 1."""
        gradients, values, mask = self._flat.gradients, self._flat.values, self._flat.weight_mask
        gradients.addcmul_(values * self._l2, mask)
        gradients.addcmul_(values.sign() * self._l1, mask)
        norm = torch.nn.utils.get_total_norm(
            [weight.grad for weight in self._flat.parameters if weight.grad is not None]
        )
        clipped = (self._clip / (norm + CLIP_EPSILON)).clamp(max=1.0)
        self._clipping.copy_(torch.where(self._clip > 0, clipped, torch.ones_like(clipped)))
        gradients.mul_(self._clipping)

    def gradient_norms(self) -> Tensor:
        """(L,): the norm of the last gradient of each Linear layer, before it was clipped."""
        norms = [torch.linalg.vector_norm(self._flat.gradients[layer]) for layer in self._flat.linears]
        return torch.stack(norms) / self._clipping


def masked_loss(loss: Loss, logits: Tensor, y: Tensor, present: Tensor) -> Tensor:
    """The loss of the samples that are present: (B,) booleans.

    Each loss is the mean of what single samples lose; only where a text is continued, of what single tokens do.
    """
    if y.ndim == 2 and not y.is_floating_point():
        return loss(logits, torch.where(present[:, None], y, PAD_ID))
    each = torch.func.vmap(lambda one, target: loss(one[None], target[None]))(logits, y)  # (B,)
    return torch.where(present, each, 0.0).sum() / present.sum()


Update = Callable[[Optimizer, FlatState, Tensor, Tensor], None]
"""One update rule: the optimizer with its memory, the flat parameters and gradients, the learning rate, and the count
of updates, this one included. Each is the rule of the same name in `optimizers`."""


def _sgd(optimizer: Optimizer, flat: FlatState, rate: Tensor, updates: Tensor) -> None:
    gradients = flat.gradients
    if momentum := optimizer.hyperparameters["momentum"]:
        velocity = optimizer.state["momentum_buffer"].mul_(momentum).add_(gradients)
        gradients = (
            torch.add(gradients, velocity, alpha=momentum) if optimizer.hyperparameters["nesterov"] else velocity
        )
    flat.values.sub_(gradients * rate)


def _adam(optimizer: Optimizer, flat: FlatState, rate: Tensor, updates: Tensor) -> None:
    beta1, beta2 = optimizer.hyperparameters["betas"]
    mean = optimizer.state["exp_avg"].lerp_(flat.gradients, 1 - beta1)
    square = optimizer.state["exp_avg_sq"].mul_(beta2).addcmul_(flat.gradients, flat.gradients, value=1 - beta2)
    denominator = (square.sqrt() / (1 - beta2**updates).sqrt()).add_(optimizer.hyperparameters["eps"])
    flat.values.sub_(mean / denominator * (rate / (1 - beta1**updates)))


def _rmsprop(optimizer: Optimizer, flat: FlatState, rate: Tensor, updates: Tensor) -> None:
    alpha, gradients = optimizer.hyperparameters["alpha"], flat.gradients
    square = optimizer.state["square_avg"].mul_(alpha).addcmul_(gradients, gradients, value=1 - alpha)
    flat.values.sub_(gradients / square.sqrt().add_(optimizer.hyperparameters["eps"]) * rate)


def _adagrad(optimizer: Optimizer, flat: FlatState, rate: Tensor, updates: Tensor) -> None:
    total = optimizer.state["sum"].addcmul_(flat.gradients, flat.gradients)
    flat.values.sub_(flat.gradients / total.sqrt().add_(optimizer.hyperparameters["eps"]) * rate)


UPDATES: dict[type[Optimizer], Update] = {SGD: _sgd, Adam: _adam, AdamW: _adam, RMSprop: _rmsprop, Adagrad: _adagrad}
