"""Pictures: follow one through convolutions to its answer, draw or photograph your own, or paint a photo."""

from __future__ import annotations

from playground.ui.images_panel import images_of, images_panel, networks_for
from playground.ui.journey import journey
from playground.ui.network_choice import network_choice
from playground.ui.workbench import workbench

with workbench("images") as (now, token, data, network):
    with network:
        network_choice(now.experiment, networks_for(images_of(now)))
        journey(now, token, now.sample.shown)
    if data:
        with data:  # after the journey, which need not wait for the tiles
            images_panel(now)
