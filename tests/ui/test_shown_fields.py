"""What is a choice among all that a browser says its widgets hold, and what only an echo."""

from __future__ import annotations

from playground.ui.shown_fields import ShownFields


def drawn(fields: ShownFields, **values: object) -> int:
    """Draw the page with these values; the number of the drawing."""
    fields.begin("circle")
    for name, value in values.items():
        fields.must_tell(name, value)
    fields.end(values)
    return fields.drawing


def opened(**values: object) -> ShownFields:
    """A page whose first drawing the browser has finished."""
    fields = ShownFields()
    fields.hear(drawn(fields, **values), values)
    return fields


def test_a_value_that_was_never_shown_is_a_choice() -> None:
    fields = opened(seed=7)
    assert fields.is_choice("seed", 8)
    assert not fields.is_choice("seed", 8), "the next click repeats it"
    assert fields.is_choice("seed", 7), "and back again"


def test_the_former_value_is_an_echo_until_the_browser_has_drawn_the_new_one() -> None:
    fields = opened(seed=7)
    drawing = drawn(fields, seed=99)  # something else has changed it
    assert not fields.is_choice("seed", 7)
    assert not fields.is_choice("seed", 99)
    fields.arrived(drawing)
    assert fields.is_choice("seed", 7)


def test_what_was_told_late_does_not_take_a_choice_back() -> None:
    fields = opened(dataset="circle")
    drawn(fields, dataset="moons")
    assert fields.is_choice("dataset", "xor"), "chosen while the other was under way"
    assert not fields.is_choice("dataset", "moons"), "which then arrived over the choice"
    assert fields.must_tell("dataset", "xor")


def test_only_what_a_widget_may_not_show_is_told() -> None:
    fields = opened(batch_size=10)
    fields.begin("circle")
    assert not fields.must_tell("batch_size", 10), "it would arrive after the next click, and take it back"
    assert fields.must_tell("batch_size", 20)
    fields.begin("circle")
    assert fields.must_tell("batch_size", 20), "the drawing before may never have been finished"


def test_with_other_data_those_that_may_offer_other_choices_are_told_anew() -> None:
    fields = opened(dataset="circle", samples=500, seed=7, batch_size=10)
    fields.begin("moons")
    assert fields.must_tell("samples", 500)
    assert not fields.must_tell("dataset", "circle")
    assert not fields.must_tell("batch_size", 10), "it would arrive after the next click, and take it back"
    fields.must_tell("seed", 99)
    assert not fields.is_choice("seed", 7), "an echo stays one"


def test_a_widget_in_a_popover_is_always_told_and_compared_with_what_it_held() -> None:
    fields = opened(init_seed=1)
    fields.begin("circle")
    assert fields.must_tell("init_seed", 1), "it is drawn when the popover opens, perhaps never"
    fields.hear(drawn(fields, init_seed=99), {"init_seed": 1})
    assert not fields.is_choice("init_seed", 1), "a closed popover holds the former value for ever"
    assert fields.is_choice("init_seed", 2)


def test_a_widget_that_was_gone_is_told_again() -> None:
    fields = opened(encoder="gru", units=16)
    fields.arrived(drawn(fields, encoder="mean"))  # which has no units to choose
    fields.begin("circle")
    assert fields.must_tell("units", 16)
    assert not fields.must_tell("encoder", "mean")


def test_a_mark_that_was_taken_away_is_an_echo_until_the_browser_has_drawn_that() -> None:
    fields = opened()
    assert fields.is_choice("rows", "a")
    fields.begin("circle")
    fields.tell("rows", None)
    assert not fields.is_choice("rows", "a")
    fields.arrived(fields.drawing)
    assert fields.is_choice("rows", "a"), "marked anew"
