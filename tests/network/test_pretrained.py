"""The frozen network against the package's own model, and against what it is known for."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
import torch
from efficientnet_lite_pytorch import EfficientNet

from playground.data.own_photos import keep_photo, pixels_of
from playground.data.packaged import packaged_file
from playground.data.photo_features import FEATURES, find_features
from playground.data.transfer import load_pieces, to_tensor, weights_file
from playground.network.pretrained import find_missing_features, frozen_network, look_at


@cache
def its_own() -> Any:
    """The package's model, loaded as its README does."""
    model = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=str(weights_file()))
    return model.eval()


def photo_of(name: str) -> np.ndarray:
    return pixels_of(keep_photo(packaged_file("skimage", f"data/{name}", "scikit-image").read_bytes()))


def test_maps_and_features_are_those_of_the_package() -> None:
    photo = photo_of("chelsea.png")
    model, seen = its_own(), look_at(photo)
    with torch.no_grad():
        maps = model.extract_features(torch.from_numpy(to_tensor(photo[None])))
        pooled = model._avg_pooling(maps).flatten(1)
    torch.testing.assert_close(seen.last, maps[0], rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(seen.features, pooled[0], rtol=1e-4, atol=1e-5)
    assert seen.features.shape == (FEATURES,)
    shapes = [tuple(part.shape) for part in (seen.tensor, seen.stem, seen.middle, seen.last)]
    assert shapes == [(3, 224, 224), (32, 112, 112), (40, 28, 28), (1280, 7, 7)]


@pytest.mark.parametrize(("name", "known"), [("chelsea.png", {281, 282, 285}), ("coffee.png", {967, 968})])
def test_photos_are_encoded_as_the_network_expects(name: str, known: set[int]) -> None:
    """Of ImageNet's classes 281, 282 and 285 are cats, 967 and 968 espresso and cup."""
    features = look_at(photo_of(name)).features
    with torch.no_grad():
        chances = its_own()._fc(features).softmax(0)
    assert sum(float(chances[i]) for i in known) > 0.6


def test_it_is_frozen_and_leaves_the_random_numbers_alone() -> None:
    frozen_network.cache_clear()
    before = torch.get_rng_state()
    network = frozen_network()
    assert torch.equal(before, torch.get_rng_state())
    assert not network.training
    assert not any(parameter.requires_grad for parameter in network.parameters())
    assert not any(tensor.is_meta for tensor in network.state_dict().values())
    its = sum(parameter.numel() for name, parameter in its_own().named_parameters() if not name.startswith("_fc"))
    assert sum(network.parts()) == its == sum(parameter.numel() for parameter in network.parameters())
    photo = np.random.default_rng(1).integers(0, 256, (224, 224, 3), dtype=np.uint8)
    torch.testing.assert_close(look_at(photo).features, look_at(photo).features, rtol=0, atol=0)


def test_each_photo_is_looked_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setenv("PLAYGROUND_HOME", str(tmp_path))
    photos = np.random.default_rng(2).integers(0, 256, (2, 224, 224, 3), dtype=np.uint8)
    find_missing_features(photos)
    np.testing.assert_array_equal(find_features(photos[1]), look_at(photos[1]).features.numpy())

    def never(photo: object) -> None:
        raise AssertionError("it has been looked at before")

    monkeypatch.setattr("playground.network.pretrained.look_at", never)
    find_missing_features(photos)


def test_pieces_of_one_picture_are_more_alike_than_others() -> None:
    raw = load_pieces()
    find_missing_features(raw.photos)
    features = np.stack([find_features(photo) for photo in raw.photos])  # type: ignore[misc]
    features /= np.linalg.norm(features, axis=1, keepdims=True)
    alike = features @ features.T
    same = raw.labels[:, None] == raw.labels[None]
    assert alike[same & ~np.eye(len(same), dtype=bool)].mean() > alike[~same].mean() + 0.2
