"""The exported scripts, run alone with torch and numpy, give the losses of the app."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from playground.data.own_points import pack_points
from playground.data.points import DATASETS
from playground.experiment.choices import ACTIVATIONS, INITIALISERS, LOSSES, OPTIMIZERS, SCHEDULES
from playground.experiment.points import PointsExperiment
from playground.library.script import EPOCHS, training_script
from playground.training.trainer import Trainer

SMALL = {"samples": 60, "layers": "4-tanh_3-tanh"}
OWN_POINTS = pack_points(np.random.default_rng(3).uniform(-6, 6, (40, 2)), np.arange(40) % 3)


def spread() -> Iterator[tuple[str, PointsExperiment]]:
    """Every choice at least once, each beside the defaults or with what makes it hard."""
    yield "default", PointsExperiment()
    for name in DATASETS:
        if name != "own":
            yield f"dataset {name}", PointsExperiment(**SMALL, dataset=name)
    yield "own points", PointsExperiment(layers="4-tanh", dataset="own", points=OWN_POINTS, train_share=0.7)
    for name, loss in LOSSES.items():
        for task, dataset in {"binary": "xor", "multiclass": "blobs4", "regression": "multigauss"}.items():
            if task in loss.tasks:
                yield f"loss {name} {task}", PointsExperiment(**SMALL, dataset=dataset, loss=name)
    for name in OPTIMIZERS:
        options = {"learning_rate": 0.01, "l1": 0.001, "l2": 0.02, "clip_norm": 0.5}
        yield f"optimizer {name}", PointsExperiment(**SMALL, optimizer=name, **options)
        yield f"optimizer {name} alone", PointsExperiment(**SMALL, optimizer=name, learning_rate=0.01)
    for name in SCHEDULES:
        for epochs in (40, 90):  # over before the last epoch, and not
            yield f"schedule {name} {epochs}", PointsExperiment(**SMALL, schedule=name, schedule_epochs=epochs)
    for name in INITIALISERS:
        yield f"initialiser {name}", PointsExperiment(**SMALL, initialiser=name, init_seed=11)
    for name in ACTIVATIONS:
        yield f"activation {name}", PointsExperiment(samples=60, layers=f"5-{name}")
    yield "no hidden layer", PointsExperiment(samples=60, layers="none", inputs="x1sq_x2sq_sinx1")
    yield "layer norm", PointsExperiment(samples=60, layers="6-relu-layer")
    yield "batch norm", PointsExperiment(samples=60, layers="6-relu-batch")
    yield "batch norm, last batch of one", PointsExperiment(samples=62, layers="6-relu-batch", schedule="step")
    yield "dropout", PointsExperiment(samples=60, layers="6-tanh-d0.3_6-tanh-layer-d0.1", seed=12)
    yield "all inputs", PointsExperiment(**SMALL, inputs="x1_x2_x1sq_x2sq_x1x2_sinx1_sinx2", learning_rate=0.01)
    yield (
        "curve",
        PointsExperiment(samples=60, dataset="curve", inputs="x1_x2_sinx1", batch_size=1, learning_rate=0.003),
    )


CASES = dict(spread())

RUN_ALL = """
import contextlib, io, json, sys
prints = {}
for name, script in json.load(sys.stdin).items():
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(compile(script, name, "exec"), {"__name__": "__main__"})
    prints[name] = out.getvalue()
json.dump(prints, sys.stdout)
"""


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What each script prints, all run by one Python that does not know the playground."""
    scripts = {name: training_script(experiment) for name, experiment in CASES.items()}
    done = subprocess.run(
        [sys.executable, "-I", "-W", "error", "-c", RUN_ALL],
        input=json.dumps(scripts),
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path_factory.mktemp("alone"),
    )
    assert done.returncode == 0, done.stderr
    prints: dict[str, str] = json.loads(done.stdout)
    return prints


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Sums in the order of the scripts: before a batch norm, Adam makes a step of the last bit of a gradient."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("name", CASES)
def test_script_prints_the_losses_of_the_trainer(name: str, printed: dict[str, str]) -> None:
    trainer = Trainer(CASES[name], CASES[name].load_dataset())
    for _ in range(EPOCHS):
        trainer.finish_epoch()
    expected = np.array([(record.epoch, record.train_loss, record.test_loss) for record in trainer.history.records])
    actual = np.array([[float(number) for number in line.split()] for line in printed[name].splitlines()])
    np.testing.assert_array_equal(actual[:, 0], expected[:, 0])
    np.testing.assert_allclose(actual[:, 1:], expected[:, 1:], rtol=1e-5, atol=1e-5)
    assert np.ptp(actual[:, 1]) > 1e-3 or "zeros" in name  # something was learned, so agreement means something


def test_script_needs_nothing_but_torch_and_numpy() -> None:
    for script in map(training_script, CASES.values()):
        imports = [line for line in script.splitlines() if line.startswith(("import ", "from "))]
        assert {line.split()[1].split(".")[0] for line in imports} == {"collections", "numpy", "torch"}
        assert "playground." not in script


def test_script_names_the_five_phases_in_order() -> None:
    script = training_script(PointsExperiment())
    positions = [script.index(f"# {phase}\n") for phase in ("predict", "loss", "backward", "step", "zero_grad")]
    assert positions == sorted(positions)


def test_script_is_short_and_has_no_dead_parts() -> None:
    script = training_script(PointsExperiment())
    assert len(script.splitlines()) < 85
    for absent in ("scheduler", "clip_grad", "weights =", "dropout", "step = 0", "nn.init", "@point_set"):
        assert absent not in script


def test_an_experiment_that_cannot_train_is_a_comment_with_the_reason() -> None:
    experiment = PointsExperiment(inputs=())
    assert training_script(experiment) == f"# {experiment.obstacle}\n"


def test_script_module_needs_no_torch() -> None:
    code = "import sys, playground.library.script; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])
