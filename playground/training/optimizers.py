"""torch.optim's update rules over one flat tensor, and what is done to the gradient before them.

Each rule follows torch.optim's formulas operation by operation and is tested against it. It exists because a rule over
one tensor is several times faster than a loop over the layers, and because the first `torch.optim` optimizer of a
process imports torch._dynamo, which costs a second and 70 MB before the first step (its methods are wrapped in
`torch._disable_dynamo`). `state_dict` and `load_state_dict` speak torch.optim's format.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from playground.experiment.choices import OPTIMIZERS
from playground.experiment.experiment import Experiment
from playground.training.flat import FlatState, is_finite


class Optimizer:
    """One update rule and its memory: `state`, one (P,) tensor a name, zero before the first step as in torch.optim.

    learning_rate may be set before any step. step_count counts the updates, for the rules that correct their bias.
    """

    state_names: tuple[str, ...] = ()
    counts_steps: ClassVar[bool] = True  # whether torch.optim keeps "step" in the rule's state

    def __init__(self, flat: FlatState, learning_rate: float, **hyperparameters: Any) -> None:
        self.flat = flat
        self.learning_rate = learning_rate
        self.hyperparameters = hyperparameters
        self._memory = flat.values.new_zeros(len(self.state_names), len(flat.values))
        self.state: dict[str, Tensor] = dict(zip(self.state_names, self._memory, strict=True))
        self.step_count = 0
        self._scratch = torch.empty_like(flat.values)

    def step(self) -> None:
        """Update the flat values from the flat gradients."""
        self.step_count += 1
        self._update(self.flat.values, self.flat.gradients)

    def _update(self, values: Tensor, gradients: Tensor) -> None:
        raise NotImplementedError

    def forget(self) -> None:
        """Begin anew, as before the first step."""
        self.step_count = 0
        self._memory.zero_()

    def is_finite(self) -> bool:
        """Whether the memory holds finite numbers only; a squared gradient overflows long before a weight does."""
        return is_finite(self._memory)

    def parameter_groups(self) -> list[tuple[list[int], dict[str, Any]]]:
        """torch.optim's groups: the indices into `flat.entries`, and the hyperparameters of the group."""
        return [(list(range(len(self.flat.entries))), {"lr": self.learning_rate, **self.hyperparameters})]

    def state_dict(self) -> dict[str, Any]:
        """The state as the torch.optim optimizer of the same groups would give it; tensors are copies."""
        state: dict[int, dict[str, Tensor]] = {}
        groups: list[dict[str, Any]] = []
        for indices, hyperparameters in self.parameter_groups():
            groups.append({**hyperparameters, "params": [len(state) + i for i in range(len(indices))]})
            for index in indices:
                entry = self.flat.entries[index]
                own = {name: entry.of(full).clone() for name, full in self.state.items()}
                if self.counts_steps:
                    own["step"] = torch.tensor(float(self.step_count))
                state[len(state)] = own if self.step_count else {}
        if not any(state.values()):
            state = {}
        return {"state": state, "param_groups": groups}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over the memory of a torch.optim optimizer with the same groups.

        Raises: KeyError or RuntimeError where it belongs to another rule or another network.
        """
        self.forget()
        self.learning_rate = float(state_dict["param_groups"][0]["lr"])
        order = [index for indices, _ in self.parameter_groups() for index in indices]
        for position, own in state_dict["state"].items():
            entry = self.flat.entries[order[position]]
            for name, full in self.state.items():
                if own[name] is not None:
                    entry.of(full).copy_(own[name])
            self.step_count = int(own["step"]) if self.counts_steps else 1


class SGD(Optimizer):
    """w <- w - rate * v with v <- momentum * v + g; Nesterov looks ahead: w <- w - rate * (g + momentum * v).

    Source: torch.optim.SGD; Sutskever et al. 2013 for Nesterov's form.
    """

    counts_steps = False

    def __init__(self, flat: FlatState, learning_rate: float, momentum: float = 0.0, nesterov: bool = False) -> None:
        self.state_names = ("momentum_buffer",) if momentum else ()
        super().__init__(
            flat, learning_rate, momentum=momentum, nesterov=nesterov, dampening=0.0, weight_decay=0.0, maximize=False
        )
        self._momentum, self._nesterov = momentum, nesterov

    def _update(self, values: Tensor, gradients: Tensor) -> None:
        if not self._momentum:
            values.add_(gradients, alpha=-self.learning_rate)
            return
        velocity = self.state["momentum_buffer"].mul_(self._momentum).add_(gradients)
        if self._nesterov:
            velocity = torch.add(gradients, velocity, alpha=self._momentum, out=self._scratch)
        values.add_(velocity, alpha=-self.learning_rate)


class Adam(Optimizer):
    """w <- w - rate * m / (sqrt(v) + eps), m and v the running means of g and g^2, corrected for their start at zero.

    Source: torch.optim.Adam; Kingma and Ba 2015, algorithm 1.
    """

    state_names = ("exp_avg", "exp_avg_sq")

    def __init__(
        self,
        flat: FlatState,
        learning_rate: float,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        **more: Any,
    ) -> None:
        super().__init__(flat, learning_rate, betas=tuple(betas), eps=eps, weight_decay=0.0, amsgrad=False, **more)
        self._betas, self._eps = betas, eps

    def _update(self, values: Tensor, gradients: Tensor) -> None:
        beta1, beta2 = self._betas
        mean = self.state["exp_avg"].lerp_(gradients, 1 - beta1)
        square = self.state["exp_avg_sq"].mul_(beta2).addcmul_(gradients, gradients, value=1 - beta2)
        correction1 = 1 - beta1**self.step_count
        correction2 = 1 - beta2**self.step_count
        denominator = torch.sqrt(square, out=self._scratch).div_(correction2**0.5).add_(self._eps)
        values.addcdiv_(mean, denominator, value=-self.learning_rate / correction1)


class AdamW(Adam):
    """Adam that first shrinks the weights themselves: w <- w * (1 - rate * weight_decay), on masked weights only.

    Source: torch.optim.AdamW; Loshchilov and Hutter 2019, algorithm 2. Its two groups in torch.optim are the Linear
    weights with the weight decay, then all other parameters without.
    """

    def __init__(self, flat: FlatState, learning_rate: float, weight_decay: float = 0.0, **more: Any) -> None:
        super().__init__(flat, learning_rate, **more)
        self.weight_decay = weight_decay

    def _update(self, values: Tensor, gradients: Tensor) -> None:
        if self.weight_decay:
            for weight in self.flat.weights:
                weight.mul_(1 - self.learning_rate * self.weight_decay)
        super()._update(values, gradients)

    def parameter_groups(self) -> list[tuple[list[int], dict[str, Any]]]:
        """Linear weights with the weight decay, then all others without."""
        starts = {linear.start for linear in self.flat.linears}  # a Linear's slice starts with its weight
        decayed = [i for i, entry in enumerate(self.flat.entries) if entry.start in starts]
        others = [i for i in range(len(self.flat.entries)) if i not in decayed]
        shared = {"lr": self.learning_rate, **self.hyperparameters}
        return [(decayed, {**shared, "weight_decay": self.weight_decay}), (others, {**shared, "weight_decay": 0.0})]


class RMSprop(Optimizer):
    """w <- w - rate * g / (sqrt(v) + eps), v the running mean of g^2.

    Source: torch.optim.RMSprop; Hinton 2012, lecture 6e.
    """

    state_names = ("square_avg",)

    def __init__(self, flat: FlatState, learning_rate: float, alpha: float = 0.99, eps: float = 1e-8) -> None:
        super().__init__(flat, learning_rate, alpha=alpha, eps=eps, weight_decay=0.0, momentum=0.0, centered=False)
        self._alpha, self._eps = alpha, eps

    def _update(self, values: Tensor, gradients: Tensor) -> None:
        square = self.state["square_avg"].mul_(self._alpha).addcmul_(gradients, gradients, value=1 - self._alpha)
        values.addcdiv_(gradients, torch.sqrt(square, out=self._scratch).add_(self._eps), value=-self.learning_rate)


class Adagrad(Optimizer):
    """w <- w - rate * g / (sqrt(s) + eps), s the sum of all g^2 so far.

    Source: torch.optim.Adagrad; Duchi et al. 2011.
    """

    state_names = ("sum",)

    def __init__(self, flat: FlatState, learning_rate: float, eps: float = 1e-10) -> None:
        super().__init__(flat, learning_rate, eps=eps, lr_decay=0.0, weight_decay=0.0, initial_accumulator_value=0.0)
        self._eps = eps

    def _update(self, values: Tensor, gradients: Tensor) -> None:
        total = self.state["sum"].addcmul_(gradients, gradients)
        values.addcdiv_(gradients, torch.sqrt(total, out=self._scratch).add_(self._eps), value=-self.learning_rate)


RULES: dict[str, type[Optimizer]] = {rule.__name__: rule for rule in (SGD, Adam, AdamW, RMSprop, Adagrad)}


def build_optimizer(experiment: Experiment, module: nn.Module, flat: FlatState | None = None) -> Optimizer:
    """The experiment's optimizer over the flat parameters of the module, which is flattened where it was not yet."""
    choice = OPTIMIZERS[experiment.optimizer]
    optimizer = RULES[choice.torch_name](flat or FlatState(module), experiment.learning_rate, **choice.kwargs)
    set_weight_decay(optimizer, experiment)
    return optimizer


def set_weight_decay(optimizer: Optimizer, experiment: Experiment) -> None:
    """With AdamW, L2 shrinks the weights in the update; elsewhere `add_penalties` puts it into the gradient."""
    if isinstance(optimizer, AdamW):
        optimizer.weight_decay = experiment.l2


def add_penalties(flat: FlatState, *, l1: float, l2: float) -> None:
    """Add the gradient of l1 * sum |w| + l2 / 2 * sum w^2, over the weights of Linear layers only."""
    if l2:
        flat.gradients.addcmul_(flat.values, flat.weight_mask, value=l2)
    if l1:
        flat.gradients.addcmul_(flat.values.sign(), flat.weight_mask, value=l1)


def clip_gradients(flat: FlatState, max_norm: float) -> None:
    """Scale the whole gradient by min(1, max_norm / (norm + 1e-6)).

    By PyTorch's own function, not by one operation on the flat tensor: where an optimizer divides by the size of the
    gradient, a difference in the last bit can grow into one that people see.
    """
    torch.nn.utils.clip_grad_norm_(flat.parameters, max_norm)
