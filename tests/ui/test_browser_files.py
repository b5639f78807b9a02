from __future__ import annotations

import re

from playground.ui.browser_files import STATIC, linking_order


def test_every_module_comes_after_those_that_it_imports() -> None:
    before: set[str] = set()
    for name, text in linking_order().items():
        assert text == (STATIC / name).read_text("utf-8")
        for imported in re.findall(r"import[^;]*?[\"']\./([^\"']+)[\"']", text):
            assert imported in before, f"{name} imports {imported}"
        before.add(name)
    assert {"stage.js", "journey.js", "figure.js", "stage.css", "journey.css"} <= before
