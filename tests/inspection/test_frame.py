from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from playground.data.features import compute_features
from playground.experiment.points import PointsExperiment
from playground.inspection.frame import Frame, FrameView, build_frame, data_frame, decode_frame, encode_frame
from playground.inspection.losses import thinned_losses
from playground.inspection.run_state import RunState
from playground.training.history import EpochRecord, History
from playground.training.trainer import Trainer

Make = Callable[..., Trainer]

NETWORKS: list[dict[str, Any]] = [
    {},
    {"layers": "none"},
    {"layers": "5-relu-batch-d0.3_3-sigmoid-layer", "inputs": "x1_x2_x1sq_sinx2", "batch_size": 20},
    {"dataset": "spiral3", "layers": "6-gelu"},
    {"dataset": "gauss", "loss": "squared"},
    {"dataset": "gauss", "loss": "cross_entropy"},
    {"dataset": "blobs4", "loss": "squared"},
    {"dataset": "plane"},
]


def view_of(**fields: Any) -> FrameView:
    return FrameView.from_json(fields)


def frame_of(trainer: Trainer, **fields: Any) -> Frame:
    return decode_frame(encode_frame(build_frame(trainer, view_of(**fields), RunState("run-0001", seq=5))))


def centres(low: float, high: float, cells: int) -> NDArray[np.float64]:
    return low + (np.arange(cells) + 0.5) * (high - low) / cells


def one_by_one(trainer: Trainer, x1: float, x2: float) -> dict[str, NDArray[np.float32]]:
    """Every child's output at one place, by running the module itself with hooks."""
    seen: dict[str, NDArray[np.float32]] = {}
    hooks = [
        child.register_forward_hook(lambda _m, _i, output, name=name: seen.update({name: output[0].detach().numpy()}))
        for name, child in trainer.module.named_children()
    ]
    trainer.module.eval()
    inputs = compute_features(np.array([[x1, x2]], np.float32), trainer.experiment.active_inputs)
    trainer.module(torch.from_numpy(inputs))
    trainer.module.train()
    for hook in hooks:
        hook.remove()
    return seen


def chances(experiment: PointsExperiment, logits: NDArray[np.float32]) -> NDArray[np.float64]:
    z = logits.astype(np.float64)
    if experiment.loss == "squared":
        positive = (1 + np.tanh(z)) / 2
        return np.array([1 - positive[0], positive[0]]) if len(z) == 1 else positive / positive.sum()
    if len(z) == 1:
        return np.array([1 / (1 + np.exp(z[0])), 1 / (1 + np.exp(-z[0]))])
    return np.exp(z) / np.exp(z).sum()


@pytest.mark.parametrize("fields", NETWORKS, ids=str)
def test_boundary_is_the_module_at_the_cell_centres(trained: Make, fields: dict[str, Any]) -> None:
    trainer = trained(**fields)
    boundary = frame_of(trainer, grid=9, domain=[-2, 3, -5, 6]).arrays["boundary"].astype(int)
    for row, column in [(0, 0), (0, 8), (8, 0), (3, 5)]:
        x1, x2 = centres(-2, 3, 9)[column], centres(-5, 6, 9)[8 - row]
        logits = one_by_one(trainer, x1, x2)["output"]
        if trainer.experiment.task == "regression":
            assert boundary[row, column] == pytest.approx(127 * np.clip(logits[0], -1, 1), abs=0.51)
            continue
        probabilities = chances(trainer.experiment, logits)
        if trainer.experiment.task == "binary":
            assert boundary[row, column] == pytest.approx(127 * (2 * probabilities[1] - 1), abs=0.51)
        else:
            assert boundary[row, column, 0] == probabilities.argmax()
            assert boundary[row, column, 1] == pytest.approx(255 * probabilities.max(), abs=0.51)


@pytest.mark.parametrize("fields", NETWORKS, ids=str)
def test_thumbnails_are_activations_over_the_whole_plane(trained: Make, fields: dict[str, Any]) -> None:
    trainer = trained(**fields)
    frame = frame_of(trainer, thumb=8, domain=[0, 1, 0, 1])  # the domain is the output plane's, not the thumbnails'
    layers = frame.header["layers"]
    assert frame.arrays["thumbs"].shape == (sum(layer["units"] for layer in layers), 8, 8)
    for row, column in [(0, 0), (7, 7), (2, 6)]:
        seen = one_by_one(trainer, centres(-6, 6, 8)[column], centres(-6, 6, 8)[7 - row])
        expected = [seen[f"activation{i}"] / layer["scale"] * 127 for i, layer in enumerate(layers, 1)]
        pixels = frame.arrays["thumbs"][:, row, column]
        np.testing.assert_allclose(pixels, np.concatenate([*expected, []]), atol=0.51)
    for layer in layers:
        assert layer["scale"] >= 1


def test_input_thumbnails_points_and_labels_come_once(trained: Make) -> None:
    trainer = trained(inputs="x1_x1sq", layers="3-relu")
    frame = frame_of(trainer, thumb=6)
    data = trainer.dataset
    np.testing.assert_array_equal(frame.arrays["points"], np.concatenate([data.raw_train, data.raw_test]))
    np.testing.assert_array_equal(frame.arrays["labels"], np.concatenate([data.y_train, data.y_test]))
    assert frame.header["train_count"] == len(data.X_train)
    squares = centres(-6, 6, 6) ** 2
    assert frame.header["input_scales"] == pytest.approx([5, 25])
    expected = np.round(squares / 25 * 127)
    np.testing.assert_array_equal(frame.arrays["input_thumbs"][1], np.tile(expected, (6, 1)))
    again = frame_of(trainer, thumb=6, have_version=frame.header["version"])
    assert not {"points", "labels", "input_thumbs"} & again.arrays.keys()
    assert again.header["version"] == frame.header["version"] < 2**53
    assert frame_of(trained(inputs="x1_x2"), thumb=6).header["version"] != frame.header["version"]


def test_weights_losses_and_predictions_are_those_of_this_moment(trained: Make) -> None:
    trainer = trained(steps=30)
    frame = frame_of(trainer)
    parts = [p.detach().numpy().ravel() for p in trainer.module.parameters()]
    np.testing.assert_array_equal(frame.arrays["weights"], np.concatenate(parts))
    evaluation = trainer.evaluate()
    for name in ("train_loss", "test_loss", "train_metric", "test_metric"):
        assert frame.header[name] == pytest.approx(getattr(evaluation, name), rel=1e-5)
    data = trainer.dataset
    right = frame.arrays["predicted"] == np.concatenate([data.y_train, data.y_test])
    assert right[: len(data.y_train)].mean() == pytest.approx(evaluation.train_metric)
    assert frame.header["step"] == 30
    assert frame.header["epoch"] == 1
    assert frame.header["parameters"] == len(frame.arrays["weights"])
    assert frame.header["seq"] == 5
    assert len(frame.header["shapes"]) >= 3
    np.testing.assert_allclose(frame.arrays["losses"][:, 1], trainer.history.as_arrays()["train_loss"], rtol=1e-6)


def test_slow_motion_shows_the_batch_and_from_backward_on_the_gradients(trained: Make) -> None:
    trainer = trained(steps=3)
    assert not {"batch", "gradients"} & frame_of(trainer).arrays.keys()
    shown = {}
    for _ in range(5):
        phase = trainer.advance_phase()
        frame = frame_of(trainer)
        assert frame.header["phase"] == phase
        assert len(frame.arrays["batch"]) == trainer.experiment.batch_size
        shown[phase] = frame.arrays.get("gradients")
    assert shown["predict"] is None
    assert shown["loss"] is None
    assert np.abs(shown["backward"]).max() > 0
    np.testing.assert_array_equal(shown["backward"], shown["step"])
    assert np.abs(shown["zero_grad"]).max() == 0


@pytest.mark.parametrize("grid", [100, 40])
def test_surface_of_a_selected_neuron(trained: Make, grid: int) -> None:
    trainer = trained()
    for layer, name in [(0, "activation1"), (1, "activation2"), (2, "output")]:
        frame = frame_of(trainer, selected=[layer, 0], grid=grid, domain=[-1, 4, -6, 6])
        surface = frame.arrays["surface"]
        assert surface.shape == (100, 100)
        expected = one_by_one(trainer, centres(-1, 4, 100)[10], centres(-6, 6, 100)[99 - 70])[name][0]
        assert surface[70, 10] == pytest.approx(expected, abs=1e-5)
        assert frame.header["selected"]["max"] == pytest.approx(surface.max())
    for nowhere in ([0, 4], [3, 0], [9, 9]):
        frame = frame_of(trainer, selected=nowhere)
        assert frame.header["selected"] is None
        assert "surface" not in frame.arrays


def test_probe_answers_in_words(trained: Make) -> None:
    trainer = trained(dataset="spiral3")
    said = frame_of(trainer, probe=[1.5, -2]).header["probe"]
    logits = one_by_one(trainer, 1.5, -2)["output"]
    assert said["logits"] == pytest.approx(logits.tolist(), abs=1e-5)
    assert sum(said["probabilities"]) == pytest.approx(1)
    best = trainer.dataset.class_names[int(np.argmax(logits))]
    assert best in said["answer"]
    assert said["target"] is None
    train_count = len(trainer.dataset.X_train)
    first_test = frame_of(trainer, probe={"point": train_count}).header["probe"]
    assert first_test["x"] == pytest.approx(trainer.dataset.raw_test[0].tolist())
    assert first_test["target"] == trainer.dataset.class_names[int(trainer.dataset.y_test[0])]
    assert frame_of(trainer, probe={"point": 10**9}).header["probe"] is None


def test_curve_has_a_line_and_flat_thumbnails(trained: Make) -> None:
    trainer = trained(dataset="curve", inputs="x1")
    frame = frame_of(trainer, grid=50, thumb=16, selected=[0, 1], probe={"point": 2}, domain=[-4, 4, -1, 1])
    assert "boundary" not in frame.arrays
    assert frame.arrays["curve"].shape == (50,)
    assert frame.arrays["curve"][-1] == pytest.approx(one_by_one(trainer, 4, 0)["output"][0], abs=1e-5)
    assert frame.arrays["thumbs"].shape == (6, 1, 16)
    assert frame.arrays["input_thumbs"].shape == (1, 1, 16)
    assert frame.arrays["surface"].shape == (1, 100)
    assert len(frame.header["probe"]["x"]) == 1
    assert frame.header["metric"] == "r2"


def test_looking_leaves_no_trace(trained: Make) -> None:
    fields = {"layers": "6-relu-batch-d0.5_4-tanh-d0.2", "batch_size": 25}
    looked, alone = trained(steps=0, **fields), trained(steps=0, **fields)
    looked.module[1].eval()  # a mode that is not the module's own must come back too
    modes = [child.training for child in looked.module.modules()]
    before = {name: tensor.clone() for name, tensor in looked.module.state_dict().items()}
    random_state = torch.get_rng_state()
    frame_of(looked, selected=[0, 0], probe=[1, 1])
    assert [child.training for child in looked.module.modules()] == modes
    assert torch.equal(torch.get_rng_state(), random_state)
    for name, tensor in looked.module.state_dict().items():
        assert torch.equal(tensor, before[name]), name
    looked.module[1].train()
    for _ in range(30):
        looked.step()
        frame_of(looked)
        alone.step()
    for mine, other in zip(looked.module.state_dict().values(), alone.module.state_dict().values(), strict=True):
        assert torch.equal(mine, other)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    selected=st.lists(st.integers(0, 5), min_size=2, max_size=2),
    domain=st.lists(st.floats(-1e9, 1e9), min_size=4, max_size=4),
    grid=st.integers(-5, 300),
    thumb=st.integers(-5, 60),
    probe=st.lists(st.floats(), min_size=2, max_size=2) | st.fixed_dictionaries({"point": st.integers()}),
)
def test_any_view_gives_a_frame(trained: Make, **fields: Any) -> None:
    frame_of(trained(steps=1, samples=50), **fields)


def test_weights_whose_sums_overflow_still_give_a_picture(trained: Make) -> None:
    trainer = trained(layers="4-relu_4-relu")
    with torch.no_grad():
        for parameter in trainer.module.parameters():
            parameter.fill_(1e30)
    frame = frame_of(trainer, selected=[1, 0])
    assert frame.arrays["boundary"].shape == (100, 100)


def test_points_are_shown_where_there_is_no_network() -> None:
    from playground.data.points import load_points

    experiment = PointsExperiment(inputs=())
    data = load_points("circle", samples=500, noise=0.1, train_share=0.5, seed=7, inputs=())
    state = RunState("run-0001", status="empty", message=experiment.obstacle)
    frame = decode_frame(encode_frame(data_frame(experiment, data, view_of(thumb=8), state)))
    assert frame.header["status"] == "empty"
    assert frame.header["message"] == experiment.obstacle
    assert frame.header["layers"] == []
    assert len(frame.arrays["points"]) == 500
    assert frame.arrays["input_thumbs"].shape == (0, 8, 8)


@pytest.mark.parametrize("records", [1, 5, 400, 401, 3000, 4096])
def test_thinned_losses_keep_ends_and_extremes(records: int) -> None:
    rng = np.random.default_rng(records)
    history = History(1)
    values = rng.normal(size=(records, 2))
    for epoch, (train, test) in enumerate(values):
        history.append(EpochRecord(epoch, epoch, train, test, 0.0, 0.0, 0.1, (0.0,)))
    table = thinned_losses(history)
    assert len(table) <= 400
    assert table[0, 0] == 0
    assert table[-1, 0] == records - 1
    assert (np.diff(table[:, 0]) > 0).all()
    for column in (0, 1):
        assert table[:, column + 1].min() == np.float32(values[:, column].min())
        assert table[:, column + 1].max() == np.float32(values[:, column].max())


def test_thinned_losses_without_test_points() -> None:
    history = History(1)
    for epoch in range(1000):
        history.append(EpochRecord(epoch, epoch, 1 / (1 + epoch), float("nan"), 0.0, 0.0, 0.1, (0.0,)))
    table = thinned_losses(history)
    assert table[-1, 0] == 999
    assert len(table) <= 400


def test_thinned_losses_of_a_growing_history_are_those_of_the_whole() -> None:
    rng = np.random.default_rng(5)
    history, epoch = History(1), 0
    while epoch < 20_000:  # over two thinnings of the history
        count = int(rng.integers(1, 700))
        rows = np.zeros((count, 8))
        rows[:, 0] = rows[:, 1] = np.arange(epoch, epoch + count)
        rows[:, 2:4] = rng.normal(size=(count, 2))
        history.extend(rows)
        epoch += count
        grown = thinned_losses(history)
        arrays = history.as_arrays()
        whole = History.from_arrays(arrays, appended=history.appended, stride=history.stride)
        np.testing.assert_array_equal(grown, thinned_losses(whole))
