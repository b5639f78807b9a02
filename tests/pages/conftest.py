"""Pages with a real worker behind them, in a home of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.runtime.state.safe_session_state import SafeSessionState

from playground.ui.services import services
from playground.ui.whole_clicks import carry_out_whole_clicks


@pytest.fixture(scope="session", autouse=True)
def runner_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("home")
    patch = pytest.MonkeyPatch()
    patch.setenv("PLAYGROUND_HOME", str(home))
    patch.setattr(SafeSessionState, "on_script_will_rerun", SafeSessionState.on_script_will_rerun)
    carry_out_whole_clicks()
    services.cache_clear()
    yield home
    services().runner.close_all()
    services.cache_clear()
    patch.undo()
