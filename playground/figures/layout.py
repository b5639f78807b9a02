"""What all figures share: the base layout of a theme, axes, captions over panels, and panels side by side."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from playground.figures.palette import Palette

HEIGHT = 420  # pixels, the same for every figure, so that nothing jumps when another one is chosen
MODEBAR = 50  # pixels at the top that keep headings clear of the toolbar
NARROW = 600  # below this width panels stand under each other, and dragging scrolls the page

Json = dict[str, Any]


@dataclass(frozen=True)
class Canvas:
    """Where a figure is drawn: the colours of the theme and the width in pixels that the browser has."""

    palette: Palette
    width: int = 1200

    @property
    def narrow(self) -> bool:
        """Is this a phone?"""
        return self.width < NARROW


@dataclass(frozen=True)
class Panel:
    """One plot of several in a figure, in shares of the plotting area; axes are numbered from 1."""

    number: int
    x: tuple[float, float]
    y: tuple[float, float]

    @property
    def xaxis(self) -> str:
        """Name of the x axis in a trace."""
        return "x" if self.number == 1 else f"x{self.number}"

    @property
    def yaxis(self) -> str:
        """Name of the y axis in a trace."""
        return "y" if self.number == 1 else f"y{self.number}"

    def axes(self, x: Json, y: Json) -> Json:
        """The two axes of this panel as entries of the layout."""
        suffix = "" if self.number == 1 else str(self.number)
        return {
            f"xaxis{suffix}": {**x, "domain": list(self.x), "anchor": self.yaxis},
            f"yaxis{suffix}": {**y, "domain": list(self.y), "anchor": self.xaxis},
        }

    def heading(self, text: str) -> Json:
        """A caption over the panel, at its left edge."""
        place = {
            "x": self.x[0],
            "y": self.y[1],
            "xref": "paper",
            "yref": "paper",
            "xanchor": "left",
            "yanchor": "bottom",
        }
        return {**place, "text": text, "showarrow": False, "align": "left", "font": {"size": 12}, "yshift": 3}


def base_layout(canvas: Canvas, *, left: int = 64, right: int = 16, top: int = 44, bottom: int = 52) -> Json:
    """Transparent, in the theme's text colour, with fixed margins, so that ticks of another length move nothing."""
    palette = canvas.palette
    clear = "rgba(0,0,0,0)"
    return {
        "height": HEIGHT,
        "autosize": True,
        "margin": {"l": left, "r": right, "t": top, "b": bottom, "pad": 0},
        "paper_bgcolor": clear,
        "plot_bgcolor": clear,
        "font": {"color": palette.text, "size": 12},
        "hoverlabel": {"bgcolor": palette.surface, "bordercolor": palette.muted, "font": {"color": palette.text}},
        "modebar": {"bgcolor": clear, "color": palette.muted, "activecolor": palette.text},
        "legend": {"orientation": "h", "x": 0, "xanchor": "left", "y": 1, "yanchor": "bottom", "bgcolor": clear},
        "dragmode": False if canvas.narrow else "zoom",
        "showlegend": False,
        "annotations": [],
    }


def axis(canvas: Canvas, title: str = "", **more: Any) -> Json:
    """A quiet axis with its title and unit; `more` goes to Plotly as it is."""
    grid = canvas.palette.grid
    quiet = {"gridcolor": grid, "zerolinecolor": grid, "linecolor": grid, "ticks": "", "exponentformat": "power"}
    return {**quiet, "title": {"text": title, "standoff": 8}, **more}


def columns_for(count: int, canvas: Canvas) -> int:
    """How many panels stand side by side, so that the rows are about equally long."""
    most = (3 if count > 6 else 2) if canvas.narrow else 5
    rows = math.ceil(count / most) if count else 1
    return max(1, math.ceil(count / rows))


def panels(count: int, canvas: Canvas, *, columns: int, across: int, down: int, margins: int = 80) -> list[Panel]:
    """`count` panels in rows of `columns`, with gaps of `across` and `down` pixels, the first at the top left."""
    columns = max(1, min(columns, count))
    rows = math.ceil(count / columns)
    gap_x = min(across / max(canvas.width - margins, 1), 0.5 / max(columns - 1, 1))
    gap_y = min(down / (HEIGHT - 96), 0.6 / max(rows - 1, 1))
    wide = (1 - gap_x * (columns - 1)) / columns
    high = (1 - gap_y * (rows - 1)) / rows
    result: list[Panel] = []
    for i in range(count):
        row, column = divmod(i, columns)
        x0, y1 = column * (wide + gap_x), 1 - row * (high + gap_y)
        result.append(
            Panel(i + 1, (round(x0, 4), round(min(x0 + wide, 1), 4)), (round(max(y1 - high, 0), 4), round(y1, 4)))
        )
    return result
