"""The workflow on the tensors page: its own step with its own lines, the others as on the page of such data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playground.experiment.experiment import Experiment
from playground.experiment.images import ImagesExperiment
from playground.experiment.points import PointsExperiment
from playground.experiment.sound import SoundExperiment
from playground.experiment.tensor_chain import Chain, source_code
from playground.experiment.tensor_expression import RESULT, Expression
from playground.experiment.text import TextExperiment

_LIKE: dict[str, tuple[str, Callable[[], Experiment]]] = {
    "picture": ("Images", ImagesExperiment),
    "pictures": ("Images", ImagesExperiment),
    "word": ("Text", TextExperiment),
    "sound": ("Sound", SoundExperiment),
}
"""What a chain starts with -> the page of such data, and the experiment that it opens with."""


@dataclass(frozen=True)
class Lesson:
    """Where a lesson of the tensors page is in the workflow."""

    at: str
    """Name of the step, as in `workflow.WORKFLOW`."""
    say: str
    code: str
    page: str
    """Title of the page of data whose network is the example for the other steps."""
    experiment: Experiment
    """That network."""


def chain_in_workflow(chain: Chain) -> Lesson:
    """Operations on a tensor: data on its way to a network."""
    page, example = _LIKE.get(chain.start, ("Points", PointsExperiment))
    return Lesson(
        at="data",
        say=(
            "You are at data → tensor: what you start with becomes numbers in a shape, the tensor x, and each step of "
            "the chain makes another tensor of it. All that a network is given, computes and learns is such tensors."
        ),
        code=f"{source_code(chain)}\nprint(x.shape, x.dtype)",
        page=page,
        experiment=example(),
    )


def expression_in_workflow(expression: Expression) -> Lesson:
    """The gradients of a formula: what each training step asks for."""
    backward = expression.code.index(f"{RESULT}.backward()")
    return Lesson(
        at="train",
        say=(
            "You are at backward, the heart of training: it finds how L changes with every number that learns, and a "
            "step downhill changes each of them against that. An optimizer does so with all parameters of a network."
        ),
        code=expression.code[backward:].rstrip(),
        page="Points",
        experiment=PointsExperiment(),
    )
