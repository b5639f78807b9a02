"""From a question for a figure to its answer: study the run, draw, and leave out what the browser already has."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from playground.figures.arrays import without_gaps
from playground.figures.layout import Canvas, Json
from playground.figures.options import FigureError
from playground.figures.palette import PALETTES
from playground.figures.registry import Figure, find_figure, read_options
from playground.worker.runner import Runner, RunnerError

NARROWEST, WIDEST, USUAL = 200, 4000, 1200  # pixels


@dataclass(frozen=True)
class _Question:
    run_id: str
    figure: Figure
    options: Mapping[str, str]
    canvas: Canvas

    @property
    def first(self) -> dict[str, Any]:
        """What to study first; layers are counted in numbers there."""
        layer = self.options.get("layer", "")
        return {**self.options, "layer": int(layer) if layer.isdigit() else 0}

    def more(self, first: Mapping[str, Any]) -> list[dict[str, Any]]:
        """What else to study."""
        return [] if self.figure.more is None or "message" in first else self.figure.more(first, self.options)

    def answer(self, study: Mapping[str, Any], have: object) -> Json:
        """The figure and its key, or that nothing has changed since `have`."""
        key = self._key(study)
        if key == have:
            return {"unchanged": True}
        if "message" in study:
            return {"error": str(study["message"])}
        figure = without_gaps(self.figure.draw(study, self.options, self.canvas))
        # Zoom, pan, hidden curves and the camera stay while this text stays the same.
        figure["layout"]["uirevision"] = f"{self.run_id} {self.figure.name} {sorted(self.options.items())}"
        return {"figure": figure, "key": key}

    def _key(self, study: Mapping[str, Any]) -> str:
        digest = hashlib.blake2b(
            repr((self.run_id, self.figure.name, self.options, self.canvas)).encode(), digest_size=12
        )
        _feed(digest, study)
        return digest.hexdigest()


def _feed(digest: hashlib.blake2b, value: Any) -> None:
    """Add a study to a fingerprint: two studies of equal content have the same one."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            digest.update(str(name).encode())
            _feed(digest, item)
    elif isinstance(value, list | tuple):
        digest.update(str(len(value)).encode())
        for item in value:
            _feed(digest, item)
    elif isinstance(value, np.ndarray):
        digest.update(f"{value.dtype}{value.shape}".encode())
        digest.update(np.ascontiguousarray(value).tobytes())
    else:
        digest.update(repr(value).encode())


def _read(run_id: str, name: object, raw: object) -> _Question:
    figure = find_figure(name)
    given = raw if isinstance(raw, Mapping) else {}
    theme, width = given.get("theme", "light"), given.get("width", USUAL)
    if not isinstance(theme, str) or theme not in PALETTES:
        raise FigureError(f"theme is {str(theme)[:40]!r}, but it must be light or dark.")
    if isinstance(width, bool) or not isinstance(width, int | float) or not NARROWEST <= width <= WIDEST:
        raise FigureError(f"width is {str(width)[:40]!r}, but it must lie between {NARROWEST} and {WIDEST} pixels.")
    return _Question(run_id, figure, read_options(figure, raw), Canvas(PALETTES[theme], int(width)))


async def figure_for(runner: Runner, run_id: str, name: object, options: object, have: object = None) -> Json:
    """`{"figure": {"data", "layout"}, "key"}`, `{"unchanged": true}` or `{"error": sentence}`, for the frame route.

    `options` comes from a browser and may be anything: the figure's own options, `theme` and `width` in pixels.
    """
    try:
        question = _read(run_id, name, options)
        name = question.figure.name
        study = await runner.async_study(run_id, name, question.first)
        steps = [await runner.async_study(run_id, name, wanted) for wanted in question.more(study)]
        return question.answer({**study, "steps": steps}, have)
    except (FigureError, RunnerError) as error:
        return {"error": str(error)}


def figure_now(runner: Runner, run_id: str, name: object, options: object, have: object = None) -> Json:
    """The same for a thread that may wait."""
    try:
        question = _read(run_id, name, options)
        study = runner.study(run_id, question.figure.name, question.first)
        steps = [runner.study(run_id, question.figure.name, wanted) for wanted in question.more(study)]
        return question.answer({**study, "steps": steps}, have)
    except (FigureError, RunnerError) as error:
        return {"error": str(error)}
