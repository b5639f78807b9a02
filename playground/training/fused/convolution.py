"""The mathematics of the convolutions before the dense layers, for one vector of samples at once.

A stage is a convolution W (O, C, KH, KW), b (O,) with stride 1, an activation f, and a `pooling` of its windows (a
stage without one pools windows of a single pixel). With a the picture that goes in, zero outside of its pixels:

    forward   z_o(y, x) = b_o + sum over c, i, j of W_o,c(i, j) a_c(y + i - PY, x + j - PX)           `see`
    back      delta of a_c(y, x) = sum over o, i, j of W_o,c(i, j) delta_o(y - i + PY, x - j + PX)     `carry_back`
    gradient  dW_o,c(i, j) = sum over samples, y, x of delta_o(y, x) a_c(y + i - PY, x + j - PX)       `add_products`

Source: Dumoulin and Visin 2016, A guide to convolution arithmetic for deep learning, chapters 2 to 4.

What makes it fast is where the numbers lie:
  - Pictures lie as [channel][y][x][lane], with the samples in the lanes, so a strip of neighbouring pixels is one long
    vector, and a weight that is spread over it serves all of them. Four channels share each load of a strip.
  - Around the pixels lie margins of zeros, so that no pixel is a special case: what a weight sees is a constant
    distance away, and a table ("taps") has these distances.
  - A few rows are convolved, activated and pooled before the next, in a band of memory that stays in the level 1 cache.
    For the way back remain the slopes of what comes out, and which pixel of its window was the largest.
"""

from __future__ import annotations

from typing import Any

from playground.training.fused import functions as f
from playground.training.fused.functions import LANES
from playground.training.fused.plan import LAYER
from playground.training.fused.pooling import AVERAGE, MAX, PIXEL, keep_slopes, pool_largest, pool_mean, spread_deltas
from playground.training.fused.sums import sums4
from playground.training.fused.vector import (
    compiled,
    fma,
    lane_numbers,
    lanewise,
    load,
    read_float,
    read_int,
    record_at,
    spread,
    store,
)

LAYER_BYTES = LAYER.itemsize
STRIP = 4 if LANES == 16 else 2  # pixels whose sums for four channels fit the registers
STRIP_LANES, PAIR_LANES = STRIP * LANES, 2 * LANES


@compiled
def convolve_strip(layer: Any, inputs: Any, o: Any, values: Any, apart: Any, strip: Any) -> None:
    """z of four channels from o on, at one strip of pixels; what comes out lies `apart` bytes apart."""
    bias = layer.biases_at + 4 * o
    z0 = spread(read_float(bias), strip)
    z1 = spread(read_float(bias + 4), strip)
    z2 = spread(read_float(bias + 8), strip)
    z3 = spread(read_float(bias + 12), strip)
    w = layer.weights_at + 4 * o * layer.rows_in
    for tap in range(layer.inputs):
        a = load(inputs + read_int(layer.taps_at + 8 * tap), strip)
        z0 = fma(read_float(w), a, z0)
        z1 = fma(read_float(w + 4), a, z1)
        z2 = fma(read_float(w + 8), a, z2)
        z3 = fma(read_float(w + 12), a, z3)
        w += 16
    store(values, z0)
    store(values + apart, z1)
    store(values + 2 * apart, z2)
    store(values + 3 * apart, z3)


@compiled
def convolve_row(layer: Any, inputs: Any, o: Any, values: Any, apart: Any) -> None:
    """z of four channels from o on, at one row of pixels."""
    x, end = 0, layer.width * PIXEL
    while x + STRIP * PIXEL <= end:
        convolve_strip(layer, inputs + x, o, values + x, apart, lane_numbers(STRIP_LANES))
        x += STRIP * PIXEL
    if x + 2 * PIXEL <= end:
        convolve_strip(layer, inputs + x, o, values + x, apart, lane_numbers(PAIR_LANES))
        x += 2 * PIXEL
    if x < end:
        convolve_strip(layer, inputs + x, o, values + x, apart, lane_numbers(LANES))


@compiled
def lay_out(layer: Any, pixels: Any, stride: Any, group: Any) -> None:
    """Copy the pictures of one group, whose pixels lie `stride` bytes apart, into planes with margins."""
    one = lane_numbers(LANES)
    planes = layer.planes_at + group * layer.planes_step
    for _ in range(layer.channels):
        for y in range(layer.height_in):
            for x in range(layer.width_in):
                store(planes + y * layer.plane_pitch + x * PIXEL, load(pixels, one))
                pixels += stride
        planes += layer.plane_bytes


@compiled
def see_stage(plan: Any, layer: Any, group: Any) -> None:
    """One stage for one group of samples, a row of what comes out after another.

    Where the largest f(z) is f of the largest z to the last bit, only what comes out is activated.
    """
    band, slopes = plan.band_at, plan.band_slopes_at
    planes = layer.planes_at + group * layer.planes_step
    rows, across = layer.window_height, layer.width * PIXEL
    apart = rows * across
    activates_last = layer.pooling == MAX and (layer.activation == f.RELU or layer.activation == f.LINEAR)
    for y in range(layer.height_out):
        for o in range(0, layer.rows_out, 4):
            for i in range(rows):
                convolve_row(layer, planes + (y * rows + i) * layer.plane_pitch, o, band + i * across, apart)
            if not activates_last:
                f.activate(layer.activation, band, slopes, apart)  # four channels of floats of 4 bytes
            for k in range(min(4, layer.outputs - o)):
                here, here_slopes = band + k * apart, slopes + k * apart
                values = layer.out_at + group * layer.out_step + (o + k) * layer.out_bytes + y * layer.out_pitch
                kept = PIXEL * (group * layer.rows + ((o + k) * layer.height_out + y) * layer.width_out)
                deltas, winners = layer.deltas_at + kept, layer.winners_at + kept
                if layer.pooling == AVERAGE:
                    grid = layer.grid_at + group * layer.grid_step + (o + k) * layer.grid_bytes
                    pool_mean(layer, here, here_slopes, values, deltas, grid + y * rows * layer.grid_pitch)
                else:
                    pool_largest(layer, here, values, winners)
                    if activates_last:
                        f.activate(layer.activation, values, deltas, layer.width_out * LANES)
                    else:
                        keep_slopes(layer, here_slopes, winners, deltas)


@compiled
def see(plan: Any, pixels: Any, stride: Any, group: Any) -> Any:
    """All stages for one group of samples. Returns where the values of the last one lie, [channel][y][x][lane]."""
    lay_out(record_at(plan.layers_at, LAYER), pixels, stride, group)
    for number in range(plan.convolutions):
        see_stage(plan, record_at(plan.layers_at + number * LAYER_BYTES, LAYER), group)
    last = record_at(plan.layers_at + (plan.convolutions - 1) * LAYER_BYTES, LAYER)
    return last.out_at + group * last.out_step


@compiled
def carry_strip(layer: Any, grid: Any, c: Any, slopes: Any, apart: Any, strip: Any) -> None:
    """The deltas of four channels from c on, at one strip of pixels, in the place of their slopes."""
    window, taps = layer.window, layer.back_taps_at
    s0 = spread(0.0, strip)
    s1, s2, s3 = s0, s0, s0
    for o in range(layer.outputs):
        w = layer.weights_at + 16 * ((o >> 2) * layer.rows_in + c * window) + 4 * (o & 3)
        for _ in range(window):
            delta = load(grid + read_int(taps), strip)
            s0 = fma(read_float(w), delta, s0)
            s1 = fma(read_float(w + 16 * window), delta, s1)
            s2 = fma(read_float(w + 32 * window), delta, s2)
            s3 = fma(read_float(w + 48 * window), delta, s3)
            w += 16
            taps += 8
    store(slopes, s0 * load(slopes, strip))
    store(slopes + apart, s1 * load(slopes + apart, strip))
    store(slopes + 2 * apart, s2 * load(slopes + 2 * apart, strip))
    store(slopes + 3 * apart, s3 * load(slopes + 3 * apart, strip))


@compiled
def carry_back(layer: Any, below: Any, group: Any) -> None:
    """The deltas of what comes out of the stage below, in the place of its slopes, for one group."""
    across = layer.width_in * PIXEL
    apart = layer.height_in * across
    for y in range(layer.height_in):
        grid = layer.grid_at + group * layer.grid_step + y * layer.grid_pitch
        for c in range(0, layer.channels, 4):
            slopes = below.deltas_at + PIXEL * group * below.rows + c * apart + y * across
            x = 0
            while x + STRIP * PIXEL <= across:
                carry_strip(layer, grid + x, c, slopes + x, apart, lane_numbers(STRIP_LANES))
                x += STRIP * PIXEL
            if x + 2 * PIXEL <= across:
                carry_strip(layer, grid + x, c, slopes + x, apart, lane_numbers(PAIR_LANES))
                x += 2 * PIXEL
            if x < across:
                carry_strip(layer, grid + x, c, slopes + x, apart, lane_numbers(LANES))


@compiled
def learn_from_deltas(plan: Any, group: Any) -> None:
    """From the deltas of what comes out of the last stage to those of every stage's z, for one group."""
    for number in range(plan.convolutions - 1, -1, -1):
        layer = record_at(plan.layers_at + number * LAYER_BYTES, LAYER)
        spread_deltas(layer, group)
        if number > 0:
            carry_back(layer, record_at(plan.layers_at + (number - 1) * LAYER_BYTES, LAYER), group)


@lanewise
def load4(at: Any, like: Any) -> Any:
    """Four vectors that lie one after the other."""
    return load(at, like), load(at + PIXEL, like), load(at + 2 * PIXEL, like), load(at + 3 * PIXEL, like)


@lanewise
def store4(at: Any, a: Any, b: Any, c: Any, d: Any) -> None:
    """Write four vectors one after the other."""
    store(at, a)
    store(at + PIXEL, b)
    store(at + 2 * PIXEL, c)
    store(at + 3 * PIXEL, d)


@compiled
def add_products(layer: Any, tap: Any, planes: Any, grid: Any, rows: Any, sums: Any) -> None:
    """Add to 12 sums in each lane the products of three taps with the deltas of four channels, over some rows."""
    one, apart = lane_numbers(LANES), layer.grid_bytes
    tap0 = planes + read_int(layer.taps_at + 8 * tap)
    tap1 = planes + read_int(layer.taps_at + 8 * tap + 8)
    tap2 = planes + read_int(layer.taps_at + 8 * tap + 16)
    sums1, sums2 = sums + 4 * PIXEL, sums + 8 * PIXEL
    s00, s10, s20, s30 = load4(sums, one)
    s01, s11, s21, s31 = load4(sums1, one)
    s02, s12, s22, s32 = load4(sums2, one)
    for _ in range(rows):
        for at in range(0, layer.width * PIXEL, PIXEL):
            d0 = load(grid + at, one)
            d1 = load(grid + apart + at, one)
            d2 = load(grid + 2 * apart + at, one)
            d3 = load(grid + 3 * apart + at, one)
            a0, a1, a2 = load(tap0 + at, one), load(tap1 + at, one), load(tap2 + at, one)
            s00, s10, s20, s30 = fma(d0, a0, s00), fma(d1, a0, s10), fma(d2, a0, s20), fma(d3, a0, s30)
            s01, s11, s21, s31 = fma(d0, a1, s01), fma(d1, a1, s11), fma(d2, a1, s21), fma(d3, a1, s31)
            s02, s12, s22, s32 = fma(d0, a2, s02), fma(d1, a2, s12), fma(d2, a2, s22), fma(d3, a2, s32)
        grid += layer.grid_pitch
        tap0 += layer.plane_pitch
        tap1 += layer.plane_pitch
        tap2 += layer.plane_pitch
    store4(sums, s00, s10, s20, s30)
    store4(sums1, s01, s11, s21, s31)
    store4(sums2, s02, s12, s22, s32)


@compiled
def add_deltas(layer: Any, grid: Any, rows: Any, sums: Any) -> None:
    """Add to 4 sums in each lane the deltas of four channels, over some rows."""
    one, apart = lane_numbers(LANES), layer.grid_bytes
    b0, b1, b2, b3 = load4(sums, one)
    for _ in range(rows):
        for at in range(0, layer.width * PIXEL, PIXEL):
            b0 = b0 + load(grid + at, one)
            b1 = b1 + load(grid + apart + at, one)
            b2 = b2 + load(grid + 2 * apart + at, one)
            b3 = b3 + load(grid + 3 * apart + at, one)
        grid += layer.grid_pitch
    store4(sums, b0, b1, b2, b3)


@compiled
def add_kernel_gradients(plan: Any, layer: Any, groups: Any, fresh: Any) -> None:
    """dW and db of a convolution over some groups, written if they are fresh, else added to what is there.

    Four channels at a time: their deltas over a few rows stay in the level 1 cache while all taps pass, and each lane's
    sums wait in memory until they become one number for each weight, at last.
    """
    one = lane_numbers(LANES)
    bias_sums, tap_sums = plan.sums_at, plan.sums_at + 4 * PIXEL
    weights_at = plan.gradient_shift + layer.weight_gradients_at
    for o in range(0, layer.outputs, 4):
        for at in range(0, (layer.inputs + 3) * 4 * PIXEL, PIXEL):
            store(plan.sums_at + at, one - one)
        for group in range(groups):
            for top in range(0, layer.height, layer.block_rows):
                rows = min(layer.block_rows, layer.height - top)
                planes = layer.planes_at + group * layer.planes_step + top * layer.plane_pitch
                grid = layer.grid_at + group * layer.grid_step + o * layer.grid_bytes + top * layer.grid_pitch
                for tap in range(0, layer.inputs, 3):
                    add_products(layer, tap, planes, grid, rows, tap_sums + tap * 4 * PIXEL)
                add_deltas(layer, grid, rows, bias_sums)
        b0, b1, b2, b3 = load4(bias_sums, one)
        into(plan.gradient_shift + layer.bias_gradients_at + 4 * o, sums4(b0, b1, b2, b3), fresh)
        for tap in range(layer.inputs):
            s0, s1, s2, s3 = load4(tap_sums + tap * 4 * PIXEL, one)
            into(weights_at + 4 * o * layer.rows_in + 16 * tap, sums4(s0, s1, s2, s3), fresh)


@lanewise
def into(at: Any, gradients: Any, fresh: Any) -> None:
    """Write gradients, or add them to what is there."""
    if fresh:
        store(at, gradients)
    else:
        store(at, load(at, gradients) + gradients)
