"""Between the two layouts of the parameters: flat, as torch has them, and packed in tiles, as the kernel reads them."""

from __future__ import annotations

from typing import Any

from playground.training.fused.plan import LAYER
from playground.training.fused.vector import compiled, read_float, record_at, store

LAYER_BYTES = LAYER.itemsize


@compiled
def pack(plan: Any, flat: Any, packed: Any, out: Any) -> None:
    """Copy flat parameters (or a memory of the optimizer) into the packed layout, or out of it again."""
    for number in range(plan.layers):
        layer = record_at(plan.layers_at + number * LAYER_BYTES, LAYER)
        shift = packed - plan.packed_at
        here = flat + 4 * layer.flat_start
        for o in range(layer.outputs):
            there = layer.weights_at + shift + 16 * (o >> 2) * layer.rows_in + 4 * (o & 3)
            for i in range(layer.inputs):
                if out:
                    store(here + 4 * i, read_float(there + 16 * i))
                else:
                    store(there + 16 * i, read_float(here + 4 * i))
            here += 4 * layer.inputs
        there = layer.biases_at + shift
        for o in range(layer.outputs):
            if out:
                store(here + 4 * o, read_float(there + 4 * o))
            else:
                store(there + 4 * o, read_float(here + 4 * o))


@compiled
def pack_all(plan: Any, out: Any) -> None:
    """Pack, or unpack, the parameters and the memories of the optimizer."""
    pack(plan, plan.flat_at, plan.packed_at, out)
    if plan.memories > 0:
        pack(plan, plan.flat1_at, plan.memory1_at, out)
    if plan.memories > 1:
        pack(plan, plan.flat2_at, plan.memory2_at, out)
