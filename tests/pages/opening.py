"""Opening a page without a browser, and what it shows then, for the tests of all pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from playground.ui.session import Session

PAGES = Path(__file__).parents[2] / "pages"


def opened(page: str, **query: str) -> AppTest:
    """The page of this name, come to by a link with these parameters."""
    app = AppTest.from_file(str(PAGES / f"{page}.py"), default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def session(app: AppTest) -> Session:
    """The session of the page of data that is open."""
    found: Session = app.session_state[f"session-{app.session_state['page-kind']}"]
    return found


def experiment(app: AppTest) -> Any:
    """The experiment on it."""
    return session(app).experiment


def address(app: AppTest) -> dict[str, str]:
    """The parameters of the address."""
    return {name: value if isinstance(value, str) else value[0] for name, value in app.query_params.items()}


def text_of(app: AppTest) -> str:
    """All that is written on the page outside its widgets."""
    written = (app.caption, app.markdown, app.info, app.success, app.warning)
    return " ".join(str(element.value) for elements in written for element in elements)


def labelled(elements: Any, label: str) -> Any:
    """The first of these widgets whose label begins so."""
    return next(element for element in elements if element.label.startswith(label))


def group(app: AppTest, key: str) -> Any:
    """The pills or segments of this key."""
    return next(group for group in app.button_group if group.key == key)


def click(app: AppTest, label: str) -> None:
    """Press the button whose label begins so."""
    labelled(app.button, label).click().run()
    assert not app.exception
