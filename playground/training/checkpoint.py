"""A run at one moment: enough to go on exactly as if nothing had happened. Files are safetensors, never pickle."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors import numpy as safetensors

from playground.experiment.experiment import Experiment
from playground.experiment.url import from_json, to_json
from playground.network.module import build_module
from playground.training.flat import FlatState
from playground.training.history import History
from playground.training.optimizers import build_optimizer
from playground.training.order import REMEDY

HEADER_BYTES = 1_000_000
FORMAT = 1
COUNTS = ("epoch", "step", "position", "updates", "history_appended", "history_stride")


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A run at one moment, between two steps; all arrays are copies.

    parameters: the module's state_dict, running statistics included. optimizer: the optimizer's memory, (P,) by
    torch.optim's names, after `updates` updates. permutation: (N,) int64, the order of this epoch's samples, of which
    `position` batches are done; order_state: the generator after drawing it. random_state: what dropout draws from.
    history: `History.as_arrays()`.
    """

    experiment: Experiment
    epoch: int
    step: int
    position: int
    updates: int
    parameters: dict[str, NDArray[Any]]
    optimizer: dict[str, NDArray[np.float32]]
    permutation: NDArray[np.int64]
    order_state: NDArray[np.uint8]
    random_state: NDArray[np.uint8]
    history: dict[str, NDArray[Any]]
    history_appended: int
    history_stride: int
    edited: list[dict[str, Any]] = field(default_factory=list)
    diverged: str | None = None

    def to_bytes(self) -> bytes:
        """The checkpoint as a safetensors file; what is not an array stands in its metadata as JSON."""
        tensors: dict[str, NDArray[Any]] = {
            **{f"module.{name}": array for name, array in self.parameters.items()},
            **{f"optimizer.{name}": array for name, array in self.optimizer.items()},
            **{f"history.{name}": array for name, array in self.history.items()},
            "order.permutation": self.permutation,
            "order.state": self.order_state,
            "random.state": self.random_state,
        }
        plain = {
            "format": FORMAT,
            **{name: getattr(self, name) for name in COUNTS},
            "experiment": to_json(self.experiment),
            "edited": self.edited,
            "diverged": self.diverged,
        }
        contiguous = {name: np.asarray(array, order="C") for name, array in tensors.items()}
        return safetensors.save(contiguous, metadata={"checkpoint": json.dumps(plain)})

    @classmethod
    def from_bytes(cls, data: bytes) -> Checkpoint:
        """The checkpoint of a file that may come from anybody.

        Raises: ValueError with one sentence where the header is over 1 MB, a value is wrong, names or shapes are not
        those of its experiment, or a number is not finite.
        """
        plain = _metadata(data)
        experiment = _experiment(plain.get("experiment"))
        tensors = _tensors(data)
        parts = {
            part: {name.partition(".")[2]: tensor for name, tensor in tensors.items() if name.startswith(f"{part}.")}
            for part in ("module", "optimizer", "history", "order", "random")
        }
        if sum(map(len, parts.values())) != len(tensors):
            raise ValueError(f"The file holds tensors that no checkpoint has. {REMEDY}")
        linears = _check_numbers(experiment, parts["module"], parts["optimizer"])
        counts = {name: _count(plain, name) for name in COUNTS}
        norms = parts["history"].get("gradient_norms")
        if norms is None or norms.shape[1:] != (linears,):
            raise ValueError(f"The history's gradient norms do not fit the network's layers. {REMEDY}")
        History.from_arrays(parts["history"], appended=counts["history_appended"], stride=counts["history_stride"])
        return cls(
            experiment=experiment,
            **counts,
            parameters=parts["module"],
            optimizer=parts["optimizer"],
            permutation=_permutation(parts["order"].get("permutation")),
            order_state=_random_state(parts["order"].get("state")),
            random_state=_random_state(parts["random"].get("state")),
            history=parts["history"],
            edited=_edited(plain.get("edited")),
            diverged=_sentence(plain.get("diverged")),
        )


def _metadata(data: bytes) -> dict[str, Any]:
    length = int.from_bytes(data[:8], "little")
    if length > HEADER_BYTES:
        raise ValueError(f"The file's header is {length:,} bytes, but it may be at most {HEADER_BYTES:,}. {REMEDY}")
    try:
        plain: dict[str, Any] = json.loads(json.loads(data[8 : 8 + length])["__metadata__"]["checkpoint"])
        known = plain["format"] == FORMAT
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ValueError(f"The file is not a checkpoint: its header cannot be read. {REMEDY}") from None
    if not known:
        raise ValueError(f"The checkpoint's format is not {FORMAT}, which is all that this version reads. {REMEDY}")
    return plain


def _tensors(data: bytes) -> dict[str, NDArray[Any]]:
    try:
        return safetensors.load(data)
    except (SafetensorError, ValueError, KeyError, TypeError, AttributeError):
        raise ValueError(f"The file's tensors cannot be read, so it is damaged or cut off. {REMEDY}") from None


def _experiment(text: Any) -> Experiment:
    if not isinstance(text, str):
        raise ValueError(f"The checkpoint names no experiment. {REMEDY}")
    experiment = from_json(text)
    if experiment.obstacle:
        raise ValueError(f"The checkpoint's experiment cannot train: {experiment.obstacle}")
    return experiment


def _check_numbers(
    experiment: Experiment, module: Mapping[str, NDArray[Any]], optimizer: Mapping[str, NDArray[Any]]
) -> int:
    """The names, shapes and dtypes are those of the experiment's network and optimizer, and every number is finite.

    Returns how many layers have a gradient norm in the history.
    """
    expected_module = build_module(experiment)
    expected = {f"module.{name}": tensor for name, tensor in expected_module.state_dict().items()}
    flat = FlatState(expected_module)
    memory = build_optimizer(experiment, expected_module, flat).state
    expected |= {f"optimizer.{name}": tensor for name, tensor in memory.items()}
    found = {f"module.{name}": array for name, array in module.items()}
    found |= {f"optimizer.{name}": array for name, array in optimizer.items()}
    if expected.keys() != found.keys():
        name = sorted(expected.keys() ^ found.keys())[0]
        raise ValueError(f"The tensor {name} is {'missing' if name in expected else 'too much'} in the file. {REMEDY}")
    for name, tensor in expected.items():
        array = found[name]
        if array.shape != tuple(tensor.shape) or array.dtype != tensor.numpy().dtype:
            wanted = f"{tuple(tensor.shape)} of {tensor.numpy().dtype}"
            raise ValueError(f"The tensor {name} is {array.shape} of {array.dtype}, but must be {wanted}. {REMEDY}")
        if not np.isfinite(array).all():
            raise ValueError(f"The tensor {name} holds a value that is not a finite number. {REMEDY}")
    return len(flat.linears)


def _count(plain: Mapping[str, Any], name: str) -> int:
    value = plain.get(name)
    if type(value) is not int or not 0 <= value < 2**53:
        raise ValueError(f"The checkpoint's {name} is not a whole number from 0. {REMEDY}")
    return value


def _permutation(array: NDArray[Any] | None) -> NDArray[np.int64]:
    right = array is not None and array.dtype == np.int64 and array.ndim == 1
    if array is None or not right or not np.array_equal(np.sort(array), np.arange(len(array))):
        raise ValueError(f"The checkpoint's order of the samples does not name each sample once. {REMEDY}")
    return array


def _random_state(array: NDArray[Any] | None) -> NDArray[np.uint8]:
    if array is None or array.dtype != np.uint8 or array.ndim != 1 or len(array) > 100_000:
        raise ValueError(f"The checkpoint's random state is missing or of a wrong kind. {REMEDY}")
    return array


def _edited(records: Any) -> list[dict[str, Any]]:
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise ValueError(f"The checkpoint's list of edits is not a list of records. {REMEDY}")
    return records


def _sentence(value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise ValueError(f"The checkpoint's word on divergence is not a sentence. {REMEDY}")
    return value
