from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from playground.training.fused import compile as compiling


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The cache folders, instead of the user's."""
    tmp_path.chmod(0o700)
    found = [tmp_path / "first", tmp_path / "second"]

    def cache_folders() -> Iterator[Path]:
        yield from found

    monkeypatch.setattr(compiling, "cache_folders", cache_folders)
    return found


def code() -> bytes:
    kept = compiling.cached_code()
    assert kept is not None
    return kept


def test_what_was_kept_comes_back(folders: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    assert compiling.cached_code() is None
    made = compiling.hashlib.sha256(b"machine code").digest() + b"machine code"
    assert compiling.keep_code(made) == folders[0] / compiling.code_name()
    assert compiling.cached_code() == made
    assert [path.name for path in folders[0].iterdir()] == [compiling.code_name()]


def test_where_nothing_can_be_written(folders: list[Path]) -> None:
    for folder in folders:
        folder.write_text("a file where a folder should be")
    assert compiling.keep_code(b"x" * 40) is None
    assert compiling.cached_code() is None
    with compiling.alone():
        pass


def test_damaged_code_is_not_used(folders: list[Path]) -> None:
    made = compiling.hashlib.sha256(b"machine code").digest() + b"machine code"
    path = compiling.keep_code(made)
    assert path is not None
    path.write_bytes(made[:-1])
    assert compiling.cached_code() is None


def test_code_of_others_is_not_used(folders: list[Path]) -> None:
    made = compiling.hashlib.sha256(b"machine code").digest() + b"machine code"
    path = compiling.keep_code(made)
    assert path is not None
    path.chmod(0o666)
    assert compiling.cached_code() is None
    path.chmod(0o600)
    folders[0].chmod(0o777)
    assert compiling.cached_code() is None


def test_the_compiler_answers_through_its_output() -> None:
    """So that the kernel also comes where no folder can be written; here from the cache, which is full by now."""
    command = [sys.executable, "-m", "playground.training.fused.compile"]
    done = subprocess.run(command, capture_output=True, check=True, timeout=100)
    assert done.stdout == code()
    assert compiling.link(done.stdout)(0) in (8, 16)


def test_a_compiler_that_fails_leaves_one_sentence(folders: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiling.sys, "executable", "/nowhere/python")
    compilation = compiling.Compilation()
    for _ in range(100):
        if compilation.problem:
            break
        time.sleep(0.05)
    assert compilation.problem is not None
    assert compilation.problem.startswith("The fast training kernel could not be compiled: ")
    assert not compilation.ready
    with pytest.raises(RuntimeError, match="could not be compiled"):
        compilation.load()


def test_loading_needs_no_numba() -> None:
    program = (
        "import sys; from playground.training.fused.compile import kernel_ready, load_kernel; assert kernel_ready(); "
        "load_kernel()(0); assert 'numba' not in sys.modules; assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60, env={**os.environ, "PYTHONPATH": "."})
