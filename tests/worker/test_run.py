from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from playground.data.own_points import pack_points
from playground.experiment.points import PointsExperiment
from playground.inspection.frame_format import Frame, decode_frame
from playground.training import evaluation
from playground.training.checkpoint import Checkpoint
from playground.training.trainer import Trainer
from playground.worker.datasets import Datasets
from playground.worker.messages import SPEEDS, Start
from playground.worker.run import UNWATCHED, RefusalError, Run
from playground.worker.storage import Storage
from playground.worker.times import Times

ID = "run-00001"
SMALL = {"samples": 100, "batch_size": 10}  # 5 steps an epoch
OpenRun = Callable[..., Run]


@pytest.fixture
def open_run(tmp_path: Path) -> OpenRun:
    def make(times: Times | None = None, start: dict[str, Any] | None = None, **fields: Any) -> Run:
        experiment = PointsExperiment(**{**SMALL, **fields})
        return Run(Start(ID, experiment, **(start or {})), Storage(tmp_path), times or Times(), Datasets())

    return make


def look(run: Run, name: str | None = None, **command: Any) -> Frame:
    return decode_frame(run.exchange({"command": {"name": name, **command} if name else None, "view": {"grid": 10}}))


def play(run: Run, seconds: float = 0.1) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if run.player.due_in(time.monotonic()) <= 0:
            run.turn()


def test_commands_do_exactly_what_they_say(open_run: OpenRun) -> None:
    run = open_run()
    first = look(run)
    assert (first.header["status"], first.header["step"]) == ("ready", 0)
    for step in (1, 2, 3):
        assert look(run, "step").header["step"] == step
    done = look(run, "epoch")
    assert (done.header["step"], done.header["epoch"], done.header["status"]) == (5, 1, "paused")
    assert look(run, "epoch").header["step"] == 10
    assert look(run, "play").header["status"] == "playing"
    play(run)
    paused = look(run, "pause")
    assert paused.header["step"] > 10
    assert paused.header["train_loss"] < first.header["train_loss"]
    play(run)
    assert look(run).header["step"] == paused.header["step"]
    again = look(run, "reset")
    assert (again.header["step"], again.header["epoch"], again.header["status"]) == (0, 0, "ready")
    np.testing.assert_array_equal(again.arrays["weights"], first.arrays["weights"])
    assert len(again.arrays["losses"]) == 1


def test_a_run_is_what_a_trainer_alone_does(open_run: OpenRun) -> None:
    run = open_run()
    alone = Trainer(run.experiment, run.dataset)
    look(run, "speed", value="1000")
    look(run, "play")
    for _ in range(3):
        time.sleep(0.02)
        run.turn()
        look(run)
    frame = look(run, "pause")
    assert 0 < frame.header["step"] <= 250, "few enough that rounding differences have not grown"
    alone.train_steps(frame.header["step"])
    expected = np.concatenate([parameter.detach().numpy().ravel() for parameter in alone.module.parameters()])
    np.testing.assert_allclose(frame.arrays["weights"], expected, rtol=1e-5, atol=1e-6)


def test_slow_motion_goes_phase_by_phase(open_run: OpenRun) -> None:
    run = open_run(start={"speed": "phases"})
    phases = [look(run, "step").header["phase"] for _ in range(6)]
    assert phases == ["predict", "loss", "backward", "step", "zero_grad", "predict"]
    assert look(run).header["step"] == 1
    look(run, "speed", value="100")
    after = look(run, "step")
    assert (after.header["phase"], after.header["step"]) == (None, 2)


def test_a_long_epoch_goes_on_in_slices_and_can_be_paused(open_run: OpenRun) -> None:
    # A norm keeps the run on autograd, which is slow enough for an epoch to take many slices.
    run = open_run(samples=20_000, batch_size=2, train_share=0.9, layers="4-tanh-layer")
    frame = look(run, "epoch")
    assert frame.header["playing"]
    assert 0 < frame.header["step"] < 9_000
    run.turn()
    assert not look(run, "pause").header["playing"]


def test_seq_tells_when_there_is_something_new(open_run: OpenRun) -> None:
    run = open_run()
    seq = look(run).header["seq"]
    same = {"have": seq, "have_view": True, "grid": 10}
    assert run.exchange({"command": None, "view": same}) == b""
    assert run.exchange({"view": {**same, "have_view": False}}) != b""
    assert run.exchange({"command": {"name": "step"}}) == b""  # no view, no frame
    after = decode_frame(run.exchange({"view": same})).header["seq"]
    assert seq < after < 2**53
    time.sleep(0.001)
    assert open_run().seq > after  # a replacement goes on above


def test_an_edit_shows_and_a_wrong_one_is_refused(open_run: OpenRun) -> None:
    run = open_run()
    frame = look(run, "edit", parameter="linear1.weight", index=[1, 0], value=0.75)
    assert frame.arrays["weights"][2] == 0.75
    assert frame.header["edited"]
    assert look(run, "edit", parameter="output.bias", index=[0], value=-2).arrays["weights"][-1] == -2
    for wrong in (
        {"parameter": "linear9.weight", "index": [0, 0], "value": 1},
        {"parameter": "linear1.weight", "index": [0, 10**30], "value": 1},
        {"parameter": "linear1.weight", "index": [0], "value": 1},
        {"parameter": "linear1.weight", "index": [-1, 0], "value": 1},
        {"parameter": "linear1.weight", "index": [True, False], "value": 1},
        {"parameter": "linear1.weight", "index": "00", "value": 1},
        {"parameter": "linear1.weight", "index": [0, 0], "value": float("nan")},
        {"parameter": "linear1.weight", "index": [0, 0], "value": 10**400},
        {"parameter": "linear1.weight", "index": [0, 0], "value": "1"},
        {"parameter": None, "index": [0, 0], "value": 1},
    ):
        with pytest.raises(RefusalError):
            look(run, "edit", **wrong)


def test_a_message_that_is_no_object_is_refused(open_run: OpenRun) -> None:
    run = open_run()
    for message in ([], "play", None, 7):
        with pytest.raises(RefusalError):
            run.exchange(message)  # type: ignore[arg-type]
    with pytest.raises(RefusalError):
        run.study(["loss"], {})  # type: ignore[arg-type]
    assert run.study("bent", [1])["layer"] == 2  # type: ignore[arg-type]


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    anything
    | st.fixed_dictionaries(
        {"name": st.sampled_from(["step", "reset", "speed", "edit", "pause"]) | anything},
        optional={"value": anything, "parameter": st.just("linear1.weight") | anything, "index": anything},
    )
)
def test_hostile_commands_are_refused_or_harmless(open_run: OpenRun, command: Any) -> None:
    run = open_run()
    with suppress(RefusalError):
        run.exchange({"command": command, "view": command})
    assert np.isfinite(look(run).arrays["weights"]).all()
    assert run.player.speed in SPEEDS


def test_live_settings_change_without_a_reset(open_run: OpenRun) -> None:
    run = open_run()
    look(run, "step")
    run.apply(run.experiment.changed(learning_rate=0.5))
    frame = look(run)
    assert (frame.header["learning_rate"], frame.header["step"]) == (0.5, 1)
    with pytest.raises(RefusalError, match="batch_size"):
        run.apply(run.experiment.changed(batch_size=3))
    assert open_run(learning_rate=0.5).info().step == 1  # it was saved


@pytest.mark.parametrize(
    ("fields", "points"),
    [
        ({"inputs": ()}, 100),
        ({"dataset": "curve", "inputs": ("x2",)}, 100),
        ({"dataset": "own", "points": ""}, 0),
        ({"dataset": "own", "points": pack_points(np.array([[1.0, 2.0], [2.0, 1.0]]), np.array([0, 0]))}, 2),
    ],
    ids=["no input", "no input of a curve", "no points", "one class"],
)
def test_an_obstacle_shows_the_points_and_says_why(open_run: OpenRun, fields: dict[str, Any], points: int) -> None:
    run = open_run(**fields)
    for name in (None, "play", "step", "epoch", "reset"):
        frame = look(run, name)
        assert frame.header["status"] == "empty"
        assert frame.header["message"] == run.experiment.obstacle
        assert frame.header["step"] == 0
        assert len(frame.arrays["points"]) == points
    assert not run.player.playing
    assert run.study("weights", {}).keys()
    run.apply(run.experiment.changed(learning_rate=0.5))


def test_divergence_stops_with_its_sentence_until_a_reset(open_run: OpenRun) -> None:
    run = open_run(dataset="plane", optimizer="sgd", learning_rate=10.0, layers="8-linear_8-linear")
    look(run, "speed", value="max")
    look(run, "play")
    play(run, 0.3)
    frame = look(run)
    assert (frame.header["status"], frame.header["playing"]) == ("diverged", False)
    assert "learning rate" in frame.header["message"]
    assert look(run, "play").header["message"] == frame.header["message"]
    assert look(run, "step").header["step"] == frame.header["step"]
    assert np.isfinite(frame.arrays["weights"]).all()
    assert look(run, "reset").header["status"] == "ready"


def test_a_failing_step_becomes_the_runs_message(
    open_run: OpenRun, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    run = open_run()

    def fail(_self: Trainer, _steps: int, _seconds: float = 0.0) -> None:
        raise RuntimeError("broken inside")

    monkeypatch.setattr(Trainer, "train_steps", fail)
    frame = look(run, "step")
    assert "RuntimeError" in frame.header["message"]
    assert "broken inside" not in frame.header["message"]
    assert "broken inside" in capfd.readouterr().err
    look(run, "play")
    run.turn()
    assert not run.player.playing


def test_a_pause_finishes_the_evaluation_of_an_epoch(open_run: OpenRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(evaluation.MOST_NUMBERS, "cpu", 1)  # a part a sample
    run = open_run(start={"speed": "max"}, layers="4-tanh-batch")  # which PyTorch trains
    look(run, "play")
    assert run.trainer is not None
    end = time.monotonic() + 60
    while not run.trainer.closing:
        assert time.monotonic() < end
        run.turn(0.0)
    epoch = run.trainer.epoch
    assert look(run).header["epoch"] == epoch
    assert run.trainer.history.last.epoch == epoch - 1
    assert look(run, "pause").header["epoch"] == epoch
    assert run.trainer.history.last.epoch == epoch


def test_nobody_watching_pauses_then_drops(open_run: OpenRun, tmp_path: Path) -> None:
    run = open_run(Times(pause_after=0.1, drop_after=0.3))
    look(run, "play")
    run.turn()
    assert run.look_after()
    assert run.player.playing
    assert run.next_look(time.monotonic()) <= 0.1
    time.sleep(0.11)
    assert run.look_after()
    assert not run.player.playing
    assert run.info().message == UNWATCHED
    assert (tmp_path / f"{ID}.nnp").exists()
    time.sleep(0.2)
    assert not run.look_after()
    assert look(run).header["message"] == UNWATCHED
    assert run.look_after()
    assert look(run, "play").header["message"] is None


def test_a_saved_run_goes_on_as_if_nothing_had_happened(open_run: OpenRun) -> None:
    run = open_run(layers="4-tanh-d0.2")
    for _ in range(7):
        look(run, "step")
    look(run, "speed", value="10")
    look(run, "step")
    run.save()
    other = open_run(layers="4-tanh-d0.2")
    assert (other.info().step, other.player.speed, other.status) == (8, "10", "paused")
    for _ in range(6):
        one, two = look(run, "step"), look(other, "step")
    np.testing.assert_array_equal(one.arrays["weights"], two.arrays["weights"])
    np.testing.assert_array_equal(one.arrays["losses"], two.arrays["losses"])
    assert open_run(layers="5-tanh").info().step == 0  # another experiment
    assert open_run(layers="4-tanh-d0.2", start={"resume": False}).info().step == 0


def test_playing_is_saved_every_two_seconds(open_run: OpenRun, tmp_path: Path) -> None:
    run = open_run(Times(save_every=0.1))
    look(run, "play")
    run.turn()
    run.look_after()
    assert not (tmp_path / f"{ID}.nnp").exists()
    time.sleep(0.11)
    run.look_after()
    saved = Storage(tmp_path).load(ID)
    assert saved is not None
    assert Checkpoint.from_bytes(saved.checkpoint).step == run.info().step


@pytest.mark.parametrize("damage", ["all", "checkpoint"])
def test_a_damaged_file_gives_a_fresh_run_and_a_notice(open_run: OpenRun, tmp_path: Path, damage: str) -> None:
    run = open_run()
    look(run, "step")
    run.save()
    path = tmp_path / f"{ID}.nnp"
    data = path.read_bytes()
    path.write_bytes(b"rubbish" if damage == "all" else data[:-200])
    frame = look(open_run())
    assert frame.header["step"] == 0
    assert "could not be read" in frame.header["notice"]
    assert look(open_run(), "step").header["step"] == 1


def test_a_replaced_run_says_so_for_a_while(open_run: OpenRun) -> None:
    run = open_run()
    look(run, "epoch")
    run.apply(run.experiment.changed(learning_rate=0.1))
    replaced = {"playing": True, "speed": "1", "replaced": True}
    other = open_run(Times(notice_for=0.1), replaced)  # the experiment from before the last live change
    assert other.player.playing
    assert other.player.speed == "1"
    assert other.experiment.learning_rate == 0.03
    header = look(other).header
    assert header["notice"] == "The training process stopped and was replaced; training goes on from epoch 1."
    assert header["learning_rate"] == 0.03
    time.sleep(0.11)
    other.look_after()
    after = look(other).header
    assert after["notice"] is None
    assert after["seq"] > header["seq"]


def test_a_missing_device_falls_back_to_the_cpu(open_run: OpenRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    run = open_run(device="cuda")
    assert "CPU" in str(look(run).header["notice"])
    assert look(run, "step").header["step"] == 1
    assert (run.info().device, run.experiment.device) == ("cpu", "cuda")


def test_a_full_disk_is_a_notice(open_run: OpenRun, monkeypatch: pytest.MonkeyPatch) -> None:
    run = open_run()

    def full(*_args: Any, **_options: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Storage, "save", full)
    look(run, "step")
    assert "No space left on device" in look(run).header["notice"]
    assert look(run, "step").header["step"] == 2


def test_a_device_without_memory_hands_the_run_over_to_the_cpu(
    open_run: OpenRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = open_run()
    look(run, "epoch")
    trainer = run.trainer
    assert trainer is not None

    def out_of_memory(*args: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")

    monkeypatch.setattr(trainer, "device", torch.device("cuda"))
    monkeypatch.setattr(trainer, "train_steps", out_of_memory)
    look(run, "play")
    play(run)
    frame = look(run)
    assert run.trainer is not trainer
    assert run.info().device == "cpu"
    assert (frame.header["status"], frame.header["message"]) == ("playing", None)
    assert frame.header["step"] > 5
    assert frame.header["notice"] == "The device cpu has no memory left, so this run goes on on the CPU."


def test_a_device_without_memory_for_the_network_leaves_it_to_the_cpu(
    open_run: OpenRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str | None] = []

    def first_out_of_memory(experiment: Any, dataset: Any, device: str | None = None, **more: Any) -> Trainer:
        made.append(device)
        if device == "cuda":
            raise RuntimeError("CUDA error: out of memory")
        return Trainer(experiment, dataset, device, **more)

    monkeypatch.setattr("playground.worker.run.device_names", lambda: ("cpu", "cuda"))
    monkeypatch.setattr("playground.worker.run.Trainer", first_out_of_memory)
    run = open_run(device="cuda")
    assert made == ["cuda", "cpu"]
    assert look(run).header["notice"] == "The device cuda has no memory left, so this run goes on on the CPU."


def test_what_slows_a_run_down_is_said_once(open_run: OpenRun) -> None:
    run = open_run(Times(notice_for=0.01))
    assert run.trainer is not None
    run.trainer.notice = "The GPU could not record the steps."
    look(run, "step")
    assert look(run).header["notice"] == "The GPU could not record the steps."
    time.sleep(0.02)
    run.look_after()
    look(run, "step")
    assert look(run).header["notice"] is None
