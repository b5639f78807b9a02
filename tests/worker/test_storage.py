from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from playground.experiment.points import PointsExperiment
from playground.worker.storage import DamagedFileError, Saved, Storage, home_directory, valid_run_id

SAVED = Saved(PointsExperiment(learning_rate=0.1), "10", b"weights" * 100)


def test_what_was_saved_comes_back(tmp_path: Path) -> None:
    storage = Storage(tmp_path)
    assert storage.load("run-00001") is None
    for durable in (True, False):
        storage.save("run-00001", SAVED, durable=durable)
        assert storage.load("run-00001") == SAVED
    assert [path.name for path in tmp_path.iterdir()] == ["run-00001.nnp"]
    storage.remove("run-00001")
    storage.remove("run-00001")
    assert storage.load("run-00001") is None


@pytest.mark.parametrize(
    "run_id", ["../../etc/passwd", "a/b/c/d/e", "short", "x" * 65, "run 0001", "run-0001\n", "", 7, None]
)
def test_an_id_that_is_no_file_name_is_refused(tmp_path: Path, run_id: object) -> None:
    assert not valid_run_id(run_id)
    with pytest.raises(ValueError, match="id"):
        Storage(tmp_path).load(run_id)  # type: ignore[arg-type]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, 10_000), value=st.integers(0, 255), cut=st.booleans())
def test_a_damaged_file_is_recognised_or_read(tmp_path: Path, at: int, value: int, cut: bool) -> None:
    storage = Storage(tmp_path)
    storage.save("run-00001", SAVED, durable=False)
    path = tmp_path / "run-00001.nnp"
    data = bytearray(path.read_bytes())
    at %= len(data)
    if cut:
        del data[at:]
    else:
        data[at] = value
    path.write_bytes(data)
    try:
        saved = storage.load("run-00001")
    except DamagedFileError:
        return
    assert saved is not None


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    storage = Storage(tmp_path)
    storage.save("run-00001", SAVED, durable=False)

    def full(_source: str, _target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="space"):
        storage.save("run-00001", Saved(PointsExperiment(), "1", b""), durable=True)
    assert storage.load("run-00001") == SAVED
    assert len(list(tmp_path.iterdir())) == 1


def test_old_files_and_the_oldest_of_too_many_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("playground.worker.storage.MAX_FILES", 3)
    storage, now = Storage(tmp_path), time.time()
    for days in (0, 1, 2, 3, 31):
        storage.save(f"run-day-{days:02}", SAVED, durable=False)
        os.utime(tmp_path / f"run-day-{days:02}.nnp", (now - days * 86_400,) * 2)
    unfinished = tmp_path / "run-00001.abc.part"
    unfinished.write_bytes(b"")
    os.utime(unfinished, (now - 7200,) * 2)
    storage.tidy()
    assert sorted(path.stem for path in tmp_path.iterdir()) == ["run-day-00", "run-day-01", "run-day-02"]


def test_home_is_what_the_host_says_or_can_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYGROUND_HOME", str(tmp_path / "new"))
    assert home_directory() == tmp_path / "new"
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("PLAYGROUND_HOME", str(tmp_path / "file" / "below"))
    fallback = home_directory()
    assert fallback.is_dir()
    assert tmp_path not in fallback.parents
