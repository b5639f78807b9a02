"""The page of pictures without a browser: what its widgets do to the experiment, and what becomes of own pictures."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from playground.data.images import IMAGES
from playground.experiment.images import NETWORKS, PAINTINGS, TRANSFERS, ImagesExperiment
from playground.experiment.layer import parse_layers
from playground.experiment.url import to_query
from playground.figures.picture_tile import picture_tile
from playground.inspection.frame_format import decode_frame
from playground.ui import images_panel
from playground.ui.services import services
from tests.pages.opening import address, experiment, opened, session


def choose_data(app: AppTest, name: str) -> None:
    tiles = next(group for group in app.button_group if group.key == "dataset")
    tiles.set_value(name).run()
    assert not app.exception


def written(draw: Callable[[np.ndarray], None]) -> bytes:
    pixels = np.full((90, 70), 245, dtype=np.uint8)
    draw(pixels)
    file = BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def a_one(pixels: np.ndarray) -> None:
    pixels[15:75, 31:39] = 20


def test_the_page_opens_with_the_default_experiment() -> None:
    app = opened("images")
    assert experiment(app) == ImagesExperiment()
    assert address(app) == to_query(ImagesExperiment())
    assert any(IMAGES["digits"].description in caption.value for caption in app.caption)


def test_a_link_opens_its_experiment_and_names_what_was_wrong() -> None:
    app = opened("images", dataset="textures", layers="c4-3-relu_max4_16-relu", samples="1")
    assert experiment(app) == ImagesExperiment(dataset="textures", layers=parse_layers("c4-3-relu_max4_16-relu"))
    assert any("samples is 1" in warning.value for warning in app.warning)


@pytest.mark.parametrize("name", [*IMAGES, *PAINTINGS, *TRANSFERS])
def test_every_set_has_a_picture_on_its_tile(name: str) -> None:
    assert picture_tile(name).startswith("data:image/")
    assert len(picture_tile(name)) < 12_000, "it is sent with every rerun"


def test_a_photo_comes_with_its_network_and_pictures_with_theirs() -> None:
    app = opened("images")
    next(box for box in app.selectbox if box.label == "Data ↻").set_value("paint").run()
    assert experiment(app) == ImagesExperiment(dataset=PAINTINGS[0])
    next(toggle for toggle in app.toggle if toggle.label.startswith("Fourier")).set_value(False).run()
    assert (experiment(app).fourier, experiment(app).input_shape) == (0, (2,))
    next(box for box in app.selectbox if box.label == "Data ↻").set_value("classes").run()
    assert experiment(app).task == "multiclass"
    assert not app.exception


def test_a_network_that_does_not_fit_the_next_pictures_gives_way() -> None:
    app = opened("images", dataset="mnist", layers=NETWORKS["lenet"])
    choose_data(app, "digits")
    assert experiment(app).dataset == "digits"
    assert experiment(app).layers == ImagesExperiment(dataset="digits").layers
    assert not app.warning


def test_networks_by_name_are_those_that_fit() -> None:
    app = opened("images", dataset="digits")
    names = next(group for group in app.button_group if str(group.key).startswith("network-"))
    assert names.options == ["Linear", "MLP", "CNN"], "the kernels of LeNet-5 need larger pictures"
    names.set_value("mlp").run()
    assert experiment(app).layers == parse_layers(NETWORKS["mlp"])


def test_a_layer_is_changed_added_and_removed() -> None:
    app = opened("images", dataset="digits", layers="c8-3-relu_max2_32-relu")
    app.number_input(key="layer-0-kernel-c8-3-relu").set_value(5).run()
    assert experiment(app).layers == parse_layers("c8-5-relu_max2_32-relu"), "what kept the size goes on keeping it"
    app.button(key="layer-add-Convolution").click().run()
    assert experiment(app).layers == parse_layers("c8-5-relu_max2_c16-3-relu_32-relu")
    app.button(key="layer-1-remove").click().run()
    assert experiment(app).layers == parse_layers("c8-5-relu_c16-3-relu_32-relu")


def test_layers_as_text_are_checked_before_they_are_taken_over() -> None:
    app = opened("images", dataset="digits", layers="32-relu")
    app.text_input(key="layers-text-32-relu").set_value("32-rleu").run()
    assert any("rleu" in error.value for error in app.error)
    assert experiment(app).layers == parse_layers("32-relu")
    app.text_input(key="layers-text-32-relu").set_value("c4-3-relu_max2").run()
    assert experiment(app).layers == parse_layers("c4-3-relu_max2")
    assert not app.error


def test_an_uploaded_picture_becomes_the_sample() -> None:
    app = opened("images", dataset="mnist", samples="100")
    app.file_uploader(key="own-file").set_value(("one.png", written(a_one), "image/png")).run()
    now = session(app)
    assert (now.sample.shown.count, now.sample.shown.source, now.sample.problem) == (1, "own", None)
    view = {"command": None, "view": {"sample": {"source": "own"}}}
    frame = decode_frame(services().runner.exchange(now.run_id, view))
    assert frame.header["sample"]["source"] == "own"
    stage = next(array for name, array in frame.arrays.items() if name == "stage0")
    ink = stage.reshape(28, 28) > 0
    assert ink[6:22, 13:15].all(), "an upright stroke in the middle, bright on dark"
    assert not ink[:, :8].any()


def test_what_is_no_picture_is_named_and_changes_nothing() -> None:
    app = opened("images")
    app.file_uploader(key="own-file").set_value(("fake.png", b"no picture", "image/png")).run()
    assert not app.exception
    assert session(app).sample.shown.count == 0
    assert any("not a picture" in error.value for error in app.error)


def test_a_set_that_is_not_here_is_downloaded_or_a_sentence_says_why_not(monkeypatch: pytest.MonkeyPatch) -> None:
    def offline(name: str, progress: Callable[[int, int], None]) -> None:
        progress(50, 100)
        raise ValueError("There is no way to its server. Choose one that needs no download.")

    monkeypatch.setattr(images_panel, "fetch_files", offline)
    app = opened("images", dataset="fashion-mnist")
    app.button(key="download").click().run()
    assert not app.exception
    assert any("no way to its server" in error.value for error in app.error)
    monkeypatch.setattr(images_panel, "fetch_files", lambda name, progress: progress(100, 100))
    before = session(app).run_id
    app.button(key="download").click().run()
    assert not app.exception
    assert session(app).run_id != before, "a run that can find the data now"
