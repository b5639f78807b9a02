"""Why this device, without a browser: the reason, the devices that are there, a race held now, and one left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from playground.ui.services import services
from playground.worker.messages import Raced
from playground.worker.runner import RunnerError
from tests.pages.opening import click, opened, session, text_of

GPU_ROWS = tuple(
    {"width": width, "batch_size": 100, "ms": {"CPU": width / 100, "GPU, step by step": 0.9, "GPU, recorded": 0.5}}
    for width in (8, 32, 128, 512)
)


def only_the_dialog() -> None:
    """The dialog alone, drawn in each run as the page does while it is open."""
    from playground.ui import session
    from playground.ui.device_dialog import device_dialog

    session.open_page("points")
    device_dialog()


def dialog() -> AppTest:
    app = AppTest.from_function(only_the_dialog, default_timeout=60).run()
    assert not app.exception
    return app


def racing(monkeypatch: pytest.MonkeyPatch, race: Callable[[], Iterator[Raced]], *devices: str) -> None:
    monkeypatch.setattr(services().runner, "race", race)
    monkeypatch.setattr(services().runner, "devices", lambda: devices)


def chart(app: AppTest) -> Any:
    return app.get("plotly_chart")


def test_the_button_stands_beside_the_device_and_opens_the_reason() -> None:
    app = opened("points")
    click(app, "Why CPU?")
    assert "begins with a launch" in text_of(app)


def test_a_click_that_follows_at_once_does_not_take_the_dialog_away() -> None:
    app = opened("points")
    click(app, "Why CPU?")
    app.number_input(key="batch_size").set_value(11).run()
    assert session(app).experiment.batch_size == 11
    assert "begins with a launch" in text_of(app)
    session(app).dialog = None  # as its dismissal does
    app.run()
    assert "begins with a launch" not in text_of(app)


def test_the_cpu_alone_is_named_and_races_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services().runner, "devices", lambda: ("cpu",))
    app = dialog()
    assert "This machine has the CPU alone" in text_of(app)
    assert len(chart(app)) == 0, "nothing is shown that was not measured"
    click(app, "Race them now")
    assert len(chart(app)) == 1
    assert "plain PyTorch" in text_of(app)
    app.run()
    assert len(chart(app)) == 1, "what was measured stays"


def test_a_gpu_is_named_and_the_chart_says_from_where_on_it_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    told = [Raced((), 0.0, False), Raced(GPU_ROWS[:2], 0.5, False), Raced(GPU_ROWS, 1.0, True)]
    racing(monkeypatch, lambda: iter(told), "cpu", "cuda")
    app = dialog()
    assert "This machine has CPU and CUDA" in text_of(app)
    click(app, "Race them now")
    assert "with batches of 100 the GPU is faster from 128 neurons a layer on" in text_of(app)
    assert len(chart(app)) == 1


def test_a_refusal_is_a_sentence_and_the_last_race_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> Iterator[Raced]:
        raise RunnerError("4 races are on already.")
        yield

    racing(monkeypatch, lambda: iter([Raced(GPU_ROWS, 1.0, True)]), "cpu", "cuda")
    app = dialog()
    click(app, "Race them now")
    racing(monkeypatch, refused, "cpu", "cuda")
    click(app, "Race them now")
    assert "4 races are on already." in [error.value for error in app.error]
    assert len(chart(app)) == 1
