"""The mathematics of a training step of dense layers, for whole groups of samples at once.

If you know backpropagation, you know this file. loop.py calls `learn` for every batch, or several threads call it for
pieces of one (together.py). Where convolutions come before the dense layers, their mathematics is in convolution.py.
For each Linear layer W (out, in), b (out,) with activation f:

    forward   z = W a + b,  a' = f(z)                       `forward`
    loss      delta = d loss / dz of the last layer         `output_loss`
    backward  delta of the layer below = (W^T delta) f'(z)  `backward`
    gradient  dW = sum over samples of delta a^T, db = sum of delta   `add_gradients`
    update    penalties, clipping, optimizer                rules.py, called by loop.py

What makes it fast is where the numbers lie:
  - A vector holds one unit's value for several samples (its lanes), so a layer is a few multiply-adds with a weight
    spread over the lanes, and an activation is computed for all of them at once. Samples are cut into groups of one
    vector each; values lie as [group][unit][lane]. Lanes without a sample compute along, and their delta is set to 0.
  - Weights are packed once a call as [out / 4][in][4], filled up with zeros to whole tiles: four outputs at a time
    share each load of an input, going forward, and four inputs share each load of a delta, going back.
  - Nothing is compiled for one architecture: sizes, codes and addresses come in a Plan.
"""

from __future__ import annotations

from typing import Any

from playground.training.fused import functions as f
from playground.training.fused.convolution import add_kernel_gradients, into, learn_from_deltas, see
from playground.training.fused.functions import LANES
from playground.training.fused.plan import LAYER, LOSS_CODES
from playground.training.fused.sums import sums4, sums8, total
from playground.training.fused.vector import (
    compiled,
    fma,
    lane_numbers,
    lanewise,
    load,
    read_float,
    record_at,
    select,
    spread,
    store,
    width,
)

MSE, HUBER, BCE, SQUARED, CROSS_ENTROPY = LOSS_CODES.values()
LAYER_BYTES = LAYER.itemsize


@lanewise
def multiply_one(layer: Any, inputs: Any, stride: Any, values: Any) -> None:
    """z = W a + b for a single sample, four units a vector: the packed weights of four units lie side by side."""
    four = lane_numbers(4)
    for o in range(0, layer.outputs, 4):
        z = load(layer.biases_at + 4 * o, four)
        weights = layer.weights_at + 4 * o * layer.rows_in
        for i in range(layer.inputs):
            z = fma(read_float(inputs + i * stride), load(weights + 16 * i, four), z)
        store(values + 4 * o, z)


@lanewise
def backward_one(layer: Any, deltas: Any, slopes: Any) -> None:
    """delta of the layer below for a single sample, four units a vector."""
    four = lane_numbers(4)
    for i in range(0, layer.rows_in, 4):
        s0 = four - four
        s1, s2, s3 = s0, s0, s0
        for o in range(0, layer.rows_out, 4):
            delta = load(deltas + 4 * o, four)
            w = layer.weights_at + 4 * o * layer.rows_in + 16 * i
            s0 = fma(load(w, four), delta, s0)
            s1 = fma(load(w + 16, four), delta, s1)
            s2 = fma(load(w + 32, four), delta, s2)
            s3 = fma(load(w + 48, four), delta, s3)
        at = slopes + 4 * i
        store(at, sums4(s0, s1, s2, s3) * load(at, four))


@lanewise
def gradients_one(layer: Any, inputs: Any) -> None:
    """dW = delta a^T and db = delta of a single sample, four units a vector."""
    four = lane_numbers(4)
    for o in range(0, layer.rows_out, 4):
        delta = load(layer.deltas_at + 4 * o, four)
        store(layer.bias_gradients_at + 4 * o, delta)
        into = layer.weight_gradients_at + 4 * o * layer.rows_in
        for i in range(layer.inputs):
            store(into + 16 * i, read_float(inputs + 4 * i) * delta)


@compiled
def multiply(layer: Any, inputs: Any, stride: Any, values: Any, lane: Any) -> None:
    """z = W a + b for one group; the units of the input lie `stride` bytes apart."""
    row = 4 * width(lane)
    weights = layer.weights_at
    for o in range(0, layer.outputs, 4):
        bias = layer.biases_at + 4 * o
        z0 = spread(read_float(bias), lane)
        z1 = spread(read_float(bias + 4), lane)
        z2 = spread(read_float(bias + 8), lane)
        z3 = spread(read_float(bias + 12), lane)
        for i in range(layer.inputs):
            a = load(inputs + i * stride, lane)
            w = weights + 16 * i
            z0 = fma(read_float(w), a, z0)
            z1 = fma(read_float(w + 4), a, z1)
            z2 = fma(read_float(w + 8), a, z2)
            z3 = fma(read_float(w + 12), a, z3)
        store(values + o * row, z0)
        store(values + (o + 1) * row, z1)
        store(values + (o + 2) * row, z2)
        store(values + (o + 3) * row, z3)
        weights += 16 * layer.rows_in


@compiled
def forward(plan: Any, inputs: Any, stride: Any, group: Any, lane: Any) -> None:
    """All layers for one group of samples, leaving values and slopes of every layer; the last values are the logits."""
    row = 4 * width(lane)
    if plan.convolutions:
        inputs, stride = see(plan, inputs, stride, group), row
    for number in range(plan.convolutions, plan.layers):
        layer = record_at(plan.layers_at + number * LAYER_BYTES, LAYER)
        at = group * row * layer.rows_out
        values = layer.values_at + at
        if width(lane) == 1:
            multiply_one(layer, inputs, stride, values)
        else:
            multiply(layer, inputs, stride, values, lane)
        if number < plan.layers - 1:
            f.activate(layer.activation, values, layer.deltas_at + at, layer.outputs * width(lane))
            if layer.dropout_at and plan.dropping:
                sample = plan.dropped_samples + group * width(lane)
                factors = layer.dropout_at + plan.dropout_offset + 4 * sample * layer.outputs
                drop_out(factors, layer.outputs, values, layer.deltas_at + at, lane)
        inputs = values
        stride = row


@compiled
def drop_out(factors: Any, units: Any, values: Any, slopes: Any, lane: Any) -> None:
    """Dropout: values and slopes times the factors (samples, units) of one group, which are 0 or 1 / (1 - p)."""
    row = 4 * width(lane)
    for unit in range(units):
        for sample in range(width(lane)):
            factor = read_float(factors + 4 * (sample * units + unit))
            at = unit * row + 4 * sample
            store(values + at, read_float(values + at) * factor)
            store(slopes + at, read_float(slopes + at) * factor)


@compiled
def output_loss(plan: Any, targets: Any, samples: Any, scale: Any, group: Any, lane: Any) -> Any:
    """The losses of one group, a lane each, and delta = scale * d loss / dz of the last layer; 0 beyond its samples."""
    row = 4 * width(lane)
    last = record_at(plan.layers_at + (plan.layers - 1) * LAYER_BYTES, LAYER)
    z_at = last.values_at + group * row * last.rows_out
    delta_at = last.deltas_at + group * row * last.rows_out
    y = load(targets, lane)
    present = lane < samples
    losses = lane - lane
    if plan.loss == CROSS_ENTROPY:
        # loss = ln sum e^z - z_y; delta = softmax(z) - 1 at the class y. The largest z is taken off, so that e^z is
        # finite.
        largest = load(z_at, lane)
        for k in range(1, plan.outputs):
            z = load(z_at + k * row, lane)
            largest = select(z > largest, z, largest)
        sum_exp = losses
        for k in range(plan.outputs):
            z = load(z_at + k * row, lane) - largest
            losses = losses - select(y == k, z, 0.0)
            e = f.exp(z)
            store(delta_at + k * row, e)
            sum_exp = sum_exp + e
        losses = losses + f.log(sum_exp)
        share = scale / sum_exp
        for k in range(plan.outputs):
            delta = load(delta_at + k * row, lane) * share - select(y == k, scale, 0.0)
            store(delta_at + k * row, select(present, delta, 0.0))
    elif plan.loss == SQUARED:
        for k in range(plan.outputs):
            t = 2.0 * y - 1.0 if plan.outputs == 1 else select(y == k, 1.0, -1.0)
            loss, slope = f.squared(load(z_at + k * row, lane), t)
            losses = losses + loss
            store(delta_at + k * row, select(present, scale * slope, 0.0))
    else:
        z = load(z_at, lane)
        if plan.loss == MSE:
            losses, slope = f.mse(z, y)
        elif plan.loss == HUBER:
            losses, slope = f.huber(z, y)
        else:
            losses, slope = f.bce(z, y)
        store(delta_at, select(present, scale * slope, 0.0))
    return select(present, losses, 0.0)


@compiled
def backward(layer: Any, below: Any, group: Any, lane: Any) -> None:
    """delta of the layer below = (W^T delta) * slope, in the place of the slope, for one group."""
    row = 4 * width(lane)
    deltas = layer.deltas_at + group * row * layer.rows_out
    slopes = below.deltas_at + group * row * below.rows
    for i in range(0, layer.rows_in, 4):
        s0 = lane - lane
        s1, s2, s3 = s0, s0, s0
        for o in range(layer.outputs):
            delta = load(deltas + o * row, lane)
            w = layer.weights_at + 16 * ((o >> 2) * layer.rows_in + i) + 4 * (o & 3)
            s0 = fma(read_float(w), delta, s0)
            s1 = fma(read_float(w + 16), delta, s1)
            s2 = fma(read_float(w + 32), delta, s2)
            s3 = fma(read_float(w + 48), delta, s3)
        at = slopes + i * row
        store(at, s0 * load(at, lane))
        store(at + row, s1 * load(at + row, lane))
        store(at + 2 * row, s2 * load(at + 2 * row, lane))
        store(at + 3 * row, s3 * load(at + 3 * row, lane))


@compiled
def add_gradients(layer: Any, shift: Any, inputs: Any, rows: Any, groups: Any, fresh: Any, lane: Any) -> None:
    """dW and db over some groups, with so many rows of inputs each: written if fresh, else added to what is there.

    Each number is a sum over samples, hence over lanes: 8 vectors of partial sums become one vector of 8 gradients.
    """
    part = lane_numbers(LANES)
    row = 4 * width(lane)
    parts = width(lane) // LANES  # native vectors in a row
    for o in range(0, layer.rows_out, 4):
        delta_row = layer.deltas_at + o * row
        b0 = part - part
        b1, b2, b3 = b0, b0, b0
        for group in range(groups):
            for p in range(parts):
                at = delta_row + group * row * layer.rows_out + p * 4 * LANES
                b0 = b0 + load(at, part)
                b1 = b1 + load(at + row, part)
                b2 = b2 + load(at + 2 * row, part)
                b3 = b3 + load(at + 3 * row, part)
        into(shift + layer.bias_gradients_at + 4 * o, sums4(b0, b1, b2, b3), fresh)
        for i in range(0, layer.rows_in, 2):
            s00 = part - part
            s10, s20, s30, s01, s11, s21, s31 = s00, s00, s00, s00, s00, s00, s00
            for group in range(groups):
                for p in range(parts):
                    at = delta_row + group * row * layer.rows_out + p * 4 * LANES
                    a_at = inputs + row * (group * rows + i) + p * 4 * LANES
                    a0 = load(a_at, part)
                    a1 = load(a_at + row, part)
                    d0 = load(at, part)
                    d1 = load(at + row, part)
                    d2 = load(at + 2 * row, part)
                    d3 = load(at + 3 * row, part)
                    s00 = fma(d0, a0, s00)
                    s10 = fma(d1, a0, s10)
                    s20 = fma(d2, a0, s20)
                    s30 = fma(d3, a0, s30)
                    s01 = fma(d0, a1, s01)
                    s11 = fma(d1, a1, s11)
                    s21 = fma(d2, a1, s21)
                    s31 = fma(d3, a1, s31)
            at = shift + layer.weight_gradients_at + 4 * o * layer.rows_in + 16 * i
            into(at, sums8(s00, s10, s20, s30, s01, s11, s21, s31), fresh)


@compiled
def learn(plan: Any, inputs: Any, targets: Any, samples: Any, batch: Any, fresh: Any, lane: Any) -> Any:
    """Gradients of one piece of a batch, of gathered samples, written if they are fresh, else added to what is there.

    Returns the sum of their losses.
    """
    row = 4 * width(lane)
    per_sample = plan.outputs if plan.loss == SQUARED else 1
    scale = 1.0 / (batch * per_sample)
    rows, convolutions = (plan.features + 1) // 2 * 2, plan.convolutions
    groups = (samples + width(lane) - 1) // width(lane)
    losses = lane - lane
    for group in range(groups):
        present = min(width(lane), samples - group * width(lane))
        forward(plan, inputs + group * row * rows, row, group, lane)
        losses = losses + output_loss(plan, targets + group * row, present, scale, group, lane)
        for number in range(plan.layers - 1, max(convolutions, 1) - 1, -1):
            layer = record_at(plan.layers_at + number * LAYER_BYTES, LAYER)
            below = record_at(plan.layers_at + (number - 1) * LAYER_BYTES, LAYER)
            if width(lane) == 1:
                backward_one(layer, layer.deltas_at, below.deltas_at)
            else:
                backward(layer, below, group, lane)
        if convolutions:
            learn_from_deltas(plan, group)
    for number in range(plan.layers):
        layer = record_at(plan.layers_at + number * LAYER_BYTES, LAYER)
        if number < convolutions:
            add_kernel_gradients(plan, layer, groups, fresh)
        elif width(lane) == 1:
            gradients_one(layer, inputs)
        else:
            add_gradients(layer, plan.gradient_shift, inputs, rows, groups, fresh, lane)
        inputs, rows = layer.values_at, layer.rows
    return total(losses) / per_sample
