"""The kinds of data: name -> the class of their experiments. The name is also that of the page."""

from __future__ import annotations

from playground.experiment.experiment import Experiment
from playground.experiment.points import PointsExperiment

KINDS: dict[str, type[Experiment]] = {kind.kind: kind for kind in (PointsExperiment,)}
