"""The devices that this machine can train on."""

from __future__ import annotations

from typing import NamedTuple

import torch


class Device(NamedTuple):
    """A device by its name in an Experiment and by its name for people."""

    name: str
    title: str


def device_names() -> tuple[str, ...]:
    """Those of cpu, cuda and mps that are present; to ask does not make a process take memory on a device."""
    names = ["cpu"]
    if torch.cuda.is_available():
        names.append("cuda")
    if torch.backends.mps.is_available():
        names.append("mps")
    return tuple(names)


def available_devices() -> tuple[Device, ...]:
    """The devices of `device_names` with their titles. After it this process may have a CUDA context, 300 MB of it."""
    return tuple(Device(name, _title(name)) for name in device_names())


def _title(name: str) -> str:
    if name == "cuda":
        return f"CUDA: {torch.cuda.get_device_name()}"
    return {"cpu": "CPU", "mps": "MPS: Apple GPU"}[name]


def find_device(name: str) -> torch.device:
    """The torch device of a name. Raises: ValueError where it is not present."""
    names = device_names()
    if name not in names:
        raise ValueError(f"device is {name}, but this machine has only {' and '.join(names)}. Choose {names[-1]}.")
    return torch.device(name)


def is_out_of_memory(error: BaseException, device: torch.device) -> bool:
    """Does the error say that a device other than the CPU has no memory left? PyTorch has several ways to say so."""
    text = str(error)
    says_so = isinstance(error, torch.OutOfMemoryError) or "out of memory" in text or "ALLOC_FAILED" in text
    return says_so and device.type != "cpu"
