"""What the browser's widgets show, as far as the server can know while words are under way to and from it."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

IN_POPOVERS = frozenset({"l1", "l2", "clip_norm", "initialiser", "init_seed", "window", "hop", "mels"})
"""Fields whose widgets exist only while their popover is open. Until then nobody can say what they were told."""
SAME_FOR_ALL_DATA = frozenset(
    {"dataset", "optimizer", "learning_rate", "schedule", "schedule_epochs", "batch_size", "device"}
)
"""Fields whose widgets stand in the same place and offer the same choices, whatever the data are."""
_DRAWINGS = itertools.count(1)


@dataclass
class ShownFields:
    """Tells a choice from an echo.

    With each click a browser says what every widget holds. A widget whose field was changed by something else in the
    meantime, by Undo say, still holds the former value: Streamlit takes that for a choice, and Undo would be undone.
    So it is noted here what each widget was told, and in which drawing of the page. The browser says which drawing it
    has finished.
    """

    drawing: int = 0
    """The number of the latest drawing. No other drawing of this server has it."""
    _dataset: str = ""
    _other_data: bool = False
    _present: frozenset[str] = frozenset()
    _said: dict[str, object] = field(default_factory=dict)
    _told: dict[str, list[tuple[int, object]]] = field(default_factory=dict)

    def hear(self, drawn: int, held: Mapping[Any, Any]) -> None:
        """The browser has finished the drawing `drawn`, and its widgets hold these values. Called before a drawing."""
        self.arrived(drawn)
        self._said |= {name: held[name] for name in IN_POPOVERS if name in held}

    def arrived(self, drawn: int) -> None:
        """The browser has finished the drawing `drawn`, so it shows what it was told in it."""
        for name, told in self._told.items():
            arrived = [value for drawing, value in told if drawing <= drawn]
            if arrived:
                self._said[name] = arrived[-1]
                self._told[name] = told[len(arrived) :]

    def is_choice(self, name: str, value: object) -> bool:
        """The browser says that this widget holds this value: did somebody choose it? False for an echo."""
        echoes = self._perhaps_shown(name)
        self._said[name] = value
        return value not in echoes

    def begin(self, dataset: str) -> None:
        """A drawing begins. With other data some widgets offer other choices, so those are told their value."""
        self.drawing = next(_DRAWINGS)
        self._other_data = dataset != self._dataset
        self._dataset = dataset

    def end(self, names: Iterable[str]) -> None:
        """The drawing is done, with widgets of these names."""
        self._present = frozenset(names)

    def must_tell(self, name: str, value: object) -> bool:
        """Does the drawing have to tell the widget its value? Not if it was there before and can show no other.

        What is told needlessly reaches the browser after a click that was made in the meantime, and takes it back.
        """
        if name in IN_POPOVERS:
            return True
        shows_it = name in self._present and (name in SAME_FOR_ALL_DATA or not self._other_data)
        if shows_it and all(shown == value for shown in self._perhaps_shown(name)):
            return False
        self.tell(name, value)
        return True

    def tell(self, name: str, value: object) -> None:
        """The drawing tells the widget this value."""
        self._told.setdefault(name, []).append((self.drawing, value))

    def _perhaps_shown(self, name: str) -> list[object]:
        return [self._said.get(name, self), *(value for _, value in self._told.get(name, []))]
