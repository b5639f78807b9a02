"""The journey's modules that compute, run by node: columns, geometry, windows of convolutions, drawings."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from playground.data.images_own import prepare_image
from playground.experiment.kinds import KINDS
from playground.network.plan import plan_network

STATIC = Path(__file__).parents[2] / "playground" / "ui" / "static"
NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="node is not installed")

# theme.js reads colours from a canvas: a stand-in is enough here
CANVAS = "globalThis.document = { createElement: () => ({ getContext: () => ({}) }) };"


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("modules")
    for file in STATIC.glob("*.js"):
        shutil.copy(file, folder)
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "canvas.js").write_text(CANVAS)
    return folder


def run(modules: Path, script: str, given: Any = None) -> Any:
    """The JSON that a script prints; `given` is what it finds as such."""
    (modules / "script.js").write_text(f'import "./canvas.js";\nconst given = {json.dumps(given)};\n{script}')
    done = subprocess.run([str(NODE), str(modules / "script.js")], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def stages(kind: str, **fields: str) -> dict[str, Any]:
    """The header of a journey through the experiment's network, as far as the plan of the network tells it."""
    experiment = KINDS[kind].model_validate(fields)
    text = kind == "text"
    shape = list(experiment.input_shape)
    entries = [
        {"name": "input", "title": "Input", "module": "", "shape": shape, "kind": _kind(shape, text), "linear": False}
    ]
    for piece in plan_network(experiment):
        if piece.name != "flatten":
            shape = list(piece.shape_out)
            kind_of = _kind(shape, text)
            entries.append(
                {"name": piece.name, "title": piece.title, "module": piece.source, "shape": shape, "kind": kind_of}
            )
    return {"kind": kind, "task": experiment.task, "stages": entries, "classes": max(2, experiment.output_units)}


def _kind(shape: list[int], text: bool) -> str:
    if len(shape) == 3 or (len(shape) == 2 and not text):
        return "maps"
    return "sequence" if len(shape) == 2 else "vector"


JOURNEYS = [
    stages("images"),
    stages("images", layers="c8-3-relu-batch-d0.2_max2_c24-3-tanh_avg2_120-relu_84-relu"),
    stages("images", layers="none"),
    stages("images", dataset="paint-chelsea", fourier="64"),
    stages("text", layers="24-relu"),
    stages("text", encoder="attention"),
    stages("text", dataset="names-generator"),
    stages("sound"),
    stages("sound", representation="wave"),
    stages("tables"),
    stages("tables", dataset="gapminder", layers="512-relu_16-tanh-layer"),
]


@pytest.mark.parametrize("journey", JOURNEYS, ids=lambda j: f"{j['kind']}-{len(j['stages'])}")
def test_every_child_of_the_network_has_its_column(modules: Path, journey: dict[str, Any]) -> None:
    script = """
    import { lanesOf, planColumns } from "./journey_plan.js";
    const columns = planColumns(given);
    console.log(JSON.stringify(columns.map((column) => ({ ...column, lanes: lanesOf(column) }))));
    """
    columns = run(modules, script, journey)
    shown = [part["stage"] for column in columns for part in column.get("parts", [])]
    assert shown == list(range(len(journey["stages"])))
    assert columns[0]["key"] == "raw"
    assert columns[-1]["key"] == "answer"
    for column in columns:
        if column.get("number"):
            kinds = [journey["stages"][part["stage"]]["name"] for part in column["lanes"]["upper"]]
            assert all(not name.startswith(("activation", "pool")) for name in kinds)


@pytest.mark.parametrize("journey", JOURNEYS, ids=lambda j: f"{j['kind']}-{len(j['stages'])}")
def test_nothing_leaves_the_journey_or_lies_on_its_neighbour(modules: Path, journey: dict[str, Any]) -> None:
    script = """
    import { planColumns } from "./journey_plan.js";
    import { layoutJourney } from "./journey_layout.js";
    const wrong = [];
    for (const width of [320, 390, 699, 700, 900, 1130, 1400, 2200]) {
      const columns = planColumns(given);
      const more = { width, height: 420, columns, label: 60, rows: 7, photo: false };
      const geometry = layoutJourney({ ...given, ...more });
      const all = geometry.columns.flatMap(({ boxes }) => boxes);
      const inside = ({ x, y, w, h }) =>
        x >= 0 && y >= 0 && w > 8 && h > 8 && x + w <= geometry.width + 1 && y + h <= geometry.height + 1;
      if (!all.every(inside)) wrong.push([width, "leaves", all.find((box) => !inside(box))]);
      const meet = (a, b) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
      for (const [i, a] of all.entries())
        for (const b of all.slice(i + 1)) if (meet(a, b)) wrong.push([width, "overlaps", a, b]);
      if (geometry.narrow && geometry.width !== width) wrong.push([width, "wider than a phone"]);
      if (geometry.flows.length !== all.length - 1) wrong.push([width, "a flow is missing"]);
    }
    console.log(JSON.stringify(wrong));
    """
    assert run(modules, script, journey) == []


@pytest.mark.parametrize("journey", JOURNEYS, ids=lambda j: f"{j['kind']}-{len(j['stages'])}")
def test_what_is_drawn_is_what_is_hovered(modules: Path, journey: dict[str, Any]) -> None:
    script = """
    import { planColumns } from "./journey_plan.js";
    import { layoutJourney } from "./journey_layout.js";
    import { gridOf } from "./journey_maps.js";
    import { findAt } from "./journey_pointer.js";
    const wrong = [];
    const header = { ...given, stages: given.stages.map((stage, i) => ({ ...stage, array: `stage${i}` })) };
    const sent = ({ shape, kind }) =>
      kind === "maps" && shape.length === 2 ? [shape[0], 1, Math.min(512, shape[1])] : shape;
    const shapes = Object.fromEntries(header.stages.map((stage) => [stage.array, sent(stage)]));
    for (const width of [390, 1130]) {
      const columns = planColumns(given);
      const geometry = layoutJourney({ ...given, width, height: 420, columns, label: 60, rows: 7 });
      const sample = { logits: [], probabilities: [], tokens: [], words: {} };
      const frame = { header, shapes, arrays: {} };
      const scene = { ...given, geometry, frame, sample, extents: new Map(), names: [] };
      for (const column of geometry.columns.filter(({ number }) => number))
        for (const box of column.boxes) {
          const stage = header.stages[box.stage];
          const grid = gridOf(stage, shapes[stage.array], box);
          const count = stage.kind === "maps" ? grid.shown : stage.shape[0];
          for (let i = 0; i < count; i++) {
            const { x, y, w, h } = grid.at(i);
            const found = findAt(scene, x + w / 2, y + h / 2);
            const index = { map: found?.map, unit: found?.index, step: found?.row }[found?.kind];
            if (found?.stage !== box.stage || index !== i) wrong.push([width, stage.name, i, found?.kind, index]);
          }
        }
    }
    console.log(JSON.stringify(wrong));
    """
    assert run(modules, script, journey) == []


def test_modules_are_read_from_their_pytorch_text(modules: Path) -> None:
    texts = [
        "nn.Conv2d(8, 16, 3, stride=2, padding=1)",
        "nn.Conv2d(1, 6, kernel_size=(5, 5), padding=(2, 2))",
        "nn.Conv1d(1, 8, 9, padding=4)",
        "nn.MaxPool2d(2)",
        "nn.AvgPool1d(2)",
        "nn.Linear(3, 4)",
    ]
    script = """
    import { shortModule, windowOf } from "./journey_plan.js";
    console.log(JSON.stringify(given.map((module) => [shortModule(module), windowOf({ module })])));
    """
    found = run(modules, script, texts)
    assert [name for name, _ in found] == [
        "Conv2d(8, 16, 3)",
        "Conv2d(1, 6, 5)",
        "Conv1d(1, 8, 9)",
        "MaxPool2d(2)",
        "AvgPool1d(2)",
        "Linear(3, 4)",
    ]
    windows = [window for _, window in found]
    assert windows[0] == {"kernel": [3, 3], "stride": [2, 2], "padding": [1, 1]}
    assert windows[1] == {"kernel": [5, 5], "stride": [1, 1], "padding": [2, 2]}
    assert windows[2] == {"kernel": [1, 9], "stride": [1, 1], "padding": [0, 4]}
    assert windows[3] == {"kernel": [2, 2], "stride": [2, 2], "padding": [0, 0]}
    assert windows[4] == {"kernel": [1, 2], "stride": [1, 2], "padding": [0, 0]}
    assert windows[5] is None


def test_a_value_is_traced_to_the_pixels_that_made_it(modules: Path) -> None:
    """Against PyTorch's own padding rules: the window of an edge pixel is cut off at the edge."""
    script = """
    import { patchOf } from "./journey_flow.js";
    import { windowOf } from "./journey_plan.js";
    const conv = windowOf({ module: "nn.Conv2d(1, 1, 3, stride=2, padding=1)" });
    console.log(JSON.stringify([[0, 0], [1, 2], [3, 3]].map(([row, col]) => patchOf(conv, { row, col }, [8, 8]))));
    """
    assert run(modules, script) == [
        {"top": 0, "left": 0, "bottom": 2, "right": 2},
        {"top": 1, "left": 3, "bottom": 4, "right": 6},
        {"top": 5, "left": 5, "bottom": 8, "right": 8},
    ]


@pytest.mark.parametrize(("size", "box"), [((28, 28), 20), ((8, 8), 8)])
def test_a_drawing_is_placed_as_the_training_pictures_were(modules: Path, size: tuple[int, int], box: int) -> None:
    """The pad and `prepare_image` see the same drawing: the same box, and hardly another pixel."""
    drawing = np.zeros((280, 280), np.uint8)
    drawing[30:60, 60:200] = 255
    for row in range(60, 250):
        column = 190 - (row - 60) // 2
        drawing[row, column : column + 28] = 255
    bounds = {"x": 60, "y": 30, "w": int(np.flatnonzero(drawing.any(0))[-1]) - 59, "h": 220}
    assert bounds["x"] == np.flatnonzero(drawing.any(0))[0]
    script = """
    import { placed } from "./journey_own.js";
    const ink = Uint8Array.from(given.ink);
    console.log(JSON.stringify([...placed(ink, 280, given.bounds, given)]));
    """
    given = {"ink": drawing.ravel().tolist(), "bounds": bounds, "h": size[0], "w": size[1], "inkBox": box}
    found = np.array(run(modules, script, given)).reshape(size)
    expected = prepare_image(drawing, size, 1, "no", ink_box=box)
    assert np.abs(found - expected.astype(int)).mean() < 6
    assert found.max() == 255


def test_bytes_become_base64_text(modules: Path) -> None:
    script = """
    import { toBase64 } from "./journey_own.js";
    const bytes = Uint8Array.from({ length: 20000 }, (_, i) => (i * 7) % 256);
    console.log(JSON.stringify(Buffer.from(toBase64(bytes), "base64").equals(Buffer.from(bytes))));
    """
    assert run(modules, script) is True
