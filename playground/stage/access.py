"""Who may watch what: a token a browser session, the runs it was given, and how many watch at once."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass

MAX_VIEWERS = 600
"""Open sockets of one server: a stage and a figure each for the 120 live runs, with room for tabs left open."""

VIEWERS_PER_TOKEN = 8
RUNS_PER_TOKEN = 64
"""A session starts a run with every change of the network and can go back to the last ten."""

PULL_MEMORY = 2.0
"""Seconds that a question through Streamlit counts as watching; it has no connection that could break."""


@dataclass(eq=False)
class Viewer:
    """One open connection, and the run that it looks at."""

    token: str
    run_id: str | None = None


class Access:
    """Tokens and viewers. Safe to use from script threads and the server's event loop at once."""

    def __init__(self, max_viewers: int = MAX_VIEWERS) -> None:
        self._max_viewers = max_viewers
        self._lock = threading.Lock()
        self._runs: dict[str, OrderedDict[str, None]] = {}
        self._viewers: set[Viewer] = set()
        self._pulled: dict[str, float] = {}

    def grant(self, token: str, run_id: str) -> None:
        """Let whoever holds the token watch and steer this run."""
        with self._lock:
            runs = self._runs.setdefault(token, OrderedDict())
            runs[run_id] = None
            runs.move_to_end(run_id)
            while len(runs) > RUNS_PER_TOKEN:
                runs.popitem(last=False)

    def revoke(self, token: str) -> None:
        """Take back a token with all its runs; its open connections are refused from the next question on."""
        with self._lock:
            for run_id in self._runs.pop(token, ()):
                self._pulled.pop(run_id, None)

    def knows(self, token: str) -> bool:
        """Was this token given to a session that is still there?"""
        with self._lock:
            return token in self._runs

    def allows(self, token: str, run_id: str) -> bool:
        """May whoever holds the token watch this run?"""
        with self._lock:
            return run_id in self._runs.get(token, ())

    def enter(self, token: str) -> Viewer | None:
        """Admit a connection; None if the token is unknown, or too many watch already."""
        with self._lock:
            own = sum(viewer.token == token for viewer in self._viewers)
            if token not in self._runs or own >= VIEWERS_PER_TOKEN or len(self._viewers) >= self._max_viewers:
                return None
            viewer = Viewer(token)
            self._viewers.add(viewer)
            return viewer

    def leave(self, viewer: Viewer) -> None:
        """Forget a connection that is closed."""
        with self._lock:
            self._viewers.discard(viewer)

    def look(self, viewer: Viewer, run_id: str) -> None:
        """This connection looks at this run from now on."""
        viewer.run_id = run_id

    def pull(self, run_id: str) -> None:
        """A question about this run came through Streamlit."""
        with self._lock:
            self._pulled[run_id] = time.monotonic()

    def is_watched(self, run_id: str) -> bool:
        """Does somebody look at this run right now?"""
        with self._lock:
            pulled = self._pulled.get(run_id)
            if pulled is not None and time.monotonic() - pulled < PULL_MEMORY:
                return True
            return any(viewer.run_id == run_id for viewer in self._viewers)

    @property
    def viewer_count(self) -> int:
        """How many connections are open."""
        with self._lock:
            return len(self._viewers)
