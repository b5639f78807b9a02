"""Each figure is what plotly accepts, shows the numbers it was given, and fits phones and both themes."""

from __future__ import annotations

import json
import time
from itertools import product
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from playground.experiment.points import PointsExperiment
from playground.figures.arrays import unpacked, without_gaps
from playground.figures.layout import Canvas
from playground.figures.options import FigureError
from playground.figures.palette import DARK, LIGHT
from playground.figures.registry import FIGURES, figures_for, read_options
from tests.figures.conftest import Study, drawn, made_up


def every_choice(name: str) -> list[dict[str, str]]:
    """Every combination of the options of a figure, as the panel offers them for three Linear layers."""
    options = FIGURES[name].options
    values = [list(option.choices_for(PointsExperiment())) for option in options]
    return [
        dict(zip([option.name for option in options], combination, strict=True)) for combination in product(*values)
    ]


def with_steps(name: str, task: str, options: dict[str, str]) -> Study:
    """The study that these options ask for, with the further ones of a figure that needs several."""
    first = made_up(name, task, **{key: value for key, value in options.items() if value != "all"})
    more = FIGURES[name].more
    return {
        **first,
        "steps": [made_up(name, task, layer=str(step["layer"])) for step in (more(first, options) if more else [])],
    }


@pytest.mark.parametrize("width", [350, 1400])
def test_plotly_accepts_every_figure_of_every_task_and_choice(name: str, task: str, width: int) -> None:
    for options in every_choice(name):
        figure = without_gaps(drawn(name, with_steps(name, task, options), Canvas(LIGHT, width), **options))
        go.Figure(figure)
        json.dumps(figure, allow_nan=False)


def test_the_themes_differ_in_their_colours(name: str) -> None:
    study = with_steps(name, "binary", {"layer": "all"})
    light, dark = (json.dumps(drawn(name, study, Canvas(palette))) for palette in (LIGHT, DARK))
    assert light != dark
    assert LIGHT.text in light
    assert LIGHT.text not in dark


def test_a_large_network_is_drawn_in_a_blink_and_stays_small() -> None:
    rng = np.random.default_rng(0)
    units = [7, *[32] * 8, 5]
    neurons = [[f"{i}.{n}" for n in range(count)] for i, count in enumerate(units)]
    study: Study = {
        "task": "multiclass",
        "layers": [*(f"linear{i}" for i in range(1, 9)), "output"],
        "columns": neurons[:-1],
        "rows": neurons[1:],
        "weights": [rng.normal(size=(units[i + 1], units[i])).astype(np.float32) for i in range(9)],
        "biases": [rng.normal(size=units[i + 1]).astype(np.float32) for i in range(9)],
    }
    start = time.perf_counter()
    text = json.dumps(without_gaps(drawn("weights", study)))
    assert time.perf_counter() - start < 0.25
    assert len(text) < 100_000


@pytest.mark.parametrize(("epochs", "step"), [(1, 1), (4, 1), (50, None)])
def test_few_epochs_are_counted_one_by_one(epochs: int, step: int | None) -> None:
    study = made_up("loss", "binary")
    kept = {key: value[:epochs] if isinstance(value, np.ndarray) else value for key, value in study.items()}
    kept["epochs"] = np.arange(epochs)
    for key in ("train_loss", "test_loss", "train_metric", "test_metric"):
        kept[key] = np.linspace(1, 0, epochs)
    figure = drawn("loss", kept)
    layout = figure["layout"]
    assert layout["xaxis"].get("dtick") == layout["xaxis2"].get("dtick") == step
    assert {line.get("cliponaxis", True) for line in figure["data"]} == {epochs > 1}, "a lone point is not cut in two"


def test_loss_curves_carry_the_history_in_percent_and_nats() -> None:
    study = made_up("loss", "binary")
    figure = drawn("loss", study)
    train, test, train_accuracy, _ = figure["data"]
    np.testing.assert_allclose(unpacked(train["y"]), study["train_loss"].astype(np.float32))
    np.testing.assert_allclose(unpacked(test["y"]), study["test_loss"].astype(np.float32))
    np.testing.assert_allclose(unpacked(train_accuracy["y"]), 100 * study["train_metric"], rtol=1e-6)
    np.testing.assert_array_equal(unpacked(train["x"]), study["epochs"])
    assert figure["layout"]["yaxis"]["title"]["text"] == "loss (nats)"
    assert figure["layout"]["yaxis2"]["title"]["text"] == "accuracy (%)"


def test_loss_axis_and_learning_rate_are_choices() -> None:
    figure = drawn("loss", made_up("loss", "regression"), log="on", rate="on")
    assert figure["layout"]["yaxis"]["type"] == "log"
    assert figure["layout"]["yaxis2"]["title"]["text"].startswith("R²")
    assert unpacked(figure["data"][-1]["y"]) == pytest.approx(0.03)


@pytest.mark.parametrize("records", [0, 1, 2048, 2049, 4096])
def test_a_long_history_is_thinned_but_keeps_its_last_record(records: int) -> None:
    values = np.linspace(1, 0.1, records)
    columns = ("epochs", "train_loss", "test_loss", "train_metric", "test_metric", "learning_rate")
    study = made_up("loss", "binary") | dict.fromkeys(columns, values)
    drawn_values = unpacked(drawn("loss", study)["data"][0]["y"])
    assert len(drawn_values) <= 2048
    if records:
        assert drawn_values[-1] == pytest.approx(values[-1])


def test_a_record_without_a_number_is_a_gap() -> None:
    study = made_up("loss", "binary")
    study["test_loss"][3], study["test_loss"][4] = np.nan, np.inf
    values = unpacked(drawn("loss", study)["data"][1]["y"])
    assert np.isnan(values[3:5]).all()
    assert np.isfinite(values[5:]).all()


def test_weights_stand_beside_their_bias_on_a_symmetric_scale() -> None:
    study = made_up("weights", "multiclass")
    figure = drawn("weights", study)
    for trace, weight, bias in zip(figure["data"], study["weights"], study["biases"], strict=True):
        cells = unpacked(trace["z"])
        np.testing.assert_array_equal(cells[:, :-2], weight)
        assert np.isnan(cells[:, -2]).all()
        np.testing.assert_array_equal(cells[:, -1], bias)
    scale = figure["layout"]["coloraxis"]
    assert (
        scale["cmax"]
        == -scale["cmin"]
        == pytest.approx(max(np.abs(np.concatenate([w.ravel() for w in [*study["weights"], *study["biases"]]]))))
    )
    assert figure["data"][0]["x"] == ["x₁", "x₁²", " ", "bias"]
    assert figure["data"][2]["y"] == ["blue", "orange", "green"]


def test_numbers_are_written_only_where_they_fit() -> None:
    study = made_up("weights", "binary")
    assert drawn("weights", study)["data"][0]["texttemplate"]
    assert not drawn("weights", study, numbers="off")["data"][0]["texttemplate"]
    assert not drawn("weights", study, Canvas(LIGHT, 350))["data"][1]["texttemplate"]


def test_one_layer_can_be_chosen_and_a_missing_one_is_named() -> None:
    study = made_up("weights", "binary")
    assert [trace["name"] for trace in drawn("weights", study, layer="2")["data"]] == ["Layer 2"]
    with pytest.raises(FigureError, match="layer is 7, but this network has 3 with its output"):
        drawn("weights", study, layer="7")


def test_weights_of_zero_have_a_scale_all_the_same() -> None:
    study = made_up("weights", "binary")
    study["weights"] = [np.zeros_like(weight) for weight in study["weights"]]
    study["biases"] = [np.zeros_like(bias) for bias in study["biases"]]
    assert drawn("weights", study)["layout"]["coloraxis"]["cmax"] == 1


def test_histogram_bars_cover_the_bins() -> None:
    study = made_up("histograms", "binary")
    bar = drawn("histograms", study)["data"][0]
    np.testing.assert_array_equal(unpacked(bar["y"]), study["counts"][0])
    left = unpacked(bar["x"]) - unpacked(bar["width"]) / 2
    np.testing.assert_allclose(left, study["edges"][0][:-1], atol=1e-6)


def test_gradient_norms_of_zero_are_gaps_on_a_log_axis_and_zeros_on_a_linear_one() -> None:
    study = made_up("gradients", "binary")
    study["norms"][0] = 0
    assert np.isnan(unpacked(drawn("gradients", study)["data"][0]["y"])[0])
    assert unpacked(drawn("gradients", study, log="off")["data"][0]["y"])[0] == 0
    names = [trace["name"] for trace in drawn("gradients", study)["data"]]
    assert names == ["Layer 1", "Layer 2", "Output"]


def test_gradients_before_the_first_epoch() -> None:
    study = made_up("gradients", "binary") | {"epochs": np.zeros(0, int), "norms": np.zeros((0, 3))}
    figure = drawn("gradients", study)
    assert len(figure["data"]) == 3
    assert figure["layout"]["annotations"][0]["text"].startswith("Gradients appear with the first epoch.")
    assert not drawn("gradients", made_up("gradients", "binary"))["layout"]["annotations"]


def test_confusion_shows_counts_and_shares_of_the_row() -> None:
    study = made_up("confusion", "binary") | {"counts": np.array([[9, 1], [0, 0]])}
    figure = drawn("confusion", study)
    heatmap = figure["data"][0]
    np.testing.assert_array_equal(unpacked(heatmap["customdata"]), study["counts"])
    np.testing.assert_allclose(unpacked(heatmap["z"]), [[90, 10], [0, 0]])
    assert heatmap["text"][0] == ["<b>9</b><br>90.0 %", "<b>1</b><br>10.0 %"]
    assert figure["layout"]["annotations"][0]["text"] == "9 of 10 test points right (90.0 %)"
    assert [label.split("</span> ")[1] for label in figure["layout"]["xaxis"]["ticktext"]] == ["orange", "blue"]


def test_the_cells_of_a_page_that_follows_one_sample_name_theirs() -> None:
    true, predicted = np.array([0, 1, 0, 0, 1]), np.array([0, 0, 1, 0, 1])
    counts = np.array([[2, 1], [1, 1]])
    study = made_up("confusion", "binary") | {"counts": counts, "true": true, "predicted": predicted, "noun": "row"}
    assert drawn("confusion", study)["data"][0]["meta"]["samples"] == [[[0, 3], [2]], [[1], [4]]]
    many = study | {"true": np.zeros(5000, int), "predicted": np.zeros(5000, int)}
    assert drawn("confusion", many)["data"][0]["meta"]["samples"] == [[list(range(20)), []], [[], []]]
    points = study | {"noun": "point"}
    assert "samples" not in drawn("confusion", points)["data"][0]["meta"], "there a cell marks all of its points"


def test_many_classes_have_their_counts_alone() -> None:
    names = [f"class {i}" for i in range(10)]
    study = made_up("confusion", "multiclass") | {"counts": np.eye(10, dtype=int) * 7, "class_names": names}
    figure = drawn("confusion", study)
    assert figure["data"][0]["text"][2][:4] == ["", "", "7", ""]
    assert figure["layout"]["xaxis"]["ticktext"] == names


def test_regression_is_drawn_as_predicted_against_true() -> None:
    study = made_up("confusion", "regression")
    figure = drawn("confusion", study)
    points = figure["data"][1]
    np.testing.assert_array_equal(unpacked(points["x"]), study["true"])
    np.testing.assert_allclose(unpacked(points["y"]), study["predicted"], rtol=1e-6)
    np.testing.assert_array_equal(unpacked(points["customdata"]) - points["meta"]["first"], range(len(study["true"])))
    assert "off by 0.100" in figure["layout"]["annotations"][0]["text"]


def test_values_of_a_table_are_drawn_in_their_unit() -> None:
    true = np.array([3000.0, 4500.0])
    named = {"target": "body_mass_g", "unit": "g", "noun": "row", "true": true, "predicted": true + 50}
    figure = drawn("confusion", made_up("confusion", "regression") | named)
    assert figure["layout"]["xaxis"]["title"]["text"] == "true body_mass_g (g)"
    low, high = figure["layout"]["xaxis"]["range"]
    assert 2500 < low < 3000 < 4550 < high < 5000
    assert "2 test rows, off by 50 g" in figure["layout"]["annotations"][0]["text"]


def test_kernels_are_tiles_and_a_layer_that_sees_a_picture_too() -> None:
    rng = np.random.default_rng(1)
    kernels, pictures = rng.normal(size=(4, 1, 3, 3)), rng.normal(size=(2, 3, 5, 4))
    study = made_up("weights", "multiclass") | {
        "layers": ["conv1", "linear2", "output"],
        "weights": [kernels, pictures, rng.normal(size=(3, 2))],
        "biases": [np.zeros(4), np.zeros(2), np.zeros(3)],
        "columns": [["1"], ["1"], ["2.1", "2.2"]],
        "rows": [["1"], ["1"], ["a", "b", "c"]],
    }
    figure = drawn("weights", study)
    assert [trace["name"] for trace in figure["data"]] == ["Convolution 1", "Layer 2", "Output"]
    tiles = unpacked(figure["data"][1]["z"])
    assert tiles.shape == (2 * 5 + 1, 3 * 4 + 2)
    np.testing.assert_allclose(tiles[6:11, 5:9], pictures[1, 1], rtol=1e-6)
    assert np.isnan(tiles[5]).all()
    first = unpacked(figure["data"][0]["z"])
    assert np.sort(first[np.isfinite(first)]) == pytest.approx(np.sort(kernels.astype(np.float32).ravel()))
    trace = figure["data"][1]
    assert len(trace["meta"]["x"]) == tiles.shape[1]
    assert len(trace["meta"]["y"]) == tiles.shape[0]


def test_weights_of_an_encoder_are_one_choice() -> None:
    study = made_up("weights", "binary") | {
        "layers": ["encoder.weight_ih", "encoder.weight_hh", "output"],
        "groups": [1, 1, 2],
        "biases": [np.zeros(0), np.zeros(0), np.zeros(1)],
    }
    assert [t["name"] for t in drawn("weights", study, layer="1")["data"]] == ["Encoder weight_ih", "Encoder weight_hh"]
    assert [t["name"] for t in drawn("weights", study, layer="2")["data"]] == ["Output"]
    with pytest.raises(FigureError, match="has 2 with its output"):
        drawn("weights", study, layer="3")


def test_importance_is_the_mean_fall_with_the_largest_at_the_top() -> None:
    study = made_up("importance", "binary")
    bars = drawn("importance", study)["data"][0]
    falls = 100 * study["falls"].mean(axis=1)
    np.testing.assert_allclose(unpacked(bars["x"]), np.sort(falls), rtol=1e-5)
    assert bars["y"][-1] == study["columns"][int(np.argmax(falls))]


def test_the_embedding_marks_the_chosen_token_and_its_neighbours() -> None:
    study = made_up("embedding", "multiclass")
    assert len(drawn("embedding", study)["data"]) == 3
    rest, near, chosen = drawn("embedding", study)["data"]
    assert near["hovertext"] == ["␣", "&lt;unk&gt;"]
    assert chosen["hovertext"] == ["b"]
    assert len(rest["hovertext"]) == len(study["tokens"]) - 3
    np.testing.assert_allclose(unpacked(chosen["x"]), study["places"][2, :1])
    alone = study | {"chosen": None, "neighbours": np.zeros(0, int), "similarity": np.zeros(0)}
    assert len(drawn("embedding", alone)["data"]) == 1


@pytest.mark.parametrize("metric", ["accuracy", "r2", "psnr", "bits"])
def test_every_metric_has_its_axis(metric: str) -> None:
    study = made_up("loss", "binary") | {"metric": metric}
    title = drawn("loss", study)["layout"]["yaxis2"]["title"]["text"]
    assert title == {"accuracy": "accuracy (%)", "r2": "R² (1 is perfect)", "psnr": "PSNR (dB)"}.get(metric, title)


def test_points_have_no_embedding_and_each_kind_its_own_figures() -> None:
    names = [figure.name for figure in figures_for(PointsExperiment())]
    assert "embedding" not in names
    assert {"loss", "weights", "confusion", "surface", "bent", "importance"} <= set(names)


def test_surface_of_one_output_and_of_several() -> None:
    binary, several = made_up("surface", "binary"), made_up("surface", "multiclass")
    surface, *points = drawn("surface", binary)["data"]
    np.testing.assert_array_equal(unpacked(surface["z"]), binary["z"])
    assert sum(len(unpacked(trace["x"])) for trace in points) == len(binary["labels"])
    surfaces = [trace for trace in drawn("surface", several)["data"] if trace["type"] == "surface"]
    assert [trace["name"] for trace in surfaces] == ["blue", "orange", "green"]
    np.testing.assert_array_equal(unpacked(surfaces[2]["z"]), several["z"][2])
    assert [trace["type"] for trace in drawn("surface", several, points="off")["data"]] == ["surface"] * 3


def test_the_surface_of_a_curve_is_a_line() -> None:
    study = made_up("surface", "curve")
    figure = drawn("surface", study)
    assert "scene" not in figure["layout"]
    np.testing.assert_array_equal(unpacked(figure["data"][-1]["y"]), study["z"])


def test_bent_space_has_a_panel_a_layer_and_says_the_share_of_variance() -> None:
    options = {"layer": "all"}
    figure = drawn("bent", with_steps("bent", "binary", options), **options)
    headings = [note["text"] for note in figure["layout"]["annotations"]]
    assert headings[0].startswith("<b>Inputs</b>")
    assert headings[2] == "<b>After layer 2</b> · 83 % of the variance of 4"
    one = drawn("bent", made_up("bent", "binary", layer="1"), layer="1")
    assert len(one["layout"]["annotations"]) == 1
    lines: Any = unpacked(one["data"][0]["x"])
    assert np.isnan(lines[61])  # the gap between two grid lines


@pytest.mark.parametrize("raw", [None, 7, "x", [], {}, {"unknown": object()}, {"theme": 3}])
def test_options_that_are_none_are_the_defaults(name: str, raw: object) -> None:
    figure = FIGURES[name]
    assert read_options(figure, raw) == {option.name: option.default for option in figure.options}


@pytest.mark.parametrize("value", [None, 7, [], {}, "", "no", "x" * 10_000, "\x00", "1e9", "-1"])
def test_wrong_values_are_named_in_one_short_sentence(name: str, value: object) -> None:
    figure = FIGURES[name]
    for option in figure.options:
        if option.longest and isinstance(value, str) and len(value) <= option.longest:
            assert read_options(figure, {option.name: value}) == {option.name: value}
            continue
        with pytest.raises(FigureError, match=f"{option.name} is .*, but it must be (one of|a text of) ") as error:
            read_options(figure, {option.name: value})
        assert len(str(error.value)) < 200
