"""The part of a script that reads texts and turns them into ids, with the app's own functions."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable

from playground.data import tokens
from playground.data.text import TEXTS
from playground.data.tokens import TOKENISERS
from playground.experiment.text import TextExperiment
from playground.library.script_part import DataPart, target_type

IMPORTS = ("from pathlib import Path", "from collections import Counter", "import unicodedata")


def text_part(experiment: TextExperiment) -> DataPart:
    """From a file of texts to ids."""
    chosen = TEXTS[experiment.dataset]
    code = "\n".join([_reading(experiment), "\n", *_functions(experiment), "", _vocabulary(experiment)])
    code += _windows(experiment) if experiment.writes else _ids(experiment)
    return DataPart(chosen.title, code, IMPORTS, "data.tsv", f"Data: {chosen.source}.\nLicence: {chosen.licence}.")


def _reading(experiment: TextExperiment) -> str:
    return f"""# ---- Data: texts, each with its part ("train" or "test") and its label.
rows = [line.split("\\t", 2) for line in DATA.read_text(encoding="utf-8").split("\\n") if line]
LENGTH = {experiment.length}  # tokens that are read of a text
MAX_CHARACTERS = {tokens.MAX_CHARACTERS}  # of a text, before anything else is done"""


def _functions(experiment: TextExperiment) -> list[str]:
    split = TOKENISERS[experiment.tokens].split
    functions: list[Callable[..., object]] = [tokens.normalise, tokens.characters]
    if split is not tokens.characters:
        functions.append(split)
    return ["\n\n".join([inspect.getsource(function), ""]) for function in functions]


def _vocabulary(experiment: TextExperiment) -> str:
    name = TOKENISERS[experiment.tokens].split.__name__
    casefold = not experiment.writes
    special = '"<pad>", "<unk>"' + (', "<bos>", "<eos>"' if experiment.writes else "")
    return f"""# ---- Text to numbers: each token has an id, the most frequent ones of the train texts first.
split = [{name}(normalise(text, casefold={casefold})) for _, _, text in rows]
counts = Counter(token for row, tokens in zip(rows, split) if row[0] == "train" for token in tokens)
vocabulary = [{special}, *sorted(counts, key=lambda token: (-counts[token], token))][:{experiment.vocabulary}]
ids = {{token: i for i, token in enumerate(vocabulary)}}


def to_ids(texts):
    X = torch.zeros(len(texts), LENGTH, dtype=torch.int64)  # 0 is <pad>, 1 is <unk>
    for row, tokens in zip(X, texts):
        kept = [ids.get(token, 1) for token in tokens[:LENGTH]]
        row[: len(kept)] = torch.tensor(kept, dtype=torch.int64)
    return X.to(DEVICE)  # (N, T)


"""


def _ids(experiment: TextExperiment) -> str:
    classes = json.dumps(experiment.class_names, ensure_ascii=False)
    return f"""CLASSES = {classes}
train = torch.tensor([part == "train" for part, _, _ in rows])
X = to_ids(split)
y = torch.tensor([CLASSES.index(label) for _, label, _ in rows], dtype=torch.{target_type(experiment)}).to(DEVICE)
X_train, y_train, X_test, y_test = X[train], y[train], X[~train], y[~train]"""


def _windows(experiment: TextExperiment) -> str:
    return """# ---- What comes next: a window of ids, and the ids that follow at each of its places.
def windows(part):
    before, after = [], []
    for row, tokens in zip(rows, split):
        text = ["<bos>", *tokens, "<eos>"]
        for start in range(0, len(text) - 1, LENGTH) if row[0] == part else ():
            end = min(start + LENGTH, len(text) - 1)
            before.append(text[start:end])
            after.append(text[start + 1 : end + 1])
    return to_ids(before), to_ids(after)


(X_train, y_train), (X_test, y_test) = windows("train"), windows("test")"""
