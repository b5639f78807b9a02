from __future__ import annotations

import os
from pathlib import Path

import pytest

from playground.worker import cores
from playground.worker.cores import cores_here


@pytest.fixture
def eight_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(8)), raising=False)


@pytest.mark.parametrize(
    ("quota", "expected"),
    [
        ("max 100000", 8),
        ("200000 100000", 2),
        ("150000 100000", 2),
        ("7800 100000", 1),
        ("1600000 100000", 8),
        ("", 8),
        ("100000 0", 8),
    ],
)
def test_a_container_may_have_less_than_the_machine(
    quota: str, expected: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, eight_cores: None
) -> None:
    (tmp_path / "cpu.max").write_text(f"{quota}\n", encoding="ascii")
    monkeypatch.setattr(cores, "QUOTA", tmp_path / "cpu.max")
    assert cores_here() == expected


def test_without_a_container_all_cores_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, eight_cores: None
) -> None:
    monkeypatch.setattr(cores, "QUOTA", tmp_path / "none")
    assert cores_here() == 8
