from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from playground.experiment.points import PointsExperiment
from playground.training.checkpoint import Checkpoint
from playground.worker.local_runner import LocalRunner
from playground.worker.runner import RunnerError

from .conftest import look, wait_for

SMALL: dict[str, Any] = {"samples": 100, "batch_size": 10}  # 5 steps an epoch
QUICK = {"PLAYGROUND_PAUSE_AFTER": "1.0", "PLAYGROUND_DROP_AFTER": "1.6", "PLAYGROUND_SAVE_EVERY": "0.2"}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalRunner]:
    runner = LocalRunner(workers=1, home=tmp_path_factory.mktemp("runs"))
    runner.prewarm()
    yield runner
    runner.close_all()


@pytest.fixture
def runner(shared: LocalRunner, request: pytest.FixtureRequest) -> LocalRunner:
    return shared


def test_play_learns_and_pause_stops(runner: LocalRunner) -> None:
    info = runner.start("play-0001", PointsExperiment(**SMALL))
    assert (info.status, info.epoch, info.device) == ("ready", 0, "cpu")
    first = look(runner, "play-0001", "speed", value="max").header
    look(runner, "play-0001", "play")
    wait_for(lambda: look(runner, "play-0001").header["epoch"] >= 20)
    paused = look(runner, "play-0001", "pause").header
    assert paused["train_loss"] < first["train_loss"]
    assert paused["status"] == "paused"
    time.sleep(0.05)
    assert look(runner, "play-0001").header["step"] == paused["step"]
    again = look(runner, "play-0001", "reset").header
    assert again["train_loss"] == first["train_loss"]


def test_two_runs_do_not_disturb_each_other(runner: LocalRunner) -> None:
    dropout = PointsExperiment(**SMALL, layers="6-tanh-d0.3")
    for run_id in ("alone-01", "other-01"):
        runner.start(run_id, dropout)
    for _ in range(7):
        look(runner, "alone-01", "step")
    look(runner, "other-01", "play")
    for _ in range(5):
        look(runner, "alone-01", "step")
        look(runner, "other-01")
    look(runner, "other-01", "pause")
    look(runner, "other-01", "reset")
    for _ in range(12):
        look(runner, "other-01", "step")
    one, two = look(runner, "alone-01"), look(runner, "other-01")
    assert one.header["step"] == two.header["step"] == 12
    np.testing.assert_array_equal(one.arrays["weights"], two.arrays["weights"])


def test_a_paced_run_keeps_its_pace_beside_one_at_full_speed(runner: LocalRunner) -> None:
    for run_id, speed in (("paced-01", "100"), ("hungry-1", "max")):
        runner.start(run_id, PointsExperiment(**SMALL))
        look(runner, run_id, "speed", value=speed)
        look(runner, run_id, "play")
    begin, first = time.monotonic(), look(runner, "paced-01").header["step"]
    time.sleep(0.5)
    steps, seconds = look(runner, "paced-01").header["step"] - first, time.monotonic() - begin
    for run_id in ("paced-01", "hungry-1"):
        look(runner, run_id, "pause")
    assert 40 * seconds < steps < 130 * seconds


def test_start_again_finds_the_run_and_another_experiment_begins_anew(runner: LocalRunner) -> None:
    experiment = PointsExperiment(**SMALL)
    runner.start("again-01", experiment)
    look(runner, "again-01", "step")
    assert runner.start("again-01", experiment).step == 1
    assert runner.start("again-01", experiment, resume=False).step == 0
    look(runner, "again-01", "step")
    assert runner.start("again-01", experiment.changed(seed=8)).step == 0


def test_a_closed_run_comes_back_with_its_viewer(runner: LocalRunner) -> None:
    experiment = PointsExperiment(**SMALL)
    runner.start("closed-1", experiment)
    look(runner, "closed-1", "epoch")
    runner.close("closed-1")
    runner.close("closed-1")
    assert runner.info("closed-1") is None
    assert runner.has("closed-1", experiment)
    assert not runner.has("closed-1", experiment.changed(seed=8))
    assert not runner.has("never-01", experiment)
    assert look(runner, "closed-1").header["epoch"] == 1


def test_apply_study_checkpoint_and_devices(runner: LocalRunner) -> None:
    experiment = PointsExperiment(**SMALL)
    runner.start("study-01", experiment)
    look(runner, "study-01", "epoch")
    runner.apply("study-01", experiment.changed(learning_rate=0.2))
    assert look(runner, "study-01").header["learning_rate"] == 0.2
    info = runner.info("study-01")
    assert info is not None
    assert info.experiment.learning_rate == 0.2
    assert runner.study("study-01", "confusion", {"split": "train"})["counts"].sum() == 50
    assert asyncio.run(runner.async_study("study-01", "loss", {}))["epochs"].tolist() == [0, 1]
    assert Checkpoint.from_bytes(runner.checkpoint("study-01")).epoch == 1
    assert runner.devices()[0] == "cpu"


def test_refusals_are_sentences(runner: LocalRunner) -> None:
    runner.start("refuse-1", PointsExperiment(**SMALL))
    for ask in (
        lambda: runner.exchange("refuse-1", {"command": {"name": "fly"}}),
        lambda: runner.exchange("refuse-1", "play"),  # type: ignore[arg-type]
        lambda: runner.exchange("nowhere-1", {"view": {}}),
        lambda: runner.exchange("../../secret", {"view": {}}),
        lambda: runner.start("../../secret", PointsExperiment()),
        lambda: runner.study("refuse-1", "magic", {}),
        lambda: runner.apply("refuse-1", PointsExperiment(seed=1)),
        lambda: asyncio.run(runner.async_exchange("nowhere-1", {"view": {}})),
    ):
        with pytest.raises(RunnerError, match=r"\.$"):
            ask()
    assert look(runner, "refuse-1").header["status"] == "ready"


def test_many_exchanges_at_once_on_one_event_loop(runner: LocalRunner) -> None:
    ids = [f"async-{i:03}" for i in range(8)]
    for run_id in ids:
        runner.start(run_id, PointsExperiment(**SMALL))

    async def ask_all() -> list[bytes]:
        message = {"command": {"name": "step"}, "view": {"grid": 10}}
        return await asyncio.gather(*[runner.async_exchange(run_id, message) for run_id in ids for _ in range(5)])

    asyncio.run(ask_all())
    assert [look(runner, run_id).header["step"] for run_id in ids] == [5] * 8


def test_a_killed_worker_is_replaced_and_its_runs_go_on(shared: LocalRunner) -> None:
    experiment = PointsExperiment(**SMALL)
    for run_id in ("killed-1", "killed-2"):
        shared.start(run_id, experiment)
    look(shared, "killed-2", "epoch")
    look(shared, "killed-1", "speed", value="max")
    look(shared, "killed-1", "play")
    wait_for(lambda: look(shared, "killed-1").header["epoch"] >= 5)
    before = look(shared, "killed-1", "pause").header
    look(shared, "killed-1", "play")
    (pid,) = shared.worker_pids()
    os.kill(pid, signal.SIGKILL)
    after = look(shared, "killed-1").header  # asked in the moment of death, answered by the replacement
    assert after["notice"].startswith("The training process stopped and was replaced; training goes on from epoch")
    assert after["playing"]
    assert after["epoch"] >= before["epoch"]
    assert after["seq"] > before["seq"]
    assert shared.worker_pids() != (pid,)
    wait_for(lambda: look(shared, "killed-1").header["step"] > after["step"])
    other = look(shared, "killed-2").header
    assert (other["epoch"], other["playing"]) == (1, False)
    look(shared, "killed-1", "pause")


def test_an_unwatched_run_pauses_then_leaves_and_comes_back(tmp_path: Path) -> None:
    runner = LocalRunner(workers=1, home=tmp_path, environment=QUICK, live_runs=2)
    try:
        runner.start("lonely-1", PointsExperiment(**SMALL))
        look(runner, "lonely-1", "play")
        wait_for(lambda: (info := runner.info("lonely-1")) is not None and info.status == "paused")
        info = runner.info("lonely-1")
        assert info is not None
        assert info.message == "Paused, because nobody was watching."
        wait_for(lambda: runner.info("lonely-1") is None)
        assert look(runner, "lonely-1").header["step"] == info.step

        runner.start("lonely-2", PointsExperiment(**SMALL))
        with pytest.raises(RunnerError, match="training 2 networks, its limit"):
            runner.start("lonely-3", PointsExperiment(**SMALL))
        runner.close("lonely-1")
        runner.start("lonely-3", PointsExperiment(**SMALL))
    finally:
        runner.close_all()
    with pytest.raises(RunnerError):
        runner.exchange("lonely-3", {"view": {}})


def test_a_run_survives_the_server(tmp_path: Path) -> None:
    first = LocalRunner(workers=1, home=tmp_path)
    first.start("server-1", PointsExperiment(**SMALL))
    look(first, "server-1", "epoch")
    first.close_all()
    second = LocalRunner(workers=1, home=tmp_path)
    try:
        assert look(second, "server-1").header["epoch"] == 1
    finally:
        second.close_all()


def test_a_worker_that_always_dies_is_given_up(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    runner = LocalRunner(workers=1, home=tmp_path, environment={"PYTHONHOME": str(tmp_path)})
    with pytest.raises(RunnerError, match=r"stopped (twice|5 times)"):
        runner.start("doomed-1", PointsExperiment(**SMALL))
    wait_for(lambda: _given_up(runner))
    runner.close_all()
    capfd.readouterr()


def _given_up(runner: LocalRunner) -> bool:
    try:
        runner.start("doomed-2", PointsExperiment(**SMALL))
    except RunnerError as error:
        return "5 times" in str(error)
    return False


def test_workers_end_with_their_parent(tmp_path: Path) -> None:
    code = f"""
from pathlib import Path
from playground.worker.local_runner import LocalRunner
from playground.experiment.points import PointsExperiment
import os
runner = LocalRunner(workers=1, home=Path({str(tmp_path)!r}))
runner.start("orphan-1", PointsExperiment())
print(*runner.worker_pids(), flush=True)
os._exit(0)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    pid = int(done.stdout)
    wait_for(lambda: not _alive(pid))


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return "zombie" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def test_a_long_temporary_directory_needs_another_kind_of_socket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("playground.worker.worker_process.LONGEST_SOCKET_PATH", 0)
    runner = LocalRunner(workers=1, home=tmp_path)
    try:
        assert runner.start("socket-1", PointsExperiment(**SMALL)).status == "ready"
    finally:
        runner.close_all()


def test_workers_are_started_when_they_are_needed(tmp_path: Path) -> None:
    runner = LocalRunner(workers=2, home=tmp_path)
    try:
        for i in range(4):
            runner.start(f"lazy-000{i}", PointsExperiment(**SMALL))
        assert len(runner.worker_pids()) == 1
        runner.start("lazy-0004", PointsExperiment(**SMALL))
        assert len(runner.worker_pids()) == 2
        assert look(runner, "lazy-0004", "step").header["step"] == 1
    finally:
        runner.close_all()


@pytest.mark.parametrize("module", ["local_runner", "runner", "messages", "storage"])
def test_the_web_side_imports_no_torch(module: str) -> None:
    code = f"import sys, playground.worker.{module}; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def answered(*devices: str) -> Future[Any]:
    future: Future[Any] = Future()
    future.set_result(devices)
    return future


def test_runs_on_a_gpu_share_a_process_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runner = LocalRunner(workers=1, home=tmp_path)
    monkeypatch.setattr(runner._workers, "_devices", answered("cpu", "cuda"))  # there is none, so they train on the CPU
    experiment = PointsExperiment(**SMALL)
    try:
        runner.start("gpu-0001", experiment)
        assert len(runner.worker_pids()) == 1
        for run_id in ("gpu-0002", "gpu-0003"):
            runner.start(run_id, experiment.changed(device="cuda"))
        assert len(runner.worker_pids()) == 2
        workers = [runner._open[f"gpu-000{i}"].worker for i in (1, 2, 3)]
        assert workers[0] is not workers[1] is workers[2]
        for i in range(4, 10):
            runner.start(f"gpu-000{i}", experiment)
        assert len(runner.worker_pids()) == 2
        look(runner, "gpu-0001", "step")
        runner.start("gpu-0001", experiment.changed(device="cuda"))
        assert runner._open["gpu-0001"].worker is workers[1]
        assert look(runner, "gpu-0001", "step").header["step"] == 1
        runner.start("gpu-0001", experiment)
        assert runner._open["gpu-0001"].worker is workers[0]
    finally:
        runner.close_all()


def test_the_cpu_races_alone_where_there_is_no_gpu(runner: LocalRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner._workers, "_devices", answered("cpu"))
    told = list(runner.race())
    assert told[-1].done
    assert len(told) > len(told[-1].rows) > 0, "it is told how far it is"
    assert [raced.done for raced in told[:-1]] == [False] * (len(told) - 1)
    assert all(row["ms"]["CPU, plain PyTorch"] > 0 for row in told[-1].rows)


def test_a_run_goes_on_while_others_race_and_a_race_can_be_left(runner: LocalRunner) -> None:
    runner.start("race-0001", PointsExperiment())
    look(runner, "race-0001", "play")
    race = runner.race()
    before, slowest = 0, 0.0
    for _ in range(60):
        assert not next(race).done
        began = time.monotonic()
        step = look(runner, "race-0001").header["step"]
        slowest = max(slowest, time.monotonic() - began)
        assert step >= before
        before = step
    race.close()
    assert before > 50
    assert slowest < 0.5


def test_a_race_with_a_gpu_that_is_gone_is_refused(runner: LocalRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has one")
    monkeypatch.setattr(runner._workers, "_devices", answered("cpu", "cuda"))
    with pytest.raises(RunnerError, match=r"^The device cuda is not present"):
        next(runner.race())
