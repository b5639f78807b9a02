"""The data panel of the pictures' page: sets to tell apart, own photos, photos to paint, and downloads."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import streamlit as st
from pydantic import ValidationError
from streamlit.runtime.uploaded_file_manager import UploadedFile

from playground.data.downloads import fetch_files
from playground.data.images import IMAGES
from playground.data.images_own import decode_image
from playground.data.own_photos import keep_photo, pixels_of
from playground.data.photos import HEIGHT, PHOTOS, WIDTH
from playground.experiment.images import NETWORKS, PAINT, PAINTINGS, TRANSFERS, ImagesExperiment, not_installed
from playground.experiment.layer import format_layers
from playground.experiment.limits import LIMITS
from playground.figures.picture_tile import picture_tile
from playground.ui import session
from playground.ui.controls import RESTARTS, data_note, split_fields, with_value
from playground.ui.data_choice import dataset_tiles, samples_slider
from playground.ui.dialogs import open_dialog
from playground.ui.photos_dialog import PICTURE_FILES, WAYS, photos_dialog
from playground.ui.photos_panel import photos_panel, photos_split
from playground.ui.session import Session

_FAMILIES: Mapping[str, str] = {
    "classes": "Tell pictures apart",
    "transfer": "Your photos",
    "paint": "Paint a photo",
}
_SETS: Mapping[str, tuple[str, ...]] = {"classes": tuple(IMAGES), "transfer": TRANSFERS, "paint": PAINTINGS}
_SHORT: Mapping[str, str] = {
    "digits": "Digits",
    "mnist": "MNIST 5k",
    "textures": "Textures",
    "faces": "Faces",
    "mnist-full": "MNIST 70k",
    "fashion-mnist": "Fashion",
    "photo-pieces": "Example",
    "own": "Your own",
    "paint-chelsea": "Cat",
    "paint-coffee": "Coffee",
    "paint-rocket": "Rocket",
}
_MEGABYTES: Mapping[str, int] = {"mnist-full": 12, "fashion-mnist": 31}
"""What is downloaded of each set that does not come with the installation."""
_WAVES = (4, 8, 16, 32, 64, 128, 256)
_USUAL_WAVES = 64
_KEPT = 256  # pixels a side of an own picture that goes to the run, which makes it as small as its network reads
_POPOVER = 300  # pixels

_OWN_PICTURE = (
    "It is cut out, made small and grey as the pictures of this set are, and stays on this server for as long as you "
    "look at it. To draw one, choose *Draw your own* on the right."
)
_OWN_PHOTO = (
    "Its middle is cut out and made 224 × 224 pixels, as with the training photos, and it stays on this server for as "
    "long as you look at it. The answer is always one of your classes, whatever it shows."
)


def images_panel(now: Session) -> None:
    """Which pictures, how many, and one's own. now: the session of a page of pictures."""
    experiment = images_of(now)
    _family(experiment)
    dataset_tiles(_SETS[_family_of(experiment)], picture_tile, _tile_title, _choose)
    if experiment.is_transfer:
        if photos_panel(experiment):
            _own_picture(now)
            photos_split(experiment)
        return
    if experiment.is_painting:
        photo = PHOTOS[experiment.photo]
        size = f"At most {HEIGHT} × {WIDTH} pixels, each a sample: a place (x, y) and its colour"
        data_note(photo.description, size, photo.source, photo.licence)
        _fourier(experiment)
        split_fields("pixels")
        return
    chosen = IMAGES[experiment.dataset]
    height, width = chosen.size
    size = f"{chosen.count:,} pictures of {height} × {width} pixels, {len(chosen.class_names)} classes"
    data_note(chosen.description, size, chosen.source, chosen.licence)
    if not chosen.ready:
        _download(experiment.dataset)
        return
    _own_picture(now)
    samples_slider(experiment.samples, chosen.count, "pictures")
    split_fields("pictures")


def networks_for(experiment: ImagesExperiment) -> dict[str, str]:
    """Networks by name as text; the CNN of a set of pictures, and the MLP of a photo, are those that suit it best."""
    suited = format_layers(ImagesExperiment(dataset=experiment.dataset).layers)
    if experiment.is_painting:
        return {"linear": NETWORKS["linear"], "mlp": suited}
    if experiment.is_transfer:
        return {"linear": NETWORKS["linear"], "mlp": "32-relu"}
    return {**NETWORKS, "cnn": suited}


def images_of(now: Session) -> ImagesExperiment:
    """The experiment of a page of pictures."""
    assert isinstance(now.experiment, ImagesExperiment)
    return now.experiment


def _family(experiment: ImagesExperiment) -> None:
    key = f"family-{experiment.dataset}"  # a new data set, from a link say, shows its own family
    st.selectbox(
        "Data ↻",
        list(_FAMILIES),
        index=list(_FAMILIES).index(_family_of(experiment)),
        format_func=_FAMILIES.__getitem__,
        key=key,
        help="Tell apart: each picture has a class. Your photos: a few of each thing, which a network that has seen "
        "others looks at first. Paint: the network gets a place (x, y) and answers with the colour that the photo has "
        f"there. {RESTARTS}",
        on_change=partial(_choose_family, key, _family_of(experiment)),
    )


def _choose_family(key: str, shown: str) -> None:
    family = session.other(key, shown)
    if family is not None:
        _choose(_SETS[family][0])


def _family_of(experiment: ImagesExperiment) -> str:
    return next(family for family, names in _SETS.items() if experiment.dataset in names)


def _choose(name: str) -> None:
    """Take another data set, with the network that suits it where the present one does not fit."""
    fields: dict[str, object] = {"dataset": name} if name in PAINTINGS else {"dataset": name, "fourier": 0}
    try:
        session.current().experiment.changed(**fields)
    except ValidationError:
        fields["layers"] = ImagesExperiment(dataset=name).layers
    session.change(fields)
    if name == "own" and not images_of(session.current()).photos and not not_installed():
        open_dialog(photos_dialog)


def _tile_title(name: str) -> str:
    return _SHORT.get(name) or PHOTOS[name.removeprefix(PAINT)].title


def _fourier(experiment: ImagesExperiment) -> None:
    key = f"waves-{experiment.fourier}"
    st.toggle(
        "Fourier features ↻",
        experiment.fourier > 0,
        key=key,
        on_change=partial(_switch_fourier, key, experiment.fourier > 0),
        help="Turns a place into waves before the network sees it. With x and y alone a network paints a blur, because "
        f"it learns slow changes first; with waves it can follow fine lines. {RESTARTS}",
    )
    if experiment.fourier:
        st.select_slider(
            "Waves ↻",
            with_value(experiment.fourier, _WAVES),
            key="fourier",
            on_change=session.propose,
            args=("fourier",),
            help=f"How many random waves there are, each with a sine and a cosine. {RESTARTS}",
        )


def _switch_fourier(key: str, shown: bool) -> None:
    on = session.other(key, shown)
    if on is not None:
        session.change({"fourier": _USUAL_WAVES if on else 0})


def _download(name: str) -> None:
    """Fetch a larger set once, with its progress; offline a sentence says what else there is."""
    label = f"Download {_MEGABYTES[name]} MB"
    if not st.button(label, icon=":material/download:", type="primary", key="download", help="Once, then it is kept."):
        return
    bar = st.progress(0.0, "Asking the server …")

    def show(done: int, total: int) -> None:
        words = f"{done / 1e6:.1f} MB" + (f" of {total / 1e6:.1f} MB" if total else "")
        bar.progress(done / total if total else 0.0, words)

    try:
        fetch_files(name, show)
    except ValueError as error:
        bar.empty()
        st.error(str(error))
        return
    session.start_again()
    session.draw_again()


def _own_picture(now: Session) -> None:
    popover = st.popover("Your own picture", icon=":material/add_a_photo:", width="stretch")
    with popover, st.container(width=_POPOVER):  # narrow, so that the answer beside it can be seen
        way = st.segmented_control(
            "How", list(WAYS), default="upload", required=True, format_func=WAYS.__getitem__, key="own-way"
        )
        if way == "camera":  # mounted only when it is asked for, because the browser then asks for the camera
            st.camera_input("Take a picture", key="own-camera", on_change=_take_picture, args=("own-camera",))
        else:
            st.file_uploader(
                "Choose a picture",
                type=PICTURE_FILES,
                max_upload_size=LIMITS.upload_bytes // 1_000_000,
                key="own-file",
                on_change=_take_picture,
                args=("own-file",),
            )
        if now.sample.problem:  # first, so that it is seen on a low screen
            st.error(now.sample.problem)
        st.caption(_OWN_PHOTO if images_of(now).is_transfer else _OWN_PICTURE)


def _take_picture(key: str) -> None:
    file = session.widget_value(key)
    if not isinstance(file, UploadedFile):  # taken away again
        return
    experiment = images_of(session.current())
    try:
        if experiment.is_transfer:
            pixels = pixels_of(keep_photo(file.getvalue(), LIMITS.upload_bytes))
        else:
            kind = IMAGES[experiment.dataset]
            pixels = decode_image(
                file.getvalue(),
                (_KEPT, _KEPT),
                kind.channels,
                "no",
                fit="pad" if kind.ink_box else "crop",
                max_bytes=LIMITS.upload_bytes,
            )
    except ValueError as error:
        session.sample().problem = str(error)
    else:
        session.show_own(pixels)
