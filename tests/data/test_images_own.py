from __future__ import annotations

import io
import struct
import time
import zlib
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from playground.data.images import IMAGES, load_images
from playground.data.images_own import MAX_PIXELS, decode_image, prepare_image
from tests.data.memory import added_megabytes

Pixels = NDArray[np.uint8]


def saved(pixels: Pixels | Image.Image, kind: str = "PNG", **options: object) -> bytes:
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def photographed(digit: Pixels, rng: np.random.Generator) -> Pixels:
    """A digit in grey ink somewhere on a page, with light from one side and the grain of a camera."""
    ink = np.zeros((420, 500))
    top, left = rng.integers(40, 150, 2)
    ink[top : top + 200, left : left + 200] = np.asarray(Image.fromarray(digit).resize((200, 200)), dtype=float) / 255
    light = 230 - 60 * np.linspace(0, 1, 500)[None] - 20 * np.linspace(0, 1, 420)[:, None]
    return np.clip(light * (1 - 0.75 * ink) + rng.normal(0, 4, ink.shape), 0, 255).astype(np.uint8)


@pytest.mark.parametrize(("name", "least"), [("mnist", 0.8), ("digits", 0.9)])
def test_photographed_digits_are_read_nearly_as_well_as_the_originals(
    name: str, least: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sklearn.neighbors import KNeighborsClassifier

    monkeypatch.setenv("PLAYGROUND_HOME", str(tmp_path))
    chosen, data = IMAGES[name], load_images(name, train_share=0.8, seed=1)
    judge = KNeighborsClassifier(3).fit(data.X_train.reshape(len(data.X_train), -1), data.y_train)
    rng = np.random.default_rng(0)
    photos = [
        decode_image(
            saved(photographed(raw, rng), "JPEG", quality=80), chosen.size, 1, chosen.invert, ink_box=chosen.ink_box
        )
        for raw in data.raw_test[:60]
    ]
    X = np.stack([data.encode(photo).ravel() for photo in photos])
    assert judge.score(X, data.y_test[:60]) > least


def test_ink_is_placed_as_in_mnist() -> None:
    page = np.full((300, 400), 255, dtype=np.uint8)
    page[40:240, 60:100] = 0  # a tall bar, left of the middle
    drawn = prepare_image(page, (28, 28), ink_box=20)
    rows, columns = np.flatnonzero(drawn.any(axis=1)), np.flatnonzero(drawn.any(axis=0))
    assert (rows[0], rows[-1]) == (4, 23)
    assert (columns[0], columns[-1]) == (12, 15)
    assert drawn.max() == 255
    assert drawn[0].max() == 0
    mass = (drawn.sum(axis=1) * (np.arange(28) + 0.5)).sum() / drawn.sum()
    assert mass == pytest.approx(14, abs=0.5)


def test_dark_on_bright_and_bright_on_dark_give_the_same() -> None:
    page = np.full((100, 100), 250, dtype=np.uint8)
    page[20:80, 45:55] = 10
    page[70:80, 30:70] = 10
    np.testing.assert_array_equal(
        prepare_image(page, (28, 28), ink_box=20), prepare_image(255 - page, (28, 28), ink_box=20)
    )


def test_invert_can_be_chosen() -> None:
    page = np.full((32, 32), 200, dtype=np.uint8)
    assert prepare_image(page, (8, 8), invert="no").max() == 200
    assert prepare_image(page, (8, 8), invert="auto").max() == 55
    assert prepare_image(255 - page, (8, 8), invert="auto").max() == 55
    assert prepare_image(255 - page, (8, 8), invert="yes").max() == 200


def test_an_empty_page_is_told() -> None:
    for level in (0, 128, 255):
        with pytest.raises(ValueError, match="no drawing"):
            prepare_image(np.full((90, 90), level, dtype=np.uint8), (28, 28), ink_box=20)


def test_transparent_parts_are_white() -> None:
    clear = np.zeros((40, 40, 4), dtype=np.uint8)
    clear[10:30, 18:22] = (0, 0, 0, 255)
    shape = decode_image(saved(clear), (28, 28), ink_box=20)
    assert shape[14, 14] > 200
    assert shape[0].max() == 0
    assert decode_image(saved(np.zeros((9, 9, 4), dtype=np.uint8)), (4, 4), 3, "no").min() == 255


def test_the_cameras_rotation_is_applied() -> None:
    pixels = np.zeros((60, 90, 3), dtype=np.uint8)
    pixels[:, :30] = 255  # white on the left
    exif = Image.Exif()
    exif[0x0112] = 6  # turn clockwise to see it upright: white on the top
    for kind in ("JPEG", "PNG", "WEBP"):
        upright = decode_image(saved(pixels, kind, exif=exif.tobytes()), (9, 6), 1, "no")
        assert upright[:2].min() > 200, kind
        assert upright[-3:].max() < 60, kind


def test_fit_crops_the_edges_or_adds_bars() -> None:
    pixels = np.full((50, 150), 100, dtype=np.uint8)
    pixels[:, 50:100] = 200
    assert prepare_image(pixels, (10, 10), invert="no").min() == 200
    barred = prepare_image(pixels, (12, 12), invert="no", fit="pad")
    assert barred[0].tolist() == [100] * 12
    assert barred[6].tolist() == [100] * 4 + [200] * 4 + [100] * 4


def test_grey_is_that_of_the_standard_and_colours_stay() -> None:
    rng = np.random.default_rng(0)
    colours = rng.integers(0, 256, (16, 16, 3), dtype=np.uint8)
    grey = decode_image(saved(colours), (16, 16), 1, "no").astype(int)
    np.testing.assert_allclose(grey, np.asarray(Image.fromarray(colours).convert("L"), dtype=int), atol=1)
    np.testing.assert_array_equal(decode_image(saved(colours), (16, 16), 3, "no"), colours)
    same = decode_image(saved(grey.astype(np.uint8)), (16, 16), 3, "no")
    assert np.all(same[..., 0] == same[..., 2])


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_mode_of_png_is_read(mode: str) -> None:
    image = Image.new(mode, (64, 48))
    assert decode_image(saved(image), (28, 28), 1, "no").shape == (28, 28)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "WEBP"])
def test_every_format_is_read(kind: str) -> None:
    pixels = np.zeros((64, 64), dtype=np.uint8)
    pixels[:, 32:] = 255
    halves = decode_image(saved(pixels, kind), (8, 8), 1, "no")
    assert halves[:, :3].max() < 30
    assert halves[:, 5:].min() > 225


def test_a_huge_photo_is_decoded_small() -> None:
    photo = saved(Image.new("RGB", (7000, 5000), (200, 10, 10)), "JPEG")
    assert added_megabytes(lambda: decode_image(photo, (28, 28), 3, "no")) < 50


def png_of(width: int, height: int, extra: bytes = b"") -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + extra + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


def bombs() -> dict[str, bytes]:
    text = b"key\0\0" + zlib.compress(bytes(900_000))
    chunk = struct.pack(">I", len(text)) + b"zTXt" + text + struct.pack(">I", zlib.crc32(b"zTXt" + text))
    return {
        "81 Mpx PNG": saved(Image.new("1", (9000, 9000))),
        "announced 4 Gpx PNG": png_of(65_000, 65_000),
        "announced 2 Gpx in a row": png_of(2_000_000_000, 1),
        "long strip": saved(Image.new("L", (2_000_000, 4))),
        "GIF": saved(Image.new("1", (5000, 4000)), "GIF"),
        "progressive JPEG": saved(Image.new("L", (5000, 5000)), "JPEG", progressive=True),
        "64 Mpx JPEG": saved(Image.new("L", (8000, 8000)), "JPEG"),
        "WebP": saved(Image.new("L", (3000, 1500)), "WEBP"),
        "PNG full of packed texts": png_of(10, 10, chunk * 60),
    }


def test_bombs_are_refused_before_they_unfold() -> None:
    decode_image(saved(Image.new("L", (30, 30))), (8, 8), 1, "no")  # so that Pillow itself is loaded
    for name, data in bombs().items():
        start = time.perf_counter()
        with pytest.raises(ValueError, match=r"Make it smaller|times the other|hidden texts"):
            decode_image(data, (28, 28))
        assert time.perf_counter() - start < 2, name
        assert added_megabytes(lambda data=data: decode_image(data, (28, 28))) < 20, name  # type: ignore[misc]


@pytest.mark.parametrize("mode", ["RGBA", "P", "I;16", "1"])
def test_the_largest_picture_fits_into_fifty_megabytes(mode: str) -> None:
    data = saved(Image.new(mode, (3000, MAX_PIXELS["PNG"] // 3000)))
    assert added_megabytes(lambda: decode_image(data, (28, 28), 1, "no")) < 50


def damaged_files() -> list[bytes]:
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (40, 40, 3), dtype=np.uint8)
    files = [b"", b"\0", b"hello", b"%PDF-1.4", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"a,b\n1,2\n"]
    files += [rng.integers(0, 256, size, dtype=np.uint8).tobytes() for size in (1, 10, 100, 10_000)]
    for kind in ("PNG", "JPEG", "GIF", "BMP", "WEBP"):
        whole = saved(noise, kind)
        files += [whole[: int(len(whole) * part)] for part in np.linspace(0, 0.95, 12)]
        for _ in range(40):
            broken = np.frombuffer(whole, dtype=np.uint8).copy()
            places = rng.integers(0, len(broken) if rng.random() < 0.5 else 60, 8)
            broken[places] = rng.integers(0, 256, 8)
            files.append(broken.tobytes())
    files += [saved(noise, kind) for kind in ("TIFF", "PPM", "ICO", "TGA")]
    return files


def test_damaged_files_give_a_picture_or_one_sentence() -> None:
    sentences: list[str] = []
    for data in damaged_files():
        start = time.perf_counter()
        try:
            image = decode_image(data, (28, 28), 3, "no")
        except ValueError as error:
            sentences.append(str(error))
        else:
            assert image.shape == (28, 28, 3)
            assert image.dtype == np.uint8
        assert time.perf_counter() - start < 2
    assert len(sentences) > 100
    assert all(sentence.endswith(".") and "\n" not in sentence for sentence in sentences)


def test_a_file_beyond_the_limit_is_refused() -> None:
    with pytest.raises(ValueError, match="at most 10 MB"):
        decode_image(bytes(10_000_001), (8, 8))


@pytest.mark.parametrize(
    "wrong", [np.zeros((5, 5)), np.zeros((5, 5, 2), np.uint8), np.zeros(5, np.uint8), np.zeros((0, 5), np.uint8)]
)
def test_an_array_that_is_no_drawing_is_refused(wrong: NDArray[np.generic]) -> None:
    with pytest.raises(ValueError, match="must be uint8"):
        prepare_image(wrong, (8, 8))
