from __future__ import annotations

import numpy as np
import pytest

from playground.data.photos import (
    PHOTOS,
    fourier_features,
    load_painting,
    load_photo,
    peak_signal_to_noise,
    pixel_places,
)


@pytest.mark.parametrize("name", PHOTOS)
def test_photos_are_small_and_colourful(name: str) -> None:
    photo = load_photo(name)
    assert photo.dtype == np.uint8
    assert photo.shape[2] == 3
    assert photo.shape[0] == 64
    assert photo.shape[1] in (64, 96)
    assert photo.std() > 20


def test_a_painting_leads_from_places_to_colours_and_back() -> None:
    data = load_painting("chelsea", train_share=0.75, seed=2)
    assert data.X_train.shape == (4608, 2)
    assert data.X_test.shape == (1536, 2)
    assert data.y_train.shape == (4608, 3)
    assert data.y_train.dtype == np.float32
    assert data.y_train.min() >= 0
    assert data.y_train.max() <= 1
    assert np.abs(data.X_train).max() < 1
    pixels = np.concatenate([data.raw_train, data.raw_test])
    assert len(np.unique(pixels, axis=0)) == 64 * 96
    painted = np.zeros((64, 96, 3), dtype=np.float32)
    painted[tuple(data.raw_train.T)] = data.y_train
    painted[tuple(data.raw_test.T)] = data.y_test
    np.testing.assert_array_equal(data.paint(painted.reshape(-1, 3)), load_photo("chelsea"))
    assert data.all_pixels().shape == (6144, 2)
    assert data.all_pixels(2).shape == (4 * 6144, 2)
    np.testing.assert_array_equal(data.all_pixels()[96 * 10 + 5], pixel_places(64, 96)[10, 5])
    assert data.answer(np.array([1.2, 0.5, -1])) == "Colour red 255, green 128, blue 0"
    assert data.answer(np.array([np.nan, 0, 0])).startswith("No answer")


def test_the_places_are_the_middles_of_pixels() -> None:
    places = pixel_places(2, 4)
    np.testing.assert_allclose(places[0, :, 0], [-0.75, -0.25, 0.25, 0.75])
    np.testing.assert_allclose(places[:, 0, 1], [-0.5, 0.5])


def test_fourier_features_are_those_of_the_paper() -> None:
    places = pixel_places(5, 7).reshape(-1, 2)
    features = fourier_features(places, 8, 3.0, seed=1)
    B = 3.0 * np.random.default_rng(1).standard_normal((2, 8))
    unit = places / 2  # the paper's square has side 1
    expected = np.concatenate([np.cos(2 * np.pi * unit @ B), np.sin(2 * np.pi * unit @ B)], axis=1)
    np.testing.assert_allclose(features, expected, atol=1e-5)
    data = load_painting("rocket", train_share=0.5, seed=1, fourier=8)
    assert data.X_train.shape[1] == 16 == len(data.feature_names)
    np.testing.assert_array_equal(data.encode(places), features)


def test_fourier_features_let_least_squares_paint_sharper() -> None:
    """The point of the paper, with the simplest learner there is."""
    plain, fourier = (load_painting("coffee", train_share=0.8, seed=1, fourier=count) for count in (0, 48))
    quality = []
    for data in (plain, fourier):
        weights = np.linalg.lstsq(data.X_train, data.y_train, rcond=None)[0]
        quality.append(peak_signal_to_noise(data.X_test @ weights, data.y_test))
    assert quality[1] > quality[0] + 3


def test_noise_is_measured_in_decibels() -> None:
    assert peak_signal_to_noise(np.zeros(4), np.full(4, 0.1)) == pytest.approx(20)
    assert peak_signal_to_noise(np.ones(4), np.ones(4)) == np.inf
