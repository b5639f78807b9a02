"""Which sample the page asks the picture to show."""

from __future__ import annotations

from playground.ui.shown_sample import ShownSample


def test_a_mark_counts_once_until_another_cell_or_none_is_marked() -> None:
    sample = ShownSample()
    assert sample.mark("test", 3)
    assert not sample.mark("test", 3), "the browser only tells it again"
    assert sample.mark("test", 4)
    assert sample.mark("train", 4)
    assert not sample.mark("train", None)
    assert sample.mark("train", 4), "marked anew"
