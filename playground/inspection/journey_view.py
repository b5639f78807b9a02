"""What the eyes ask for of a journey, read from JSON that anybody may have sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from playground.inspection.view import LARGEST_INT, read_integer, read_number

SOURCES = frozenset({"train", "test", "own"})
EXPLANATIONS = frozenset({"gradient", "occlusion"})
TEMPERATURE, HIGHEST_TEMPERATURE = 0.8, 3.0


@dataclass(frozen=True)
class JourneyView:
    """What the eyes ask for. Every value lies in its range, whatever was sent."""

    have: int = 0  # seq of the frame that is painted, 0 for none
    have_view: bool = False  # true when that frame was asked for with this same view
    have_version: int = 0  # version of the static part (the wall's samples) already there
    have_sample: int = 0  # sample_id of the sample whose raw arrays are already there
    source: str = "test"  # train, test or own
    index: int = 0  # of the chosen sample in its part
    explain: str | None = None  # gradient or occlusion
    temperature: float = TEMPERATURE  # at which a generator writes: 0 always takes the most probable token

    @classmethod
    def from_json(cls, value: object) -> JourneyView:
        """The view that `value` describes. Never raises: a wrong value is clamped, or replaced by the default."""
        if not isinstance(value, Mapping):
            return cls()
        sample = value.get("sample")
        sample = sample if isinstance(sample, Mapping) else {}
        source, explain = sample.get("source"), value.get("explain")
        temperature = read_number(value.get("temperature"))
        return cls(
            have=read_integer(value.get("have"), 0, 0, LARGEST_INT),
            have_view=value.get("have_view") is True,
            have_version=read_integer(value.get("have_version"), 0, 0, LARGEST_INT),
            have_sample=read_integer(value.get("have_sample"), 0, 0, LARGEST_INT),
            source=source if isinstance(source, str) and source in SOURCES else "test",
            index=read_integer(sample.get("index"), 0, 0, LARGEST_INT),
            explain=explain if isinstance(explain, str) and explain in EXPLANATIONS else None,
            temperature=TEMPERATURE if temperature is None else min(max(temperature, 0.0), HIGHEST_TEMPERATURE),
        )
