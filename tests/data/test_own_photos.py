from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
import PIL.Image
import pytest
import torch
from torch.nn import functional as F

from playground.data.own_photos import (
    MOST_PHOTOS,
    SIDE,
    PhotoClass,
    check_name,
    jpeg_of,
    keep_photo,
    pack_photos,
    pixels_of,
    raw_photos,
    unpack_photos,
    what_is_missing,
)
from tests.data.memory import added_megabytes


def smooth(height: int, width: int) -> np.ndarray:
    """Slow waves in three colours, which no way of resizing changes much."""
    rows, columns = np.mgrid[0:height, 0:width] / max(height, width)
    waves = [np.sin(6 * rows), np.cos(5 * columns), np.sin(4 * (rows + columns))]
    return np.rint(127 + 100 * np.stack(waves, axis=2)).astype(np.uint8)


def written(pixels: np.ndarray, form: str, mode: str | None = None, **options: Any) -> bytes:
    file = BytesIO()
    image = PIL.Image.fromarray(pixels)
    (image.convert(mode) if mode else image).save(file, form, **options)
    return file.getvalue()


def seen(data: bytes) -> np.ndarray:
    return pixels_of(keep_photo(data))


@pytest.mark.parametrize("size", [(224, 224), (600, 450), (300, 900), (120, 100), (1500, 1100)])
def test_the_middle_is_cut_out_and_resized_as_torch_does(size: tuple[int, int]) -> None:
    pixels = smooth(*size)
    side = min(size)
    top, left = (size[0] - side) // 2, (size[1] - side) // 2
    middle = torch.from_numpy(pixels[top : top + side, left : left + side]).permute(2, 0, 1)[None].float()
    expected = F.interpolate(middle, (SIDE, SIDE), mode="bilinear", antialias=True)[0].permute(1, 2, 0).numpy()
    found = seen(written(pixels, "PNG"))
    assert (found.shape, found.dtype) == ((SIDE, SIDE, 3), np.uint8)
    assert np.abs(found - expected).mean() < 1.0
    assert np.abs(found - expected).max() < 8


def test_what_is_kept_of_a_photo_is_read_as_it_was_but_for_little() -> None:
    pixels = smooth(SIDE, SIDE)
    again = pixels_of(jpeg_of(pixels))
    assert np.abs(again.astype(int) - pixels).max() < 8
    assert len(jpeg_of(pixels)) < 60_000


def test_photos_of_every_make_are_read() -> None:
    pixels = smooth(300, 300)
    usual = seen(written(pixels, "PNG")).astype(int)
    frames = [PIL.Image.fromarray(np.full((300, 300, 3), level, np.uint8)) for level in (200, 10)]
    animated = BytesIO()
    frames[0].save(animated, "GIF", save_all=True, append_images=frames[1:])
    assert np.abs(seen(animated.getvalue()).astype(int) - 200).max() < 6, "the first picture of an animation"
    assert np.abs(seen(written(pixels, "JPEG", "CMYK", quality=95)) - usual).mean() < 4
    assert np.abs(seen(written(pixels, "WEBP", quality=95)) - usual).mean() < 6
    assert np.abs(seen(written(pixels, "PNG", "P")) - usual).mean() < 16, "dithered in 216 colours"
    grey = np.linspace(0, 65_535, 300 * 300).reshape(300, 300).astype(np.uint16)
    deep = seen(written(grey, "PNG"))
    assert np.all(deep[0] < 20)
    assert np.all(deep[-1] > 235)


def test_a_turned_camera_and_clear_pixels() -> None:
    pixels = np.zeros((200, 400, 3), np.uint8)
    pixels[:, 100:200] = 255  # bright on the left of the middle
    exif = PIL.Image.Exif()
    exif[274] = 6  # the camera was held so that the left side is the top
    assert b"Exif" not in keep_photo(written(pixels, "JPEG", exif=exif.tobytes())), "nothing is kept of its file"
    turned = seen(written(pixels, "JPEG", exif=exif.tobytes(), quality=95))
    assert turned[20].mean() > 200
    assert turned[-20].mean() < 50
    clear = np.zeros((50, 50, 4), np.uint8)
    assert np.all(seen(written(clear, "PNG")) > 250), "transparent is white"
    palette = PIL.Image.new("P", (50, 50), 1)
    palette.putpalette([0, 0, 0, 9, 9, 9])
    file = BytesIO()
    palette.save(file, "PNG", transparency=1)
    assert np.all(seen(file.getvalue()) > 250)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "not a picture"),
        (b"\x89PNG\r\n\x1a\n but nothing else", "not a picture"),
        (b"PK\x03\x04" + bytes(500), "not a picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a picture"),
        (written(smooth(300, 300), "JPEG")[:3_000], "damaged or incomplete"),
        (written(smooth(300, 300), "PNG")[:3_000], "damaged or incomplete"),
        (written(np.zeros((3, 300, 3), np.uint8), "PNG"), "at most 50 times"),
        (bytes(10_000_001), "at most 10 MB"),
    ],
)
def test_what_is_no_photo_gets_a_sentence(data: bytes, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        keep_photo(data)


def test_a_bomb_is_not_decoded() -> None:
    bomb = written(np.zeros((12_000, 12_000), np.uint8), "PNG")
    assert len(bomb) < 200_000
    with pytest.raises(ValueError, match="pixels"):
        keep_photo(bomb)
    assert added_megabytes(lambda: keep_photo(bomb)) < 10


def test_a_large_photo_takes_little_memory() -> None:
    large = written(np.kron(smooth(300, 400), np.ones((10, 10, 1), np.uint8)), "JPEG", quality=85)
    assert added_megabytes(lambda: keep_photo(large)) < 50


def classes(*counts: int) -> list[PhotoClass]:
    rng = np.random.default_rng(1)
    photo = [jpeg_of(np.full((SIDE, SIDE, 3), int(level), np.uint8)) for level in rng.permutation(250)[: max(counts)]]
    return [PhotoClass(f"thing {i}", tuple(photo[:count])) for i, count in enumerate(counts)]


def test_classes_are_packed_and_unpacked() -> None:
    made = classes(2, 3)
    content = pack_photos(made)
    assert list(unpack_photos(content)) == made
    assert pack_photos(made) == content, "equal photos have an equal key"
    raw = raw_photos(made)
    assert raw.photos.shape == (5, SIDE, SIDE, 3)
    assert raw.labels.tolist() == [0, 0, 1, 1, 1]
    assert raw.class_names == ("thing 0", "thing 1")
    np.testing.assert_array_equal(raw.photos[2], raw.photos[0])


@pytest.mark.parametrize("content", [b"", b"x" * 99, b"PK\x03\x04", pack_photos(classes(2, 2))[:-400]])
def test_what_is_not_packed_photos_gets_a_sentence(content: bytes) -> None:
    with pytest.raises(ValueError, match="not on this server"):
        unpack_photos(content)


def test_damaged_photos_get_a_sentence() -> None:
    with pytest.raises(ValueError, match="not on this server"):
        raw_photos([PhotoClass("a", (b"x", b"y")), PhotoClass("b", (b"x", b"y"))])
    small = BytesIO()
    PIL.Image.new("RGB", (9, 9)).save(small, "JPEG")
    with pytest.raises(ValueError, match="not on this server"):
        pixels_of(small.getvalue())


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        ((5,), "There is 1 class, but 2 to 10 can be told apart."),
        ((2,) * 11, "There are 11 classes"),
        ((5, 1), "thing 1 has 1 photo, but each class needs at least 2"),
        ((0, 5), "thing 0 has no photos"),
        ((100, 21), f"There are 121 photos, but at most {MOST_PHOTOS} fit"),
        ((100, 20), None),
        ((2, 2), None),
    ],
)
def test_what_is_missing_is_said(counts: tuple[int, ...], sentence: str | None) -> None:
    found = what_is_missing(classes(*counts))
    if sentence is None:
        assert found is None
        return
    assert found is not None
    assert found.startswith(sentence)
    with pytest.raises(ValueError, match=r"class|photos"):
        pack_photos(classes(*counts))


def test_names_of_classes() -> None:
    assert check_name("  my   cup ", []) == "my cup"
    for wrong in ("", "   ", "x" * 25, "a\x00b"):
        with pytest.raises(ValueError, match="1 to 24 letters"):
            check_name(wrong, [])
    with pytest.raises(ValueError, match="already a class cup"):
        check_name("cup ", ["cup"])
