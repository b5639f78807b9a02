"""What a person calls the children of a network."""

from __future__ import annotations

from torch import nn

from playground.inspection.stages import Labels
from playground.training.trainer import Trainer


def labels_of(trainer: Trainer) -> dict[str, Labels]:
    """Name of the child -> its labels; "input" is what goes into the first one."""
    labels = {"input": Labels("Input", "", 0, False)}
    for name, child in trainer.module.named_children():
        parameters = sum(parameter.numel() for parameter in child.parameters())
        linear = isinstance(child, nn.Linear | nn.Conv1d | nn.Conv2d)
        labels[name] = Labels(name.capitalize(), f"nn.{child}", parameters, linear)
    return labels
