from __future__ import annotations

import time

import numpy as np
import pytest

from playground.data.sequences import SEQUENCES, load_sequences, signals


@pytest.mark.parametrize("name", SEQUENCES)
def test_shapes_balance_and_seeds(name: str) -> None:
    first, second, other = (load_sequences(name, train_share=0.8, seed=seed, samples=500) for seed in (1, 1, 2))
    assert first.X_train.shape == (400, 1, 40)
    assert first.X_test.shape == (100, 1, 40)
    assert first.raw_train.shape == (400, 40)
    assert first.X_train.dtype == np.float32
    assert first.y_train.dtype == np.int64
    assert np.bincount(first.y_train).tolist() == [40] * 10
    assert np.isfinite(first.X_train).all()
    assert 0.5 < first.X_train.std() < 2
    np.testing.assert_array_equal(first.X_train, second.X_train)
    assert not np.array_equal(first.X_train, other.X_train)
    np.testing.assert_array_equal(first.encode(first.raw_test[0]), first.X_test[0])
    assert first.answer(np.eye(10)[3]).startswith("Class 3, ")


def test_five_thousand_take_less_than_a_second() -> None:
    start = time.process_time()
    load_sequences("signals", train_share=0.8, seed=1)
    assert time.process_time() - start < 1


def test_shuffling_only_changes_the_order() -> None:
    plain = load_sequences("signals", train_share=0.8, seed=4, samples=100)
    shuffled = load_sequences("shuffled-signals", train_share=0.8, seed=4, samples=100)
    np.testing.assert_array_equal(np.sort(plain.X_train, axis=2), np.sort(shuffled.X_train, axis=2))
    assert not np.array_equal(plain.X_train, shuffled.X_train)


def test_without_noise_and_tilt_a_curve_stands_alone() -> None:
    drawn, labels = signals(200, 0.0, np.random.default_rng(1))
    tilt = np.linspace(-0.5, 0.5, 72)[np.linspace(0, 71, 40).astype(int)]
    for curve in drawn[labels == 0]:
        flat = np.abs(np.diff(np.diff(curve))) < 0.02  # outside the curve only the tilt is left, a straight line
        assert 18 <= flat.sum() <= 36
    assert np.abs(tilt).max() == 0.5


def test_a_straight_line_reads_a_third_of_them() -> None:
    """As in the paper, where logistic regression gets 32 %: far above chance, and far from enough."""
    data = load_sequences("signals", train_share=0.8, seed=3)
    weights = np.linalg.lstsq(data.raw_train, np.eye(10)[data.y_train] - 0.1, rcond=None)[0]
    assert 0.2 < ((data.raw_test @ weights).argmax(axis=1) == data.y_test).mean() < 0.45


@pytest.mark.parametrize("wrong", [np.zeros(39), np.zeros((1, 40)), np.full(40, np.nan)])
def test_a_signal_of_another_kind_is_refused(wrong: np.ndarray) -> None:
    data = load_sequences("signals", train_share=0.8, seed=1, samples=50)
    with pytest.raises(ValueError, match="40 finite numbers"):
        data.encode(wrong)
