"""Tables for spreadsheets: no text may become a formula."""

from __future__ import annotations

import csv
from io import StringIO

import pytest

from playground.data.table_export import guarded, write_csv


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "=cmd|' /C calc'!A0"])
def test_a_text_that_a_spreadsheet_would_run_is_guarded(text: str) -> None:
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize("value", ["a=1", "", "1", "née", -1.5, -1, 0.0, True, None])
def test_everything_else_stays_as_it_is(value: object) -> None:
    assert guarded(value) is value


def test_a_table_reads_back_as_it_was_but_for_the_guards() -> None:
    text = write_csv(["=name", 'a "b", c'], [["=2", -3], ["x\ny", None]])
    assert list(csv.reader(StringIO(text))) == [["'=name", 'a "b", c'], ["'=2", "-3"], ["x\ny", ""]]
