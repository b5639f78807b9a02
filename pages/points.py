"""Points on a plane: choose data, shape a network, and watch it learn to tell them apart."""

from __future__ import annotations

from playground.ui.points_panel import points_panel
from playground.ui.stage import stage
from playground.ui.workbench import workbench

with workbench("points") as (now, token, data, network):
    if data:
        with data:
            points_panel(now)
    with network:
        stage(now, token)
