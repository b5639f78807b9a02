"""When the numbers of a run are no longer finite: what it goes back to, and what is said of it."""

from __future__ import annotations

import math
from collections.abc import Callable

from playground.experiment.experiment import Experiment
from playground.training.flat import FlatState


class LastFinite:
    """The last parameters that are known to be finite: of the last step, and before it of a time with a finite loss."""

    def __init__(self, flat: FlatState) -> None:
        self._flat = flat
        self._step, self._epoch = flat.storage.clone(), flat.storage.clone()

    def keep(self) -> None:
        """The parameters of now are finite, and so was the loss of the last batch with them."""
        self._step.copy_(self._flat.storage)

    def keep_epoch(self) -> None:
        """The train loss with the parameters of now is finite."""
        self._epoch.copy_(self._flat.storage)

    def begin_call(self) -> None:
        """Many steps at once begin. The losses were finite with what the last ones began; with this, nobody knows."""
        self._epoch.copy_(self._step)
        self.keep()

    def go_back(self, train_loss: Callable[[], float]) -> None:
        """To the latest parameters that are finite and whose train loss is. train_loss: with the parameters of then."""
        for finite in (self._flat.storage.clone(), self._step, self._epoch):
            self._flat.storage.copy_(finite)
            if self._flat.is_finite() and math.isfinite(train_loss()):
                break


def divergence_sentence(experiment: Experiment, epoch: int) -> str:
    """What has happened, and what may help."""
    clip = experiment.clip_norm
    remedy = f"the clipping norm (now {clip:g})" if clip else "switch on gradient clipping"
    return (
        f"The loss is no longer a finite number (epoch {epoch}), so training stopped and the last finite weights were "
        f"kept. Lower the learning rate (now {experiment.learning_rate:g}) or {remedy}."
    )
