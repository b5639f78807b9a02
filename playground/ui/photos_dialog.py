"""Bring own photos: name some classes, upload or take a few photos of each, see them, and take them as the data."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from io import BytesIO

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from playground.data.own_photos import (
    MAX_NAME,
    MOST_CLASSES,
    MOST_PHOTOS,
    PhotoClass,
    check_name,
    keep_photo,
    pack_photos,
    pixels_of,
    unpack_photos,
    what_is_missing,
)
from playground.data.own_store import get, put
from playground.experiment.images import ImagesExperiment
from playground.experiment.limits import LIMITS
from playground.ui import session
from playground.ui.dialogs import close_dialog
from playground.ui.plain_text import plain
from playground.ui.services import services
from playground.ui.uploads import let_go
from playground.worker.runner import RunnerError

PICTURE_FILES = ["png", "jpg", "jpeg", "webp", "gif", "bmp"]
WAYS = {"upload": ":material/upload: Upload", "camera": ":material/photo_camera: Camera"}
_THUMBNAIL = 64  # pixels
_CAMERA = 400  # pixels, so that its button stays on the screen
_TOLD = 5
"""Files that cannot be read that are named."""


@dataclass
class Draft:
    """Photos that are being brought together. It outlives the dialog, so that a careless click loses nothing."""

    key: str | None = None  # of the kept photos that it began with
    classes: list[PhotoClass] = field(default_factory=list)
    chosen: int = 0  # the class that new photos go to
    turn: int = 0  # grows whenever the widgets of the class have to begin anew
    taken: int = 0  # grows whenever the widgets that take photos have to
    problems: list[str] = field(default_factory=list)

    def begin(self, key: str) -> None:
        """Start from the photos of this key, or from two empty classes; what was begun from them already goes on."""
        if self.key == key:
            return
        try:
            self.classes = list(unpack_photos(get(key))) if key else []
        except ValueError as error:
            self.classes, self.problems = [], [str(error)]
        self.classes = self.classes or [PhotoClass("Class 1"), PhotoClass("Class 2")]
        self.key, self.chosen, self.turn = key, 0, self.turn + 1

    @property
    def count(self) -> int:
        """The photos of all classes."""
        return sum(len(kind.photos) for kind in self.classes)

    @property
    def kind(self) -> PhotoClass:
        """The class that new photos go to."""
        return self.classes[self.chosen]

    def put(self, kind: PhotoClass) -> None:
        """Replace the chosen class."""
        self.classes[self.chosen] = kind

    def add_class(self) -> None:
        """One more class, with the first free name."""
        names = [kind.name for kind in self.classes]
        free = (f"Class {number}" for number in range(1, len(names) + 2))
        self.classes.append(PhotoClass(next(name for name in free if name not in names)))
        self.chosen, self.turn, self.problems = len(names), self.turn + 1, []

    def remove_class(self) -> None:
        """Without the chosen class and its photos."""
        del self.classes[self.chosen]
        self.chosen, self.turn, self.problems = max(self.chosen - 1, 0), self.turn + 1, []

    def take(self, files: Iterable[tuple[str, bytes]]) -> None:
        """Add the pictures of these files, (name, content), to the chosen class; name those that cannot be read."""
        self.problems, self.turn, self.taken = [], self.turn + 1, self.taken + 1
        for name, content in files:
            if self.count >= MOST_PHOTOS:
                self.problems.append(f"There are {MOST_PHOTOS} photos, and more do not fit. Take some away first.")
                break
            try:
                photo = keep_photo(content, LIMITS.upload_bytes)
            except ValueError as error:
                self.problems.append(f"{name[:60]}: {error}")
            else:
                self.put(replace(self.kind, photos=(*self.kind.photos, photo)))

    def drop(self, places: Sequence[int]) -> None:
        """Without the photos at these places of the chosen class."""
        kept = (photo for i, photo in enumerate(self.kind.photos) if i not in places)
        self.put(replace(self.kind, photos=tuple(kept)))
        self.turn, self.problems = self.turn + 1, []


@st.dialog("Your photos", icon=":material/add_photo_alternate:", width="large", on_dismiss=close_dialog)
def photos_dialog() -> None:
    """A dialog in which classes are named and filled; nothing is taken before they are complete."""
    experiment = session.current().experiment
    assert isinstance(experiment, ImagesExperiment)
    draft = session.kept("photos-draft", Draft)
    draft.begin(experiment.photos)
    st.write("Five photos of each thing are enough to begin with. Show it from several sides and on other backgrounds.")
    _classes(draft)
    _chosen_class(draft)
    _photos(draft)
    _finish(draft)


def _classes(draft: Draft) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        key = f"photos-class-{draft.turn}"
        st.pills(
            "Class",
            range(len(draft.classes)),
            default=draft.chosen,
            required=True,
            format_func=lambda i: f"{plain(draft.classes[i].name)} · {len(draft.classes[i].photos)}",
            key=key,
            on_change=partial(_choose_class, draft, key),
        )
        st.button(
            "Add class",
            icon=":material/add:",
            on_click=draft.add_class,
            disabled=len(draft.classes) >= MOST_CLASSES,
            help=f"At most {MOST_CLASSES} classes.",
        )


def _choose_class(draft: Draft, key: str) -> None:
    chosen = session.widget_value(key)
    if isinstance(chosen, int):
        draft.chosen, draft.turn, draft.problems = chosen, draft.turn + 1, []


def _chosen_class(draft: Draft) -> None:
    """Its name, and the ways in which photos come into it."""
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        key = f"photos-name-{draft.chosen}-{draft.kind.name}"  # lasts while photos arrive: somebody may be typing
        st.text_input(
            "Its name",
            draft.kind.name,
            max_chars=MAX_NAME,
            key=key,
            on_change=partial(_rename, draft, key),
            help="What the network answers when it sees one.",
        )
        way = st.segmented_control(
            "Its photos", list(WAYS), default="upload", required=True, format_func=WAYS.__getitem__, key="photos-way"
        )
        st.button(
            "Remove class",
            icon=":material/delete:",
            on_click=draft.remove_class,
            disabled=len(draft.classes) <= 1,
            help="Take this class away, with its photos.",
        )
    if way == "camera":  # mounted only when it is asked for, because the browser then asks for the camera
        key = f"photos-camera-{draft.taken}"
        with st.container(width=_CAMERA):
            st.camera_input(f"Take a photo of {draft.kind.name}", key=key, on_change=partial(_take, draft, key))
        return
    key = f"photos-files-{draft.taken}"
    st.file_uploader(
        f"Choose photos of {draft.kind.name}, several at once if you like",
        type=PICTURE_FILES,
        accept_multiple_files=True,
        max_upload_size=LIMITS.upload_bytes // 1_000_000,
        key=key,
        on_change=partial(_take, draft, key),
    )


def _rename(draft: Draft, key: str) -> None:
    others = [kind.name for i, kind in enumerate(draft.classes) if i != draft.chosen]
    draft.problems = []
    try:
        draft.put(replace(draft.kind, name=check_name(str(session.widget_value(key)), others)))
    except ValueError as error:
        draft.problems = [str(error)]
    draft.turn += 1


def _take(draft: Draft, key: str) -> None:
    """Take the files over; the widget then begins anew, so that the server does not hold them any longer."""
    value = session.widget_value(key)
    files = [file for file in (value if isinstance(value, list) else [value]) if isinstance(file, UploadedFile)]
    draft.take((file.name, file.getvalue()) for file in files)
    let_go(files)


def _photos(draft: Draft) -> None:
    """The photos of the chosen class as the network gets them, to take some away."""
    if draft.problems:
        more = len(draft.problems) - _TOLD
        told = [*draft.problems[:_TOLD], *([f"And {more} more."] if more > 0 else [])]
        st.error("\n\n".join(map(plain, told)), icon=":material/rule:")
    if not draft.kind.photos:
        return
    key = f"photos-chosen-{draft.turn}"
    with st.container(key="photos-chosen"):
        chosen = st.pills(
            f"{draft.kind.name}, as the network sees it: the middle of each, 224 × 224 pixels. Click those to remove.",
            range(len(draft.kind.photos)),
            selection_mode="multi",
            format_func=lambda i: f"![photo {i + 1}]({_thumbnail(draft.kind.photos[i])})",
            key=key,
        )
    if chosen:
        words = "1 photo" if len(chosen) == 1 else f"{len(chosen)} photos"
        st.button(f"Remove {words}", icon=":material/delete:", on_click=partial(draft.drop, list(chosen)))


def _finish(draft: Draft) -> None:
    problem = what_is_missing(draft.classes)
    if problem:
        st.caption(plain(problem))
    st.caption("They are kept on this server; the link to them works on this server only, for everyone who has it.")
    if st.button("Use these photos", type="primary", icon=":material/check:", disabled=problem is not None):
        _use(draft)


def _use(draft: Draft) -> None:
    """Let the frozen network look at each photo, one after the other so that nobody else has to wait, and begin."""
    bar = st.progress(0.0, "The frozen network looks at the photos …")
    photos = [photo for kind in draft.classes for photo in kind.photos]
    try:
        content = pack_photos(draft.classes)
        for number, photo in enumerate(photos, start=1):
            services().runner.look(pixels_of(photo)[None])
            bar.progress(number / len(photos), f"The frozen network looks at the photos: {number} of {len(photos)}")
        key = put(content)
    except (ValueError, RunnerError) as error:
        bar.empty()
        st.error(str(error))
        return
    session.change({"dataset": "own", "photos": key})
    draft.key = key
    close_dialog()
    session.draw_again()


@lru_cache(maxsize=500)  # 2 kB each
def _thumbnail(photo: bytes) -> str:
    import PIL.Image

    file = BytesIO()
    with PIL.Image.open(BytesIO(photo), formats=("JPEG",)) as image:
        image.draft("RGB", (_THUMBNAIL, _THUMBNAIL))
        image.resize((_THUMBNAIL, _THUMBNAIL)).save(file, "JPEG", quality=80)
    return f"data:image/jpeg;base64,{b64encode(file.getvalue()).decode()}"
