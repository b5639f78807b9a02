"""The devices that this machine can train on."""

from __future__ import annotations

from typing import NamedTuple

import torch


class Device(NamedTuple):
    """A device by its name in an Experiment and by its name for people."""

    name: str
    title: str


def available_devices() -> tuple[Device, ...]:
    """Those of cpu, cuda and mps that are present."""
    devices = [Device("cpu", "CPU")]
    if torch.cuda.is_available():
        devices.append(Device("cuda", f"CUDA: {torch.cuda.get_device_name()}"))
    if torch.backends.mps.is_available():
        devices.append(Device("mps", "MPS: Apple GPU"))
    return tuple(devices)


def find_device(name: str) -> torch.device:
    """The torch device of a name. Raises: ValueError where it is not present."""
    names = [device.name for device in available_devices()]
    if name not in names:
        raise ValueError(f"device is {name}, but this machine has only {' and '.join(names)}. Choose {names[-1]}.")
    return torch.device(name)
