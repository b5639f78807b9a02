"""The network evaluated: losses and metric of a data set, and every unit's values at many points, for the pictures."""

from __future__ import annotations

from typing import Any

from playground.training.fused import functions as f
from playground.training.fused.functions import LANES
from playground.training.fused.kernel import HUBER, LAYER_BYTES, MSE, SQUARED, forward, output_loss
from playground.training.fused.layout import pack
from playground.training.fused.plan import LAYER, PART
from playground.training.fused.sums import largest_lane, total
from playground.training.fused.vector import (
    absolute,
    compiled,
    int64,
    lane_numbers,
    load,
    nearest,
    record_at,
    select,
    store,
    store_bytes,
    width,
    write_double,
)

WIDE = 2 * LANES


@compiled
def parts(samples: Any) -> Any:
    """Into how many parts a data set is cut to be evaluated."""
    return (samples + PART - 1) // PART


@compiled
def evaluate_part(plan: Any, number: Any, sums: Any) -> None:
    """Write two sums over a part of the train set or, after all of these, of the test set.

    They are the losses, and the hits (or squared errors) for the metric.
    """
    layers_at, plan.layers_at = plan.layers_at, plan.view_layers_at  # with room for wide vectors
    if plan.convolutions:
        evaluate_set(plan, number, sums, lane_numbers(LANES))
    else:
        evaluate_set(plan, number, sums, lane_numbers(WIDE))
    plan.layers_at = layers_at


@compiled
def evaluate_set(plan: Any, number: Any, sums: Any, lane: Any) -> None:
    """`evaluate_part` with the set that the part is of."""
    of_train = parts(plan.samples)
    if number < of_train:
        evaluate(plan, plan.train_X_at, plan.train_stride, plan.train_y_at, plan.samples, number, sums, lane)
    else:
        test = number - of_train
        evaluate(plan, plan.test_X_at, plan.test_stride, plan.test_y_at, plan.test_samples, test, sums, lane)


@compiled
def evaluate(plan: Any, X: Any, stride: Any, y: Any, samples: Any, part: Any, sums: Any, lane: Any) -> None:
    """The two sums over one part of a feature-major data set."""
    row = 4 * width(lane)
    losses, hits = lane - lane, lane - lane
    for first in range(part * PART, min((part + 1) * PART, samples), width(lane)):
        present = min(width(lane), samples - first)
        forward(plan, X + 4 * first, stride, int64(0), lane)
        losses = losses + output_loss(plan, y + 4 * first, present, 1.0, int64(0), lane)
        hits = hits + select(lane < present, hit(plan, load(y + 4 * first, lane), row), 0.0)
    write_double(sums, total(losses) / (plan.outputs if plan.loss == SQUARED else 1))
    write_double(sums + 8, total(hits))


@compiled
def hit(plan: Any, y: Any, row: Any) -> Any:
    """1 where the most probable class is y, else 0; the squared error in a regression. Reads the logits of group 0."""
    last = record_at(plan.layers_at + (plan.layers - 1) * LAYER_BYTES, LAYER)
    z = load(last.values_at, y)
    if plan.loss == MSE or plan.loss == HUBER:
        return (z - y) * (z - y)
    if plan.outputs == 1:
        return select(z > 0.0, y, 1.0 - y)
    largest, best = z, y - y
    for k in range(1, plan.outputs):
        z = load(last.values_at + k * row, y)
        best = select(z > largest, k, best)
        largest = select(z > largest, z, largest)
    return select(best == y, 1.0, 0.0)


@compiled
def look(plan: Any, lane: Any) -> None:
    """Units' values at feature-major points, (units, points): the outputs, or where plan.hidden all dense layers.

    Where plan.bytes_at, also as int8: 127 is the largest size in its layer, but at least 1; these scales go to rows_at.
    """
    pack(plan, plan.flat_at, plan.packed_at, int64(0))
    row = 4 * width(lane)
    begin = plan.convolutions if plan.hidden else plan.layers - 1
    for first in range(0, plan.points, width(lane)):
        forward(plan, plan.points_at + 4 * first, plan.point_stride, int64(0), lane)
        at = plan.outputs_at + 4 * first
        for number in range(begin, plan.layers):
            layer = record_at(plan.layers_at + number * LAYER_BYTES, LAYER)
            for unit in range(layer.outputs):
                store(at, load(layer.values_at + unit * row, lane))
                at += plan.output_stride
    if plan.bytes_at:
        at, bytes_at = plan.outputs_at, plan.bytes_at
        for number in range(begin, plan.layers):
            layer = record_at(plan.layers_at + number * LAYER_BYTES, LAYER)
            scale = quantise(plan, at, bytes_at, layer.outputs, lane)
            write_double(plan.rows_at + 8 * (number - begin), scale)
            at += layer.outputs * plan.output_stride
            bytes_at += layer.outputs * plan.output_stride // 4


@compiled
def quantise(plan: Any, values: Any, bytes_at: Any, units: Any, lane: Any) -> Any:
    """The values of one layer as int8. Returns the value that became 127; what is not a number becomes 0."""
    largest = lane - lane + 1.0
    for unit in range(units):
        for first in range(0, plan.points, width(lane)):
            size = absolute(load(values + unit * plan.output_stride + 4 * first, lane))
            size = select(lane < plan.points - first, size, 0.0)
            largest = select(size > largest, size, largest)
    scale = min(largest_lane(largest), 3e38)  # weights can be finite and their sums not
    for at in range(0, units * plan.output_stride, 4 * width(lane)):
        value = f.clamped(load(values + at, lane) * (127.0 / scale), -127.0, 127.0)
        store_bytes(bytes_at + at // 4, nearest(select(value == value, value, 0.0)))
    return scale
