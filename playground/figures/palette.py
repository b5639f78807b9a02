"""The colours of the figures: one diverging pair, one set of classes, and the neutral tones of the two themes."""

from __future__ import annotations

from dataclasses import dataclass

CLASS_COLOURS = ("#0877BD", "#F59322", "#009E73", "#CC79A7", "#E6C229")
CLASS_SYMBOLS = ("circle", "triangle-up", "square", "diamond", "cross")
CLASS_SYMBOLS_3D = ("circle", "diamond", "square", "diamond-open", "cross")  # scatter3d knows no triangle


@dataclass(frozen=True)
class Palette:
    """The tones in which a theme differs: text, lines, the middle of the diverging scale, and a ramp for depth."""

    name: str
    text: str
    muted: str
    grid: str
    surface: str
    neutral: str
    negative: str
    positive: str
    train: str
    test: str
    ramp: tuple[str, ...]

    @property
    def diverging(self) -> list[list[float | str]]:
        """Colour scale from negative over zero to positive."""
        return [[0.0, self.negative], [0.5, self.neutral], [1.0, self.positive]]

    @property
    def rising(self) -> list[list[float | str]]:
        """Colour scale from nothing to everything, for shares."""
        return [[0.0, self.neutral], [1.0, self.positive]]

    def ramp_of(self, count: int) -> list[str]:
        """`count` tones from the first layer to the last, as far apart as the ramp allows."""
        if count < 2:
            return [self.ramp[-1]] * count
        last = len(self.ramp) - 1
        return [self.ramp[round(i * last / (count - 1))] for i in range(count)]


LIGHT = Palette(
    name="light",
    text="#1D2330",
    muted="#6B7280",
    grid="rgba(29, 35, 48, 0.10)",
    surface="#FFFFFF",
    neutral="#EEF0F2",
    negative="#F59322",
    positive="#0877BD",
    train="#1D2330",
    test="#4F46E5",
    ramp=("#F0A830", "#E8833A", "#DC5F50", "#C73E6B", "#A82585", "#8A1A96", "#67129A", "#420E8F", "#1D0E70"),
)
DARK = Palette(
    name="dark",
    text="#E6E9F0",
    muted="#9AA3AF",
    grid="rgba(230, 233, 240, 0.13)",
    surface="#1B202B",
    neutral="#2C323C",
    negative="#F59727",
    positive="#278ECF",  # lighter than on white, to stand out as much
    train="#E6E9F0",
    test="#8F8BFF",
    ramp=("#FDE08A", "#FBB94B", "#F6903D", "#EE6A50", "#DE4E78", "#C2409F", "#A04FC8", "#8168E8", "#7C8CFF"),
)
PALETTES: dict[str, Palette] = {"light": LIGHT, "dark": DARK}


def class_mark(task: str, index: int) -> tuple[str, str]:
    """Colour and symbol of a class: with two classes 0 is the negative colour and 1 the positive, as on the stage."""
    position = 1 - index if task == "binary" and index < 2 else index % len(CLASS_COLOURS)
    return CLASS_COLOURS[position], CLASS_SYMBOLS[position]
