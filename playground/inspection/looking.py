"""How a run is looked at: points have a plane with neurons, all other kinds of data the journey of one sample."""

from __future__ import annotations

from playground.data.dataset import Dataset
from playground.experiment.experiment import Experiment
from playground.experiment.points import PointsExperiment
from playground.inspection.frame import FrameView, build_frame, data_frame
from playground.inspection.frame_format import Frame
from playground.inspection.journey import build_journey, data_journey
from playground.inspection.journey_sample import Own
from playground.inspection.journey_view import JourneyView
from playground.inspection.run_state import RunState
from playground.training.trainer import Trainer


def read_view(experiment: Experiment, value: object) -> FrameView | JourneyView:
    """What the eyes ask for of a run of this experiment. Never raises."""
    if isinstance(experiment, PointsExperiment):
        return FrameView.from_json(value)
    return JourneyView.from_json(value)


def frame_of(trainer: Trainer, view: FrameView | JourneyView, state: RunState, own: Own | None = None) -> Frame:
    """What `view` asks for of `trainer` now."""
    if isinstance(view, FrameView):
        return build_frame(trainer, view, state)
    return build_journey(trainer, view, state, own)


def frame_without_network(
    experiment: Experiment,
    data: Dataset | None,
    view: FrameView | JourneyView,
    state: RunState,
    own: Own | None = None,
) -> Frame:
    """What can be shown where there is no network: the samples, if there are any."""
    if isinstance(view, FrameView):
        return data_frame(experiment, data or experiment.load_dataset(), view, state)
    return data_journey(experiment, data, view, state, own)
