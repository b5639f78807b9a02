"""The network as a row of its layers: well-known networks by name, each layer to open and change, all of it as text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Literal, cast

import streamlit as st
from pydantic import ValidationError

from playground.experiment.choices import ACTIVATIONS, NORMS, POOLINGS
from playground.experiment.experiment import Experiment, explain
from playground.experiment.layer import (
    MAX_DROPOUT,
    MAX_KERNEL,
    MAX_POOLING,
    AnyLayer,
    Convolution,
    Layer,
    Pooling,
    Shape,
    follow_shapes,
    format_layers,
)
from playground.experiment.limits import LIMITS
from playground.ui import session

TITLES: Mapping[str, str] = {"linear": "Linear", "mlp": "MLP", "cnn": "CNN", "lenet": "LeNet-5"}
_MEANINGS: Mapping[str, str] = {
    "linear": "no hidden layer, so every input pulls at every answer in one straight line",
    "mlp": "layers of neurons that each see everything at once, and know nothing of neighbours",
    "cnn": "small kernels that look for the same pattern everywhere, then pooling, then the answer",
    "lenet": "the network that read cheques in 1998",
}
_GRAMMAR = (
    "One layer after the other, with _ between them: **32-relu** is 32 neurons with ReLU, **c8-3-relu** a convolution "
    "of 8 channels with a kernel of 3, **max2** or **avg2** a pooling. More can follow: **32-relu-batch-d0.2** has "
    "batch norm and 20 % dropout, **c8-3s2p0-relu** a stride of 2 and no padding. **none** is no hidden layer."
)
_DENSE_GRAMMAR = (
    "One layer after the other, with _ between them: **32-relu** is 32 neurons with ReLU. More can follow: "
    "**32-relu-batch-d0.2** has batch norm and 20 % dropout. **none** is no hidden layer."
)
_RESTARTS = "Changing this starts the training again."


def network_choice(
    experiment: Experiment, networks: Mapping[str, str], before: Callable[[], None] | None = None
) -> None:
    """The row above the journey: networks by name, and the hidden layers, each with its own choices.

    networks: name -> the text of its layers, as in `experiment.layer`; the names have their titles in `TITLES`.
    before: draws what comes before the hidden layers. Nothing is drawn where the page's link leaves the network out.
    """
    if session.current().hides("network"):
        return
    alignment: Literal["bottom", "center"] = "bottom" if before else "center"
    with st.container(horizontal=True, vertical_alignment=alignment, gap="xsmall", key="network-choice"):
        if before:
            before()
        if networks:
            with st.container(width="content", key="network-presets"):
                _presets(experiment, networks)
        shapes = follow_shapes(experiment.layers, experiment.features_shape)
        for index, layer in enumerate(experiment.layers):
            _layer_popover(index, layer, shapes[index], shapes[index + 1])
        if len(experiment.layers) < LIMITS.layers:
            _add_popover(len(experiment.features_shape) > 1)
        _text_popover(experiment)


def _presets(experiment: Experiment, networks: Mapping[str, str]) -> None:
    present = format_layers(experiment.layers)
    fitting = {name: text for name, text in networks.items() if text == present or not _problem(experiment, text)}
    key = f"network-{experiment.dataset}-{present}"  # other layers, from a link say, show their own name or none
    shown = next((name for name, text in fitting.items() if text == present), None)
    st.segmented_control(
        "Network ↻",
        list(fitting),
        default=shown,
        key=key,
        format_func=lambda name: TITLES.get(name, name.capitalize()),
        on_change=partial(_choose_preset, key, shown, networks),
        help="\n\n".join(
            [*(f"**{TITLES[name]}**: {_MEANINGS[name]}." for name in fitting if name in _MEANINGS), _RESTARTS]
        ),
    )


def _choose_preset(key: str, shown: str | None, networks: Mapping[str, str]) -> None:
    name = session.other(key, shown)
    if name is not None:
        session.change({"layers": networks[name]})


def _layer_popover(index: int, layer: AnyLayer, before: Shape, after: Shape) -> None:
    with st.popover(_title(layer, len(before) - 1), icon=_icon(layer), help=f"Layer {index + 1}: change or remove it."):
        st.caption(f"Layer {index + 1}: {_shape(before)} → {_shape(after)}, {layer.parameters(before):,} parameters")
        match layer:
            case Convolution():
                left, right = st.columns(2)
                with left:
                    explanation = "Kernels, each with a map of its own."
                    _whole(index, layer, "channels", "Channels ↻", 1, LIMITS.width, explanation)
                    _whole(index, layer, "stride", "Stride ↻", 1, MAX_KERNEL, "How far the kernel moves each time.")
                with right:
                    _whole(index, layer, "kernel", "Kernel ↻", 1, MAX_KERNEL, "The side of the part it sees at once.")
                    _whole(index, layer, "padding", "Padding ↻", 0, layer.kernel, "Zeros around the edge.")
            case Pooling():
                _select(index, layer, "pooling", "Pooling ↻", POOLINGS)
                _whole(index, layer, "size", "Size ↻", 2, MAX_POOLING, "The side of the part that becomes one value.")
            case Layer():
                _whole(index, layer, "units", "Neurons ↻", 1, LIMITS.width, "Each has a weight for every input.")
        if not isinstance(layer, Pooling):
            _select(index, layer, "activation", "Activation ↻", ACTIVATIONS)
            _select(index, layer, "norm", "Norm ↻", NORMS)
            _dropout(index, layer)
        st.button(
            "Remove",
            icon=":material/delete:",
            key=f"layer-{index}-remove",
            on_click=partial(_change_layers, lambda layers: layers[:index] + layers[index + 1 :]),
            help=f"Take this layer away. {_RESTARTS}",
        )


def _whole(index: int, layer: AnyLayer, name: str, label: str, low: int, high: int, explanation: str) -> None:
    key = _key(index, layer, name)
    st.number_input(
        label,
        low,
        high,
        value=cast(int, getattr(layer, name)),
        key=key,
        on_change=partial(_edit, index, layer, name, key),
        help=f"{explanation} {_RESTARTS}",
    )


def _select(index: int, layer: AnyLayer, name: str, label: str, choices: Mapping[str, Any]) -> None:
    key = _key(index, layer, name)
    st.selectbox(
        label,
        list(choices),
        index=list(choices).index(getattr(layer, name)),
        key=key,
        format_func=lambda option: choices[option].title,
        on_change=partial(_edit, index, layer, name, key),
        help="\n\n".join(f"**{choice.title}**: {choice.help}" for choice in choices.values()),
    )


def _dropout(index: int, layer: Layer | Convolution) -> None:
    key = _key(index, layer, "dropout")
    st.slider(
        "Dropout ↻",
        0.0,
        MAX_DROPOUT,
        value=layer.dropout,
        step=0.05,
        key=key,
        on_change=partial(_edit, index, layer, "dropout", key),
        help=f"The part of the values that is left out by chance in each step, so that none is relied on. {_RESTARTS}",
    )


def _edit(index: int, shown: AnyLayer, name: str, key: str) -> None:
    value = session.other(key, getattr(shown, name))
    if value is None:
        return

    def edited(layers: tuple[AnyLayer, ...]) -> tuple[AnyLayer, ...]:
        layer = layers[index]
        fields: dict[str, Any] = {name: value}
        if name == "kernel" and isinstance(layer, Convolution) and layer.zeros_around == (layer.kernel - 1) // 2:
            fields["padding"] = None  # what kept the size goes on keeping it
        return (*layers[:index], replace(layer, **fields), *layers[index + 1 :])

    _change_layers(edited)


def _add_popover(has_neighbours: bool) -> None:
    added: dict[str, AnyLayer] = {"Neurons": Layer(32, "relu")}
    if has_neighbours:
        added = {"Convolution": Convolution(16, 3, "relu"), "Pooling": Pooling("max", 2), **added}
    with st.popover("Layer", icon=":material/add:", help=f"Add a hidden layer. {_RESTARTS}"):
        for title, layer in added.items():
            st.button(
                title,
                icon=_icon(layer),
                width="stretch",
                key=f"layer-add-{title}",
                on_click=partial(_change_layers, partial(_with_added, layer)),
            )


def _with_added(layer: AnyLayer, layers: tuple[AnyLayer, ...]) -> tuple[AnyLayer, ...]:
    """Neurons come last; what looks at neighbours comes before all neurons."""
    dense = next((i for i, other in enumerate(layers) if isinstance(other, Layer)), len(layers))
    place = len(layers) if isinstance(layer, Layer) else dense
    return (*layers[:place], layer, *layers[place:])


def _change_layers(make: Callable[[tuple[AnyLayer, ...]], tuple[AnyLayer, ...]]) -> None:
    session.change({"layers": make(session.current().experiment.layers)})


def _text_popover(experiment: Experiment) -> None:
    present = format_layers(experiment.layers)
    key = f"layers-text-{present}"  # what was typed stays while it is wrong; other layers show their own text
    with st.popover("As text", icon=":material/edit:", help="The layers as one line of text, as in the link."):
        typed = st.text_input("Layers ↻", present, 400, key=key, on_change=partial(_take_text, key, present))
        if problem := _problem(experiment, typed or ""):
            st.error(problem)
        st.caption(_GRAMMAR if len(experiment.features_shape) > 1 else _DENSE_GRAMMAR)


def _take_text(key: str, shown: str) -> None:
    text = str(session.other(key, shown) or "").strip()
    if text and _problem(session.current().experiment, text) is None:
        session.change({"layers": text})


def _problem(experiment: Experiment, text: str) -> str | None:
    try:
        experiment.changed(layers=text.strip())
    except ValidationError as error:
        return explain(error)[0]
    return None


def _key(index: int, layer: AnyLayer, name: str) -> str:
    return f"layer-{index}-{name}-{layer}"  # a layer that has changed brings its own values


def _title(layer: AnyLayer, dims: int) -> str:
    match layer:
        case Convolution():
            return f"Conv {layer.channels} · {_side(layer.kernel, dims)}{_marks(layer)}"
        case Pooling():
            return f"{layer.pooling.capitalize()} {_side(layer.size, dims)}"
        case Layer():
            return f"{layer.units} {ACTIVATIONS[layer.activation].title}{_marks(layer)}"


def _marks(layer: Layer | Convolution) -> str:
    """What else is in a layer, in a sign each: a norm and dropout."""
    norm = f" · {NORMS[layer.norm].title.removesuffix(' norm').lower()}" if layer.norm != "none" else ""
    return norm + (f" · −{layer.dropout:.0%}" if layer.dropout else "")


def _side(size: int, dims: int) -> str:
    return "×".join([str(size)] * dims)


def _shape(shape: Shape) -> str:
    return " × ".join(map(str, shape))


def _icon(layer: AnyLayer) -> str:
    match layer:
        case Convolution():
            return ":material/grid_view:"
        case Pooling():
            return ":material/compress:"
        case Layer():
            return ":material/hub:"
