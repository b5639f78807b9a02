"""The map of an embedding: tokens that the network treats alike lie near each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from playground.figures.arrays import packed
from playground.figures.layout import MODEBAR, Canvas, Json, axis, base_layout

WRITTEN, WRITTEN_NARROW = 150, 60  # names that fit without covering each other too much


def embedding_figure(study: Mapping[str, Any], options: Mapping[str, str], canvas: Canvas) -> Json:
    """Every token at its place; the chosen one and its nearest neighbours stand out."""
    palette = canvas.palette
    places = np.asarray(study["places"], dtype=np.float32).reshape(-1, 2)
    names = [visible(str(token)) for token in study["tokens"]]
    chosen = study.get("chosen")
    near = [int(i) for i in study["neighbours"]]
    marked = {*near, *([chosen] if chosen is not None else [])}
    rest = [i for i in range(len(names)) if i not in marked]
    most = WRITTEN_NARROW if canvas.narrow else WRITTEN
    data = [_tokens("tokens", rest, places, names, palette.muted, write=min(most, len(rest)), faint=bool(marked))]
    if chosen is not None:
        data.append(_tokens("neighbours", near, places, names, palette.positive, write=len(near)))
        data.append(_tokens(names[chosen], [chosen], places, names, palette.negative, write=1))
    layout = base_layout(canvas, top=MODEBAR, left=48, bottom=40)
    flat = int(study["width"]) <= 2
    layout["xaxis"] = axis(canvas, "first number" if flat else "first principal component", constrain="domain")
    layout["yaxis"] = axis(
        canvas, "second number" if flat else "second principal component", scaleanchor="x", constrain="domain"
    )
    layout["annotations"].append(
        {
            "text": _caption(study, names, near),
            "x": 0,
            "y": 1,
            "xref": "paper",
            "yref": "paper",
            "xanchor": "left",
            "yanchor": "bottom",
            "showarrow": False,
            "align": "left",
            "yshift": 3,
        }
    )
    return {"data": data, "layout": layout}


def visible(token: str) -> str:
    """A token as text that can be seen and that Plotly does not take for markup."""
    token = "␣" if token == " " else token
    return token.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _tokens(
    name: str, indices: list[int], places: Any, names: list[str], colour: str, *, write: int, faint: bool = False
) -> Json:
    spots = places[indices]
    written = [names[i] if k < write else "" for k, i in enumerate(indices)]
    return {
        "type": "scatter",
        "mode": "markers+text",
        "name": name,
        "x": packed(spots[:, 0]),
        "y": packed(spots[:, 1]),
        "text": written,
        "hovertext": [names[i] for i in indices],
        "textposition": "top center",
        "textfont": {"size": 12, "color": colour} if not faint else {"size": 11, "color": colour},
        "marker": {"size": 5 if faint else 7, "color": colour, "opacity": 0.5 if faint else 0.9},
        "hovertemplate": "<b>%{hovertext}</b><br>%{x:.3f}, %{y:.3f}<extra></extra>",
    }


def _caption(study: Mapping[str, Any], names: list[str], near: list[int]) -> str:
    if study.get("note"):
        return str(study["note"])
    if near:
        alike = zip(near[:5], study["similarity"], strict=False)
        listed = ", ".join(f"{names[i]} ({float(cosine):.2f})" for i, cosine in alike)
        return f"Nearest to <b>{names[int(study['chosen'])]}</b> (cosine): {listed}"
    width, share = int(study["width"]), float(study["share"])
    shown = f"{len(names):,} of {int(study['vocabulary']):,} tokens"
    return shown if width <= 2 else f"{shown} · {100 * share:.0f} % of the variance of {width} numbers"
