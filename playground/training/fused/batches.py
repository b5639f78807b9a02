"""Batches: the samples of an epoch's order, copied from the train set into lanes."""

from __future__ import annotations

from typing import Any

from playground.training.fused.vector import compiled, read_float, read_int, store, width

FEATURES = 128  # gathered at once


@compiled
def gather(plan: Any, position: Any, end: Any, lane: Any) -> None:
    """Copy the samples of the order from position to end (or one piece of a batch), group by group, into lanes.

    Each batch begins with a group of its own.
    """
    row = 4 * width(lane)
    rows = (plan.features + 1) // 2 * 2
    inputs, targets = plan.gathered_at, plan.targets_at
    begin = position
    while begin < end:
        for first in range(begin, min(begin + plan.batch_size, end), width(lane)):
            last = min(first + width(lane), begin + plan.batch_size, end)
            for block in range(0, plan.features, FEATURES):  # whose rows stay in the level 1 cache
                for sample in range(first, last):
                    index = read_int(plan.order_at + 8 * sample)
                    x = plan.X_at + 4 * plan.features * index
                    at = 4 * (sample - first)
                    for feature in range(block, min(block + FEATURES, plan.features)):
                        store(inputs + feature * row + at, read_float(x + 4 * feature))
                    store(targets + at, read_float(plan.y_at + 4 * index))
            inputs += rows * row
            targets += row
        begin += plan.batch_size
