"""The end of the journey and the loss curves write beside each number what it is, run by node."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

STATIC = Path(__file__).parents[2] / "playground" / "ui" / "static"
NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="node is not installed")

START = """
globalThis.document = { createElement: () => ({ getContext: () => ({}) }) };
const written = [];
const write = (text) => written.push(String(text));
const g = new Proxy({}, {
  get: (kept, name) => (name === "fillText" ? write : kept[name] ?? (() => ({ width: 30 }))),
  set: (kept, name, value) => ((kept[name] = value), true),
});
const colour = [1, 2, 3];
const names = ["text", "muted", "faint", "neutral", "line", "primary", "positive", "negative"];
const theme = { font: "sans", ...Object.fromEntries(names.map((name) => [name, colour])) };
"""


def written(script: str) -> Any:
    """What a script writes on its canvas `g`, in order."""
    root = STATIC.as_uri()
    code = f"{START}{script.replace('FROM', root)}\nconsole.log(JSON.stringify(written));"
    command = [str(NODE), "--input-type=module", "--eval", code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(("narrow", "names"), [(True, ["cat", "dog", "owl"]), (False, [])])
def test_probabilities_have_their_names_where_no_logits_stand_beside_them(narrow: bool, names: list[str]) -> None:
    found = written(
        f"""
        const {{ paintProbabilities }} = await import("FROM/journey_output.js");
        const sample = {{ probabilities: [0.2, 0.5, 0.3], logits: [0, 1, 0.5], best: 1, label: 1 }};
        const geometry = {{ narrow: {json.dumps(narrow)} }};
        const scene = {{ sample, theme, geometry, names: ["cat", "dog", "owl"], label: 40, task: "multiclass" }};
        paintProbabilities(g, {{ x: 0, y: 0, w: 300, h: 60 }}, scene);
        """
    )
    assert [text for text in found if "%" not in text] == names
    assert [text for text in found if "%" in text] == ["20.0 %", "50.0 %", "30.0 %"]


def test_a_small_logit_is_a_zero_without_a_minus() -> None:
    found = written(
        'const { tenths } = await import("FROM/journey_output.js"); written.push(tenths(-0.01), tenths(-0.26));'
    )
    assert found == ["0.0", "−0.3"]


def test_the_curves_say_that_they_are_losses() -> None:
    found = written(
        """
        const { paintLosses } = await import("FROM/losses.js");
        const frame = { arrays: { losses: Float32Array.from([0, 0.7, 0.8, 12, 0.3, 0.4]) } };
        paintLosses(g, { geometry: { loss: { x: 0, y: 0, w: 300, h: 120 } }, theme, frame });
        """
    )
    assert {"loss by epoch", "12", "train", "test"} <= set(found)
