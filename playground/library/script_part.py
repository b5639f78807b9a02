"""What a script says about its data: code that ends with the tensors X_train, y_train, X_test and y_test."""

from __future__ import annotations

from dataclasses import dataclass

from playground.experiment.experiment import Experiment


@dataclass(frozen=True)
class DataPart:
    """One kind of data in a script."""

    title: str
    code: str
    imports: tuple[str, ...] = ()
    """Lines of imports beside those that every script has."""
    file: str = ""
    """The name of the file that lies beside the script, if it needs one."""
    origin: str = ""
    """Where the data comes from, a sentence or nothing."""
    packages: str = ""
    """What has to be installed beside torch and numpy, the words after pip install."""


def target_type(experiment: Experiment) -> str:
    """The dtype in which the loss takes y: class indices, or numbers."""
    return "int64" if experiment.output_units > 1 and experiment.task != "regression" else "float32"
