"""The browser's modules, run by node where it is installed: what Python writes, they read, and the other way round."""

from __future__ import annotations

import json
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from playground.experiment.layer import Layer, format_layers
from playground.inspection.frame_format import Frame, encode_frame
from playground.network.shapes import describe_network

STATIC = Path(__file__).parents[2] / "playground" / "ui" / "static"
NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="node is not installed")


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The modules beside a file that tells node that they are modules."""
    folder = tmp_path_factory.mktemp("modules")
    for file in STATIC.glob("*.js"):
        shutil.copy(file, folder)
    (folder / "package.json").write_text('{"type": "module"}')
    return folder


def run(modules: Path, script: str, *arguments: str) -> Any:
    """The JSON that a script prints; `./x.js` in it is a module of the stage."""
    (modules / "script.js").write_text(script)
    command = [str(NODE), str(modules / "script.js"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_frame_arrives_as_it_was_sent(modules: Path, tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    arrays: dict[str, Any] = {
        "boundary": rng.integers(-127, 128, (7, 7)).astype(np.int8),
        "classes": rng.integers(0, 256, (3, 3, 2)).astype(np.uint8),
        "weights": rng.normal(size=13).astype(np.float32),
        "batch": np.array([3, 1, 4], dtype=np.int32),
        "losses": np.zeros((0, 3), dtype=np.float32),
    }
    header = {"run": "räñ ✓", "epoch": 3, "train_loss": float("nan"), "layers": [{"units": 4}]}
    (tmp_path / "frame").write_bytes(encode_frame(Frame(header, arrays)))
    script = """
    import { readFileSync } from "node:fs";
    import { decodeFrame } from "./frame.js";
    const bytes = readFileSync(process.argv[2]);
    const { header, arrays, shapes } = decodeFrame(new Uint8Array(bytes).buffer);
    const plain = Object.fromEntries(Object.entries(arrays).map(([name, values]) => [name, [...values]]));
    const types = Object.fromEntries(Object.entries(arrays).map(([name, values]) => [name, values.constructor.name]));
    console.log(JSON.stringify({ header, plain, shapes, types }));
    """
    read = run(modules, script, str(tmp_path / "frame"))
    assert read["header"]["run"] == "räñ ✓"
    assert read["header"]["train_loss"] is None
    for name, values in arrays.items():
        assert read["shapes"][name] == list(values.shape)
        assert np.array_equal(np.array(read["plain"][name], dtype=values.dtype), values.ravel())
    assert read["types"]["boundary"] == "Int8Array"


def test_what_is_no_frame_is_refused(modules: Path) -> None:
    script = """
    import { decodeFrame } from "./frame.js";
    let refused = 0;
    for (const bytes of [[], [1, 2, 3], [78, 78, 80, 50, 0, 0, 0, 0, 1, 2, 3, 4]]) {
      try { decodeFrame(new Uint8Array(bytes).buffer); } catch { refused += 1; }
    }
    console.log(refused);
    """
    assert run(modules, script) == 3


def test_weights_are_found_where_the_module_has_them(modules: Path) -> None:
    from playground.experiment.points import PointsExperiment

    experiment = PointsExperiment.model_validate({"layers": "4-tanh_3-relu", "inputs": "x1_x2_x1x2"})
    script = """
    import { linearOffsets, parameterName } from "./frame.js";
    const { linears, total } = linearOffsets(3, [{ units: 4 }, { units: 3 }], 1);
    const names = linears.map((_, k) => parameterName(k, linears.length, "weight"));
    console.log(JSON.stringify({ linears, total, names }));
    """
    found = run(modules, script)
    assert found["total"] == describe_network(experiment).parameters
    assert found["names"] == ["linear1.weight", "linear2.weight", "output.weight"]
    offset = 0
    for linear, (before, after) in zip(found["linears"], pairwise([3, 4, 3, 1]), strict=True):
        assert (linear["from"], linear["to"]) == (before, after)
        assert (linear["weight"], linear["bias"]) == (offset, offset + before * after)
        offset += before * after + after


def test_layers_are_written_as_in_the_url(modules: Path) -> None:
    stacks = [
        [],
        [Layer(4, "tanh")],
        [
            Layer(4, "tanh"),
            Layer(2, "relu", "batch", 0.2),
            Layer(32, "gelu", "layer"),
            Layer(1, "linear", dropout=0.05),
        ],
    ]
    plain = [[vars(layer) for layer in stack] for stack in stacks]
    script = f"""
    import {{ formatLayers }} from "./frame.js";
    console.log(JSON.stringify({json.dumps(plain)}.map(formatLayers)));
    """
    assert run(modules, script) == [format_layers(stack) for stack in stacks]


def test_numbers_keep_their_width(modules: Path) -> None:
    script = """
    import { epochText, lossText, metricText } from "./controls.js";
    const losses = [0, 0.00004, 0.6931, 9.99999, 99.9999, 1234.5, 1e7, null, NaN].map(lossText);
    const epochs = [0, 72, 1240, 123456, 1234567].map((epoch) => epochText(epoch).join("|"));
    const metrics = [metricText("accuracy", 0.982), metricText("r2", -0.2614), metricText("r2", null)];
    console.log(JSON.stringify({ losses, epochs, metrics }));
    """
    said = run(modules, script)
    assert said["losses"] == ["0.0000", "0.0000", "0.6931", "10.000", "100.00", "1235", "1.0e7", "–", "–"]
    assert said["epochs"] == ["000,00|0", "000,0|72", "00|1,240", "|123,456", "|1,234,567"]
    assert said["metrics"] == ["98.2 %", "−0.261", "–"]


def test_what_is_drawn_is_what_is_clicked(modules: Path) -> None:
    script = """
    import { biasBox, ease, layout, linkSpan, pick } from "./layout.js";
    const features = ["x1", "x2", "x1sq"].map((name) => ({ name, title: name }));
    const layers = [{ units: 4 }, { units: 2 }];
    const structure = { inputs: ["x1", "x2"], layers, outputs: 1, task: "binary", dims: 2 };
    const wrong = [];
    for (const width of [380, 700, 800, 1130, 1600]) {
      const geometry = layout({ width, height: 508, structure, features });
      geometry.columns.forEach(({ size, nodes }, column) => nodes.forEach((node, unit) => {
        if (!column) return;
        const hit = pick(geometry, node.x, node.y);
        const right = hit?.kind === "neuron" && hit.column === column && hit.unit === unit;
        if (!right) wrong.push([width, "neuron", column, unit, hit]);
        const box = biasBox(node, size);
        if (pick(geometry, box.x, box.y)?.kind !== "bias") wrong.push([width, "bias", column, unit]);
        const [x0, x1] = linkSpan(geometry, column);
        geometry.columns[column - 1].nodes.forEach((before, from) => {
          const t = 0.31; // away from where links cross
          const found = pick(geometry, x0 + (x1 - x0) * t, before.y + (node.y - before.y) * ease(t));
          if (found?.kind !== "link" || found.column !== column) wrong.push([width, "link", column, unit, from, found]);
        });
      }));
      const { plane } = geometry;
      if (pick(geometry, plane.x + 5, plane.y + 5)?.kind !== "plane") wrong.push([width, "plane"]);
      if (plane.x < 0 || plane.x + plane.s > width) wrong.push([width, "plane leaves the stage"]);
      for (const { x, size, nodes } of geometry.columns) {
        if (x - size / 2 < 0 || x + size / 2 > width) wrong.push([width, "a column leaves the stage"]);
        const outside = ({ y }) => y - size / 2 < 0 || y + size / 2 > geometry.height;
        if (nodes.some(outside)) wrong.push([width, "a neuron leaves the stage"]);
      }
    }
    console.log(JSON.stringify(wrong));
    """
    assert run(modules, script) == []


def test_the_largest_network_fits_every_width(modules: Path) -> None:
    script = """
    import { layout } from "./layout.js";
    const features = ["x1", "x2", "x1sq", "x2sq", "x1x2", "sinx1", "sinx2"].map((name) => ({ name, title: name }));
    const layers = Array.from({ length: 8 }, () => ({ units: 32 }));
    const structure = { inputs: features.map(({ name }) => name), layers, outputs: 5, task: "multiclass", dims: 2 };
    const wrong = [];
    for (const width of [360, 390, 760, 900, 1130, 1700]) {
      const { columns, height } = layout({ width, height: 508, structure, features });
      columns.forEach(({ x, size, nodes }, c) => {
        if (c && columns[c - 1].x + columns[c - 1].size / 2 >= x - size / 2) wrong.push([width, c, "columns touch"]);
        const overlap = ({ y }, i) => i && y - nodes[i - 1].y < size;
        if (nodes.some(overlap)) wrong.push([width, c, "neurons overlap"]);
        if (nodes[nodes.length - 1].y + size / 2 > height) wrong.push([width, c, "below the stage"]);
      });
    }
    console.log(JSON.stringify(wrong));
    """
    assert run(modules, script) == []


def test_painted_colours_become_classes(modules: Path) -> None:
    # painter.js draws with theme.js, which needs a canvas to read colours: a stand-in is enough here
    script = """
    globalThis.document = { createElement: () => ({ getContext: () => ({}) }) };
    const { labelled } = await import("./painter.js");
    console.log(JSON.stringify([labelled([[1, 2, 0], [3, 4, 1]]), labelled([[1, 2, 0], [3, 4, 2]]), labelled([])]));
    """
    two, three, none = run(modules, script)
    assert two == [[1, 2, 1], [3, 4, 0]]  # blue is the positive class
    assert three == [[1, 2, 0], [3, 4, 2]]
    assert none == []
