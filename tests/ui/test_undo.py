"""Undo and redo of what was on the page, and the browser's Back and Forward."""

from __future__ import annotations

from playground.experiment.points import PointsExperiment
from playground.ui.undo import KEPT, Former, UndoStack


def page(seed: int) -> Former:
    return Former(PointsExperiment(seed=seed), f"run-{seed}")


def test_undo_and_redo_go_back_and_forth() -> None:
    stack = UndoStack()
    stack.leave(page(1))
    stack.leave(page(2))
    assert stack.undo(page(3)) == page(2)
    assert stack.undo(page(2)) == page(1)
    assert stack.undo(page(1)) is None
    assert stack.redo(page(1)) == page(2)
    assert stack.redo(page(2)) == page(3)
    assert stack.redo(page(3)) is None


def test_after_something_new_there_is_nothing_to_redo() -> None:
    stack = UndoStack()
    stack.leave(page(1))
    assert stack.undo(page(2)) == page(1)
    stack.leave(page(1))
    assert stack.redo(page(4)) is None
    assert stack.undo(page(4)) == page(1)


def test_back_and_forward_find_their_experiment() -> None:
    stack = UndoStack()
    stack.leave(page(1))
    assert stack.go_to(PointsExperiment(seed=9), page(2)) is None
    assert stack.go_to(PointsExperiment(seed=1), page(2)) == page(1)
    assert stack.go_to(PointsExperiment(seed=2), page(1)) == page(2)


def test_only_the_latest_are_kept() -> None:
    stack = UndoStack()
    for seed in range(KEPT + 5):
        stack.leave(page(seed))
    assert [former.run_id for former in stack.former] == [f"run-{seed}" for seed in range(5, KEPT + 5)]
