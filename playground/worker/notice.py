"""What a run tells its viewers for a while: that it was replaced, that it moved to the CPU, that a disk is full."""

from __future__ import annotations

import math


class Notice:
    """One text at a time; it stays until it has been shown for so many seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.text: str | None = None
        self.ends = math.inf
        """When it goes, by the monotonic clock; never before somebody has seen it."""

    def say(self, text: str) -> None:
        """Show this, together with what is still to be seen."""
        self.text = text if self.text is None or self.text == text else f"{self.text} {text}"
        self.ends = math.inf

    def seen(self, now: float) -> None:
        """A viewer gets it in this moment."""
        if self.text is not None:
            self.ends = min(self.ends, now + self._seconds)

    def clear(self) -> None:
        """Tell nothing."""
        self.text, self.ends = None, math.inf
