"""The kinds of data: name -> the class of their experiments. The name is also that of the page."""

from __future__ import annotations

from playground.experiment.experiment import Experiment
from playground.experiment.images import ImagesExperiment
from playground.experiment.points import PointsExperiment
from playground.experiment.sound import SoundExperiment
from playground.experiment.tables import TablesExperiment
from playground.experiment.text import TextExperiment

KINDS: dict[str, type[Experiment]] = {
    kind.kind: kind for kind in (PointsExperiment, ImagesExperiment, TextExperiment, SoundExperiment, TablesExperiment)
}
