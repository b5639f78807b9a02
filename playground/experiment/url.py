"""The whole experiment as a URL query and as JSON, and back. A hostile query never raises."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from pydantic import ValidationError

from playground.experiment.experiment import Experiment, explain
from playground.experiment.kinds import KINDS
from playground.experiment.layer import Layer, format_layers
from playground.experiment.limits import LIMITS
from playground.experiment.points import NO_INPUTS, PointsExperiment
from playground.experiment.tables import TablesExperiment, join_columns
from playground.experiment.wording import short, show

MAX_PROBLEMS = 8
"""More sentences than this help nobody."""

_STREAMLIT = ("embed", "embed_options")
_MAX_JSON = 1_000_000


@dataclass(frozen=True)
class Opened:
    """What a link opens: an experiment of all its right values, and one sentence for each of the others."""

    experiment: Experiment
    problems: tuple[str, ...] = ()


def parse_query(
    params: Mapping[str, str | list[str]],
    kind: str = PointsExperiment.kind,
    *,
    ignore: Collection[str] = _STREAMLIT,
) -> Opened:
    """Read a URL query: keep every right value, replace the others by their defaults, and say so. Never raises.

    kind: of the page that was opened. ignore: parameters that belong to somebody else.
    """
    rules = KINDS[kind].rules
    values: dict[str, object] = {}
    problems: list[str] = []
    for name, given in params.items():
        if name in ignore:
            continue
        if name not in rules:
            problems.append(f"{show(name)} is no setting of this page, so it was left out.")
            continue
        try:
            value = rules[name](_single(name, given))
            if name == "layers" and isinstance(value, tuple) and kind == PointsExperiment.kind:
                _check_page(value, LIMITS.points_layers, LIMITS.points_width)
        except ValueError as error:
            problems.append(str(error))
        else:
            values[name] = value
    return Opened(_largest_experiment(KINDS[kind], values, problems), _first(problems))


def to_query(experiment: Experiment) -> dict[str, str]:
    """Write every field as URL parameters, numbers as short as they read back exactly; what is empty is left out."""
    query = {name: _text(value) for name, value in experiment}
    query["layers"] = format_layers(experiment.layers)
    if isinstance(experiment, PointsExperiment):
        query["inputs"] = query["inputs"] or NO_INPUTS
    if isinstance(experiment, TablesExperiment):
        query["columns"] = join_columns(experiment.columns)
    return {name: text for name, text in query.items() if text}


def to_json(experiment: Experiment) -> str:
    """Write the experiment for people and files: numbers as numbers, layers as in the URL."""
    values: dict[str, object] = {"kind": experiment.kind, **dict(experiment)}
    return json.dumps({**values, "layers": format_layers(experiment.layers)}, indent=2)


def from_json(text: str | bytes) -> Experiment:
    """Read what `to_json` wrote; missing fields take their defaults, and a missing kind is points.

    Raises: ValueError with one sentence for each wrong value.
    """
    try:
        if len(text) > _MAX_JSON:
            raise ValueError("too long")
        values: Any = json.loads(text)
        if not isinstance(values, dict):
            raise ValueError("not an object")
        kind = KINDS[values.pop("kind", PointsExperiment.kind)]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ValueError("This is not the JSON of an experiment. Choose a file that this page has saved.") from error
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        raise ValueError(" ".join(_first(explain(error)))) from error


def _single(name: str, given: object) -> object:
    if not isinstance(given, list | tuple):
        return given
    values = cast("Sequence[object]", given)
    if len(set(map(str, values))) != 1:
        raise ValueError(f"{name} stands {len(values)} times in the link with different values. Write it once.")
    return values[0]


def _check_page(layers: tuple[Layer, ...], max_layers: int, max_width: int) -> None:
    if len(layers) > max_layers:
        raise ValueError(
            f"layers has {len(layers)} hidden layers, but this page shows at most {max_layers}. "
            f"Take {len(layers) - max_layers} away."
        )
    widest = max((layer.units for layer in layers), default=0)
    if widest > max_width:
        raise ValueError(
            f"layers has a layer of {widest} neurons, but this page shows at most {max_width}. Try {max_width}."
        )


def _largest_experiment(kind: type[Experiment], values: dict[str, object], problems: list[str]) -> Experiment:
    """Build an experiment of single values that are right; where two do not fit together, drop the one to blame."""
    while True:
        try:
            return kind.model_validate(values)
        except ValidationError as error:
            problems.extend(explain(error))
            blamed = {str(detail.get("ctx", {}).get("field", "")) for detail in error.errors()}
            kept = {name: value for name, value in values.items() if name not in blamed}
            values = kept if len(kept) < len(values) else {}  # an error that blames nobody must not loop


def _first(problems: Collection[str]) -> tuple[str, ...]:
    found = tuple(problems)
    if len(found) <= MAX_PROBLEMS:
        return found
    return (*found[: MAX_PROBLEMS - 1], f"{len(found) - MAX_PROBLEMS + 1:,} more parts of it were left out too.")


def _text(value: object) -> str:
    if isinstance(value, float):
        return short(value)
    return "_".join(map(str, value)) if isinstance(value, tuple) else str(value)
