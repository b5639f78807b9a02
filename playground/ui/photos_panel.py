"""The data panel of own photos: which classes they are of, and how much their test is worth."""

from __future__ import annotations

import streamlit as st

from playground.data.transfer import PIECES_LICENCE, PIECES_SOURCE
from playground.experiment.images import ImagesExperiment, not_installed
from playground.ui.controls import data_note, split_fields
from playground.ui.dialogs import open_dialog
from playground.ui.photos_dialog import photos_dialog
from playground.ui.plain_text import plain

_NETWORK = (
    "EfficientNet-Lite0 by M. Tan and Q. Le, Google, 2019, trained on the 1.3 million photos of ImageNet; in PyTorch "
    "by L. Melas-Kyriazi and ML Illustrated (Apache-2.0)"
)
_EXAMPLE = (
    "An example that works at once: pieces of six pictures, and the question is from which one a piece is. They do not "
    "overlap, but that is much easier than to tell any cat from any cup. Take your own photos next."
)
_OWN = (
    "Teach a network things of yours with a few photos each. A network that has learned to see on 1.3 million other "
    "photos looks at them first and stays as it is; only what comes after it learns."
)


def photos_panel(experiment: ImagesExperiment) -> bool:
    """Draw what stands above the widgets for one's own picture; False where there is nothing to learn from yet."""
    if problem := not_installed():
        st.caption(_OWN)
        st.info(problem, icon=":material/download:")
        return False
    counts = experiment.photo_counts
    size = f"{sum(count for _, count in counts)} photos of 224 × 224 pixels, {len(counts)} classes"
    if experiment.dataset == "own":
        data_note(_OWN, size, f"Your own photos. The frozen network: {_NETWORK}", "Yours")
        st.button(
            "Change the photos" if counts else "Add photos",
            icon=":material/add_photo_alternate:",
            on_click=open_dialog,
            args=(photos_dialog,),
            width="stretch",
            type="secondary" if counts else "primary",
            help="Name two things or more, and bring a few photos of each.",
        )
        if not counts:
            if experiment.photos:
                st.warning(experiment.obstacle or "", icon=":material/rule:")
            return False
        classes = ", ".join(f"{plain(name)} {count}" for name, count in counts)
        st.caption(f"{classes}. They are kept on this server, so the link to them works on this server only.")
    else:
        data_note(_EXAMPLE, size, f"{PIECES_SOURCE}. The frozen network: {_NETWORK}", PIECES_LICENCE)
    return True


def photos_split(experiment: ImagesExperiment) -> None:
    """How the photos are shared out, and what so few of them can tell."""
    split_fields("photos")
    count = len(experiment.split_photos()[1])
    share = f"one answer more or less is {100 / count:.0f} %" if count > 1 else "it is right or wrong"
    st.caption(f"The test has only {count} photo{'s' * (count != 1)}: {share}. Take new photos to be sure.")
