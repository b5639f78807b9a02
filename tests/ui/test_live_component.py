from __future__ import annotations

import re
from pathlib import Path

import pytest

from playground.ui import live_component
from playground.ui.live_component import imported_modules

STATIC = Path(live_component.__file__).parent / "static"


@pytest.mark.parametrize("module", ["stage.js", "journey.js", "figure.js"])
def test_every_file_that_a_picture_imports_is_asked_for_at_once(module: str) -> None:
    needed = imported_modules(module)
    assert len(needed) == len(set(needed))
    for name in [module, *needed]:
        for imported in re.findall(r"[\"']\./([^\"']+\.js)[\"']", (STATIC / name).read_text("utf-8")):
            assert imported in needed
            assert (STATIC / imported).is_file()
