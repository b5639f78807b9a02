"""The server: Streamlit with three routes of its own. Start it with ``streamlit run app.py``."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import streamlit as st
from starlette.middleware import Middleware

from playground.figures.plotly_asset import plotly_route
from playground.stage.route import frame_route
from playground.ui.browser_files import browser_files_route
from playground.ui.compressed_files import CompressedFiles
from playground.ui.no_delay import send_without_delay
from playground.ui.services import services
from playground.ui.uploads import give_large_memory_back, shrink_pictures
from playground.ui.whole_clicks import carry_out_whole_clicks


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[dict[str, Any]]:
    """Start the training process while the first visitor's browser still loads the page."""
    send_without_delay()
    carry_out_whole_clicks()
    shrink_pictures()
    give_large_memory_back()
    runner = services().runner
    runner.prewarm()
    gc.freeze()  # the modules are here to stay: later collections need not look at them
    try:
        yield {}
    finally:
        runner.close_all()


app = st.App(
    "playground/ui/router.py",
    routes=[frame_route(services), plotly_route(), browser_files_route()],
    lifespan=lifespan,
    middleware=[Middleware(CompressedFiles)],
)
