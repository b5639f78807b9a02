"""Tables: choose what to ask, see each column become numbers, and watch a network learn to answer row by row."""

from __future__ import annotations

from playground.ui.journey import journey
from playground.ui.network_choice import network_choice
from playground.ui.table_views import table_views
from playground.ui.tables_panel import networks_of, tables_of, tables_panel
from playground.ui.workbench import workbench

with workbench("tables") as (now, token, data, network):
    if data:
        with data:
            tables_panel(now)
    with network:
        network_choice(now.experiment, networks_of(tables_of(now.experiment)))
        journey(now, token, now.sample.shown)
    table_views(now)
