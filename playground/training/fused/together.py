"""A step by several threads: each takes a piece of the batch, or a part of a data set, until none is left.

The lead is the thread whose plan trains. Helpers are in `help_lead` meanwhile, with plans of their own that differ in
where the values of their samples lie. Whoever does a piece writes its gradients to the place of that piece, and the
lead adds them up in the order of the pieces: so all results are the same with any number of threads, to the last bit.
"""

from __future__ import annotations

from typing import Any

from playground.training.fused.atomics import acquire, count_up, relax, release, replace_if
from playground.training.fused.batches import gather
from playground.training.fused.functions import LANES
from playground.training.fused.kernel import learn
from playground.training.fused.look import WIDE, evaluate_part, parts
from playground.training.fused.plan import PLAN, TEAM, WORK
from playground.training.fused.vector import (
    compiled,
    int64,
    lane_numbers,
    load,
    read_double,
    record_at,
    store,
    write_double,
)

LEARN, EVALUATE = WORK.values()
OPEN, NEXT, LIMIT, DONE = (TEAM.fields[name][1] for name in ("open", "next", "limit", "done"))  # type: ignore[index]


@compiled
def work_off(plan: Any) -> Any:
    """Do a piece of the work that nobody has begun. Returns whether there was one."""
    at = plan.team_at
    number = acquire(at + NEXT)
    if number >= acquire(at + LIMIT) or not replace_if(at + NEXT, number, number + 1):
        return 0
    team = record_at(at, TEAM)
    piece = team.first + number - team.begin
    if team.kind == LEARN:
        if plan.wide:
            learn_piece(plan, team, piece, lane_numbers(WIDE))
        else:
            learn_piece(plan, team, piece, lane_numbers(LANES))
    else:
        lead = record_at(team.lead_at, PLAN)
        evaluate_part(plan, piece, lead.part_sums_at + 16 * piece)
    count_up(at + DONE)
    return 1


@compiled
def learn_piece(plan: Any, team: Any, piece: Any, lane: Any) -> None:
    """The gradients and the loss of one piece of the lead's batch, to the places of this piece."""
    lead = record_at(team.lead_at, PLAN)
    first = piece * plan.piece_samples
    samples, at = min(plan.piece_samples, team.batch - first), team.position + first
    plan.order_at, plan.dropout_offset, plan.dropped_samples = lead.order_at, lead.dropout_offset, first
    plan.gradient_shift = lead.piece_gradients_at + 4 * piece * plan.parameters - plan.gradients_at
    plan.dropping = 1
    gather(plan, at, at + samples, lane)
    loss = learn(plan, plan.gathered_at, plan.targets_at, samples, team.batch, int64(1), lane)
    plan.dropping = plan.gradient_shift = 0
    write_double(lead.piece_losses_at + 8 * piece, loss)


@compiled
def do_together(plan: Any, kind: Any, first: Any, last: Any) -> None:
    """Have the pieces of work from `first` up to `last` done by the team, and return when all are."""
    at = plan.team_at
    team = record_at(at, TEAM)
    begin = team.limit
    limit = begin + last - first
    team.kind, team.begin, team.first = kind, begin, first
    release(at + LIMIT, limit)
    while acquire(at + NEXT) < limit:
        work_off(plan)
    while acquire(at + DONE) < limit:
        relax()


@compiled
def help_lead(plan: Any) -> None:
    """Do what there is to do until the lead closes the team."""
    while acquire(plan.team_at + OPEN):
        if not work_off(plan):
            relax()


@compiled
def learn_together(plan: Any, position: Any, batch: Any) -> Any:
    """The gradients of a whole batch. Returns the sum of its losses."""
    team = record_at(plan.team_at, TEAM)
    team.position, team.batch = position, batch
    pieces = (batch + plan.piece_samples - 1) // plan.piece_samples
    do_together(plan, int64(LEARN), int64(0), pieces)
    native = lane_numbers(LANES)
    size = 4 * plan.parameters
    for at in range(0, size, 4 * LANES):
        gradient = load(plan.piece_gradients_at + at, native)
        for piece in range(1, pieces):
            gradient = gradient + load(plan.piece_gradients_at + piece * size + at, native)
        store(plan.gradients_at + at, gradient)
    loss = 0.0
    for piece in range(pieces):
        loss += read_double(plan.piece_losses_at + 8 * piece)
    return loss


@compiled
def measure(plan: Any, first: Any, last: Any, sums: Any) -> None:
    """Evaluate the parts from `first` up to `last` of the train set and the test set, with the packed parameters.

    With the last part of all come the four sums of `evaluate`: two over the train set, two over the test set.
    """
    if plan.team_at:
        do_together(plan, int64(EVALUATE), first, last)
    else:
        for part in range(first, last):
            evaluate_part(plan, part, plan.part_sums_at + 16 * part)
    of_train, of_test = parts(plan.samples), parts(plan.test_samples)
    if last == of_train + of_test:
        add_up(plan.part_sums_at, of_train, sums)
        add_up(plan.part_sums_at + 16 * of_train, of_test, sums + 16)


@compiled
def add_up(sums: Any, count: Any, at: Any) -> None:
    """The two sums of so many parts, to an address."""
    losses = hits = 0.0
    for part in range(count):
        losses += read_double(sums + 16 * part)
        hits += read_double(sums + 16 * part + 8)
    write_double(at, losses)
    write_double(at + 8, hits)
