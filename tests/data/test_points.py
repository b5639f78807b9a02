"""The point sets against what their definitions say, computed in another way."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.data.dataset import Dataset
from playground.data.features import FEATURES
from playground.data.own_points import pack_points
from playground.data.points import DATASETS, load_points, train_size

DRAWN = [name for name in DATASETS if name != "own"]
MULTICLASS = [name for name in DRAWN if DATASETS[name].task == "multiclass"]


def draw(name: str, noise: float = 0.0, samples: int = 400, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    points, labels = DATASETS[name].generate(samples, noise, np.random.default_rng(seed))
    return points, labels


def load(name: str, **changes: object) -> Dataset:
    options = {"samples": 100, "noise": 0.1, "train_share": 0.5, "seed": 7, "inputs": ("x1", "x2")}
    return load_points(name, **{**options, **changes})  # type: ignore[arg-type]


def test_the_sets_of_the_page_are_all_here() -> None:
    names = (
        "circle xor gauss spiral moons checkerboard rings spiral3 spiral4 spiral5 blobs3 blobs4 blobs5 "
        "rings3 rings4 rings5 plane multigauss ripple curve own"
    )
    assert " ".join(DATASETS) == names


@pytest.mark.parametrize("name", DATASETS)
def test_every_set_is_described_in_one_sentence(name: str) -> None:
    chosen = DATASETS[name]
    assert chosen.name == name
    assert chosen.description.endswith(".")
    assert chosen.description.count(". ") == 0
    assert chosen.source
    assert len(chosen.class_names) == {"binary": 2, "regression": 0}.get(chosen.task, len(chosen.class_names))


# ---- the definitions of TensorFlow Playground


def test_circle_is_a_disc_of_2_5_in_a_ring_from_3_5_to_5() -> None:
    points, labels = draw("circle")
    radius = np.array([math.hypot(x, y) for x, y in points])
    assert (labels == (radius < 2.5)).all()
    assert labels.sum() == 200
    assert radius[labels == 0].min() >= 3.5
    assert 4.9 < radius[labels == 0].max() <= 5
    assert radius[labels == 1].max() <= 2.5
    assert abs(radius[labels == 1].mean() - 1.25) < 0.15  # uniform in the radius, not in the area


def test_circle_noise_changes_labels_near_the_edge_only() -> None:
    points, labels = draw("circle", noise=0.2, samples=4000)
    radius = np.hypot(*points.T)
    wrong = labels != (radius < 2.5)
    assert 0.01 < wrong.mean() < 0.3
    assert (np.abs(radius[wrong] - 2.5) <= 0.2 * 5 * math.sqrt(2)).all()


def test_xor_is_the_sign_of_the_product_with_a_gap_along_the_axes() -> None:
    points, labels = draw("xor")
    assert (labels == np.array([x * y >= 0 for x, y in points])).all()
    assert np.abs(points).min() >= 0.3
    assert 5.2 < np.abs(points).max() <= 5.3


@pytest.mark.parametrize(("noise", "variance"), [(0, 0.5), (0.1, 1.2), (0.5, 4)])
def test_gauss_is_two_clouds_whose_variance_grows_with_the_noise(noise: float, variance: float) -> None:
    points, labels = draw("gauss", noise, samples=20_000)
    for label, centre in ((1, 2), (0, -2)):
        cloud = points[labels == label]
        assert len(cloud) == 10_000
        np.testing.assert_allclose(cloud.mean(axis=0), centre, atol=0.1)
        np.testing.assert_allclose(cloud.var(axis=0), variance, rtol=0.06)


def test_spiral_is_two_arms_of_one_and_three_quarter_turns() -> None:
    points, labels = draw("spiral")
    for label, turned in ((1, 0.0), (0, math.pi)):
        for i, (x, y) in enumerate(points[labels == label]):
            t = 1.75 * i / 200 * 2 * math.pi + turned
            assert (x, y) == pytest.approx((i / 200 * 5 * math.sin(t), i / 200 * 5 * math.cos(t)))
    noisy, _ = draw("spiral", noise=0.3)
    assert 0.25 < np.abs(noisy - points).max() <= 0.3


def test_plane_is_a_tenth_of_the_sum() -> None:
    points, target = draw("plane", samples=2000)
    np.testing.assert_allclose(target, [(x + y) / 10 for x, y in points])
    assert 5.9 < np.abs(points).max() <= 6
    points, target = draw("plane", noise=0.25, samples=2000)
    assert 0.2 < np.abs(target - points.sum(axis=1) / 10).max() <= 0.25 * 12 / 10


def test_multigauss_is_the_strongest_of_six_cones() -> None:
    points, target = draw("multigauss", samples=1000)
    cones = [(-4, 2.5, 1), (0, 2.5, -1), (4, 2.5, 1), (-4, -2.5, -1), (0, -2.5, 1), (4, -2.5, -1)]
    for (x, y), value in zip(points, target, strict=True):
        heights = [sign * max(0.0, 1 - math.dist((x, y), (cx, cy)) / 2) for cx, cy, sign in cones]
        assert value == pytest.approx(max(heights, key=abs))


# ---- our own


def test_moons_are_half_circles_of_radius_3() -> None:
    points, labels = draw("moons")
    upper, lower = points[labels == 1], points[labels == 0]
    np.testing.assert_allclose([math.dist(p, (-1.5, -0.75)) for p in upper], 3)
    np.testing.assert_allclose([math.dist(p, (1.5, 0.75)) for p in lower], 3)
    assert upper[:, 1].min() >= -0.75
    assert lower[:, 1].max() <= 0.75
    noisy, _ = draw("moons", noise=0.2, samples=20_000)
    clean, _ = draw("moons", samples=20_000)
    assert (noisy - clean).std() == pytest.approx(3 * 0.2, rel=0.05)


def test_checkerboard_has_sixteen_squares_of_alternating_class() -> None:
    points, labels = draw("checkerboard", samples=2000)
    column, row = ((points + 6) // 3).astype(int).T
    assert len(set(zip(column.tolist(), row.tolist(), strict=True))) == 16
    assert (labels == (column + row) % 2).all()


def test_rings_are_four_bands_of_alternating_class() -> None:
    points, labels = draw("rings")
    radius = np.hypot(*points.T)
    band = (radius / 1.5).astype(int)
    assert set(band.tolist()) == {0, 1, 2, 3}
    assert (labels == 1 - band % 2).all()
    assert (np.abs(radius / 1.5 - np.rint(radius / 1.5)) >= 0.099).all()  # gaps between the bands


@pytest.mark.parametrize("classes", [3, 4, 5])
def test_ring_classes_are_numbered_from_the_middle(classes: int) -> None:
    points, labels = draw(f"rings{classes}")
    assert (labels == np.floor(np.hypot(*points.T) * classes / 6)).all()


@pytest.mark.parametrize("classes", [3, 4, 5])
def test_spiral_arms_are_turned_copies_of_each_other(classes: int) -> None:
    points, labels = draw(f"spiral{classes}", samples=classes * 50)
    complex_points = points[:, 1] + 1j * points[:, 0]
    first = complex_points[labels == 0]
    for label in range(classes):
        turned = first * np.exp(2j * np.pi * label / classes)
        np.testing.assert_allclose(complex_points[labels == label], turned, atol=1e-12)
    assert np.abs(first).max() == pytest.approx(5 * 49 / 50)


@pytest.mark.parametrize("classes", [3, 4, 5])
def test_blobs_lie_evenly_on_a_circle(classes: int) -> None:
    points, labels = draw(f"blobs{classes}", noise=0.1, samples=classes * 4000)
    centres = np.array([points[labels == label].mean(axis=0) for label in range(classes)])
    np.testing.assert_allclose(np.hypot(*centres.T), 3.5, atol=0.1)
    neighbours = 2 * 3.5 * math.sin(math.pi / classes)
    np.testing.assert_allclose(np.hypot(*(centres - np.roll(centres, 1, axis=0)).T), neighbours, atol=0.15)
    np.testing.assert_allclose(points[labels == 0].var(axis=0), 1.2, rtol=0.1)


def test_ripple_rises_and_falls_around_the_middle() -> None:
    points, target = draw("ripple")
    np.testing.assert_allclose(target, [math.cos(math.hypot(x, y) * math.pi / 3) for x, y in points])


def test_curve_has_one_coordinate_and_its_target() -> None:
    points, target = draw("curve")
    np.testing.assert_array_equal(points[:, 1], target)
    np.testing.assert_allclose(target, [0.6 * math.sin(1.5 * x) + x / 15 for x in points[:, 0]])
    data = load("curve", inputs=tuple(FEATURES))
    assert (data.dims, data.feature_names) == (1, ("x1", "x1sq", "sinx1"))
    np.testing.assert_array_equal(data.raw_train[:, 1], data.y_train)
    np.testing.assert_array_equal(data.raw_train[:, 0], data.X_train[:, 0])


# ---- what holds for all of them


@pytest.mark.parametrize("name", DRAWN)
@pytest.mark.parametrize("samples", [10, 11, 137])
def test_every_set_has_the_asked_number_of_finite_points(name: str, samples: int) -> None:
    points, labels = draw(name, noise=0.5, samples=samples)
    assert points.shape == (samples, 2)
    assert labels.shape == (samples,)
    assert np.isfinite(points).all()
    assert np.isfinite(labels).all()


@pytest.mark.parametrize("name", DRAWN)
def test_every_set_lies_within_the_plane_and_targets_within_one(name: str) -> None:
    points, labels = draw(name, samples=2000)
    share_outside = (np.abs(points) > 6).any(axis=1).mean()
    assert share_outside < 0.001
    if DATASETS[name].task == "regression":
        assert np.abs(labels).max() <= 1.2


@pytest.mark.parametrize("name", DRAWN)
def test_classes_are_balanced(name: str) -> None:
    chosen = DATASETS[name]
    if chosen.task == "regression":
        return
    _, labels = draw(name, samples=1000)
    counts = np.bincount(labels, minlength=len(chosen.class_names))
    assert len(counts) == len(chosen.class_names)
    drawn_at_random = name in ("xor", "checkerboard")
    assert np.ptp(counts) <= (5 * 2 * math.sqrt(250) if drawn_at_random else 1)


@pytest.mark.parametrize("name", DRAWN)
def test_the_seed_alone_decides(name: str) -> None:
    first, again, other = load(name), load(name), load(name, seed=8)
    for field in ("X_train", "y_train", "X_test", "y_test", "raw_train", "raw_test"):
        np.testing.assert_array_equal(getattr(first, field), getattr(again, field))
    assert not np.array_equal(first.raw_train, other.raw_train)


@pytest.mark.parametrize("name", DRAWN)
def test_dtypes_and_shapes(name: str) -> None:
    data = load(name, inputs=("x1", "sinx1"))
    assert data.X_train.dtype == data.X_test.dtype == data.raw_train.dtype == np.float32
    assert data.y_train.dtype == data.y_test.dtype == (np.float32 if data.task == "regression" else np.int64)
    assert data.X_train.shape == data.X_test.shape == (50, 2)
    np.testing.assert_array_equal(data.X_train[:, 1], np.sin(data.raw_train[:, 0]))


@given(st.integers(2, 20_000), st.floats(0.1, 0.9))
def test_a_split_leaves_points_on_both_sides(samples: int, share: float) -> None:
    train = train_size(samples, share)
    assert 1 <= train <= samples - 1
    assert abs(train - samples * share) <= 1


def test_a_split_is_exact_where_floating_point_is_not() -> None:
    assert train_size(100, 0.29) == 29  # 100 * 0.29 is 28.999999999999996


@pytest.mark.parametrize("share", [0.1, 0.37, 0.9])
def test_train_and_test_are_the_drawn_points_each_once(share: float) -> None:
    data = load("gauss", train_share=share, samples=60)
    points, labels = draw("gauss", noise=0.1, samples=60, seed=7)
    together = np.concatenate([data.raw_train, data.raw_test])
    assert len(data.X_train) == int(60 * share + 1e-9)
    np.testing.assert_array_equal(np.sort(together, axis=0), np.sort(points.astype(np.float32), axis=0))
    assert np.concatenate([data.y_train, data.y_test]).sum() == labels.sum()


def test_no_inputs_make_an_empty_table() -> None:
    assert load("circle", inputs=()).X_train.shape == (50, 0)


# ---- own points


def test_own_points_are_split_by_the_seed_and_ignore_samples_and_noise() -> None:
    points = np.random.default_rng(0).uniform(-6, 6, (30, 2))
    packed = pack_points(points, np.arange(30) % 2)
    data = load("own", points=packed, train_share=0.8)
    assert (len(data.X_train), len(data.X_test)) == (24, 6)
    assert (data.task, data.class_names) == ("binary", ("orange", "blue"))
    same = load("own", points=packed, train_share=0.8, samples=999, noise=0.5)
    np.testing.assert_array_equal(data.X_train, same.X_train)
    assert not np.array_equal(data.X_train, load("own", points=packed, train_share=0.8, seed=1).X_train)


def test_own_points_of_a_third_class_make_it_multiclass() -> None:
    data = load("own", points=pack_points([[0, 0], [1, 1]], [0, 2]))
    assert (data.task, data.class_names) == ("multiclass", ("blue", "orange", "green"))


@pytest.mark.parametrize(("count", "train", "test"), [(0, 0, 0), (1, 1, 0), (2, 1, 1)])
def test_few_own_points_can_still_be_drawn(count: int, train: int, test: int) -> None:
    data = load("own", points=pack_points(np.zeros((count, 2)), np.zeros(count)))
    assert (len(data.raw_train), len(data.raw_test)) == (train, test)
    assert data.X_test.shape == (test, 2)
