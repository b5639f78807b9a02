"""The data panel of the texts' page: sets and own lines, the way from a text to ids, and the encoder of the network."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import streamlit as st
from pydantic import ValidationError

from playground.data.own_store import get, put
from playground.data.text import TEXTS, TextDataset
from playground.data.text_own import MAX_BYTES, MAX_LINES, read_lines
from playground.data.tokens import TOKENISERS
from playground.experiment.choices import ENCODERS
from playground.experiment.text import TextExperiment
from playground.figures.picture_tile import text_tile
from playground.ui import session
from playground.ui.controls import RESTARTS, data_note, select, split_fields, with_value
from playground.ui.data_choice import dataset_tiles, samples_slider
from playground.ui.dialogs import close_dialog, open_dialog
from playground.ui.session import Session

_TILES: Mapping[str, tuple[str, str, str]] = {
    "surnames": ("Surnames", "Rossi", "Horvat"),
    "first-names": ("First names", "Alice", "Bob"),
    "words": ("Words", "svenska", "suomi"),
    "names-generator": ("Names ✎", "Ma…", "Mary"),
    "surnames-generator": ("Surnames ✎", "Sch…", "Schmidt"),
    "own": ("Your own", "spam", "ham"),
}
"""What stands on the tile of each set: its short title, and two texts."""
_LENGTHS = (4, 6, 8, 10, 12, 16, 20, 30, 50, 100, 200)
_VOCABULARIES = (20, 50, 100, 200, 500, 1_000, 2_000, 4_000, 8_000, 20_000)
_WIDTHS = (1, 2, 4, 8, 16, 32, 64, 128)
_UNITS = (4, 8, 16, 32, 64, 128, 256)
_POPOVER = 300  # pixels
_SHOWN = 3  # texts under the vocabulary
_EXAMPLE = "spam\tYou have won a prize\nham\tSee you at eight"


def text_panel(now: Session) -> None:
    """Which texts, and how they become numbers. now: the session of a page of texts."""
    experiment = text_of(now)
    dataset_tiles(sorted(TEXTS, key=[*_TILES, *TEXTS].index), _picture, _tile_title, _choose)
    chosen = TEXTS[experiment.dataset]
    count = _count(experiment.dataset, experiment.lines if experiment.dataset == "own" else "")
    classes = f", {len(experiment.class_names)} classes" if count and not experiment.writes else ""
    data_note(chosen.description, f"{count:,} texts{classes}", chosen.source, chosen.licence)
    if experiment.dataset == "own":
        st.button(
            "Paste or upload",
            icon=":material/content_paste:",
            on_click=open_dialog,
            args=(own_lines_dialog,),
            width="stretch",
            help="Lines of a label, a tab and a text.",
        )
    if not experiment.writes:
        select("tokens", "Tokens ↻", TOKENISERS, "stretch", restarts=True)
    left, right = st.columns(2)
    with left:
        _steps(
            "length", "Length ↻", experiment.length, _LENGTHS, "Tokens that are read of a text; the rest is cut off."
        )
    with right:
        explanation = "At most so many tokens have an id, the most frequent ones; all others are <unk>."
        _steps("vocabulary", "Ids ↻", experiment.vocabulary, _VOCABULARIES, explanation)
    if count:
        _vocabulary(experiment)
        samples_slider(experiment.samples, count, "texts")
    split_fields("texts")


def encoder_row(experiment: TextExperiment) -> None:
    """What makes one vector of a text: the vectors of its tokens, and how they are joined."""
    _steps(
        "embedding",
        "Embedding ↻",
        experiment.embedding,
        _WIDTHS,
        "Numbers of each token's vector. All of them are learned; with 2 the map of the embedding shows them as they "
        "are.",
        150,
    )
    select("encoder", "Encoder ↻", ENCODERS, 140, restarts=True)
    if experiment.encoder != "mean":
        explanation = "Numbers of the vector that the encoder makes of a text."
        _steps("units", "Units ↻", experiment.units, _UNITS, explanation, 150)


def text_of(now: Session) -> TextExperiment:
    """The experiment of a page of texts."""
    assert isinstance(now.experiment, TextExperiment)
    return now.experiment


@st.dialog("Your own texts", icon=":material/content_paste:", on_dismiss=close_dialog)
def own_lines_dialog() -> None:
    """A dialog that takes text or a file, and shows what is wrong with it in one sentence."""
    st.write(f"One text a line: its label, a tab, and the text. At most {MAX_LINES:,} lines, 2 to 20 labels.")
    pasted = st.text_area("Paste here", placeholder=_EXAMPLE, height=180, key="own-lines-text")
    uploaded = st.file_uploader(
        "or choose a file", type=["tsv", "txt", "csv"], max_upload_size=MAX_BYTES // 1_000_000, key="own-lines-file"
    )
    st.caption(
        "They are kept on this server under a key, and the link holds the key: it opens on this server alone, and for "
        "everyone who has it."
    )
    if not st.button("Use these texts", type="primary", icon=":material/check:"):
        return
    content = uploaded.getvalue() if uploaded is not None else (pasted or "").encode()
    try:
        read_lines(content)
        key = put(content)
    except ValueError as error:
        st.error(str(error))
        return
    session.change({"dataset": "own", "lines": key})
    close_dialog()
    session.draw_again()


def _picture(name: str) -> str:
    first, second = _TILES[name][1:] if name in _TILES else (name[:6], "")
    return text_tile(first, second)


def _tile_title(name: str) -> str:
    return _TILES[name][0] if name in _TILES else TEXTS[name].title


def _choose(name: str) -> None:
    """Take another set, with what it asks for where the present choices do not fit."""
    fields: dict[str, object] = {"dataset": name}
    if TEXTS[name].task == "generate":
        fields["tokens"] = "character"
    try:
        session.current().experiment.changed(**fields)
    except ValidationError:
        fields["layers"] = "none"
    session.change(fields)


@lru_cache(maxsize=32)
def _count(dataset: str, lines: str) -> int:
    """How many texts there are; 0 if there are none yet, or they cannot be read."""
    try:
        return len(read_lines(get(lines))[0] if dataset == "own" else TEXTS[dataset].load()[0])
    except ValueError:
        return 0


def _vocabulary(experiment: TextExperiment) -> None:
    """Every token with its id, and some texts as ids; loaded when it is opened."""
    popover = st.popover(
        f"Vocabulary: {experiment.vocabulary_size:,} ids",
        icon=":material/format_list_numbered:",
        width="stretch",
        key="vocabulary-popover",
        on_change="rerun",
        help="Which token has which id.",
    )
    if not popover.open:
        return
    dataset = experiment.load_dataset()
    assert isinstance(dataset, TextDataset)
    tokens = dataset.vocabulary.tokens
    counts = np.bincount(dataset.X_train.ravel(), minlength=len(tokens))
    with popover, st.container(width=_POPOVER):  # narrow, so that the ids on the right can be seen beside it
        st.caption(
            "The tokens of the training texts by how frequent they are. <pad> fills short texts up, <unk> stands for "
            "every token without an id."
        )
        columns = {
            "id": range(len(tokens)),
            "token": [token.replace(" ", "␣") for token in tokens],
            "frequency": counts.tolist(),
        }
        st.dataframe(columns, hide_index=True, height=230)
        st.caption("Some training texts as the network gets them:")
        for text in dataset.raw_train[:_SHOWN]:
            encoded = dataset.encode(str(text))
            st.code(f"{text}\n{encoded.ids.tolist()}", language=None, wrap_lines=True)


def _steps(name: str, label: str, value: int, steps: tuple[int, ...], explanation: str, width: Any = "stretch") -> None:
    st.select_slider(
        label,
        with_value(value, steps),
        key=name,
        on_change=session.propose,
        args=(name,),
        format_func=lambda number: f"{number:,}",
        help=f"{explanation} {RESTARTS}",
        width=width,
    )
