"""Which dialog is open. Each drawing of the page draws it too, until it is closed: no other click takes it away."""

from __future__ import annotations

from collections.abc import Callable

from playground.ui import session


def open_dialog(draw: Callable[[], None]) -> None:
    """Let the page draw this dialog from now on, in place of another one."""
    session.current().dialog = draw


def close_dialog() -> None:
    """Let the page draw no dialog any more."""
    session.current().dialog = None
