"""The learning rate at every step, as torch.optim.lr_scheduler gives it, in closed form and without torch.

A closed form needs no memory: a schedule can change while it trains, and a checkpoint need not save it. All schedules
count steps, not epochs, from t = 0; S = schedule_epochs * steps_per_epoch steps are scheduled, and after them the rate
stays at that of the last scheduled step, t = S - 1. A script does the same with `scheduler.step()` after every step, as
long as `scheduler.last_epoch < S - 1`.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from playground.experiment.experiment import Experiment

Schedule = Callable[[float, int, int, int], float]  # (learning_rate, t, steps_per_epoch, schedule_epochs) -> rate

COSINE_FLOOR = 1e-3  # of learning_rate, where the cosine ends: at exactly 0 nothing would ever move again
WARMUP_START = 0.01  # of learning_rate, where the warm-up begins
ONECYCLE_RISE, ONECYCLE_START, ONECYCLE_END = 0.3, 25.0, 1e4  # torch's pct_start, div_factor, final_div_factor


def constant(rate: float, t: int, steps_per_epoch: int, schedule_epochs: int) -> float:
    """The same rate for ever."""
    return rate


def stepwise(rate: float, t: int, steps_per_epoch: int, schedule_epochs: int) -> float:
    """rate * 0.1 ** (t // period): divided by 10 after each third of schedule_epochs, so three levels.

    Source: torch.optim.lr_scheduler.StepLR(step_size=period, gamma=0.1), period = ceil(schedule_epochs / 3) epochs.
    """
    period = -(-schedule_epochs // 3) * steps_per_epoch
    return rate * 0.1 ** (t // period)


def cosine(rate: float, t: int, steps_per_epoch: int, schedule_epochs: int) -> float:
    """floor + (rate - floor) * (1 + cos(pi t / S)) / 2 with floor = rate / 1000.

    Source: torch.optim.lr_scheduler.CosineAnnealingLR(T_max=S, eta_min=rate / 1000); Loshchilov and Hutter 2017.
    """
    return _cosine_between(rate, rate * COSINE_FLOOR, t / (schedule_epochs * steps_per_epoch))


def onecycle(rate: float, t: int, steps_per_epoch: int, schedule_epochs: int) -> float:
    """A cosine up from rate / 25 to rate in the first 30 % of the steps, then a cosine down to rate / 250,000.

    Source: torch.optim.lr_scheduler.OneCycleLR(max_lr=rate, total_steps=S, cycle_momentum=False); Smith and Topin 2019.
    """
    steps = schedule_epochs * steps_per_epoch
    peak, end = ONECYCLE_RISE * steps - 1, steps - 1
    start_rate = rate / ONECYCLE_START
    if t <= peak:
        return _cosine_between(start_rate, rate, t / peak)
    return _cosine_between(rate, start_rate / ONECYCLE_END, (t - peak) / (end - peak))


def warmup(rate: float, t: int, steps_per_epoch: int, schedule_epochs: int) -> float:
    """A straight line from rate / 100 to rate over the first tenth of S, then constant.

    Source: torch.optim.lr_scheduler.LinearLR(start_factor=0.01, total_iters=max(1, S // 10)).
    """
    iterations = max(1, schedule_epochs * steps_per_epoch // 10)
    return rate * (WARMUP_START + (1 - WARMUP_START) * min(1.0, t / iterations))


def _cosine_between(start: float, end: float, share: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * share)) / 2


SCHEDULES: dict[str, Schedule] = {
    "constant": constant,
    "step": stepwise,
    "cosine": cosine,
    "onecycle": onecycle,
    "warmup": warmup,
}


def learning_rate_at(experiment: Experiment, step: int, steps_per_epoch: int) -> float:
    """The learning rate of the update number `step`, counted from 0."""
    t = min(step, experiment.schedule_epochs * steps_per_epoch - 1)
    return SCHEDULES[experiment.schedule](experiment.learning_rate, t, steps_per_epoch, experiment.schedule_epochs)
