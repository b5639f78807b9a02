"""Which samples a network learns from, and which it never sees until it is tested."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def split_classes(
    labels: NDArray[Any],
    train_share: float,
    seed: int,
    *,
    samples: int | None = None,
    groups: NDArray[Any] | None = None,
    published_test: NDArray[np.bool_] | None = None,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Split samples so that every class is on both sides in its own share: the indices of train and of test.

    labels: (N,) class index. samples: use only so many, of all classes alike.
    groups: (N,) samples of one group overlap, so a whole group goes to one side.
    published_test: (N,) what the publisher keeps for testing: never trained on, and nothing else is tested.
    """
    rng = np.random.default_rng(seed)
    labels = np.asarray(labels)
    may_train, may_test = _sides(len(labels), train_share, rng, groups, published_test)
    wanted = len(labels) if samples is None else min(samples, len(labels))
    free = groups is None and published_test is None
    train_parts: list[NDArray[np.int64]] = []
    test_parts: list[NDArray[np.int64]] = []
    classes, counts = np.unique(labels, return_counts=True)
    for label, quota in zip(classes, _shares(counts, wanted), strict=True):
        order = rng.permutation(np.flatnonzero(labels == label))
        train_count = min(max(round(quota * train_share), 1), max(quota - 1, 1))
        if free:
            train_parts.append(order[:train_count])
            test_parts.append(order[train_count:quota])
        else:
            train_parts.append(order[may_train[order]][:train_count])
            test_parts.append(order[may_test[order]][: quota - train_count])
    return rng.permutation(np.concatenate(train_parts)), rng.permutation(np.concatenate(test_parts))


def _sides(
    count: int,
    train_share: float,
    rng: np.random.Generator,
    groups: NDArray[Any] | None,
    published_test: NDArray[np.bool_] | None,
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Tell which samples may be trained on, and which may be tested: two masks (N,)."""
    if published_test is not None:
        return ~published_test, published_test
    if groups is None:
        return np.ones(count, dtype=bool), np.ones(count, dtype=bool)
    names = rng.permutation(np.unique(groups))
    cut = min(max(round(len(names) * train_share), 1), max(len(names) - 1, 1))
    train = np.isin(groups, names[:cut])
    return train, ~train


def _shares(counts: NDArray[np.int64], wanted: int) -> NDArray[np.int64]:
    """Share `wanted` samples out among classes of these sizes, as they are, with at least two of each class."""
    exact = counts * (wanted / counts.sum())
    shares = np.floor(exact).astype(np.int64)
    rest = wanted - int(shares.sum())
    shares[np.argsort(shares - exact, kind="stable")[:rest]] += 1
    least: NDArray[np.int64] = np.minimum(np.maximum(shares, 2), counts)
    return least
