"""Own photos: a few classes with a few photos each, all made alike, and kept together under one key.

A photo is cut to a square of 224 x 224 pixels and kept as a JPEG file; what is learned and shown are its pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from playground.data.images_own import MAX_BYTES, decode_image
from playground.data.own_points import show
from playground.data.own_store import MISSING

SIDE = 224
"""Pixels, as EfficientNet-Lite0 was trained."""
FEWEST_CLASSES, MOST_CLASSES = 2, 10
FEWEST_A_CLASS = 2
"""One to learn from, and one to be tested with."""
MOST_PHOTOS = 120
"""Of all classes together: five seconds of the frozen network."""
MAX_NAME = 24
"""Letters of a class."""

_QUALITY = 95  # of 100: what is lost cannot be seen


@dataclass(frozen=True)
class PhotoClass:
    """A class, and its photos as `keep_photo` made them."""

    name: str
    photos: tuple[bytes, ...] = ()


@dataclass(frozen=True, eq=False)
class RawPhotos:
    """photos: (N, 224, 224, 3) uint8; labels: (N,) int64, the place of each photo's class in class_names."""

    photos: NDArray[np.uint8]
    labels: NDArray[np.int64]
    class_names: tuple[str, ...]


def keep_photo(data: bytes, max_bytes: int = MAX_BYTES) -> bytes:
    """Read a picture file of any size and shape, and make a JPEG file of its middle, 224 x 224 pixels.

    Raises: ValueError with one sentence if this is no picture that can be read.
    """
    return jpeg_of(decode_image(data, (SIDE, SIDE), channels=3, invert="no", max_bytes=max_bytes))


def jpeg_of(pixels: NDArray[np.uint8]) -> bytes:
    """Write pixels (224, 224, 3) as a JPEG file."""
    import PIL.Image

    file = BytesIO()
    PIL.Image.fromarray(pixels).save(file, "JPEG", quality=_QUALITY, subsampling=0)
    return file.getvalue()


def pixels_of(photo: bytes) -> NDArray[np.uint8]:
    """Read what `keep_photo` wrote: (224, 224, 3) uint8."""
    import PIL.Image

    with PIL.Image.open(BytesIO(photo), formats=("JPEG",)) as image:
        if image.size != (SIDE, SIDE):
            raise ValueError(MISSING)
        return np.asarray(image.convert("RGB"))


def check_name(name: str, others: Sequence[str]) -> str:
    """Take the name of a class.

    Raises: ValueError with one sentence if it is empty, too long, or another class has it.
    """
    name = " ".join(name.split())
    if not name or len(name) > MAX_NAME or not name.isprintable():
        raise ValueError(f"The name is {show(name)}, but it must have 1 to {MAX_NAME} letters. Try cup.")
    if name in others:
        raise ValueError(f"There is already a class {name}. Give this one another name.")
    return name


def what_is_missing(classes: Sequence[PhotoClass]) -> str | None:
    """The one sentence of what has to be done before a network can learn these classes; None if nothing has to."""
    if not FEWEST_CLASSES <= len(classes) <= MOST_CLASSES:
        there = "There is 1 class" if len(classes) == 1 else f"There are {len(classes)} classes"
        return f"{there}, but {FEWEST_CLASSES} to {MOST_CLASSES} can be told apart."
    for kind in classes:
        if len(kind.photos) < FEWEST_A_CLASS:
            return (
                f"{kind.name} has {_count(len(kind.photos))}, but each class needs at least {FEWEST_A_CLASS}: one to "
                "learn from, and one to be tested with."
            )
    total = sum(len(kind.photos) for kind in classes)
    if total > MOST_PHOTOS:
        return f"There are {total} photos, but at most {MOST_PHOTOS} fit. Take some away."
    return None


def pack_photos(classes: Sequence[PhotoClass]) -> bytes:
    """Write classes with their photos as one file, equal ones as equal files.

    Raises: ValueError with one sentence if there are too few or too many.
    """
    if problem := what_is_missing(classes):
        raise ValueError(problem)
    photos = [photo for kind in classes for photo in kind.photos]
    file = BytesIO()
    np.savez(
        file,
        names=np.array([kind.name for kind in classes]),
        counts=np.array([len(kind.photos) for kind in classes]),
        sizes=np.array([len(photo) for photo in photos]),
        files=np.frombuffer(b"".join(photos), dtype=np.uint8),
    )
    return file.getvalue()


def unpack_photos(content: bytes) -> tuple[PhotoClass, ...]:
    """Read what `pack_photos` wrote.

    Raises: ValueError with one sentence if it is something else.
    """
    try:
        with np.load(BytesIO(content), allow_pickle=False) as archive:
            names, counts, sizes = (archive[name].tolist() for name in ("names", "counts", "sizes"))
            files: bytes = archive["files"].tobytes()
        ends = np.cumsum(sizes).tolist()
        photos = [files[end - size : end] for end, size in zip(ends, sizes, strict=True)]
        last = np.cumsum(counts).tolist()
        return tuple(
            PhotoClass(str(name), tuple(photos[end - count : end]))
            for name, count, end in zip(names, counts, last, strict=True)
        )
    except Exception as error:  # an upload of another kind, whose key somebody put into the link
        raise ValueError(MISSING) from error


def raw_photos(classes: Sequence[PhotoClass]) -> RawPhotos:
    """Decode all photos of some classes.

    Raises: ValueError with one sentence if there are too few, or they are damaged.
    """
    if problem := what_is_missing(classes):
        raise ValueError(problem)
    try:
        photos = np.stack([pixels_of(photo) for kind in classes for photo in kind.photos])
    except Exception as error:  # as in `unpack_photos`
        raise ValueError(MISSING) from error
    labels = np.repeat(np.arange(len(classes)), [len(kind.photos) for kind in classes])
    return RawPhotos(photos, labels, tuple(kind.name for kind in classes))


def _count(photos: int) -> str:
    return "1 photo" if photos == 1 else f"{photos or 'no'} photos"
