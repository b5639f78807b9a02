"""What a browser asks, read from text that anybody may have sent."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, NoReturn

from playground.stage.access import Access

MAX_QUESTION = 64_000
"""Characters. A view and a command take about 300, so this leaves room for any figure's options."""

MAX_RUN_ID = 64
COMMAND_PARTS = frozenset({"name", "value", "parameter", "index", "pixels", "size", "text", "values"})


class QuestionError(ValueError):
    """A question that is refused; the message is one sentence for the reader."""


@dataclass(frozen=True)
class FrameQuestion:
    """Do the command, if there is one, then send the frame of this view."""

    run_id: str
    message: dict[str, Any]


@dataclass(frozen=True)
class FigureQuestion:
    """Draw this figure, unless its key is still `have`."""

    run_id: str
    name: str
    options: dict[str, Any]
    have: str | None


def read_question(access: Access, token: str, text: str) -> FrameQuestion | FigureQuestion:
    """Read a question and check that this token may ask it.

    Raises: QuestionError with one sentence.
    """
    question = _parse(text)
    run_id = question.get("run")
    if not isinstance(run_id, str) or not 0 < len(run_id) <= MAX_RUN_ID:
        raise QuestionError("The question names no run. Reload the page.")
    if not access.allows(token, run_id):
        raise QuestionError("This page may not watch that run any more. Reload the page.")
    kind = question.get("kind")
    if kind == "frame":
        view = question.get("view")
        message = {"command": _command(question.get("command")), "view": view if isinstance(view, dict) else {}}
        return FrameQuestion(run_id, message)
    if kind == "figure":
        name, options, have = question.get("name"), question.get("options"), question.get("have")
        if not isinstance(name, str):
            raise QuestionError("The question names no figure. Reload the page.")
        return FigureQuestion(
            run_id, name, options if isinstance(options, dict) else {}, have if isinstance(have, str) else None
        )
    raise QuestionError("The question is neither for a frame nor for a figure. Reload the page.")


def question_number(text: str) -> int:
    """The number by which the browser knows the answer again; 0 if it gave none."""
    try:
        number = _parse(text).get("n")
    except QuestionError:
        return 0
    return number if isinstance(number, int) else 0


def _parse(text: str) -> dict[str, Any]:
    if len(text) > MAX_QUESTION:
        raise QuestionError(f"The question has {len(text):,} characters, but at most {MAX_QUESTION:,} are read.")
    try:
        question = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise QuestionError("The question is not JSON. Reload the page.") from error
    if not isinstance(question, dict):
        raise QuestionError("The question is not a JSON object. Reload the page.")
    return question


def _command(value: object) -> dict[str, Any] | None:
    if value is None:
        return None
    if not isinstance(value, dict) or not isinstance(value.get("name"), str):
        raise QuestionError("The command has no name. Reload the page.")
    return {name: part for name, part in value.items() if name in COMMAND_PARTS}


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")
