"""What a person calls the children of a network."""

from __future__ import annotations

from playground.inspection.stages import Labels
from playground.network.plan import plan_network
from playground.training.trainer import Trainer


def labels_of(trainer: Trainer) -> dict[str, Labels]:
    """Name of the child -> its labels; "input" is what goes into the first one."""
    pieces = plan_network(trainer.experiment)
    named = {piece.name: Labels(piece.title, piece.source, piece.parameters, piece.linear) for piece in pieces}
    return {"input": Labels("Input", "", 0, False), **named}
