"""The lesson of operations: a film of tensors, the step that is looked at with its widgets, and what it does."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from playground.experiment.tensor_chain import EXAMPLES, MAX_STEPS, Chain, script, source_code
from playground.experiment.tensor_operations import GROUPS, OPERATIONS, Step, first_step
from playground.experiment.tensor_sources import SOURCES
from playground.figures.tensor_figure import tensor_figure, tensor_thumbnail
from playground.figures.tensor_shapes import shapes_figure
from playground.ui import session, tensors_state
from playground.ui.drawing import drawing
from playground.ui.services import services
from playground.ui.tensors_arguments import argument_widget, read_given
from playground.ui.tensors_state import Shown, TensorsPage
from playground.worker.runner import RunnerError


def start_row(page: TensorsPage) -> None:
    """What the chain starts from."""
    chain = page.shown.chain
    session.set_widget("tensors-start", chain.start)
    st.selectbox(
        "Start with",
        list(SOURCES),
        key="tensors-start",
        format_func=lambda name: SOURCES[name].title,
        help="\n\n".join(f"**{source.title}**: {source.help}" for source in SOURCES.values()),
        on_change=_start,
        width=140,
    )
    argument = SOURCES[chain.start].argument
    with st.container(width=230 if argument.kind in ("rows", "word") else 130):
        argument_widget(argument, chain.value, f"tensors-{chain.start}-value", _take_value)
    st.selectbox(
        "Idea",
        list(EXAMPLES),
        index=None,
        key=f"tensors-idea-{len(page.former)}",  # empty again after a choice
        placeholder="Try an idea",
        format_func=lambda name: EXAMPLES[name].title,
        help="\n\n".join(f"**{example.title}**: {example.help}" for example in EXAMPLES.values()),
        on_change=_take_idea,
        args=(f"tensors-idea-{len(page.former)}",),
        width=240,
    )


def chain_lesson(page: TensorsPage) -> None:
    """The whole lesson under its row of choices."""
    shown = page.shown
    film = st.container()
    editor, picture = st.columns([3, 9], gap="small")
    with editor.container(border=True, key="tensors-editor"):
        _editor(shown)
    with picture.container(border=True, key="tensors-picture"):
        try:
            done = services().runner.calculate(shown.chain)
        except RunnerError as error:
            st.error(str(error), icon=":material/hourglass:")
            return
        _picture(shown, done)
    with film:
        _film(shown, done)
    _code(shown.chain)


def _film(shown: Shown, done: Mapping[str, Any]) -> None:
    """Every tensor of the chain as a tile, and the way to one more."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="tensors-film"):
        session.set_widget("tensors-at", shown.at)
        st.pills(
            "Steps",
            list(range(len(shown.chain.steps) + 1)),
            key="tensors-at",
            format_func=lambda at: _tile(shown.chain, done, at),
            on_change=_choose,
            label_visibility="collapsed",
        )
        full = len(shown.chain.steps) >= MAX_STEPS
        with st.popover(
            "Add a step",
            icon=":material/add:",
            disabled=full,
            key=f"tensors-add-{len(shown.chain.steps)}",  # a new step closes it
            help=f"A chain has at most {MAX_STEPS} steps." if full else "Do one thing more, after the chosen step.",
        ):
            for group, title in GROUPS.items():
                st.caption(title)
                with st.container(horizontal=True, gap="small"):
                    for name, entry in OPERATIONS.items():
                        if entry.group == group:
                            st.button(
                                entry.title,
                                key=f"tensors-add-{name}",
                                help=entry.help,
                                on_click=_add,
                                args=(name,),
                                type="tertiary" if full else "secondary",
                            )


def _tile(chain: Chain, done: Mapping[str, Any], at: int) -> str:
    code = "x" if at == 0 else chain.steps[at - 1].code
    code = code if len(code) <= 24 else f"{code[:23]}…"
    if at < len(done["tensors"]):
        look = done["tensors"][at]
        return f"![]({tensor_thumbnail(look)}) `{code}` {tuple(look['shape'])}"
    return f":material/{'block' if at == len(done['tensors']) else 'hourglass_empty'}: `{code}` no result"


def _editor(shown: Shown) -> None:
    """The widgets of the step that is looked at."""
    if shown.at == 0:
        source = SOURCES[shown.chain.start]
        st.markdown(f"**{source.title}**")
        st.write(source.help)
        st.caption("Every step takes the tensor x before it and makes a new x. Choose a tile above, or add a step.")
        return
    at = shown.at - 1
    step = shown.chain.steps[at]
    key = f"tensors-{at}"
    session.set_widget(f"{key}-operation", step.operation)
    st.selectbox(
        f"Step {shown.at}",
        list(OPERATIONS),
        key=f"{key}-operation",
        format_func=lambda name: f"{GROUPS[OPERATIONS[name].group]}: {OPERATIONS[name].title}",
        on_change=_take_operation,
        args=(at, f"{key}-operation"),
    )
    count = len(step.values)
    places = [st.container()] if count < 2 else [*st.columns(2), *(st.columns(2) if count > 2 else [])]
    for i, (argument, value) in enumerate(zip(step.entry.arguments, step.values, strict=True)):
        with places[i]:
            argument_widget(argument, value, f"{key}-{step.operation}-{argument.name}", partial(_take_argument, at, i))
    st.caption(step.entry.help)
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Earlier",
            icon=":material/arrow_back:",
            disabled=at == 0,
            on_click=_move,
            args=(at, at - 1),
            help="Do this step one place earlier.",
        )
        st.button(
            "Remove", icon=":material/delete:", on_click=_remove, args=(at,), help="Take this step out of the chain."
        )


def _picture(shown: Shown, done: Mapping[str, Any]) -> None:
    """The tensor before, the other one, and the tensor after, with their facts and shapes."""
    tensors = done["tensors"]
    if shown.at == 0:
        st.code(source_code(shown.chain), language="python")
        drawing(f'<div class="nnp-tensors">{_panel("x", tensors[0], 560, 300)}</div>', "tensors-drawing")
        return
    step = shown.chain.steps[shown.at - 1]
    result = done["steps"][shown.at - 1]
    st.code(f"x = {step.code}", language="python")
    if shown.at > len(tensors):
        st.info(result["error"], icon=":material/hourglass_empty:")
        return
    before = tensors[shown.at - 1]
    after = tensors[shown.at] if shown.at < len(tensors) else None
    other = result["other"] if result["other"] and result["other"]["shape"] else None
    wide = 280 if other else 420
    panels = [_panel("x before", before, wide, 265, result["picked"])]
    if other:
        sign = html.escape(step.code.split(" ")[1])
        panels += [f'<div class="nnp-sign nnp-sign-kept">{sign}</div>', _panel("other", other, wide, 265)]
    if after is not None:
        memory = "the same memory: no number was copied" if result["same_memory"] else "new memory"
        panels += ['<div class="nnp-sign">→</div>', _panel("x after", after, wide, 265, memory=memory)]
    if result["error"]:
        st.error(result["error"], icon=":material/block:")

    figure = shapes_figure(
        step, before["shape"], other["shape"] if other else None, after["shape"] if after is not None else None
    )
    law = html.escape(step.entry.law)
    pictures = f'<div class="nnp-tensors">{"".join(panels)}</div>'
    rule = f'<div class="nnp-tensors nnp-law">{figure}<p><b>The rule.</b> {law}</p></div>'
    drawing(rule + pictures if result["error"] else pictures + rule, "tensors-drawing")


def _panel(
    title: str, look: Mapping[str, Any], width: float, height: float, picked: Any = None, memory: str = ""
) -> str:
    """A tensor with its name and its facts."""
    numbers = look["values"].size
    facts = {
        "shape": str(tuple(look["shape"])),
        "dtype": f"torch.{look['dtype']}",
        "device": look["device"],
        "strides": str(tuple(look["strides"])),
        "memory": f"{numbers:,} number{'s' * (numbers != 1)} of {look['bytes'] // max(numbers, 1)} bytes",
    }
    if memory:
        facts["stored in"] = memory
    rows = "".join(f"<dt>{name}</dt><dd>{html.escape(text)}</dd>" for name, text in facts.items())
    figure = tensor_figure(look, title.split(" ")[0], picked=picked, width=width, height=height)
    return f"<figure><figcaption>{title}</figcaption>{figure}<dl>{rows}</dl></figure>"


def _code(chain: Chain) -> None:
    with st.expander("The whole chain in PyTorch", icon=":material/code:", expanded=False):
        st.code(script(chain), language="python")


# ---- what the widgets do


def _start() -> None:
    name = str(session.widget_value("tensors-start"))
    source = SOURCES[name]
    tensors_state.change(
        lambda shown: replace(shown, chain=Chain(name, source.argument.default, (source.first,)), at=1)
    )


def _take_value(given: object) -> None:
    def make(shown: Shown) -> Shown:
        value = read_given(SOURCES[shown.chain.start].argument, given)
        return replace(shown, chain=replace(shown.chain, value=value))

    tensors_state.change(make)


def _take_idea(key: str) -> None:
    name = session.widget_value(key)
    if name in EXAMPLES:
        tensors_state.change(lambda shown: replace(shown, chain=EXAMPLES[str(name)].chain, at=1))


def _choose() -> None:
    at = session.widget_value("tensors-at")
    if isinstance(at, int):  # a tile that is clicked again is empty: it stays
        tensors_state.change(lambda shown: replace(shown, at=at))


def _add(operation: str) -> None:
    def make(shown: Shown) -> Shown:
        chain = shown.chain.inserted(shown.at, operation)
        return replace(shown, chain=chain, at=shown.at + (chain != shown.chain))

    tensors_state.change(make)


def _take_operation(at: int, key: str) -> None:
    name = str(session.widget_value(key))
    tensors_state.change(lambda shown: replace(shown, chain=shown.chain.with_step(at, first_step(name))))


def _take_argument(at: int, index: int, given: object) -> None:
    def make(shown: Shown) -> Shown:
        step = shown.chain.steps[at]
        value = read_given(step.entry.arguments[index], given)
        values = (*step.values[:index], value, *step.values[index + 1 :])
        return replace(shown, chain=shown.chain.with_step(at, Step(step.operation, values)))

    tensors_state.change(make)


def _move(at: int, to: int) -> None:
    def make(shown: Shown) -> Shown:
        steps = list(shown.chain.steps)
        steps.insert(to, steps.pop(at))
        return replace(shown, chain=replace(shown.chain, steps=tuple(steps)), at=to + 1)

    tensors_state.change(make)


def _remove(at: int) -> None:
    tensors_state.change(lambda shown: replace(shown, chain=shown.chain.without(at), at=at))
