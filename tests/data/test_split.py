from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from playground.data.split import split_classes


@given(
    sizes=st.lists(st.integers(2, 60), min_size=2, max_size=6),
    share=st.floats(0.1, 0.9),
    seed=st.integers(0, 1000),
)
def test_every_class_is_on_both_sides_and_no_sample_on_two(sizes: list[int], share: float, seed: int) -> None:
    labels = np.repeat(np.arange(len(sizes)), sizes)
    train, test = split_classes(labels, share, seed)
    assert sorted([*train, *test]) == list(range(len(labels)))
    for label, size in enumerate(sizes):
        count = int((labels[train] == label).sum())
        assert 1 <= count <= size - 1
        assert abs(count - share * size) <= 1
    again = split_classes(labels, share, seed)
    assert np.array_equal(train, again[0])
    assert np.array_equal(test, again[1])


@given(samples=st.integers(10, 300), seed=st.integers(0, 50))
def test_fewer_samples_are_taken_of_all_classes_alike(samples: int, seed: int) -> None:
    labels = np.repeat([0, 1, 2], [200, 100, 100])
    train, test = split_classes(labels, 0.8, seed, samples=samples)
    counts = np.bincount(labels[np.concatenate([train, test])])
    assert counts.sum() == samples
    np.testing.assert_allclose(counts, samples * np.array([0.5, 0.25, 0.25]), atol=1)


def test_groups_and_the_publishers_test_part_stay_whole() -> None:
    labels, groups = np.arange(400) % 2, np.arange(400) // 25
    train, test = split_classes(labels, 0.75, 3, groups=groups)
    assert not set(groups[train]) & set(groups[test])
    published = np.arange(400) >= 300
    train, test = split_classes(labels, 0.5, 3, published_test=published)
    assert not published[train].any()
    assert published[test].all()
