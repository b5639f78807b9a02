"""From the gradient to new weights: penalties, clipping and the optimizers, with the formulas of torch.optim.

All run over the packed parameters of the whole network at once, a vector of neighbouring weights at a time.
"""

from __future__ import annotations

from typing import Any

from playground.training.fused.plan import OPTIMIZER_CODES
from playground.training.fused.sums import total
from playground.training.fused.vector import compiled, fma, load, root, select, sqrt, store, width

SGD, MOMENTUM, NESTEROV = (OPTIMIZER_CODES[name] for name in ("sgd", "momentum", "nesterov"))
ADAM, ADAMW, RMSPROP, ADAGRAD = (OPTIMIZER_CODES[name] for name in ("adam", "adamw", "rmsprop", "adagrad"))


@compiled
def add_penalties(plan: Any, lane: Any) -> None:
    """gradient += l1 sign(w) + l2 w, on weights and not on biases."""
    l2 = 0.0 if plan.optimizer == ADAMW else plan.l2  # AdamW shrinks the weights in its update instead
    l1 = plan.l1
    for at in range(0, 4 * plan.parameters, 4 * width(lane)):
        w = load(plan.packed_at + at, lane)
        sign = select(w > 0.0, 1.0, select(w < 0.0, -1.0, 0.0))
        penalty = load(plan.mask_at + at, lane) * (l1 * sign + l2 * w)
        store(plan.gradients_at + at, load(plan.gradients_at + at, lane) + penalty)


@compiled
def squared_norm(start: Any, end: Any, lane: Any) -> Any:
    """The sum of squares of a stretch of the packed gradient, whose padding is 0."""
    squares = lane - lane
    for at in range(start, end, 4 * width(lane)):
        g = load(at, lane)
        squares = fma(g, g, squares)
    return total(squares)


@compiled
def clip_factor(plan: Any, lane: Any) -> Any:
    """min(1, clip_norm / (norm + 1e-6)), as torch.nn.utils.clip_grad_norm_."""
    norm = root(squared_norm(plan.gradients_at, plan.gradients_at + 4 * plan.parameters, lane))
    return min(1.0, plan.clip_norm / (norm + 1e-6))


@compiled
def update(plan: Any, rate: float, factor: float, lane: Any) -> Any:
    """One step of the optimizer with the gradient times `factor`. Returns whether all weights are finite."""
    w_at, g_at, mask_at, first_at, second_at = (
        plan.packed_at, plan.gradients_at, plan.mask_at, plan.memory1_at, plan.memory2_at,
    )  # fmt: skip
    optimizer = plan.optimizer
    momentum, alpha, eps = plan.momentum, plan.alpha, plan.eps
    beta1, beta2 = plan.beta1, plan.beta2
    plan.power1 *= beta1
    plan.power2 *= beta2
    step_size = rate / (1.0 - plan.power1)  # Adam's means start at 0; these two make up for it
    correction = root(1.0 - plan.power2)
    decay = rate * plan.l2 if optimizer == ADAMW else 0.0
    zero = lane - lane
    check = zero
    for at in range(0, 4 * plan.parameters, 4 * width(lane)):
        w = load(w_at + at, lane)
        g = factor * load(g_at + at, lane)
        if optimizer == SGD:
            w = fma(g, -rate, w)
        elif optimizer == MOMENTUM:
            velocity = fma(load(first_at + at, lane), momentum, g)
            store(first_at + at, velocity)
            w = fma(velocity, -rate, w)
        elif optimizer == NESTEROV:
            velocity = fma(load(first_at + at, lane), momentum, g)
            store(first_at + at, velocity)
            w = fma(fma(velocity, momentum, g), -rate, w)
        elif optimizer == RMSPROP:
            mean_square = load(first_at + at, lane) * alpha + (1.0 - alpha) * g * g
            store(first_at + at, mean_square)
            w = w - rate * g / (sqrt(mean_square) + eps)
        elif optimizer == ADAGRAD:
            sum_square = fma(g, g, load(first_at + at, lane))
            store(first_at + at, sum_square)
            w = w - rate * g / (sqrt(sum_square) + eps)
        else:
            w = w - decay * load(mask_at + at, lane) * w
            mean = load(first_at + at, lane)
            mean = fma(g - mean, 1.0 - beta1, mean)
            mean_square = load(second_at + at, lane) * beta2 + (1.0 - beta2) * g * g
            store(first_at + at, mean)
            store(second_at + at, mean_square)
            w = w - step_size * mean / (sqrt(mean_square) / correction + eps)
        store(w_at + at, w)
        check = fma(w, 0.0, check)  # 0 times infinity is NaN, and NaN stays
    return total(check) == 0.0
