"""The mathematics of the poolings after convolutions, for one vector of samples at once.

With f(z) the activations of one channel, and a window of pixels that do not belong to another one:

    forward   out = the largest, or the mean, of f(z) over the window               `pool_largest`, `pool_mean`
    back      delta of z = delta of out * (f'(z) if it is the largest | f'(z) / pixels of the window)  `spread_deltas`

Among equal values the first of a window is its largest, as in PyTorch (ATen/native/cpu/MaxPoolKernel.cpp).
"""

from __future__ import annotations

from typing import Any

from playground.training.fused.functions import LANES
from playground.training.fused.plan import POOLING_CODES
from playground.training.fused.vector import compiled, lane_numbers, lanewise, load, select, store

MAX, AVERAGE = POOLING_CODES.values()
PIXEL = 4 * LANES  # bytes of one pixel of all samples


@lanewise
def larger(best: Any, winner: Any, value: Any, number: Any) -> Any:
    """The larger of two pixels and its number; among equal ones the first, and a NaN stays, as in PyTorch."""
    wins = value > best
    return select(wins, value, select(value == value, best, value)), select(wins, number, winner)


@compiled
def pool_largest(layer: Any, band: Any, values: Any, winners: Any) -> None:
    """One row of what comes out of one channel: the largest pixel of each window of a band, and its number there."""
    one = lane_numbers(LANES)
    across = layer.width * PIXEL
    if layer.window_height == 2 and layer.window_width == 2:
        for at in range(0, layer.width_out * PIXEL, PIXEL):
            best, winner = larger(load(band, one), one - one, load(band + PIXEL, one), 1.0)
            best, winner = larger(best, winner, load(band + across, one), 2.0)
            best, winner = larger(best, winner, load(band + across + PIXEL, one), 3.0)
            store(values + at, best)
            store(winners + at, winner)
            band += 2 * PIXEL
    else:
        for at in range(0, layer.width_out * PIXEL, PIXEL):
            best, winner = load(band, one), one - one
            for i in range(layer.window_height):
                for j in range(layer.window_width):
                    value = load(band + i * across + j * PIXEL, one)
                    best, winner = larger(best, winner, value, i * layer.window_width + j)
            store(values + at, best)
            store(winners + at, winner)
            band += layer.window_width * PIXEL


@compiled
def keep_slopes(layer: Any, slopes: Any, winners: Any, deltas: Any) -> None:
    """The slopes of the pixels that `pool_largest` has chosen in a band."""
    one = lane_numbers(LANES)
    across = layer.width * PIXEL
    for at in range(0, layer.width_out * PIXEL, PIXEL):
        winner, slope = load(winners + at, one), one - one
        for i in range(layer.window_height):
            for j in range(layer.window_width):
                number = i * layer.window_width + j
                slope = select(winner == number, load(slopes + i * across + j * PIXEL, one), slope)
        store(deltas + at, slope)
        slopes += layer.window_width * PIXEL


@compiled
def pool_mean(layer: Any, band: Any, slopes: Any, values: Any, deltas: Any, grid: Any) -> None:
    """One row of what comes out of one channel as means; the slopes of all pixels go where their deltas will be."""
    one = lane_numbers(LANES)
    across = layer.width * PIXEL
    share = 1.0 / (layer.window_height * layer.window_width)
    for x in range(layer.width_out):
        total = one - one
        for i in range(layer.window_height):
            for j in range(layer.window_width):
                there = (x * layer.window_width + j) * PIXEL
                total = total + load(band + i * across + there, one)
                store(grid + i * layer.grid_pitch + there, load(slopes + i * across + there, one))
        store(values + x * PIXEL, total * share)
        store(deltas + x * PIXEL, one - one + share)


@compiled
def spread_deltas(layer: Any, group: Any) -> None:
    """From the deltas of what comes out to those of z, in planes with margins."""
    one = lane_numbers(LANES)
    kept = PIXEL * group * layer.rows
    deltas, winners = layer.deltas_at + kept, layer.winners_at + kept
    pitch, across = layer.grid_pitch, layer.window_width * PIXEL
    for channel in range(layer.outputs):
        grid = layer.grid_at + group * layer.grid_step + channel * layer.grid_bytes
        for _ in range(layer.height_out):
            for at in range(grid, grid + layer.width_out * across, across):
                delta, winner = load(deltas, one), load(winners, one)
                if layer.pooling == AVERAGE:
                    for i in range(layer.window_height):
                        for there in range(at + i * pitch, at + i * pitch + across, PIXEL):
                            store(there, load(there, one) * delta)
                elif layer.window_height == 2 and layer.window_width == 2:
                    store(at, select(winner == 0.0, delta, 0.0))
                    store(at + PIXEL, select(winner == 1.0, delta, 0.0))
                    store(at + pitch, select(winner == 2.0, delta, 0.0))
                    store(at + pitch + PIXEL, select(winner == 3.0, delta, 0.0))
                else:
                    for i in range(layer.window_height):
                        for j in range(layer.window_width):
                            number = i * layer.window_width + j
                            store(at + i * pitch + j * PIXEL, select(winner == number, delta, 0.0))
                deltas += PIXEL
                winners += PIXEL
            grid += layer.window_height * pitch
