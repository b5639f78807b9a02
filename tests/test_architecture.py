"""The rules of the house, read from the imports: one-way flow, one border, Streamlit in one place."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "playground"

# Each room may import from itself and from the rooms before it.
ROOMS = (
    "data",
    "experiment",
    "network",
    "training",
    "inspection",
    "worker",
    "figures",
    "stage",
    "library",
    "ui",
)
# The web process: everything after the border, and of the worker's room only its client.
WEB_ROOMS = frozenset({"figures", "stage", "library", "ui"})
WEB_MODULES = (
    "playground.worker.local_runner",
    "playground.figures.registry",
    "playground.stage.route",
    "playground.library.script",
    "playground.ui.services",
    "playground.experiment.url",
)
NOT_IN_THE_WORKER = frozenset({"streamlit", "pandas", "plotly", "starlette"})


def source_files() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if "__pycache__" not in path.parts)


def imports(path: Path) -> Iterator[str]:
    """Every module that the file imports, also inside functions, but not under TYPE_CHECKING."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing_only = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if node in typing_only:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide where a name comes from"
            yield node.module or ""


def room(path: Path) -> str:
    parts = path.relative_to(PACKAGE).parts
    return parts[0] if len(parts) > 1 else ""


@pytest.mark.parametrize("path", source_files(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_flow_one_way(path: Path) -> None:
    here = room(path)
    if not here:
        return
    assert here in ROOMS, f"{here} is not a room of the house"
    for module in imports(path):
        if module.startswith("playground."):
            there = module.split(".")[1]
            assert ROOMS.index(there) <= ROOMS.index(here), f"{path.name} in {here} imports {module}"


@pytest.mark.parametrize("path", source_files(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_streamlit_only_in_ui_and_torch_only_behind_the_border(path: Path) -> None:
    top = {module.split(".")[0] for module in imports(path)}
    here = room(path)
    assert "streamlit" not in top or here == "ui"
    if here in WEB_ROOMS:
        assert "torch" not in top
    elif here:
        assert not top & NOT_IN_THE_WORKER


def test_pages_are_short_and_without_torch() -> None:
    pages = sorted((ROOT / "pages").glob("*.py"))
    assert pages
    for page in pages:
        assert len(page.read_text(encoding="utf-8").splitlines()) <= 80
        assert "torch" not in {module.split(".")[0] for module in imports(page)}


def test_one_module_owns_the_session_state() -> None:
    owners = [
        path.name
        for path in [*source_files(), *(ROOT / "pages").glob("*.py")]
        if "session_state" in ast.unparse(ast.parse(path.read_text(encoding="utf-8")))
        and "st.session_state" in path.read_text()
    ]
    assert owners == ["session.py"]


@pytest.mark.parametrize("module", WEB_MODULES)
def test_the_web_process_never_loads_torch(module: str) -> None:
    code = f"import sys, {module}; print([m for m in ('torch', 'numba') if m in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"


def test_there_are_no_import_cycles() -> None:
    graph: dict[str, set[str]] = {}
    for path in source_files():
        parts = list(path.relative_to(ROOT).with_suffix("").parts)
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        graph[name] = {module for module in imports(path) if module.startswith("playground")}
    finished: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " -> ".join([*trail, name])
        if name in finished or name not in graph:
            return
        for target in graph[name]:
            if target != name:
                visit(target, (*trail, name))
        finished.add(name)

    for name in graph:
        visit(name, ())
