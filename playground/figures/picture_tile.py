"""Small pictures of the picture sets and of the texts, for the buttons that choose them."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from html import escape
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from playground.data.cache import Arrays, cached_arrays
from playground.data.images import IMAGES
from playground.data.photos import load_photo
from playground.data.transfer import PIECES_EACH, load_pieces
from playground.experiment.images import PAINT, PAINTINGS, TRANSFERS
from playground.figures.tile import CLASS_COLOURS

_VERSION = 1
_SIDE = 72  # pixels, twice those on the page
_GREY = "#8a8f9c"  # to be seen on light and on dark


@cache
def picture_tile(name: str) -> str:
    """Some pictures of a set, or the photo that is painted, as a ``data:`` address."""
    if name == "own":
        return _svg(_CAMERA)
    if name in IMAGES and IMAGES[name].download:
        return _svg(_SHIRT if "fashion" in name else _DIGIT)
    try:
        pixels = cached_arrays(f"tile-{name}", _VERSION, lambda: _make(name))["pixels"]
    except ValueError:  # the package with the pictures is not installed, which the page says where it matters
        return _svg("")
    return _encoded(pixels.astype(np.uint8, copy=False), "PNG" if name in IMAGES else "JPEG")


@cache
def text_tile(first: str, second: str) -> str:
    """Two short texts in the colours of two classes."""
    lines = zip((first, second), (13, 27), CLASS_COLOURS, strict=False)
    style = 'font-family="ui-sans-serif, system-ui, sans-serif" font-weight="600" text-anchor="middle"'
    return _svg(
        "".join(
            f'<text x="26" y="{y}" fill="{colour}" font-size="{min(12, 78 / max(len(text), 1)):.1f}" {style}>'
            f"{escape(text)}</text>"
            for text, y, colour in lines
        ),
        (52, 34),
    )


def _make(name: str) -> Arrays:
    if name in PAINTINGS:
        photo = load_photo(name.removeprefix(PAINT))
        return {"pixels": _resized(photo, (48, round(48 * photo.shape[1] / photo.shape[0])))}
    if name in TRANSFERS:
        pieces = load_pieces().photos[: 4 * PIECES_EACH : PIECES_EACH]
        small = [_resized(piece, (_SIDE // 2, _SIDE // 2)) for piece in pieces]
        return {"pixels": np.vstack([np.hstack(small[:2]), np.hstack(small[2:])])}
    raw = IMAGES[name].load(None)
    side = raw.images.shape[1]
    across = 3 if side < 16 else 2
    return {"pixels": _mosaic(raw.images[_one_a_class(raw.labels, across * across)], across)}


def _one_a_class(labels: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Places of `count` pictures: the first of each class, then of the classes again, further on in the set."""
    classes = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    chosen = [places[turn * len(places) // count] for turn in range(count) for places in classes]
    return np.array(chosen[:count])


def _mosaic(images: NDArray[np.uint8], across: int) -> NDArray[np.uint8]:
    """Lay pictures (N, H, W) out in rows with a gap between them, each pixel a square of whole pixels."""
    scale = max(round(_SIDE / across / images.shape[1]), 1)
    large = np.kron(images, np.ones((1, scale, scale), np.uint8))
    framed = np.pad(large, ((0, 0), (1, 1), (1, 1)), constant_values=128)
    rows = [np.concatenate(list(framed[i : i + across]), axis=1) for i in range(0, len(framed), across)]
    mosaic: NDArray[np.uint8] = np.concatenate(rows)
    return mosaic


def _resized(pixels: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    import PIL.Image

    return np.asarray(PIL.Image.fromarray(pixels).resize((size[1], size[0]), PIL.Image.Resampling.LANCZOS))


def _encoded(pixels: NDArray[np.uint8], form: str) -> str:
    import PIL.Image

    file = BytesIO()
    PIL.Image.fromarray(pixels).save(file, form, optimize=True)
    return f"data:image/{form.lower()};base64,{b64encode(file.getvalue()).decode()}"


def _svg(body: str, size: tuple[int, int] = (34, 34)) -> str:
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size[0]} {size[1]}">{body}</svg>'
    return "data:image/svg+xml;base64," + b64encode(drawing.encode()).decode()


_ARROW = f'<path d="M17 22 V31 M13 27.5 L17 31.5 L21 27.5" fill="none" stroke="{_GREY}" stroke-width="1.8"/>'
_DIGIT = (
    f'<path d="M11.5 4 H22.5 L15.5 19" fill="none" stroke="{_GREY}" stroke-width="2.6" stroke-linejoin="round" '
    f'stroke-linecap="round"/>{_ARROW}'
)
_CAMERA = (
    f'<path d="M4 10 H11 L13.5 6 H20.5 L23 10 H30 V28 H4 Z" fill="none" stroke="{_GREY}" stroke-width="2" '
    f'stroke-linejoin="round"/><circle cx="17" cy="18.5" r="5.2" fill="none" stroke="{_GREY}" stroke-width="2"/>'
)
_SHIRT = (
    f'<path d="M12 3 L5 7 L7.5 11.5 L10 10 V20 H24 V10 L26.5 11.5 L29 7 L22 3 Q17 7 12 3 Z" fill="none" '
    f'stroke="{_GREY}" stroke-width="1.8" stroke-linejoin="round"/>{_ARROW}'
)
