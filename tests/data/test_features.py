"""The seven inputs against the formulas of school."""

from __future__ import annotations

import math

import numpy as np
import pytest

from playground.data.features import FEATURES, compute_features, usable_inputs

POINTS = np.random.default_rng(0).uniform(-6, 6, (50, 2))
FORMULAS = {
    "x1": lambda x, y: x,
    "x2": lambda x, y: y,
    "x1sq": lambda x, y: x * x,
    "x2sq": lambda x, y: y * y,
    "x1x2": lambda x, y: x * y,
    "sinx1": lambda x, y: math.sin(x),
    "sinx2": lambda x, y: math.sin(y),
}


@pytest.mark.parametrize("name", FEATURES)
def test_feature_is_its_formula_and_its_code(name: str) -> None:
    feature = FEATURES[name]
    expected = [FORMULAS[name](x, y) for x, y in POINTS.tolist()]
    np.testing.assert_allclose(feature.compute(POINTS), expected)
    np.testing.assert_array_equal(eval(feature.code, {"np": np, "P": POINTS}), feature.compute(POINTS))
    needs_second = not np.array_equal(feature.compute(POINTS), feature.compute(POINTS * [1, 2]))
    assert feature.dims_used == 1 + needs_second


def test_the_inputs_are_the_columns() -> None:
    table = compute_features(POINTS, ("x2", "x1sq"))
    assert (table.shape, table.dtype) == ((50, 2), np.float32)
    np.testing.assert_array_equal(table[:, 0], POINTS[:, 1].astype(np.float32))


def test_a_curve_has_only_inputs_of_its_one_coordinate() -> None:
    assert usable_inputs(tuple(FEATURES), 1) == ("x1", "x1sq", "sinx1")
    assert usable_inputs(tuple(FEATURES), 2) == tuple(FEATURES)
