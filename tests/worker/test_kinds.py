"""Every kind of data through a real worker: load, watch, train, ask about an own sample, go on later."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from playground.experiment.experiment import Experiment
from playground.experiment.images import ImagesExperiment
from playground.experiment.points import PointsExperiment
from playground.experiment.sound import SoundExperiment
from playground.experiment.tables import TablesExperiment
from playground.experiment.text import TextExperiment
from playground.figures.registry import figures_for
from playground.inspection.frame_format import Frame, decode_frame
from playground.training.checkpoint import Checkpoint
from playground.worker.datasets import Datasets
from playground.worker.local_runner import LocalRunner
from playground.worker.messages import Start
from playground.worker.run import Run
from playground.worker.runner import RunnerError
from playground.worker.storage import Storage
from playground.worker.times import Times

from .conftest import wait_for

DRAWING = {"pixels": base64.b64encode(bytes([0, 0, 0, 250, 240, 0, 0, 0] * 8)).decode(), "size": [8, 8]}
ROW = {
    "island": "Dream",
    "bill_length_mm": 40.0,
    "bill_depth_mm": "18.5",
    "flipper_length_mm": 190,
    "body_mass_g": 3800.0,
    "sex": "male",
}
KINDS: dict[str, tuple[Experiment, dict[str, Any]]] = {
    "images": (ImagesExperiment(samples=300), DRAWING),
    "photos": (ImagesExperiment(dataset="photo-pieces"), {"values": np.full((300, 200, 3), 99, np.uint8)}),
    "text": (TextExperiment(samples=300, units=8), {"text": "Müller"}),
    "writer": (TextExperiment(dataset="names-generator", samples=200, units=8), {"text": "Ann"}),
    "sound": (SoundExperiment(samples=60), {"values": np.sin(np.arange(5000) / 3).astype(np.float32)}),
    "tables": (TablesExperiment(), {"values": ROW}),
}


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalRunner]:
    runner = LocalRunner(workers=1, home=tmp_path_factory.mktemp("kinds"))
    yield runner
    runner.close_all()


def look(runner: LocalRunner, run_id: str, command: dict[str, Any] | None = None, **view: Any) -> Frame:
    return decode_frame(runner.exchange(run_id, {"command": command, "view": view}))


@pytest.mark.parametrize("name", KINDS)
def test_a_run_of_every_kind(runner: LocalRunner, name: str) -> None:
    experiment, own = KINDS[name]
    run_id = f"{name}-run-1"
    info = runner.start(run_id, experiment)
    assert (info.status, info.message) == ("ready", None)
    first = look(runner, run_id)
    assert first.header["kind"] == experiment.kind
    assert first.header["stages"]
    look(runner, run_id, {"name": "speed", "value": "max"})
    look(runner, run_id, {"name": "play"})
    wait_for(lambda: look(runner, run_id).header["epoch"] >= 2)
    paused = look(runner, run_id, {"name": "pause"}).header
    assert paused["train_loss"] < first.header["train_loss"]
    answered = look(runner, run_id, {"name": "own", **own}, sample={"source": "own"}).header
    assert answered["sample"]["source"] == "own"
    assert answered["sample"]["answer"]
    assert answered["seq"] > paused["seq"]
    assert answered["step"] == paused["step"]
    have = {"have": answered["seq"], "have_view": True}
    assert runner.exchange(run_id, {"command": None, "view": have}) == b""
    for figure in figures_for(experiment):
        assert "message" not in runner.study(run_id, figure.name, {})
    saved = Checkpoint.from_bytes(runner.checkpoint(run_id))
    assert saved.experiment == experiment
    runner.close(run_id)
    resumed = runner.start(run_id, experiment)
    assert (resumed.epoch, resumed.step) == (paused["epoch"], paused["step"])
    assert look(runner, run_id, {"name": "reset"}).header["train_loss"] == pytest.approx(first.header["train_loss"])


def test_photos_are_looked_at_before_a_run_needs_them(runner: LocalRunner) -> None:
    photos = np.random.default_rng(8).integers(0, 256, (2, 224, 224, 3), dtype=np.uint8)
    features = Path(runner._storage.directory) / "data" / "features"
    before = len(list(features.iterdir())) if features.is_dir() else 0
    runner.look(photos)
    runner.look(photos)
    assert len(list(features.iterdir())) == before + 2


def test_slow_motion_shows_the_phases(runner: LocalRunner) -> None:
    runner.start("phases-01", KINDS["images"][0])
    look(runner, "phases-01", {"name": "speed", "value": "phases"})
    frame = look(runner, "phases-01", {"name": "step"})
    assert frame.header["phase"] == "predict"
    assert len(frame.arrays["batch"]) == 64


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("images", {"pixels": "not base64!", "size": [8, 8]}),
        ("images", {"pixels": DRAWING["pixels"], "size": [10**12, 1]}),
        ("text", {"text": ""}),
        ("text", {}),
        ("sound", {"values": "noise"}),
        ("tables", {"values": {"island": "Atlantis"}}),
        ("tables", {"values": [1, 2]}),
    ],
)
def test_a_wrong_own_sample_is_a_sentence_and_the_run_goes_on(
    runner: LocalRunner, name: str, command: dict[str, Any]
) -> None:
    run_id = f"{name}-wrong"
    experiment, own = KINDS[name]
    runner.start(run_id, experiment)
    before = look(runner, run_id, {"name": "own", **own}, sample={"source": "own"}).header["sample"]
    with pytest.raises(RunnerError) as error:
        look(runner, run_id, {"name": "own", **command})
    assert str(error.value).endswith(".")
    assert "internal" not in str(error.value)
    assert look(runner, run_id, sample={"source": "own"}).header["sample"] == before


def test_points_take_no_own_samples_here(runner: LocalRunner) -> None:
    runner.start("points-own", PointsExperiment())
    with pytest.raises(RunnerError, match="no samples of your own"):
        runner.exchange("points-own", {"command": {"name": "own", "values": [1, 2]}, "view": {}})


def test_an_own_sample_is_asked_of_the_next_network_too(runner: LocalRunner) -> None:
    experiment, own = KINDS["images"]
    runner.start("next-net", experiment)
    look(runner, "next-net", {"name": "own", **own})
    runner.start("next-net", experiment.changed(layers="12-relu"), resume=False)
    frame = look(runner, "next-net", sample={"source": "own"})
    assert frame.header["sample"]["source"] == "own"
    assert [stage["name"] for stage in frame.header["stages"]][1] == "linear1"
    runner.start("next-net", KINDS["tables"][0], resume=False)
    assert look(runner, "next-net", sample={"source": "own"}).header["sample"]["source"] == "test"


def test_data_that_cannot_be_had_is_a_sentence_and_reset_tries_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = ImagesExperiment.load_dataset
    problems = ["There is no network, so nothing was downloaded. Try again."]

    def load(self: ImagesExperiment) -> Any:
        if problems:
            raise ValueError(problems[0])
        return real(self)

    monkeypatch.setattr(ImagesExperiment, "load_dataset", load)
    run = Run(Start("no-data-1", ImagesExperiment(samples=100)), Storage(tmp_path), Times(), Datasets())
    assert (run.status, run.shown_message) == ("empty", problems[0])
    frame = decode_frame(run.exchange({"view": {}}))
    assert (frame.header["status"], frame.header["message"]) == ("empty", problems[0])
    assert frame.header["sample"] is None
    assert run.study("loss", {})["message"] == problems[0]
    run.exchange({"command": {"name": "play"}, "view": {}})
    assert not run.player.playing
    problems.clear()
    frame = decode_frame(run.exchange({"command": {"name": "reset"}, "view": {}}))
    assert frame.header["status"] == "ready"
    assert frame.header["stages"]


def test_two_runs_in_one_process_share_their_data(tmp_path: Path) -> None:
    datasets, storage = Datasets(), Storage(tmp_path)
    runs = [
        Run(Start(f"shared-{i}x", ImagesExperiment(samples=100, init_seed=i)), storage, Times(), datasets)
        for i in range(2)
    ]
    assert runs[0].dataset is runs[1].dataset
