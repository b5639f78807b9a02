"""Every number of a journey frame is what the module says when it is asked directly."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from playground.data.table_encoding import TableDataset
from playground.data.text import GeneratorDataset
from playground.inspection.frame_format import Frame, decode_frame, encode_frame
from playground.inspection.journey import build_journey, data_journey
from playground.inspection.journey_own import read_own
from playground.inspection.journey_sample import Own
from playground.inspection.journey_view import JourneyView
from playground.inspection.run_state import RunState
from playground.training.trainer import Trainer
from tests.inspection.journeys import FIELDS, fresh, trained

every_kind = pytest.mark.parametrize("name", FIELDS)
every_trained_way = pytest.mark.parametrize("name", [name for name in FIELDS if name != "photos"])
"""The journey of a photo begins in a network that is not trained: see test_journey_frozen."""


def frame_of(trainer: Trainer, own: Own | None = None, *, playing: bool = False, **view: Any) -> Frame:
    state = RunState("run-0001", seq=5, playing=playing)
    return decode_frame(encode_frame(build_journey(trainer, JourneyView.from_json(view), state, own)))


def evaluated(trainer: Trainer, X: np.ndarray[Any, Any]) -> dict[str, Tensor]:
    """Every child's output for a batch, one child after the other."""
    values = torch.from_numpy(X)
    modes = [(child, child.training) for child in trainer.module.modules()]
    trainer.module.eval()
    outputs = {"input": values}
    with torch.no_grad():
        for name, child in trainer.module.named_children():
            values = child(values)
            outputs[name] = values
    for child, mode in modes:
        child.training = mode
    return outputs


def chances(trainer: Trainer, logits: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    z = logits.astype(np.float64)
    if z.shape[-1] == 1:
        positive = 1 / (1 + np.exp(-z))
        return np.concatenate([1 - positive, positive], axis=-1)
    exponentials = np.exp(z - z.max(axis=-1, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(axis=-1, keepdims=True))


@every_trained_way
def test_stages_are_the_outputs_of_the_children(name: str) -> None:
    trainer = trained(name)
    frame = frame_of(trainer, sample={"source": "test", "index": 2})
    outputs = evaluated(trainer, trainer.dataset.X_test[2:3])
    stages = frame.header["stages"]
    children = [child for child, _ in trainer.module.named_children() if child != "flatten"]
    assert [stage["name"] for stage in stages] == ["input", *children]
    for stage in stages:
        values = outputs[stage["name"]][0].float().numpy()
        assert stage["shape"] == list(values.shape)
        shown = frame.arrays[stage["array"]]
        assert shown.dtype == np.int8
        assert len(shown.shape) == {"maps": 3, "vector": 1, "sequence": 2}[stage["kind"]]
        if values.size == shown.size:
            expected = values.reshape(shown.shape) / stage["scale"] * 127
            np.testing.assert_allclose(shown, expected, atol=0.51)
        else:
            assert values.shape[-1] > 512
            assert abs(int(shown.max()) - 127 * values.max() / stage["scale"]) < 0.51
        assert stage["scale"] >= np.abs(values).max() - 1e-6
        assert stage["title"]
        assert (stage["name"] == "input") == (stage["module"] == "")
    assert sum(stage["parameters"] for stage in stages) == frame.header["parameters"]
    assert frame.header["parameters"] == sum(p.numel() for p in trainer.module.parameters())
    assert stages[-1]["linear"]


@every_trained_way
def test_filters_are_weights(name: str) -> None:
    trainer = trained(name)
    frame = frame_of(trainer)
    shown = 0
    for stage in frame.header["stages"]:
        child = dict(trainer.module.named_children()).get(stage["name"])
        if isinstance(child, nn.Conv1d | nn.Conv2d):
            assert stage["filters"]
        if not stage["filters"]:
            continue
        assert isinstance(child, nn.Conv1d | nn.Conv2d | nn.Linear)
        tiles = frame.arrays[stage["filters"]]
        assert tiles.ndim == 4
        weight = child.weight.detach().numpy()
        expected = weight.reshape(len(weight), -1)[0, : tiles[0, 0].size]
        np.testing.assert_allclose(tiles[0, 0].ravel(), expected / stage["filter_scale"] * 127, atol=0.51)
        shown += 1
    assert shown or FIELDS[name][0] in ("text", "tables") or name == "painting"


@every_kind
def test_the_answer_is_in_words_with_logits_and_probabilities(name: str) -> None:
    trainer = trained(name)
    data = trainer.dataset
    for source, X, y in (("train", data.X_train, data.y_train), ("test", data.X_test, data.y_test)):
        frame = frame_of(trainer, sample={"source": source, "index": 1})
        sample = frame.header["sample"]
        assert (sample["source"], sample["index"]) == (source, 1)
        logits = evaluated(trainer, X[1:2])["output"][0].numpy()
        if logits.ndim == 2:
            logits = logits[np.count_nonzero(X[1]) - 1]
        np.testing.assert_allclose(sample["logits"], logits, atol=1e-5)
        if trainer.experiment.task == "regression":
            assert sample["probabilities"] == []
            assert sample["label"] is None
            assert sample["target"] == data.answer(np.atleast_1d(y[1]))
        else:
            probabilities = chances(trainer, logits)
            np.testing.assert_allclose(sample["probabilities"], probabilities, atol=1e-5)
            assert data.class_names[int(probabilities.argmax())] in sample["answer"]
            if isinstance(data, GeneratorDataset):
                assert sample["label"] == y[1][np.count_nonzero(X[1]) - 1]
            else:
                assert sample["label"] == y[1]
            assert sample["target"] == data.class_names[sample["label"]]
    assert frame.header["kind"] == FIELDS[name][0]
    assert (frame.header["train_count"], frame.header["test_count"]) == (len(data.X_train), len(data.X_test))


@every_kind
def test_the_wall_is_what_the_network_says_of_the_test_samples(name: str) -> None:
    trainer = trained(name)
    data = trainer.dataset
    frame = frame_of(trainer)
    if isinstance(data, GeneratorDataset) or name == "painting":
        assert "predicted" not in frame.arrays
        return
    logits = evaluated(trainer, data.X_test[:400])["output"].numpy()
    if trainer.experiment.task == "regression":
        assert isinstance(data, TableDataset)
        np.testing.assert_allclose(frame.arrays["predicted"], data.target_value(logits[:, 0]), rtol=1e-4)
        np.testing.assert_allclose(frame.arrays["target"], data.target_value(data.y_test[:400]), rtol=1e-5)
        return
    probabilities = chances(trainer, logits)
    np.testing.assert_array_equal(frame.arrays["predicted"], probabilities.argmax(axis=1))
    np.testing.assert_allclose(frame.arrays["confidence"], 255 * probabilities.max(axis=1), atol=0.51)
    np.testing.assert_array_equal(frame.arrays["target"], data.y_test[:400])
    assert frame.arrays["predicted"].dtype == frame.arrays["target"].dtype == np.int16


@every_trained_way
def test_what_depends_on_the_data_alone_comes_once(name: str) -> None:
    trainer = trained(name)
    data, kind = trainer.dataset, FIELDS[name][0]
    view = {"sample": {"source": "test", "index": 3}}
    first = frame_of(trainer, **view)
    if kind == "images" and name != "painting":
        np.testing.assert_array_equal(first.arrays["samples"], data.raw_test[:400])
        np.testing.assert_array_equal(first.arrays["pixels"], data.raw_test[3])
    if kind == "text":
        assert first.header["texts"] == [str(text) for text in data.raw_test[:400]]
        tokens = first.header["sample"]["tokens"]
        assert [entry["id"] for entry in tokens] == data.X_test[3][data.X_test[3] != 0].tolist()
    if kind == "sound":
        np.testing.assert_array_equal(first.arrays["wave"], data.raw_test[3])
        assert first.header["sample_rate"] == (None if name == "signals" else 8000)
    if isinstance(data, TableDataset):
        row = data.table.row(int(data.raw_test[3]))
        assert first.header["sample"]["words"] == {e.name: row[e.name] for e in data.encodings}
    have = {"have_version": first.header["version"], "have_sample": first.header["sample_id"]}
    again = frame_of(trainer, **view, **have)
    assert not {"samples", "photo", "pixels", "wave"} & again.arrays.keys()
    assert "texts" not in again.header
    assert again.header["version"] == first.header["version"] < 2**53
    other = frame_of(trainer, sample={"source": "test", "index": 4}, **have)
    assert other.header["sample_id"] != first.header["sample_id"]
    assert ("wave" in other.arrays) == (kind == "sound")


def test_the_painting_is_what_the_network_paints_now() -> None:
    trainer = trained("painting")
    frame = frame_of(trainer)
    data: Any = trainer.dataset
    outputs = evaluated(trainer, data.all_pixels())["output"].numpy()
    expected = data.paint(outputs)
    assert np.abs(frame.arrays["picture"].astype(int) - expected).max() <= 1
    np.testing.assert_array_equal(frame.arrays["photo"], data.photo)


def test_losses_of_the_header_are_those_of_this_moment_when_paused() -> None:
    trainer = fresh("digits")
    frame = frame_of(trainer)
    assert frame.header["train_loss"] == pytest.approx(trainer.history.last.train_loss)
    for _ in range(2):
        trainer.step()
    assert trainer.epoch == 0
    frame, evaluation = frame_of(trainer), trainer.evaluate()
    for key in ("train_loss", "test_loss", "train_metric", "test_metric"):
        assert frame.header[key] == pytest.approx(getattr(evaluation, key), rel=1e-5)
    trainer.edit("output.bias", (0,), 9.0)
    assert frame_of(trainer).header["test_loss"] == pytest.approx(trainer.evaluate().test_loss, rel=1e-5)
    assert frame_of(trainer).header["edited"]
    trainer.finish_epoch()
    assert frame_of(trainer, playing=True).header["epoch"] == 1
    np.testing.assert_allclose(frame_of(trainer).arrays["losses"][:, 0], [0, 1])


def test_while_it_plays_the_wall_waits_but_the_journey_does_not() -> None:
    trainer = fresh("digits")
    before = frame_of(trainer, playing=True)
    for _ in range(10):
        trainer.step()
    with torch.no_grad():
        trainer.module.get_parameter("output.bias")[:] = torch.tensor([50.0] + [0.0] * 9)
    during = frame_of(trainer, playing=True)
    np.testing.assert_array_equal(during.arrays["predicted"], before.arrays["predicted"])
    assert during.header["sample"]["logits"] != before.header["sample"]["logits"]
    assert (frame_of(trainer).arrays["predicted"] == 0).all()


@every_trained_way
@pytest.mark.parametrize("how", ["gradient", "occlusion"])
def test_explanations_have_the_shape_of_the_input(name: str, how: str) -> None:
    trainer = trained(name)
    frame = frame_of(trainer, explain=how, sample={"source": "test", "index": 1})
    if name == "painting":
        assert "explain" not in frame.arrays
        return
    shape = list(trainer.dataset.X_test.shape[1:])
    found = frame.arrays["explain"]
    expected = shape[1:] if len(shape) > 1 else shape
    assert list(found.shape) == expected or (found.ndim == 1 and expected[0] > 512)
    assert frame.header["explain_scale"] > 0
    if how == "gradient":
        assert np.abs(found).max() == 127 or trainer.experiment.kind == "text"


def test_a_gradient_map_is_the_finite_difference_of_the_answers_logit() -> None:
    trainer = trained("faces")
    frame = frame_of(trainer, explain="gradient", sample={"source": "test", "index": 0})
    X = trainer.dataset.X_test[:1].astype(np.float32)
    logit = float(evaluated(trainer, X)["output"][0, 0])
    sign = 1 if logit > 0 else -1
    found = frame.arrays["explain"].astype(float) / 127 * frame.header["explain_scale"]
    row, column = np.unravel_index(np.abs(found).argmax(), found.shape)
    moved = X.copy()
    moved[0, 0, row, column] += 1e-3
    slope = sign * (float(evaluated(trainer, moved)["output"][0, 0]) - logit) / 1e-3
    assert found[row, column] == pytest.approx(slope, rel=0.05)


def test_occluding_a_column_replaces_it_by_its_average() -> None:
    trainer = trained("penguins")
    data: Any = trainer.dataset
    frame = frame_of(trainer, explain="occlusion", sample={"source": "test", "index": 0})
    found = frame.arrays["explain"].astype(float) / 127 * frame.header["explain_scale"]
    X = data.X_test[:1].copy()
    before = chances(trainer, evaluated(trainer, X)["output"].numpy())[0]
    for encoding in data.encodings:
        part = slice(encoding.start, encoding.stop)
        hidden = X.copy()
        hidden[:, part] = data.X_train[:, part].mean(axis=0)
        after = chances(trainer, evaluated(trainer, hidden)["output"].numpy())[0]
        fall = before[before.argmax()] - after[before.argmax()]
        np.testing.assert_allclose(found[part], fall, atol=frame.header["explain_scale"] / 127)


def test_attention_is_the_softmax_of_queries_and_keys() -> None:
    for name in ("attention", "writer-attention"):
        trainer = trained(name)
        frame = frame_of(trainer, sample={"source": "test", "index": 1})
        children: Any = dict(trainer.module.named_children())
        ids = torch.from_numpy(trainer.dataset.X_test[1:2])
        with torch.no_grad():
            vectors = children["embedding"](ids) + children["encoder"].position
            scores = children["encoder"].query(vectors)[0] @ children["encoder"].key(vectors)[0].T
            scores = scores / children["encoder"].query.out_features ** 0.5
        scores[:, ids[0] == 0] = -1e9
        if name.startswith("writer"):
            scores = scores.masked_fill(torch.ones_like(scores).triu(1) > 0, -1e9)
        expected = 255 * scores.softmax(dim=1).numpy()
        np.testing.assert_allclose(frame.arrays["attention"], expected, atol=0.51)
    assert "attention" not in frame_of(trained("surnames")).arrays


def test_a_generator_writes_at_the_chosen_temperature_and_leaves_training_alone() -> None:
    looked, alone = fresh("writer"), fresh("writer")
    before = torch.get_rng_state()
    frame = frame_of(looked, temperature=0.7)
    assert torch.equal(torch.get_rng_state(), before)
    assert len(frame.header["written"]) == 6
    assert all(isinstance(text, str) for text in frame.header["written"])
    assert frame_of(looked, temperature=0.7).header["written"] == frame.header["written"]
    frame_of(looked, temperature=2.0)
    for _ in range(3):
        looked.step()
        alone.step()
        frame_of(looked)
    for mine, other in zip(looked.module.parameters(), alone.module.parameters(), strict=True):
        assert torch.equal(mine, other)
    assert "written" not in frame_of(trained("surnames")).header


def test_a_recording_is_listened_to_from_begin_to_end() -> None:
    trainer = trained("keys")
    data: Any = trainer.dataset
    length = data.raw_test.shape[1]
    recording = np.concatenate([data.raw_test[0], np.zeros(length), data.raw_test[1]]).astype(np.float32)
    own = read_own(trainer.experiment, data, {"values": recording})
    frame = frame_of(trainer, own, sample={"source": "own"})
    assert frame.header["sample"]["source"] == "own"
    assert frame.header["sample"]["target"] is None
    moments, seconds = frame.arrays["moments"], frame.header["moments_at"]
    assert moments.shape == (len(seconds), 12)
    np.testing.assert_allclose(moments.sum(axis=1), 1, rtol=1e-5)
    assert seconds[0] == pytest.approx(length / 2 / 8000)
    assert seconds[-1] == pytest.approx((len(recording) - length / 2) / 8000)
    clip = recording[:length] * np.float32(0.6 / np.abs(recording).max())
    logits = evaluated(trainer, data.encode(clip)[None])["output"].numpy()
    np.testing.assert_allclose(moments[0], chances(trainer, logits)[0], atol=1e-5)
    assert "moments" not in frame_of(trainer, own).arrays


@every_kind
def test_an_own_sample_is_answered_as_the_same_sample_of_the_set(name: str) -> None:
    trainer = trained(name)
    data = trainer.dataset
    if name == "painting":
        return
    raw = data.raw_test[0]
    values: Any = data.table.row(int(raw)) if isinstance(data, TableDataset) else raw
    command = {"text": str(raw)} if FIELDS[name][0] == "text" else {"values": values}
    own = read_own(trainer.experiment, data, command)
    ours = frame_of(trainer, own, sample={"source": "own"}).header["sample"]
    theirs = frame_of(trainer, sample={"source": "test", "index": 0}).header["sample"]
    np.testing.assert_allclose(ours["logits"], theirs["logits"], atol=1e-4)
    assert ours["answer"] == theirs["answer"]
    assert ours["index"] is None


@every_kind
def test_looking_leaves_no_trace(name: str) -> None:
    looked, alone = fresh(name), fresh(name)
    modes = [child.training for child in looked.module.modules()]
    before = {key: tensor.clone() for key, tensor in looked.module.state_dict().items()}
    random_state = torch.get_rng_state()
    for explain in ("gradient", "occlusion"):
        frame_of(looked, explain=explain)
    assert [child.training for child in looked.module.modules()] == modes
    assert not any(child._forward_hooks for child in looked.module.modules())
    assert torch.equal(torch.get_rng_state(), random_state)
    for key, tensor in looked.module.state_dict().items():
        assert torch.equal(tensor, before[key]), key
    for _ in range(2):
        looked.step()
        frame_of(looked, explain="gradient")
        alone.step()
    for mine, other in zip(looked.module.state_dict().values(), alone.module.state_dict().values(), strict=True):
        assert torch.equal(mine, other)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sample=st.fixed_dictionaries({}, optional={"source": st.text(max_size=5), "index": st.integers() | st.floats()})
    | st.integers(),
    explain=st.sampled_from(["gradient", "occlusion", "x", None, 3]),
    temperature=st.floats() | st.text(max_size=3) | st.integers(),
    have_version=st.integers() | st.none(),
)
@pytest.mark.parametrize("name", ["digits", "writer", "tips"])
def test_any_view_gives_a_frame(name: str, **fields: Any) -> None:
    frame_of(trained(name), **fields)


def test_without_a_network_the_samples_are_shown_and_without_data_a_sentence() -> None:
    trainer = trained("digits")
    state = RunState("run-0001", status="empty", message="Download it first.")
    frame = decode_frame(encode_frame(data_journey(trainer.experiment, trainer.dataset, JourneyView(), state)))
    assert len(frame.arrays["samples"]) == len(trainer.dataset.X_test)
    assert frame.header["stages"] == []
    frame = decode_frame(encode_frame(data_journey(trainer.experiment, None, JourneyView(), state)))
    assert frame.header["message"] == "Download it first."
    assert frame.header["sample"] is None


def test_weights_that_overflow_still_give_a_picture() -> None:
    trainer = fresh("digits")
    with torch.no_grad():
        for parameter in trainer.module.parameters():
            parameter.fill_(1e30)
    frame_of(trainer, explain="gradient")
    frame_of(trainer, explain="occlusion")
