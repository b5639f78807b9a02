"""The CSV that the browser makes of a figure, read back; the browser's module runs in Node, without a browser."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from playground.figures.arrays import unpacked, without_gaps
from tests.figures.conftest import drawn, made_up

MODULE = Path(__file__).parents[2] / "playground" / "ui" / "static" / "figure_table.js"
NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="Node is not installed")

PROGRAM = """
import { tableOf } from "data:text/javascript;base64,%s";
let text = "";
for await (const part of process.stdin) text += part;
process.stdout.write(tableOf(JSON.parse(text)));
"""


def table(figure: dict[str, Any]) -> list[list[str]]:
    """The CSV of a figure whose arrays are plain lists, as rows."""
    import base64

    program = PROGRAM % base64.b64encode(MODULE.read_bytes()).decode()
    text = json.dumps(without_gaps(plain(figure)))
    done = subprocess.run(
        [str(NODE), "--input-type=module", "-e", program], input=text, capture_output=True, text=True, check=True
    )
    return list(csv.reader(io.StringIO(done.stdout)))


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        return unpacked(value).tolist() if "bdata" in value else {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


def test_curves_that_share_their_epochs_are_one_table() -> None:
    study = made_up("loss", "binary")
    header, *rows = table(drawn("loss", study, rate="on"))
    assert header == ["epoch", "train loss", "test loss", "train accuracy", "test accuracy", "learning rate"]
    assert len(rows) == 50
    np.testing.assert_allclose([float(row[1]) for row in rows], study["train_loss"], rtol=1e-6)


def test_weights_are_a_matrix_a_layer_with_names_and_bias() -> None:
    study = made_up("weights", "binary")
    rows = table(drawn("weights", study))
    assert rows[0] == ["Layer 1", "x₁", "x₁²", "bias"]
    assert rows[1][0] == "1.1"
    np.testing.assert_allclose([float(cell) for cell in rows[1][1:3]], study["weights"][0][0], rtol=1e-6)
    assert float(rows[1][3]) == pytest.approx(study["biases"][0][0], rel=1e-6)
    assert rows[5] == []
    assert rows[6][0] == "Layer 2"


def test_the_confusion_matrix_holds_counts_and_class_names() -> None:
    study = made_up("confusion", "multiclass")
    header, *rows = table(drawn("confusion", study))
    assert header[1:] == ["blue", "orange", "green"]
    assert [[int(cell) for cell in row[1:]] for row in rows] == study["counts"].tolist()


def test_names_that_a_spreadsheet_would_run_are_made_plain() -> None:
    study = made_up("confusion", "binary") | {"class_names": ["=1+1", '@a,"b"']}
    header, *rows = table(drawn("confusion", study))
    assert header[1:] == ["'=1+1", '\'@a,"b"']
    assert rows[1][0] == '\'@a,"b"'


def test_negative_numbers_stay_numbers_and_gaps_are_empty() -> None:
    trace = {"type": "scatter", "name": "a", "x": [0, 1], "y": [-1.5, None]}
    assert table({"data": [trace], "layout": {}}) == [["x", "a"], ["0", "-1.5"], ["1", ""]]


def test_points_and_lines_are_listed_with_the_name_of_their_series() -> None:
    rows = table(drawn("bent", made_up("bent", "binary", layer="1"), layer="1"))
    assert rows[0] == ["series", "x", "y"]
    assert {row[0] for row in rows[1:]} == {
        "layer 1: along x2",
        "layer 1: along x1",
        "layer 1: orange",
        "layer 1: blue",
    }


def test_a_surface_is_a_matrix_and_its_points_follow() -> None:
    rows = table(drawn("surface", made_up("surface", "binary")))
    assert len(rows[0]) == 21
    assert rows[22] == ["series", "x", "y", "z"]
