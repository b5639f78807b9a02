"""The native widgets of the sound page: which sounds, what the network gets of them, and sounds of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from pydantic import ValidationError

from playground.data.sequences import SEQUENCES
from playground.data.sound import SOUNDS
from playground.data.sound_own import MAX_SECONDS, decode_sound
from playground.data.spectrogram import SAMPLE_RATE
from playground.experiment.choices import REPRESENTATIONS
from playground.experiment.experiment import Experiment
from playground.experiment.layer import format_layers
from playground.experiment.limits import LIMITS
from playground.experiment.sound import NETWORKS, SoundExperiment
from playground.inspection.frame_format import decode_frame
from playground.ui import session
from playground.ui.controls import RESTARTS, data_note, number_slider, split_fields, with_value
from playground.ui.services import services
from playground.ui.session import Session
from playground.worker.runner import RunnerError

_SAMPLES = (100, 200, 400, 800, 1_200, 2_000, 4_000, 5_000, 10_000, 20_000)
_WINDOWS = (64, 128, 256, 512, 1_024)
_HOPS = (32, 64, 128, 256, 512)
_BANDS = (8, 16, 24, 32, 48, 64, 96, 128)
_WHY_CONVOLUTION = (
    "Why convolution? Train the CNN, then choose the MLP: it has to learn each curve anew for every place. Then take "
    "the shuffled signals, where no neighbours are left, and the CNN loses its lead."
)
_MOMENTS_EVERY = 1.5  # seconds between two looks at a recording while the network learns


def sound_of(experiment: Experiment) -> SoundExperiment:
    """The experiment of the sound page."""
    assert isinstance(experiment, SoundExperiment)
    return experiment


def networks_of(experiment: SoundExperiment) -> Mapping[str, str]:
    """The networks to choose from by name, as the text of their layers."""
    return _networks(experiment.dataset, experiment.representation)


def _title(name: str) -> str:
    return SOUNDS[name].title if name in SOUNDS else SEQUENCES[name].title


def sound_panel(now: Session) -> None:
    """Which sounds, as a wave or as a picture of their pitches; how many, how shared out; and one's own."""
    experiment = sound_of(now.experiment)
    st.selectbox(
        "Sounds ↻",
        [*SOUNDS, *SEQUENCES],
        key="dataset",
        on_change=_choose_dataset,
        format_func=_title,
        help=f"What the network is to tell apart. {RESTARTS}",
    )
    _note(experiment)
    if experiment.is_signal:
        st.info(_WHY_CONVOLUTION, icon=":material/lightbulb:")
        number_slider("noise", "Noise ↻", 0.0, 0.5, 0.05, "How much hides the curves.")
    else:
        _representation(experiment)
    most = LIMITS.samples if experiment.is_signal else min(SOUNDS[experiment.dataset].max_samples, LIMITS.samples)
    st.select_slider(
        "Samples ↻",
        with_value(experiment.samples, tuple(count for count in _SAMPLES if count <= most)),
        key="samples",
        on_change=session.propose,
        args=("samples",),
        format_func=lambda count: f"{count:,}",
        help=f"How many there are in all, for training and test together; at most {most:,} here. {RESTARTS}",
    )
    accents = not experiment.is_signal and SOUNDS[experiment.dataset].second_half_is_test
    split_fields("sounds", "One accent is learned from, the other is the test, so the share is fixed." * accents)
    if not experiment.is_signal:
        _own_sound(now)


def _note(experiment: SoundExperiment) -> None:
    if experiment.is_signal:
        chosen = SEQUENCES[experiment.dataset]
        size = f"{chosen.length} values a signal, {len(chosen.class_names)} classes, as many as you like"
        data_note(chosen.description, size, chosen.source, chosen.licence)
        return
    sounds = SOUNDS[experiment.dataset]
    size = (
        f"{sounds.seconds:g} s a sound, {experiment.wave_length:,} values at {SAMPLE_RATE // 1000} kHz; "
        f"{len(sounds.class_names)} classes; at most {sounds.max_samples:,} sounds"
    )
    data_note(sounds.description, size, sounds.source, sounds.licence)


def _representation(experiment: SoundExperiment) -> None:
    """Wave or spectrogram, and of a spectrogram how fine it is in time and in pitch."""
    st.segmented_control(
        "The network gets ↻",
        list(REPRESENTATIONS),
        key="representation",
        required=True,
        on_change=_choose_representation,
        format_func=lambda name: REPRESENTATIONS[name].title,
        width="stretch",
        help="\n\n".join([*(f"**{kind.title}**: {kind.help}" for kind in REPRESENTATIONS.values()), RESTARTS]),
    )
    if experiment.representation == "wave":
        return
    window = f"{1000 * experiment.window / SAMPLE_RATE:g} ms"
    with st.popover(f"{window} × {experiment.mels} bands", icon=":material/graphic_eq:", width="stretch"):
        st.markdown(spectrogram_words(experiment))
        _steps(
            "window",
            "Window ↻",
            _WINDOWS,
            "How many values of the wave make one frame. A long window tells near pitches apart, a short one near "
            "moments: no spectrogram does both.",
        )
        _steps(
            "hop",
            "Hop ↻",
            _HOPS,
            "How many values later the next frame begins. A small hop makes more frames that overlap; one larger than "
            "the window skips what lies between.",
        )
        _steps(
            "mels",
            "Mel bands ↻",
            _BANDS,
            "Into how many bands the frequencies are gathered: narrow ones low and wide ones high, equally wide to the "
            "ear. More bands than a short window can tell apart leave some empty.",
        )


def spectrogram_words(experiment: SoundExperiment) -> str:
    """How a wave becomes the tensor of a spectrogram, with its numbers."""
    window, hop = (1000 * values / SAMPLE_RATE for values in (experiment.window, experiment.hop))
    _, bands, frames = experiment.input_shape
    return (
        f"Each frame hears **{window:g} ms** of the wave and the next begins **{hop:g} ms** later, which makes "
        f"**{frames} frames**. The {experiment.window // 2 + 1} frequencies of a frame, from 0 to "
        f"{SAMPLE_RATE / 2000:g} kHz, are gathered into **{bands} bands**, and each becomes its loudness in decibels: "
        f"a tensor of shape **(1, {bands}, {frames})**, instead of (1, {experiment.wave_length:,}) for the wave."
    )


def _steps(name: str, label: str, steps: tuple[int, ...], explanation: str) -> None:
    experiment = session.current().experiment
    st.select_slider(
        label,
        with_value(int(getattr(experiment, name)), steps),
        key=name,
        on_change=session.propose,
        args=(name,),
        help=f"{explanation} {RESTARTS}",
    )


def _own_sound(now: Session) -> None:
    """Record oneself, or choose a file; the network answers at once."""
    recorded = st.audio_input(
        "Record yourself",
        sample_rate=16_000,
        key="recording",
        on_change=_take_sound,
        args=("recording",),
        help="The network hears the loudest part that is as long as its own sounds, and answers while it learns.",
    )
    with st.popover("Sound file", icon=":material/upload:", width="stretch"):
        file = st.file_uploader(
            f"WAV, FLAC, OGG, MP3, up to {MAX_SECONDS} s",
            type=["wav", "flac", "ogg", "oga", "mp3"],
            max_upload_size=LIMITS.upload_bytes // 1_000_000,
            key="sound-file",
            on_change=_take_sound,
            args=("sound-file",),
        )
        of_file = file is not None and recorded is None
        if now.sample.problem and of_file:  # the popover lies over the place below
            st.error(now.sample.problem)
    if now.sample.problem and not of_file:
        st.error(now.sample.problem)


def heard_over_time(now: Session) -> None:
    """What the network hears at each place of a recording that is longer than one of its sounds."""
    experiment = sound_of(now.experiment)
    own = now.sample.own
    if experiment.is_signal or not isinstance(own, np.ndarray) or len(own) <= experiment.wave_length:
        return
    with st.container(border=True, key="heard"):
        seconds = len(own) / SAMPLE_RATE
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**Your recording, {seconds:.1f} s**: what the network hears at each place", width="content")
            st.audio(own, sample_rate=SAMPLE_RATE, width="stretch")
        _moments(now, seconds)


@st.fragment(run_every=_MOMENTS_EVERY)
def _moments(now: Session, seconds: float) -> None:
    question = {"command": None, "view": {"sample": {"source": "own"}}}
    try:
        frame = decode_frame(services().runner.exchange(now.run_id, question))
    except RunnerError as error:
        st.info(str(error))
        return
    moments = frame.arrays.get("moments")
    if moments is None:
        return
    names, at = list(frame.header["class_names"]), np.asarray(frame.header["moments_at"])
    place, best = np.unravel_index(int(np.argmax(np.nan_to_num(moments))), moments.shape)
    st.vega_lite_chart(moments_chart(np.nan_to_num(moments), at, names, seconds), width="stretch", key="moments")
    st.caption(
        f"The darker, the more probable. Most sure at {at[place]:.2f} s: {names[best]}, {moments[place, best]:.0%}. "
        f"Each column is one clip of {sound_of(now.experiment).wave_length / SAMPLE_RATE:g} s; where nobody speaks the "
        "network answers too, since it knows nothing but its classes."
    )


def moments_chart(moments: NDArray[Any], at: NDArray[np.float64], names: list[str], seconds: float) -> dict[str, Any]:
    """A Vega-Lite picture of probabilities (K, C) at K places of a recording of so many seconds."""
    half = (at[1] - at[0]) / 2 if len(at) > 1 else seconds / 2
    rows = [
        {"from": float(max(0, t - half)), "to": float(min(seconds, t + half)), "class": name, "probability": float(p)}
        for t, chances in zip(at, moments, strict=True)
        for name, p in zip(names, chances, strict=True)
    ]
    shown = [{"field": "class", "title": "answer"}, {"field": "probability", "format": ".0%"}]
    return {
        "data": {"values": rows},
        "mark": {"type": "rect", "color": "#0877BD"},
        "height": 60 + 18 * len(names),
        "encoding": {
            "x": {
                "field": "from",
                "type": "quantitative",
                "title": "seconds",
                "scale": {"domain": [0, seconds], "nice": False},
                "axis": {"tickCount": 12, "grid": False},
            },
            "x2": {"field": "to"},
            "y": {"field": "class", "type": "nominal", "sort": names, "title": None, "axis": {"labelOverlap": False}},
            "opacity": {
                "field": "probability",
                "type": "quantitative",
                "scale": {"domain": [0, 1], "range": [0, 1]},
                "legend": None,
            },
            "tooltip": [*shown, {"field": "from", "title": "from second", "format": ".2f"}],
        },
    }


def _networks(dataset: str, representation: str) -> Mapping[str, str]:
    if dataset in SEQUENCES:
        return {**NETWORKS["wave"], "cnn": SoundExperiment.presets[dataset]["layers"]}
    return NETWORKS[representation]


def _choose_dataset() -> None:
    name = session.chosen("dataset")
    if not isinstance(name, str):
        return
    before = sound_of(session.current().experiment)
    if (name in SEQUENCES) == before.is_signal:
        session.change({"dataset": name})
    else:
        _change({"dataset": name}, _networks(name, "wave" if name in SEQUENCES else "spectrogram"))


def _choose_representation() -> None:
    representation = session.chosen("representation")
    if not isinstance(representation, str):
        return
    dataset = session.current().experiment.dataset
    _change({"representation": representation}, _networks(dataset, representation))


def _change(fields: dict[str, object], networks: Mapping[str, str]) -> None:
    """Change what the network gets; one that is known by name becomes the one of that name for the new input.

    networks: those for the new input. Layers of one's own stay where they fit, and else become the CNN.
    """
    before = sound_of(session.current().experiment)
    text = format_layers(before.layers)
    name = next((name for name, layers in networks_of(before).items() if layers == text), None)
    if name is None:
        try:
            before.changed(**fields)
        except ValidationError:
            name = "cnn"
    session.change(fields if name is None else {**fields, "layers": networks[name]})


def _take_sound(key: str) -> None:
    file: Any = session.widget_value(key)
    if file is None:
        return
    try:
        session.show_own(decode_sound(file.getvalue()))
    except ValueError as error:
        session.sample().problem = str(error)
