"""All numbers of a module in one tensor, so that an optimizer, a penalty or a copy is one operation, not one a layer.

`module.parameters()` stay what PyTorch users expect: each parameter, its `.grad` and each running statistic is a view
of the flat tensor. `load_state_dict`, `state_dict`, `torch.optim` and `deepcopy` (which copies the views apart) keep
working; `module.to(...)` allocates anew, so flatten after it.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

from playground.network.module import LINEAR


class Entry(NamedTuple):
    """Where one parameter lies: values[start:stop] reshaped to shape."""

    name: str
    start: int
    stop: int
    shape: torch.Size

    def of(self, full: Tensor) -> Tensor:
        """The parameter's part of a flat (P,) tensor, as a view in the parameter's shape."""
        return full[self.start : self.stop].view(self.shape)


class FlatState:
    """The parameters of a module, P in all, and its running statistics, as views of `storage`.

    storage: (P + B,) float32, parameters first; values = storage[:P]; gradients: (P,); weight_mask: (P,) is 1 at the
    weights of Linear layers and convolutions and 0 elsewhere; linears: where each of these layers lies, weight, then
    bias; linear_names: their names in the module.
    """

    def __init__(self, module: nn.Module) -> None:
        parameters = dict(module.named_parameters())
        statistics = [
            (owner, name, buffer)
            for owner in module.modules()
            for name, buffer in owner.named_buffers(recurse=False)
            if buffer.is_floating_point()
        ]
        tensors = [*parameters.values(), *(buffer for _, _, buffer in statistics)]
        self.storage = torch.cat([tensor.detach().reshape(-1) for tensor in tensors])
        size = sum(parameter.numel() for parameter in parameters.values())
        self.values = self.storage[:size]
        self.gradients = torch.zeros_like(self.values)
        self.weight_mask = torch.zeros_like(self.values)
        self.parameters = tuple(parameters.values())

        views = torch.split(self.storage, [tensor.numel() for tensor in tensors])
        entries: list[Entry] = []
        for name, parameter in parameters.items():
            start = entries[-1].stop if entries else 0
            entry = Entry(name, start, start + parameter.numel(), parameter.shape)
            parameter.data = entry.of(self.values)
            parameter.grad = entry.of(self.gradients)
            entries.append(entry)
        for (owner, name, buffer), view in zip(statistics, views[len(parameters) :], strict=True):
            setattr(owner, name, view.view(buffer.shape))
        self.entries = tuple(entries)

        at = {entry.name: entry for entry in entries}
        self.linears: list[slice] = []
        self.linear_names: list[str] = []
        self.weights: list[Tensor] = []
        for name, layer in module.named_modules():
            if isinstance(layer, LINEAR):
                weight, bias = at[f"{name}.weight"], at[f"{name}.bias"]
                self.weight_mask[weight.start : weight.stop] = 1
                self.linears.append(slice(weight.start, bias.stop))
                self.linear_names.append(name)
                self.weights.append(weight.of(self.values))

    def backward(self, loss: Tensor) -> None:
        """Fill `gradients`, and with it each parameter's `.grad`, with the gradient of the loss.

        The same numbers as `loss.backward()` after `zero_grad()`, in one write instead of an addition a parameter.
        """
        torch.cat([gradient.reshape(-1) for gradient in torch.autograd.grad(loss, self.parameters)], out=self.gradients)

    def linear_gradient_norms(self) -> tuple[float, ...]:
        """The Euclidean norm of the gradient (weight and bias together) of each Linear layer and convolution."""
        norms = [torch.linalg.vector_norm(self.gradients[layer]) for layer in self.linears]
        return tuple(torch.stack(norms).tolist())

    def is_finite(self) -> bool:
        """Whether every parameter and running statistic is finite."""
        return is_finite(self.storage)


def is_finite(tensor: Tensor) -> bool:
    """Whether every number is finite; usually one sum, because a sum with a NaN or an infinity is not finite."""
    return math.isfinite(tensor.sum().item()) or bool(torch.isfinite(tensor).all())
