"""Sounds and signals: hear them, see them as waves and pitches, and watch a network learn to tell them apart."""

from __future__ import annotations

from playground.ui.journey import journey
from playground.ui.network_choice import network_choice
from playground.ui.sound_panel import heard_over_time, networks_of, sound_of, sound_panel
from playground.ui.workbench import workbench

with workbench("sound") as (now, token, data, network):
    if data:
        with data:
            sound_panel(now)
    with network:
        network_choice(now.experiment, networks_of(sound_of(now.experiment)))
        journey(now, token, now.sample.shown)
    heard_over_time(now)
