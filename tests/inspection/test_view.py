from __future__ import annotations

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from playground.inspection.view import MAX_GRID, MAX_THUMB, FrameView

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just(10**400),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
names = ["have", "have_view", "have_version", "selected", "domain", "grid", "thumb", "probe"]


@settings(max_examples=500, deadline=None)
@given(st.one_of(anything, st.dictionaries(st.sampled_from(names), anything)))
def test_every_view_is_in_range_whatever_was_sent(value: object) -> None:
    view = FrameView.from_json(value)
    assert view.have >= 0
    assert view.have_version >= 0
    assert 2 <= view.grid <= MAX_GRID
    assert 2 <= view.thumb <= MAX_THUMB
    x0, x1, y0, y1 = view.domain
    assert -100 <= x0 < x1 <= 100
    assert -100 <= y0 < y1 <= 100
    if view.selected is not None:
        assert min(view.selected) >= 0
    if isinstance(view.probe, tuple):
        assert all(math.isfinite(number) and abs(number) <= 100 for number in view.probe)


def test_right_values_are_kept() -> None:
    sent = {"have": 9, "have_view": True, "have_version": 8, "selected": [1, 2], "domain": [-3, 3, -2.5, 4], "grid": 60}
    view = FrameView.from_json({**sent, "thumb": 20, "probe": {"point": 3}})
    assert view == FrameView(9, True, 8, (1, 2), (-3.0, 3.0, -2.5, 4.0), 60, 20, 3)
    assert FrameView.from_json({"probe": [1, -2]}).probe == (1.0, -2.0)
