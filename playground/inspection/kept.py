"""Answers that cost more than a frame may: found anew at once when paused, and now and then while it trains."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, TypeVar

Value = TypeVar("Value")

OFTEN = 0.5  # seconds at least between two answers while it trains
SHARE = 0.1  # of the time, at most, goes into one kind of answer while it trains


@dataclass
class _Answer:
    value: Any
    question: object
    moment: object
    due: float


@dataclass
class Kept:
    """The answers of one run. moment: what changes with the weights. clock: for tests."""

    clock: Callable[[], float] = perf_counter
    _answers: dict[str, _Answer] = field(default_factory=dict)

    def get(
        self,
        name: str,
        question: object,
        moment: object,
        playing: bool,
        find: Callable[[], Value],
        *,
        often: float = OFTEN,
        share: float = SHARE,
    ) -> Value:
        """What `find` says, or what it said lately: to another question it is asked at once."""
        answer = self._answers.get(name)
        if answer is not None and self._holds(answer, question, moment, playing):
            value: Value = answer.value
            return value
        started = self.clock()
        value = find()
        ended = self.clock()
        self._answers[name] = _Answer(value, question, moment, ended + max(often, (ended - started) / share))
        return value

    def last(self, name: str) -> Any:
        """What `find` said last; None where it was not asked yet."""
        answer = self._answers.get(name)
        return None if answer is None else answer.value

    def _holds(self, answer: _Answer, question: object, moment: object, playing: bool) -> bool:
        return answer.question == question and (answer.moment == moment or (playing and self.clock() < answer.due))
