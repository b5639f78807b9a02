"""When and how a run is saved: soon after it has changed, yet never so often that training suffers."""

from __future__ import annotations

import math
import traceback
from collections.abc import Callable
from time import monotonic, perf_counter

from playground.worker.storage import Saved, Storage

SHARE = 0.02  # of the time, at most, goes into saving a run that plays

NOT_SAVED = "This run could not be saved ({error}), so a restart of the server would lose its progress."


class Saving:
    """The saving of one run. every: seconds after which a change is saved."""

    def __init__(self, run_id: str, storage: Storage, every: float) -> None:
        self._run_id, self._storage, self._every = run_id, storage, every
        self._changed = False
        self._due = 0.0

    @property
    def due(self) -> float:
        """When it is time to save, by the monotonic clock; never while nothing has changed."""
        return self._due if self._changed else math.inf

    def load(self) -> Saved | None:
        """What was saved last. Raises: DamagedFileError."""
        return self._storage.load(self._run_id)

    def changed(self) -> None:
        """There is something to save."""
        if not self._changed:
            self._changed = True
            self._due = max(self._due, monotonic() + self._every)

    def save(self, make: Callable[[], Saved], *, durable: bool) -> str | None:
        """Save what has changed; `durable` through a power cut too. The sentence of what went wrong."""
        if not self._changed:
            return None
        started, problem = perf_counter(), None
        try:
            self._storage.save(self._run_id, make(), durable=durable)
            self._changed = False
        except Exception as error:  # whatever it is, this run and the others go on
            traceback.print_exc()
            reason = error.strerror if isinstance(error, OSError) else type(error).__name__
            problem = NOT_SAVED.format(error=reason)
        cost = perf_counter() - started
        self._due = monotonic() + max(self._every, cost / SHARE)
        return problem
