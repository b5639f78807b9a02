"""Pictures that people draw, upload or photograph, made to look like those that a network has learned from."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from PIL.Image import Image

Invert = Literal["auto", "yes", "no"]
Pixels = NDArray[np.uint8]

MAX_BYTES = 10_000_000
# Pillow keeps 4 bytes a pixel, and these are counted before anything is decoded.
MAX_PIXELS = {"PNG": 8_400_000, "GIF": 9_000_000, "BMP": 9_000_000, "WEBP": 2_100_000, "JPEG": 60_000_000}
MAX_ANIMATED_WEBP = 1_200_000  # its decoder holds two pictures
MAX_PROGRESSIVE_BYTES = 37_000_000  # a progressive JPEG is held whole, even when it is decoded small
MAX_CANVAS = 4_000_000
MAX_STRETCH = 50
MAX_TEXT_CHUNKS = 20  # each of a PNG's packed texts may unfold to a megabyte

WORKING_SIZE = 384  # pixels: larger pictures are first made smaller
STRIP = 128  # rows that are converted together
LEAST_CONTRAST = 24  # of 255 levels, between ink and paper
FORMATS = "PNG, JPEG, WebP, GIF or BMP"


def decode_image(
    data: bytes,
    size: tuple[int, int],
    channels: int = 1,
    invert: Invert = "auto",
    *,
    ink_box: int | None = None,
    fit: Literal["crop", "pad"] = "crop",
    max_bytes: int = MAX_BYTES,
) -> Pixels:
    """Read a picture file as a network of this input reads it: (H, W) uint8, or (H, W, 3) for three channels.

    size: (H, W). invert: "auto" makes things bright on a dark ground, "yes" swaps dark and bright, "no" keeps them.
    ink_box: the picture shows ink on paper, such as a digit; it is cut out, scaled into so many pixels and centred.
    fit: what does not have the shape of `size` loses its edges ("crop") or gets bars ("pad").
    The size is looked at before decoding, the camera's rotation is applied, and transparent parts turn white.
    Raises: ValueError with one sentence if this is no picture that can be read.
    """
    pixels = _read(data, channels, max_bytes)
    return prepare_image(pixels, size, channels, invert, ink_box=ink_box, fit=fit)


def _read(data: bytes, channels: int, max_bytes: int) -> Pixels:
    """Decode a file: (H, W) or (H, W, 3) uint8, already small; what it was decoded to is gone by then."""
    image = _open(data, max_bytes)
    try:
        return _upright(image, channels)
    except Exception as error:  # Pillow's decoders raise anything, from struct.error to SyntaxError
        raise ValueError(
            "The picture is damaged or incomplete, so it cannot be read. Save it again as PNG, or choose another one."
        ) from error


def small_copy(data: bytes) -> bytes:
    """Write a picture file as a small JPEG file, whose shorter side keeps at least 384 pixels where it had them.

    Raises: ValueError with one sentence if this is no picture that can be read.
    """
    import PIL.Image

    file = BytesIO()
    PIL.Image.fromarray(_read(data, 3, MAX_BYTES)).save(file, "JPEG", quality=95, subsampling=0)
    return file.getvalue()


def prepare_image(
    pixels: NDArray[Any],
    size: tuple[int, int],
    channels: int = 1,
    invert: Invert = "auto",
    *,
    ink_box: int | None = None,
    fit: Literal["crop", "pad"] = "crop",
) -> Pixels:
    """Do the same for pixels from a canvas: (H, W), (H, W, 3), or (H, W, 4) with transparency, uint8."""
    pixels = np.asarray(pixels)
    shape = pixels.shape
    if pixels.dtype != np.uint8 or len(shape) not in (2, 3) or 0 in shape or shape[2:] not in ((), (3,), (4,)):
        raise ValueError(
            f"The drawing is an array of shape {shape} and type {pixels.dtype}, but it must be uint8 of (H, W), "
            "(H, W, 3) or (H, W, 4). Send the canvas as it is."
        )
    if shape[0] * shape[1] > MAX_CANVAS:
        raise ValueError(
            f"The drawing has {shape[1]:,} x {shape[0]:,} pixels, but at most {MAX_CANVAS / 1e6:.0f} million fit. "
            "Send a smaller one."
        )
    pixels = _colours(pixels, channels)
    if ink_box is not None:
        grey = pixels if pixels.ndim == 2 else _colours(pixels, 1)
        return _place_ink(_ink(_shrink(grey), invert), size, ink_box)
    framed = _frame(pixels, size, fit)
    if invert == "yes" or (invert == "auto" and _is_bright(framed)):
        framed = 255 - framed
    return framed


def _open(data: bytes, max_bytes: int) -> Image:
    """Read the header alone, and refuse what would be too large to decode."""
    import PIL.Image

    if len(data) > max_bytes:
        raise ValueError(
            f"The picture has {len(data) / 1e6:.0f} MB, but at most {max_bytes / 1e6:.0f} MB fit. Make it smaller."
        )
    if data.count(b"zTXt") + data.count(b"iTXt") > MAX_TEXT_CHUNKS:
        raise ValueError("The picture carries too many hidden texts. Save it again without them.")
    try:
        image = PIL.Image.open(BytesIO(data), formats=tuple(MAX_PIXELS))
        width, height = image.size
        kind = "JPEG" if image.format == "MPO" else str(image.format)
        limit = _most_pixels(image, kind)
    except (PIL.Image.DecompressionBombError, PIL.Image.DecompressionBombWarning) as error:
        raise ValueError("The picture has far more pixels than can be read. Make it smaller.") from error
    except Exception as error:  # as above
        raise ValueError(
            f"This file is not a picture that can be read. Choose a picture in the format {FORMATS}."
        ) from error
    if not 0 < width * height <= limit:
        raise ValueError(
            f"The picture has {width:,} x {height:,} pixels, but a {kind} may have at most {limit / 1e6:.0f} million. "
            "Make it smaller."
        )
    if max(width, height) > MAX_STRETCH * min(width, height):
        raise ValueError(
            f"The picture has {width:,} x {height:,} pixels, but one side may be at most {MAX_STRETCH} times "
            "the other. Cut out the part that matters."
        )
    return image


def _most_pixels(image: Image, kind: str) -> int:
    """How many pixels a picture of this kind may have, so that decoding it takes at most some 40 MB."""
    if kind == "WEBP" and getattr(image, "is_animated", False):
        return MAX_ANIMATED_WEBP
    if not image.info.get("progressive"):
        return MAX_PIXELS[kind]
    layers = [(across, down) for _, across, down, *_ in getattr(image, "layer", ())] or [(1, 1)]
    finest = max(across for across, _ in layers) * max(down for _, down in layers)
    numbers = sum(across * down for across, down in layers) / finest  # a pixel, of 2 bytes each
    return int(MAX_PROGRESSIVE_BYTES / (2 * numbers))


def _upright(image: Image, channels: int) -> Pixels:
    """Decode as small as possible, turn as the camera was held, and put it on white: (H, W) or (H, W, 3) uint8."""
    import PIL.Image
    import PIL.ImageOps

    if image.format in ("JPEG", "MPO"):
        image.draft("RGB", (WORKING_SIZE, WORKING_SIZE))  # the decoder itself leaves out up to 63 of 64 pixels
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        step = max(min(image.size) // WORKING_SIZE, 1)
        few = image.resize((max(image.width // step, 1), max(image.height // step, 1)), PIL.Image.Resampling.NEAREST)
        levels = np.asarray(few).astype(np.float32)
        low, high = float(np.nanmin(levels)), float(np.nanmax(levels))
        image = PIL.Image.fromarray(((levels - low) * (255 / max(high - low, 1e-9))).astype(np.uint8))
    has_alpha = image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info
    factor = max(min(image.size) // WORKING_SIZE, 1)
    if image.mode not in ("L", "RGB", "RGBA"):
        image = _converted(image, "RGBA" if has_alpha else "RGB", factor)
    elif factor > 1:
        image = image.reduce(factor)
    if max(image.size) > 4 * WORKING_SIZE:  # a long strip
        scale = 4 * WORKING_SIZE / max(image.size)
        image = image.resize((max(round(image.width * scale), 1), max(round(image.height * scale), 1)))
    image = PIL.ImageOps.exif_transpose(image)
    if has_alpha:
        image = image.convert("RGBA")
    return _colours(np.asarray(image), channels)


def _converted(image: Image, mode: str, factor: int) -> Image:
    """Convert and reduce strip by strip, so that no second picture of that size is ever there."""
    import PIL.Image

    width, height = image.size
    small = PIL.Image.new(mode, (-(-width // factor), -(-height // factor)))
    rows = factor * max(1, STRIP // factor)
    for top in range(0, height, rows):
        strip = image.crop((0, top, width, min(top + rows, height)))
        if "transparency" in image.info:
            strip.info["transparency"] = image.info["transparency"]
        small.paste(strip.convert(mode).reduce(factor), (0, top // factor))
    return small


def _colours(pixels: Pixels, channels: int) -> Pixels:
    """Put transparent pixels on white, and keep shades of grey or three colours."""
    if pixels.ndim == 3 and pixels.shape[2] == 4:
        alpha = pixels[..., 3:].astype(np.float32) / 255
        pixels = np.rint(pixels[..., :3] * alpha + 255 * (1 - alpha)).astype(np.uint8)
    if channels == 1 and pixels.ndim == 3:
        pixels = np.rint(pixels @ np.array([0.299, 0.587, 0.114])).astype(np.uint8)  # ITU-R BT.601, as Pillow does
    if channels == 3 and pixels.ndim == 2:
        pixels = np.repeat(pixels[..., None], 3, axis=2)
    return pixels


def _frame(pixels: Pixels, size: tuple[int, int], fit: Literal["crop", "pad"]) -> Pixels:
    """Bring a picture to the shape and the size that the network reads."""
    height, width = pixels.shape[:2]
    if fit == "crop":
        scale = min(height / size[0], width / size[1])
        rows, columns = max(round(size[0] * scale), 1), max(round(size[1] * scale), 1)
        top, left = (height - rows) // 2, (width - columns) // 2
        return _resize(pixels[top : top + rows, left : left + columns], size)
    scale = min(size[0] / height, size[1] / width)
    inner = max(round(height * scale), 1), max(round(width * scale), 1)
    ground = np.median(_border(pixels), axis=0).astype(np.uint8)
    framed = np.empty((*size, *pixels.shape[2:]), dtype=np.uint8)
    framed[:] = ground
    top, left = (size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2
    framed[top : top + inner[0], left : left + inner[1]] = _resize(pixels, inner)
    return framed


def _resize(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    import PIL.Image

    enlarged = size[0] > pixels.shape[0] or size[1] > pixels.shape[1]
    method = PIL.Image.Resampling.BILINEAR if enlarged else PIL.Image.Resampling.BOX
    return np.asarray(PIL.Image.fromarray(np.ascontiguousarray(pixels)).resize((size[1], size[0]), method))


def _shrink(pixels: Pixels) -> Pixels:
    factor = max(pixels.shape) // WORKING_SIZE
    if factor < 2:
        return pixels
    return _resize(pixels, (max(pixels.shape[0] // factor, 1), max(pixels.shape[1] // factor, 1)))


def _border(pixels: Pixels) -> Pixels:
    """The outermost pixels: (P,) or (P, C)."""
    sides = pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]
    return np.concatenate(sides)


def _is_bright(pixels: Pixels) -> bool:
    return float(np.median(_border(pixels))) > 127


def _ink(grey: Pixels, invert: Invert) -> NDArray[np.float32]:
    """Measure the ink: (H, W) from 0 for paper to 1 for ink, with the shadow of a hand or a lamp taken away.

    The paper is a plane through the pixels near the border, which follows light that falls in from one side.
    """
    height, width = grey.shape
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    edge = max(min(height, width) // 12, 1)
    near = np.ones((height, width), dtype=bool)
    near[edge:-edge, edge:-edge] = False
    plane = np.stack([np.ones_like(rows), rows / height, columns / width], axis=2)  # (H, W, 3)
    brightness = grey.astype(np.float32)
    middle = np.median(brightness[near])
    near &= np.abs(brightness - middle) < 60  # ink that touches the border is not paper
    paper = plane @ np.linalg.lstsq(plane[near], brightness[near], rcond=None)[0]
    darker = paper - brightness
    if invert == "no" or (invert == "auto" and -darker.min() > darker.max()):
        darker = -darker  # bright ink on dark paper, as a network sees it
    darkest = float(np.quantile(darker, 0.995)) if darker.size > 4000 else float(darker.max())
    darkest = max(darkest, 0.6 * float(darker.max()))  # a small drawing covers less than that
    if darkest < LEAST_CONTRAST:
        raise ValueError(
            "There is no drawing in this picture: all of it is nearly equally bright. "
            "Draw with a thick dark pen on white, or photograph it in better light."
        )
    ink: NDArray[np.float32] = np.clip(darker / darkest, 0, 1).astype(np.float32)
    ink[ink < 0.25] = 0  # the grain of paper
    return ink


def _place_ink(ink: NDArray[np.float32], size: tuple[int, int], box: int) -> Pixels:
    """Cut the drawing out, scale it into the box, and put its centre of mass into the middle, inside the picture.

    Source: MNIST's normalisation, http://yann.lecun.com/exdb/mnist/
    """
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    cut = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = box / max(cut.shape)
    inner = max(round(cut.shape[0] * scale), 1), max(round(cut.shape[1] * scale), 1)
    small = _resize(np.rint(cut * 255).astype(np.uint8), inner).astype(np.float32)
    small *= 255 / max(float(small.max()), 1.0)  # a thin stroke has become pale
    mass = small.sum()
    centre = [float((small.sum(axis=1 - axis) * (np.arange(inner[axis]) + 0.5)).sum() / mass) for axis in (0, 1)]
    start = [min(max(round(size[axis] / 2 - centre[axis]), 0), size[axis] - inner[axis]) for axis in (0, 1)]
    placed = np.zeros(size, dtype=np.uint8)
    placed[start[0] : start[0] + inner[0], start[1] : start[1] + inner[1]] = np.rint(small).astype(np.uint8)
    return placed
