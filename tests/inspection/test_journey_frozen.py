"""The journey of an own photo: through the frozen network to its features, and through the layers that learn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from playground.data.images_own import prepare_image
from playground.data.own_photos import SIDE
from playground.data.transfer import to_tensor
from playground.experiment.images import ImagesExperiment
from playground.inspection.forward import inspecting
from playground.inspection.frame_format import Frame, decode_frame, encode_frame
from playground.inspection.journey import build_journey
from playground.inspection.journey_frozen import places
from playground.inspection.journey_own import read_own
from playground.inspection.journey_sample import Own
from playground.inspection.journey_view import JourneyView
from playground.inspection.run_state import RunState
from playground.network.pretrained import look_at
from playground.training.trainer import Trainer
from tests.inspection.journeys import fresh, trained


def frame_of(trainer: Trainer, own: Own | None = None, **view: Any) -> Frame:
    return decode_frame(encode_frame(build_journey(trainer, JourneyView.from_json(view), RunState("run-1"), own)))


def test_the_way_goes_from_the_photo_over_the_frozen_maps_to_the_answer() -> None:
    trainer = trained("photos")
    data = trainer.dataset
    frame = frame_of(trainer, sample={"source": "test", "index": 3})
    photo = data.raw_test[3]
    np.testing.assert_array_equal(frame.arrays["pixels"], photo)
    stages = frame.header["stages"]
    names = ["input", "frozen1", "frozen2", "frozen3", "frozen4", "linear1", "activation1", "output"]
    assert [stage["name"] for stage in stages] == names
    assert [bool(stage["frozen"]) for stage in stages] == [name.startswith("frozen") for name in names]
    seen = look_at(photo)
    outputs = [to_tensor(photo[None])[0], seen.stem, seen.middle, seen.last, data.X_test[3]]
    for stage, values in zip(stages, map(np.asarray, outputs), strict=False):
        assert stage["shape"] == list(values.shape)
        shown = frame.arrays[stage["array"]]
        expected = values[: len(shown)] / stage["scale"] * 127
        np.testing.assert_allclose(shown, expected.reshape(shown.shape), atol=0.51)
    assert frame.header["parameters"] == sum(parameter.numel() for parameter in trainer.module.parameters())
    assert sum(stage["parameters"] for stage in stages if stage["frozen"]) == 3_371_008
    assert len({stage["array"] for stage in stages}) == len(stages)


def test_what_stays_as_it_is_comes_once() -> None:
    trainer = trained("photos")
    first = frame_of(trainer)
    have = {"have_version": first.header["version"], "have_sample": first.header["sample_id"]}
    again = frame_of(trainer, **have)
    frozen = {stage["array"] for stage in first.header["stages"][:5]}
    assert frozen <= first.arrays.keys()
    assert not (frozen | {"pixels", "samples"}) & again.arrays.keys()
    assert again.header["stages"] == first.header["stages"]
    assert {stage["array"] for stage in again.header["stages"][5:]} <= again.arrays.keys()
    assert len(encode_frame(build_journey(trainer, JourneyView.from_json(have), RunState("run-1")))) < 8_000
    other = frame_of(trainer, **have, sample={"source": "train", "index": 2})
    assert frozen <= other.arrays.keys()


def test_the_wall_has_small_photos() -> None:
    trainer = trained("photos")
    small = frame_of(trainer).arrays["samples"]
    photos = trainer.dataset.raw_test
    assert small.shape == (len(photos), 56, 56, 3)
    assert abs(float(small.mean()) - float(photos.mean())) < 1


def test_an_own_photo_is_seen_as_those_of_the_set_are() -> None:
    trainer = trained("photos")
    photo = trainer.dataset.raw_test[0]
    own = read_own(trainer.experiment, trainer.dataset, {"values": photo})
    np.testing.assert_allclose(own.X, trainer.dataset.X_test[0], rtol=1e-5, atol=1e-6)
    of_set, mine = frame_of(trainer), frame_of(trainer, own, sample={"source": "own"}, source="own")
    assert mine.header["sample"]["source"] == "own"
    np.testing.assert_allclose(mine.header["sample"]["logits"], of_set.header["sample"]["logits"], atol=1e-4)
    np.testing.assert_array_equal(mine.arrays["pixels"], photo)
    large = np.random.default_rng(1).integers(0, 256, (300, 500), dtype=np.uint8)
    read = read_own(trainer.experiment, trainer.dataset, {"values": large})
    np.testing.assert_array_equal(read.shown.arrays["pixels"], prepare_image(large, (SIDE, SIDE), 3, "no"))


@pytest.mark.parametrize("command", [{}, {"values": "photo"}, {"values": np.zeros((4, 4))}, {"text": "cat"}])
def test_what_is_no_photo_gets_a_sentence(command: dict[str, Any]) -> None:
    trainer = trained("photos")
    with pytest.raises(ValueError, match="drawing"):
        read_own(trainer.experiment, trainer.dataset, command)


def test_the_places_add_up_to_the_logit() -> None:
    trainer = fresh("photos", layers="none")
    last = look_at(trainer.dataset.raw_test[1]).last
    with inspecting(trainer.module), torch.no_grad():
        logits = trainer.module(last.mean(dim=(1, 2))[None])[0]
    best = int(logits.argmax())
    found = places(trainer, last, "gradient")
    assert found.shape == (7, 7)
    bias = trainer.module.get_parameter("output.bias")[best]
    assert float(found.sum()) == pytest.approx(float((logits[best] - bias).detach()), rel=1e-3, abs=1e-4)
    assert all(parameter.grad is None or not parameter.grad.any() for parameter in trainer.module.parameters())


@pytest.mark.parametrize("layers", ["none", "6-tanh"])
def test_a_place_without_which_it_is_less_sure(layers: str) -> None:
    trainer = fresh("photos", layers=layers)
    for _ in range(5):
        trainer.finish_epoch()
    last = look_at(trainer.dataset.raw_test[1]).last
    found = places(trainer, last, "occlusion")
    emptied = last.clone()
    emptied[:, 2, 5] = 0
    with inspecting(trainer.module), torch.no_grad():
        full, without = (trainer.module(maps.mean(dim=(1, 2))[None]).softmax(1)[0] for maps in (last, emptied))
    best = int(full.argmax())
    assert float(found[2, 5]) == pytest.approx(float(full[best] - without[best]), abs=1e-5)


def test_the_evidence_is_a_smooth_picture() -> None:
    trainer = trained("photos")
    for how in ("gradient", "occlusion"):
        assert frame_of(trainer, explain=how).arrays["explain"].shape == (28, 28)
    assert isinstance(trainer.experiment, ImagesExperiment)
