"""Texts: follow a word from its letters over their vectors to its language, type your own, or let names be written."""

from __future__ import annotations

from functools import partial

from playground.ui.journey import journey
from playground.ui.network_choice import network_choice
from playground.ui.text_panel import encoder_row, text_of, text_panel
from playground.ui.workbench import workbench

with workbench("text") as (now, token, data, network):
    with network:
        network_choice(now.experiment, {}, partial(encoder_row, text_of(now)))
        journey(now, token, now.sample.shown)
    if data:
        with data:  # after the journey, which need not wait for the tiles
            text_panel(now)
