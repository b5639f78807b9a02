"""Own samples are what the network would have seen of them among its own, and nothing that is sent does harm."""

from __future__ import annotations

import base64
from functools import cache
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.data.dataset import Dataset
from playground.data.images import load_images
from playground.data.photos import load_painting
from playground.data.sequences import load_sequences
from playground.data.sound import load_sound
from playground.data.table_encoding import encode_table
from playground.data.tables import TABLES, load_table
from playground.data.text import load_generator, load_text
from playground.experiment.experiment import Experiment
from playground.inspection.journey_own import read_own
from playground.inspection.journey_sample import Own, chosen_sample, target_words
from playground.inspection.journey_view import JourneyView

LOADERS: dict[str, Any] = {
    "digits": lambda: load_images("digits", train_share=0.8, seed=7),
    "astronaut": lambda: load_painting("astronaut", train_share=0.8, seed=7, fourier=8),
    "surnames": lambda: load_text("surnames", samples=400),
    "names-generator": lambda: load_generator("names-generator", samples=300),
    "phone-keys": lambda: load_sound("phone-keys", samples=60),
    "signals": lambda: load_sequences("signals", train_share=0.8, seed=7, samples=100),
    "penguins-species": lambda: encode_table(
        load_table("penguins-species"), columns=TABLES["penguins-species"].inputs, train_share=0.8, seed=7
    ),
    "tips": lambda: encode_table(load_table("tips"), columns=TABLES["tips"].inputs, train_share=0.8, seed=7),
}


@cache
def dataset_of(name: str) -> Any:
    return LOADERS[name]()


def read(name: str, **command: Any) -> Own:
    return read_own(cast(Experiment, SimpleNamespace(dataset=name)), dataset_of(name), {"name": "own", **command})


def packed(pixels: np.ndarray[Any, Any]) -> dict[str, Any]:
    return {"pixels": base64.b64encode(pixels.tobytes()).decode(), "size": list(pixels.shape[:2])}


@pytest.mark.parametrize("index", [0, 3, 17])
def test_the_raw_data_of_a_test_sample_is_encoded_as_that_sample(index: int) -> None:
    digits = dataset_of("digits")
    for own in (read("digits", **packed(digits.raw_test[index])), read("digits", values=digits.raw_test[index])):
        np.testing.assert_array_equal(own.X, digits.X_test[index])
        np.testing.assert_array_equal(own.shown.arrays["pixels"], digits.raw_test[index])
    names = dataset_of("surnames")
    own = read("surnames", text=str(names.raw_test[index]))
    np.testing.assert_array_equal(own.X, names.X_test[index])
    assert [entry["id"] for entry in own.shown.tokens] == own.X[own.X != 0].tolist()
    generator = dataset_of("names-generator")
    own = read("names-generator", text=str(generator.raw_test[index]))
    np.testing.assert_array_equal(own.X, generator.X_test[index])
    assert own.shown.tokens[0]["token"] == "<bos>"
    keys = dataset_of("phone-keys")
    np.testing.assert_allclose(
        read("phone-keys", values=keys.raw_test[index % 12]).X, keys.X_test[index % 12], atol=1e-5
    )
    signals = dataset_of("signals")
    np.testing.assert_array_equal(read("signals", values=signals.raw_test[index].tolist()).X, signals.X_test[index])
    for name in ("penguins-species", "tips"):
        table = dataset_of(name)
        row = table.table.row(int(table.raw_test[index]))
        np.testing.assert_allclose(read(name, values=row).X, table.X_test[index], atol=1e-6)


def test_larger_drawings_and_longer_sounds_are_made_to_fit() -> None:
    drawing = np.full((64, 64), 255, np.uint8)
    drawing[16:48, 30:34] = 0
    own = read("digits", **packed(drawing))
    assert own.X.shape == (1, 8, 8)
    columns = own.shown.arrays["pixels"].astype(int).sum(axis=0)
    assert columns[[3, 4]].sum() > 0.9 * columns.sum()  # an upright stroke, bright, in the middle
    coloured = np.repeat(drawing[..., None], 3, axis=2)
    np.testing.assert_array_equal(read("digits", **packed(coloured)).X, own.X)
    keys = dataset_of("phone-keys")
    length = keys.raw_test.shape[1]
    long = np.concatenate([np.zeros(900, np.float32), keys.raw_test[0], np.zeros(1500, np.float32)])
    own = read("phone-keys", values=long)
    assert own.shown.arrays["wave"].shape == (length,)
    assert own.recording is not None
    assert len(own.recording) == len(long)


def test_the_first_own_text_of_a_generator_may_be_empty() -> None:
    own = read("names-generator", text="")
    assert own.X[own.X != 0].tolist() == [dataset_of("names-generator").begin_id]
    with pytest.raises(ValueError, match="empty"):
        read("surnames", text=" ")


def test_numpy_values_of_a_form_are_numbers() -> None:
    row = dict(dataset_of("tips").table.row(0)) | {"size": np.int64(2), "total_bill": np.float64(12.5)}
    assert read("tips", values=row).shown.words["total_bill"] == "12.5"


def test_a_place_of_a_photo_is_told_by_its_pixel() -> None:
    photo = dataset_of("astronaut")
    height, width = photo.photo.shape[:2]
    for row, column in ((0, 0), (height - 1, width - 1), (10, 20)):
        x, y = (column + 0.5) / width * 2 - 1, (row + 0.5) / height * 2 - 1
        own = read("astronaut", values=[x, y])
        assert own.shown.words == {"row": str(row), "column": str(column)}
        np.testing.assert_allclose(own.X, photo.all_pixels()[row * width + column], atol=1e-5)
    assert read("astronaut", values=[1, 1]).shown.words["row"] == str(height - 1)


def test_ids_tell_samples_apart() -> None:
    digits = dataset_of("digits")
    assert read("digits", values=digits.raw_test[0]).id == read("digits", values=digits.raw_test[0]).id
    assert read("digits", values=digits.raw_test[0]).id != read("digits", values=digits.raw_test[1]).id


@pytest.mark.parametrize("name", LOADERS)
def test_any_choice_of_a_sample_is_one_that_exists(name: str) -> None:
    data: Dataset = dataset_of(name)
    own = Own(data.X_test[0], chosen_sample(data, 1, JourneyView(), None).shown)
    for source in ("train", "test", "own"):
        for index in (0, 5, 2**53):
            for given_own in (None, own):
                sample = chosen_sample(data, 1, JourneyView(source=source, index=index), given_own)
                assert sample.X.shape == data.X_train.shape[1:]
                words, _ = target_words(data, sample.y)
                assert (words is None) == (sample.source == "own") == (sample.index is None)
    first = chosen_sample(data, 1, JourneyView(source="train", index=2), None)
    np.testing.assert_array_equal(first.X, data.X_train[2])
    assert first.id != chosen_sample(data, 2, JourneyView(source="train", index=2), None).id


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=6,
)
ARRAYS = st.builds(
    lambda shape, kind, value: np.full(shape, value).astype(kind),
    st.lists(st.integers(0, 12), max_size=4),
    st.sampled_from(["u1", "f4", "f8", "i8", "?"]),
    st.sampled_from([0, 1, 255]),
)
VALUES = JSON | ARRAYS | st.just(np.array([object()], dtype=object)) | st.just(np.array([np.nan, 1]))
COMMANDS = st.fixed_dictionaries(
    {},
    optional={
        "pixels": JSON | st.binary(max_size=80).map(lambda data: base64.b64encode(data).decode()),
        "size": JSON | st.lists(st.integers(-1, 9), min_size=2, max_size=2),
        "text": JSON,
        "values": VALUES | st.dictionaries(st.sampled_from(["total_bill", "size", "sex", "island"]), VALUES),
    },
)


@pytest.mark.parametrize("name", LOADERS)
@settings(max_examples=120, deadline=None)
@given(command=COMMANDS)
def test_whatever_is_sent_gives_a_sample_or_one_sentence(name: str, command: dict[str, Any]) -> None:
    try:
        own = read(name, **command)
    except ValueError as error:
        assert str(error).endswith(".")  # noqa: PT017
        assert "\n" not in str(error)  # noqa: PT017
        assert len(str(error)) < 700  # noqa: PT017
    else:
        assert own.X.shape == dataset_of(name).X_train.shape[1:]
        assert own.X.dtype == dataset_of(name).X_train.dtype
        assert np.isfinite(own.X).all()


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("digits", {"pixels": "AAAA", "size": [10**9, 10**9]}),
        ("digits", {"pixels": "A" * 10**6, "size": [8, 8]}),
        ("digits", {"values": np.zeros((3000, 3000), np.uint8)}),
        ("surnames", {"text": "x" * 10**6}),
        ("phone-keys", {"values": np.zeros(10**6, np.float32)}),
        ("phone-keys", {"values": np.array([1e308])}),
        ("signals", {"values": [10**400] * 40}),
        ("tips", {"values": {"size": 10**400}}),
        ("tips", {"values": {str(i): i for i in range(5000)}}),
        ("astronaut", {"values": [3.0, 0.0]}),
    ],
)
def test_what_is_too_large_is_refused(name: str, command: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        read(name, **command)
