"""The training loop: batches gathered into lanes, a step for each, epoch after epoch without leaving the kernel."""

from __future__ import annotations

from typing import Any

from playground.training.fused.batches import gather
from playground.training.fused.functions import LANES
from playground.training.fused.kernel import LAYER_BYTES, learn
from playground.training.fused.layout import pack, pack_all
from playground.training.fused.look import WIDE, look, parts
from playground.training.fused.order import shuffle
from playground.training.fused.plan import JOBS, LAYER, PLAN, ROW_HEAD
from playground.training.fused.rules import add_penalties, clip_factor, squared_norm, update
from playground.training.fused.together import help_lead, learn_together, measure
from playground.training.fused.vector import (
    compiled,
    int64,
    lane_numbers,
    read_double,
    record_at,
    root,
    width,
    write_double,
)

TRAIN, LOOK, MEASURE, HELP = JOBS.values()


@compiled
def train(plan: Any, lane: Any) -> None:
    """Up to plan.steps training steps, through as many epochs as that is, fewer when the history's rows are full.

    Where the plan defers, the first row ends it: the caller evaluates before it goes on.
    When a loss or a weight is no longer finite, the flat parameters stay as they were before the call: the caller
    repeats steps_done steps to come to the last finite ones.
    """
    pack_all(plan, int64(0))
    row, native = 4 * width(lane), lane_numbers(LANES)
    rows = (plan.features + 1) // 2 * 2
    groups = (plan.batch_size + width(lane) - 1) // width(lane)
    position, steps_done, gathered_from, gathered_to = plan.position, 0, 0, 0
    plan.finite, plan.rows_done = 1, 0
    while steps_done < plan.steps and plan.rows_done < plan.row_capacity:
        batch = min(plan.batch_size, plan.samples - position)
        plan.dropout_offset = steps_done * plan.dropout_stride
        loss = 0.0
        if plan.team_at and batch > plan.piece_samples:
            loss = learn_together(plan, position, batch)
            gathered_to = 0
        else:
            plan.dropping = 1
            for first in range(0, batch, plan.piece_samples):
                at = position + first
                samples = min(plan.piece_samples, batch - first)
                if at >= gathered_to:
                    gathered_from = at
                    whole = plan.batch_size <= plan.piece_samples
                    end = at + plan.gathered_batches * plan.batch_size if whole else at + samples
                    gathered_to = min(end, plan.samples)
                    gather(plan, at, gathered_to, lane)
                group = (at - gathered_from) // plan.batch_size * groups
                inputs = plan.gathered_at + group * row * rows
                plan.dropped_samples = first
                loss += learn(plan, inputs, plan.targets_at + group * row, samples, batch, int64(first == 0), lane)
            plan.dropping = 0
        loss /= batch

        if plan.l1 > 0.0 or plan.l2 > 0.0:
            add_penalties(plan, native)
        ends_epoch = position + batch == plan.samples
        record = ends_epoch and ((plan.epoch + 1) % plan.record_every == 0 or plan.epoch + 1 == plan.last_epoch)
        if record:
            write_norms(plan)
        factor = clip_factor(plan, native) if plan.clip_norm > 0.0 else 1.0
        rate = read_double(plan.rates_at + 8 * plan.rate_stride * steps_done)
        if not update(plan, rate, factor, native) or loss - loss != 0.0:
            plan.finite = 0
            break
        plan.loss_value = loss
        steps_done += 1
        position += batch
        if ends_epoch:
            position, gathered_to = 0, 0
            plan.epoch += 1
            shuffle(plan.generator_at, plan.order_at, plan.samples)
            if record:
                train_loss = write_row(plan, rate, steps_done)
                if plan.defers or train_loss - train_loss != 0.0:
                    break
    plan.steps_done = steps_done
    plan.position = position
    if plan.finite:
        pack_all(plan, int64(1))


@compiled
def write_norms(plan: Any) -> None:
    """Into the row that comes next: the norm of each layer's gradient."""
    at = plan.rows_at + 8 * (plan.rows_done * plan.row_floats + ROW_HEAD)
    for number in range(plan.layers):
        layer = record_at(plan.layers_at + number * LAYER_BYTES, LAYER)
        end = layer.bias_gradients_at + 4 * layer.rows_out
        write_double(at + 8 * number, root(squared_norm(layer.weight_gradients_at, end, lane_numbers(4))))


@compiled
def write_row(plan: Any, rate: Any, steps_done: Any) -> Any:
    """A row of the history: epoch, steps, rate, and sums over the train and the test set. Returns the train loss.

    Where the plan defers, the sums are left to the caller.
    """
    at = plan.rows_at + 8 * plan.rows_done * plan.row_floats
    write_double(at, plan.epoch)
    write_double(at + 8, steps_done)
    write_double(at + 16, rate)
    if not plan.defers:
        measure(plan, int64(0), parts(plan.samples) + parts(plan.test_samples), at + 24)
    plan.rows_done += 1
    return read_double(at + 24)


@compiled
def fused(plan_at: Any) -> Any:
    """Do the job of the plan at an address. Returns the lanes of a native vector; wide plans use two."""
    if plan_at:
        plan = record_at(plan_at, PLAN)
        narrow, wide = lane_numbers(LANES), lane_numbers(WIDE)  # convolutions are narrow
        if plan.job == TRAIN:
            if plan.wide:
                train(plan, wide)
            elif plan.batch_size == 1 and not plan.convolutions:
                train(plan, lane_numbers(1))
            else:
                train(plan, narrow)
        elif plan.job == MEASURE:
            pack(plan, plan.flat_at, plan.packed_at, int64(0))
            measure(plan, plan.first_part, plan.last_part, plan.rows_at)
        elif plan.job == HELP:
            help_lead(plan)
        elif plan.convolutions:
            look(plan, narrow)
        else:
            look(plan, wide)
    return LANES
