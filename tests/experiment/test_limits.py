"""The limits and their environment variables."""

from __future__ import annotations

import pytest

from playground.experiment.limits import Limits


def test_without_variables_the_table_holds() -> None:
    assert Limits.from_environment({}) == Limits()
    assert Limits.from_environment({"PLAYGROUND_MAX_WIDTH": " "}) == Limits()


def test_a_variable_overrides_its_limit_alone() -> None:
    assert Limits.from_environment({"PLAYGROUND_MAX_LIVE_RUNS": "1_000"}) == Limits(live_runs=1000)


@pytest.mark.parametrize("text", ["many", "-5", "1.5", "0", "9" * 5000, "٣", "3"])
def test_a_wrong_variable_is_one_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"PLAYGROUND_MAX_WIDTH is .* whole number from 64 on\. Take .* use 512\."):
        Limits.from_environment({"PLAYGROUND_MAX_WIDTH": text})
