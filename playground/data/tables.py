"""The tables of the playground: name -> columns of numbers and categories, one of them the target."""

from __future__ import annotations

import csv
import gzip
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache, partial

import numpy as np

from playground.data.dataset import Task
from playground.data.packaged import packaged_file
from playground.data.table import Column, RawTable, as_category, category_column, numeric_column


@dataclass(frozen=True)
class TableSet:
    """A table that comes with the playground."""

    name: str
    title: str
    description: str
    target: str
    inputs: tuple[str, ...]
    """The columns that a network gets unless people choose others."""
    task: Task
    source: str
    licence: str
    load: Callable[[], tuple[Column, ...]]


def _read_csv(package: str, path: str, install: str, units: dict[str, str]) -> tuple[Column, ...]:
    """Read the columns named in `units` (with their unit) from a good file with a header and "NA" for missing."""
    file = packaged_file(package, path, install)
    open_text = gzip.open if file.suffix == ".gz" else open
    with open_text(file, "rt", encoding="utf-8", newline="") as stream:
        header, *rows = csv.reader(stream)
    columns: list[Column] = []
    for name, unit in units.items():
        place = header.index(name)
        values = [None if row[place] in ("", "NA") else row[place] for row in rows]
        try:
            columns.append(numeric_column(name, (math.nan if v is None else float(v) for v in values), unit))
        except ValueError:
            columns.append(category_column(name, values))
    return tuple(columns)


def _read_sklearn(path: str, target: str, units: dict[str, str]) -> tuple[Column, ...]:
    """Read a file of scikit-learn: counts and class names first, then numbers and the class index."""
    file = packaged_file("sklearn", f"datasets/data/{path}", "scikit-learn")
    with file.open(encoding="utf-8", newline="") as stream:
        header, *rows = csv.reader(stream)
    classes = header[2:]
    numbers = np.array([row[:-1] for row in rows], dtype=np.float64)
    columns = [numeric_column(name, numbers[:, i], unit) for i, (name, unit) in enumerate(units.items())]
    codes = np.array([int(row[-1]) for row in rows], dtype=np.int32)
    return (*columns, Column(target, "category", codes, tuple(name.replace("class_", "grower ") for name in classes)))


def _read_diabetes() -> tuple[Column, ...]:
    """Read scikit-learn's diabetes table in the units in which it was measured."""
    place = "datasets/data/diabetes_"
    numbers = np.loadtxt(packaged_file("sklearn", f"{place}data_raw.csv.gz", "scikit-learn"))
    targets = np.loadtxt(packaged_file("sklearn", f"{place}target.csv.gz", "scikit-learn"))
    columns = [numeric_column(name, numbers[:, i], unit) for i, (name, unit) in enumerate(_DIABETES.items())]
    sex = columns[1]
    columns[1] = replace(as_category(sex), categories=("group 1", "group 2"))  # the source does not say which is which
    return (*columns, numeric_column("progression", targets))


_PENGUINS = {
    "species": "",
    "island": "",
    "bill_length_mm": "mm",
    "bill_depth_mm": "mm",
    "flipper_length_mm": "mm",
    "body_mass_g": "g",
    "sex": "",
    "year": "",
}
_IRIS = {"sepal length": "cm", "sepal width": "cm", "petal length": "cm", "petal width": "cm"}
_WINE = {
    "alcohol": "%",
    "malic acid": "",
    "ash": "",
    "alcalinity of ash": "",
    "magnesium": "",
    "total phenols": "",
    "flavanoids": "",
    "nonflavanoid phenols": "",
    "proanthocyanins": "",
    "colour intensity": "",
    "hue": "",
    "od280/od315 of diluted wines": "",
    "proline": "",
}
_CELLS = (
    "radius",
    "texture",
    "perimeter",
    "area",
    "smoothness",
    "compactness",
    "concavity",
    "concave points",
    "symmetry",
    "fractal dimension",
)
_BREAST_CANCER = {
    **{f"mean {name}": "" for name in _CELLS},
    **{f"{name} error": "" for name in _CELLS},
    **{f"worst {name}": "" for name in _CELLS},
}
_GAPMINDER = {"country": "", "continent": "", "year": "", "lifeExp": "years", "pop": "people", "gdpPercap": "US$"}
_TIPS = {"total_bill": "US$", "tip": "US$", "sex": "", "smoker": "", "day": "", "time": "", "size": "people"}
_DIABETES = {
    "age": "years",
    "sex": "",
    "bmi": "kg/m²",
    "blood pressure": "mmHg",
    "total cholesterol": "mg/dl",
    "ldl": "mg/dl",
    "hdl": "mg/dl",
    "total cholesterol / hdl": "",
    "log triglycerides": "",
    "glucose": "mg/dl",
}

_PENGUIN_SOURCE = (
    "palmerpenguins: K. Gorman, T. Williams and W. Fraser, 2014, https://doi.org/10.1371/journal.pone.0090081"
)
_load_penguins = partial(_read_csv, "palmerpenguins", "data/penguins.csv", "palmerpenguins", _PENGUINS)


def _register(*sets: TableSet) -> dict[str, TableSet]:
    return {table_set.name: table_set for table_set in sets}


TABLES: dict[str, TableSet] = _register(
    TableSet(
        "penguins-species",
        "Penguins: species",
        "Three kinds of penguins on three islands: bills and flippers all but give them away; some values are missing.",
        "species",
        ("island", "bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g", "sex"),
        "multiclass",
        _PENGUIN_SOURCE,
        "CC0 1.0 (data), MIT (package)",
        _load_penguins,
    ),
    TableSet(
        "penguins-mass",
        "Penguins: body mass",
        "How heavy is a penguin, from the rest of its row? The species matters, so the categories have to be used.",
        "body_mass_g",
        ("species", "island", "bill_length_mm", "bill_depth_mm", "flipper_length_mm", "sex"),
        "regression",
        _PENGUIN_SOURCE,
        "CC0 1.0 (data), MIT (package)",
        _load_penguins,
    ),
    TableSet(
        "iris",
        "Iris",
        "Three kinds of iris by the size of their leaves: one is far away, two overlap a little.",
        "species",
        tuple(_IRIS),
        "multiclass",
        "scikit-learn, load_iris: R. A. Fisher, 1936",
        "CC BY 4.0 (UCI), packaged under BSD-3-Clause",
        partial(_read_sklearn, "iris.csv", "species", _IRIS),
    ),
    TableSet(
        "wine",
        "Wine",
        "Which of three growers made a wine, by chemistry; the scales differ a thousandfold: try it without scaling.",
        "grower",
        tuple(_WINE),
        "multiclass",
        "scikit-learn, load_wine: M. Forina and others, UCI Wine, 1988",
        "CC BY 4.0 (UCI), packaged under BSD-3-Clause",
        partial(_read_sklearn, "wine_data.csv", "grower", _WINE),
    ),
    TableSet(
        "breast-cancer",
        "Breast cancer",
        "Is a tumour malignant, by thirty measures of its cells? Look at which of the two mistakes the network makes.",
        "diagnosis",
        tuple(_BREAST_CANCER),
        "binary",
        "scikit-learn, load_breast_cancer: W. Wolberg, O. Mangasarian, N. Street and W. Street, UCI, 1995",
        "CC BY 4.0 (UCI), packaged under BSD-3-Clause",
        partial(_read_sklearn, "breast_cancer.csv", "diagnosis", _BREAST_CANCER),
    ),
    TableSet(
        "gapminder",
        "Gapminder: life expectancy",
        "How long people live, by continent, year, income and population: income helps only through its logarithm.",
        "lifeExp",
        ("continent", "year", "pop", "gdpPercap"),
        "regression",
        "plotly, data.gapminder: Gapminder Foundation, https://www.gapminder.org/data/",
        "CC BY 4.0 (Gapminder), packaged under MIT",
        partial(_read_csv, "plotly", "package_data/datasets/gapminder.csv.gz", "plotly", _GAPMINDER),
    ),
    TableSet(
        "tips",
        "Tips",
        "What a waiter is tipped: people are free to decide, so a good half of it can be foreseen and the rest cannot.",
        "tip",
        ("total_bill", "sex", "smoker", "day", "time", "size"),
        "regression",
        "plotly, data.tips: P. Bryant and M. Smith, Practical Data Analysis, 1995",
        "Packaged under MIT",
        partial(_read_csv, "plotly", "package_data/datasets/tips.csv.gz", "plotly", _TIPS),
    ),
    TableSet(
        "diabetes",
        "Diabetes",
        "How an illness goes on within a year: few rows and much chance, so without L2 a network gets worse again.",
        "progression",
        tuple(_DIABETES),
        "regression",
        "scikit-learn, load_diabetes: B. Efron and others, Least Angle Regression, 2004, https://doi.org/10.1214/009053604000000067",
        "Packaged under BSD-3-Clause",
        _read_diabetes,
    ),
)


@lru_cache(maxsize=len(TABLES))
def load_table(name: str) -> RawTable:
    """Read a table that comes with the playground; its arrays are read-only.

    Raises: ValueError with one sentence if its package is missing.
    """
    chosen = TABLES[name]
    columns = chosen.load()
    for column in columns:
        column.values.flags.writeable = False  # shared by all who load it
    return RawTable(name, chosen.title, columns, chosen.target, chosen.source, chosen.licence)
