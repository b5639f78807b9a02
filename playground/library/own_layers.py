"""The source of the layers that PyTorch does not have, read from their file without torch."""

from __future__ import annotations

import ast
import importlib.util
from functools import lru_cache
from pathlib import Path

from playground.experiment.experiment import Experiment
from playground.network.source import own_classes


def own_layers_source(experiment: Experiment) -> list[str]:
    """The classes of the network that a script has to bring along, one text each, with a headline; else nothing."""
    names = own_classes(experiment)
    if not names:
        return []
    classes = _classes()
    text = "\n\n\n".join(classes[name] for name in names)
    return [f"# ---- Layers of its own.\nTensor = torch.Tensor\n\n\n{text}\n\n"]


@lru_cache(maxsize=1)
def _classes() -> dict[str, str]:
    found = importlib.util.find_spec("playground.network.modules")  # finds the file, and does not import torch
    assert found is not None
    assert found.origin is not None
    source = Path(found.origin).read_text(encoding="utf-8")
    return {
        node.name: ast.get_source_segment(source, node) or ""
        for node in ast.parse(source).body
        if isinstance(node, ast.ClassDef)
    }
