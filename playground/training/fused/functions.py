"""What a layer and a loss compute, each formula in one place, on vectors with one sample a lane.

An activation gives its value and its slope at once, because the two share their work and backpropagation needs both.
"""

from __future__ import annotations

from typing import Any

from playground.training.fused.machine import native_lanes
from playground.training.fused.plan import ACTIVATION_CODES
from playground.training.fused.vector import (
    absolute,
    compiled,
    fma,
    lane_numbers,
    lanewise,
    load,
    power_of_two,
    select,
    split_exponent,
    store,
)

LANES = native_lanes()
LINEAR, RELU, LEAKYRELU, ELU, TANH, SIGMOID, SILU, GELU = ACTIVATION_CODES.values()
LN2_HIGH, LN2_LOW = 0.693359375, -2.12194440e-4  # ln 2 in two parts, so that n * LN2_HIGH is exact
LOG2_E = 1.44269504088896341
SHIFTER = 12582912.0  # 1.5 * 2^23: a number so large that adding it leaves no bits for fractions, which rounds


@lanewise
def reduced_exp(x: Any) -> Any:
    """(2^n, exp(r) - 1) with x = n ln 2 + r and |r| <= ln(2) / 2, for x from -87 to 88. Source: Cephes, expf."""
    shifted = fma(x, LOG2_E, SHIFTER)
    n = shifted - SHIFTER
    r = fma(n, -LN2_LOW, fma(n, -LN2_HIGH, x))
    square = r * r
    # In pairs, which wait less for each other than one term after another.
    low, middle = fma(1.6666665459e-1, r, 5.0000001201e-1), fma(8.3334519073e-3, r, 4.1665795894e-2)
    high = fma(1.9875691500e-4, r, 1.3981999507e-3)
    series = fma(square * square, high, fma(square, middle, low))
    return power_of_two(shifted), fma(series, square, r)


@lanewise
def clamped(x: Any, low: float, high: float) -> Any:
    """x within the limits; NaN stays NaN."""
    x = select(x < low, low, x)
    return select(x > high, high, x)


@lanewise
def exp(x: Any) -> Any:
    """e^x, from e^-87 to e^88."""
    scale, part = reduced_exp(clamped(x, -87.0, 88.0))
    return fma(scale, part, scale)


@lanewise
def expm1(x: Any) -> Any:
    """e^x - 1, exact to the last digits for small x too."""
    scale, part = reduced_exp(clamped(x, -87.0, 88.0))
    return fma(scale, part, scale - 1.0)


@lanewise
def log(x: Any) -> Any:
    """ln x of positive normal numbers. Source: Cephes, logf."""
    mantissa, exponent = split_exponent(x)
    f = mantissa - 1.0
    series = fma(fma(fma(fma(fma(fma(fma(fma(7.0376836292e-2, f, -1.1514610310e-1), f, 1.1676998740e-1), f,
                 -1.2420140846e-1), f, 1.4249322787e-1), f, -1.6668057665e-1), f, 2.0000714765e-1), f,
                 -2.4999993993e-1), f, 3.3333331174e-1)  # fmt: skip
    square = f * f
    tail = fma(exponent, LN2_LOW, series * f * square) - 0.5 * square
    return fma(exponent, LN2_HIGH, f + tail)


@lanewise
def log1p(u: Any) -> Any:
    """ln(1 + u) for u >= 0: the logarithm of the rounded sum, and the first term of what rounding lost."""
    rounded = u + 1.0
    return log(rounded) + (u - (rounded - 1.0)) / rounded


@lanewise
def tanh_of(x: Any) -> Any:
    """tanh x = (e^2x - 1) / (e^2x + 1)."""
    scale, part = reduced_exp(clamped(2.0 * x, -20.0, 20.0))
    e = fma(scale, part, scale - 1.0)
    return e / (e + 2.0)


@lanewise
def sigmoid_of(x: Any) -> Any:
    """1 / (1 + e^-x)."""
    return 1.0 / (exp(-1.0 * x) + 1.0)


@lanewise
def normal_below(z: Any) -> Any:
    """Phi(z), the share of the normal distribution below z, as erfc(|z| / sqrt 2) / 2 or the rest of 1.

    Source: Numerical Recipes, 2nd edition, 6.2, erfcc: erfc(x) = t exp(-x^2 + P(t)) with t = 1 / (1 + x / 2).
    """
    x = absolute(z) * 0.7071067811865476
    t = 1.0 / (0.5 * x + 1.0)
    p = fma(fma(fma(fma(fma(fma(fma(fma(fma(0.17087277, t, -0.82215223), t, 1.48851587), t, -1.13520398), t,
            0.27886807), t, -0.18628806), t, 0.09678418), t, 0.37409196), t, 1.00002368), t, -1.26551223)  # fmt: skip
    tail = 0.5 * t * exp(p - x * x)
    return select(z > 0.0, 1.0 - tail, tail)


# Activations: z -> (value, slope). The names are those of the Experiment.


@lanewise
def linear(z: Any) -> Any:
    """z itself."""
    return z, z - z + 1.0


@lanewise
def relu(z: Any) -> Any:
    """max(0, z)."""
    return select(z < 0.0, 0.0, z), select(z > 0.0, 1.0, 0.0)


@lanewise
def leakyrelu(z: Any) -> Any:
    """z, or 0.01 z where z is negative."""
    slope = select(z > 0.0, 1.0, 0.01)
    return z * slope, slope


@lanewise
def elu(z: Any) -> Any:
    """z, or e^z - 1 where z is negative."""
    negative = expm1(z)
    return select(z > 0.0, z, negative), select(z > 0.0, 1.0, negative + 1.0)


@lanewise
def tanh(z: Any) -> Any:
    """d tanh z / dz = 1 - tanh^2 z."""
    value = tanh_of(z)
    return value, 1.0 - value * value


@lanewise
def sigmoid(z: Any) -> Any:
    """s = 1 / (1 + e^-z), ds/dz = s (1 - s)."""
    value = sigmoid_of(z)
    return value, value * (1.0 - value)


@lanewise
def silu(z: Any) -> Any:
    """z s(z) with s the sigmoid; slope s + z s (1 - s)."""
    s = sigmoid_of(z)
    return z * s, s * (z * (1.0 - s) + 1.0)


@lanewise
def gelu(z: Any) -> Any:
    """z Phi(z) with Phi the normal distribution; slope Phi(z) + z phi(z)."""
    distribution = normal_below(z)
    density = 0.3989422804014327 * exp(-0.5 * z * z)
    return z * distribution, distribution + z * density


def _over(activation: Any) -> Any:
    """An activation over many numbers: z at values becomes the value, and its slope goes to slopes."""

    @compiled
    def over(values: Any, slopes: Any, floats: Any) -> None:
        for at in range(0, 4 * floats, 4 * LANES):
            value, slope = activation(load(values + at, lane_numbers(LANES)))
            store(values + at, value)
            store(slopes + at, slope)

    return over


over_linear, over_relu, over_leakyrelu, over_elu = (_over(a) for a in (linear, relu, leakyrelu, elu))
over_tanh, over_sigmoid, over_silu, over_gelu = (_over(a) for a in (tanh, sigmoid, silu, gelu))


@compiled
def activate(code: Any, values: Any, slopes: Any, floats: Any) -> None:
    """a = f(z) in the place of z, and f'(z), for all units of one group, which lie in one stretch."""
    if code == RELU:
        over_relu(values, slopes, floats)
    elif code == TANH:
        over_tanh(values, slopes, floats)
    elif code == SIGMOID:
        over_sigmoid(values, slopes, floats)
    elif code == LINEAR:
        over_linear(values, slopes, floats)
    elif code == LEAKYRELU:
        over_leakyrelu(values, slopes, floats)
    elif code == ELU:
        over_elu(values, slopes, floats)
    elif code == SILU:
        over_silu(values, slopes, floats)
    elif code == GELU:
        over_gelu(values, slopes, floats)


# Losses of one output: (z, target) -> (loss, d loss / dz). Classes and softmax are in the kernel's loss loop.


@lanewise
def mse(z: Any, t: Any) -> Any:
    """(z - t)^2."""
    error = z - t
    return error * error, 2.0 * error


@lanewise
def huber(z: Any, t: Any) -> Any:
    """error^2 / 2 up to an error of 1, |error| - 1/2 beyond."""
    error = z - t
    size = absolute(error)
    return select(size < 1.0, 0.5 * error * error, size - 0.5), clamped(error, -1.0, 1.0)


@lanewise
def bce(z: Any, t: Any) -> Any:
    """-ln s(z) for t = 1 and -ln(1 - s(z)) for t = 0, as max(z, 0) - z t + ln(1 + e^-|z|); slope s(z) - t."""
    e = exp(-1.0 * absolute(z))
    probability = select(z < 0.0, e, 1.0) / (e + 1.0)
    return select(z < 0.0, 0.0, z) - z * t + log1p(e), probability - t


@lanewise
def squared(z: Any, t: Any) -> Any:
    """(tanh z - t)^2 / 2."""
    value = tanh_of(z)
    error = value - t
    return 0.5 * error * error, error * (1.0 - value * value)
