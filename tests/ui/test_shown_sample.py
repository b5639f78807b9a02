"""Which sample the page asks the picture to show."""

from __future__ import annotations

from playground.ui.shown_sample import ShownSample


def test_what_was_asked_for_is_shown_until_it_is_left_or_something_else_is_asked_for() -> None:
    sample = ShownSample()
    assert not sample.shows("test", 0), "nothing was asked for"
    sample.show("test", 3)
    assert sample.shows("test", 3)
    assert not sample.shows("train", 3)
    sample.leave()
    assert not sample.shows("test", 3)
    sample.show("test", 3)
    assert sample.shows("test", 3), "asked for anew"
    assert sample.shown.count == 2
