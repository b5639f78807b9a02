"""The part of a script that reads a table and turns its columns into numbers, by what the app measured."""

from __future__ import annotations

from playground.data.column_encoding import MAX_SCALED, ColumnEncoding
from playground.data.table_encoding import TableDataset
from playground.experiment.tables import TablesExperiment
from playground.library.script_part import DataPart, target_type

IMPORTS = ("from pathlib import Path", "import csv")


def tables_part(experiment: TablesExperiment) -> DataPart:
    """From a file of comma-separated values to tensors."""
    dataset = experiment.load_dataset()
    assert isinstance(dataset, TableDataset)
    table = dataset.table
    origin = f"Data: {table.source}." + (f"\nLicence: {table.licence}." if table.licence else "")
    parts = [_READING, *_columns(dataset), _targets(experiment, dataset), _SPLIT]
    title = " ".join(table.title.replace("\\", "/").replace('"', "'").split())
    return DataPart(title, "\n".join(parts), IMPORTS, "data.csv", origin)


_READING = """# ---- Data: rows of text, of which the first cell says whether the row is for "train" or for "test".
with DATA.open(encoding="utf-8", newline="") as file:
    header, *rows = csv.reader(file)
table = {name: [row[i] for row in rows] for i, name in enumerate(header) if i > 0}

"""


def _columns(dataset: TableDataset) -> list[str]:
    lines = ["# ---- Numbers to tensors, as measured on the train rows."]
    kinds = {encoding.kind for encoding in dataset.encodings}
    if "numeric" in kinds:
        scaled = any(encoding.kind == "numeric" and encoding.scaling != "none" for encoding in dataset.encodings)
        lines.append(_SCALED if scaled else _UNSCALED)
    if "category" in kinds:
        lines.append(_CATEGORIES)
    return [*lines, "columns = [", *(f"    {_call(encoding)}," for encoding in dataset.encodings), "]"]


_SCALED = f"""def numbers(name, minus, over, missing=None):
    values = np.array([float(text) if text else missing for text in table[name]])
    return np.clip((values - minus) / over, -{MAX_SCALED:.0f}, {MAX_SCALED:.0f})[:, None]

"""

_UNSCALED = """def numbers(name, missing=None):
    return np.array([float(text) if text else missing for text in table[name]])[:, None]

"""

_CATEGORIES = """def categories(name, known, missing=None):
    return np.array([[(text or missing) == category for category in known] for text in table[name]], dtype=float)

"""


def _call(encoding: ColumnEncoding) -> str:
    missing = "" if encoding.fill is None else f", missing={encoding.fill!r}"
    if encoding.kind == "category":
        return f"categories({encoding.name!r}, {list(encoding.categories)!r}{missing})"
    if encoding.scaling == "none":
        return f"numbers({encoding.name!r}{missing})"
    shift, scale = encoding.shift_and_scale
    return f"numbers({encoding.name!r}, minus={shift!r}, over={scale!r}{missing})"


def _targets(experiment: TablesExperiment, dataset: TableDataset) -> str:
    target = f"table[{dataset.target!r}]"
    dtype = target_type(experiment)
    if dataset.task == "regression":
        return (
            f"values = np.array([float(text) for text in {target}])\n"
            f"y = torch.from_numpy(((values - {dataset.target_mean!r}) / {dataset.target_std!r}).astype(np.{dtype}))"
        )
    return (
        f"CLASSES = {list(dataset.class_names)!r}\n"
        f"y = torch.tensor([CLASSES.index(text) for text in {target}], dtype=torch.{dtype})"
    )


_SPLIT = """X = torch.from_numpy(np.concatenate(columns, axis=1).astype(np.float32))
train = torch.tensor([row[0] == "train" for row in rows])
X_train, y_train, X_test, y_test = (part.to(DEVICE) for part in (X[train], y[train], X[~train], y[~train]))"""
