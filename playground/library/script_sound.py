"""The part of a script that reads waves, and turns them into spectrograms with the app's own functions."""

from __future__ import annotations

import inspect

from playground.data import spectrogram
from playground.data.sequences import SEQUENCES
from playground.data.sound import SOUNDS
from playground.experiment.sound import SoundExperiment
from playground.library.script_part import DataPart

FUNCTIONS = (
    spectrogram.power_spectrogram,
    spectrogram.band_edges,
    spectrogram.mel_bank,
    spectrogram.log_mel_spectrogram,
)


def sound_part(experiment: SoundExperiment) -> DataPart:
    """From a file of waves to tensors."""
    imports = ["from pathlib import Path"]
    if experiment.is_signal:
        chosen = SEQUENCES[experiment.dataset]
        title, origin = chosen.title, f"Data: {chosen.source}.\nLicence: {chosen.licence}."
        code = _signals()
    else:
        sound = SOUNDS[experiment.dataset]
        title, origin = sound.title, f"Data: {sound.source}.\nLicence: {sound.licence}."
        code = _waves() if experiment.representation == "wave" else _spectrograms(experiment)
        if experiment.representation == "spectrogram":
            imports.append("from numpy.typing import ArrayLike, NDArray")
    return DataPart(title, code + _labels(), tuple(imports), "data.npz", origin)


def _signals() -> str:
    return """# ---- Data: signals (N, L), and the class of each, as tensors.
data = np.load(DATA)
X_train = torch.from_numpy(data["waves_train"][:, None]).to(DEVICE)  # (N, 1, L)
X_test = torch.from_numpy(data["waves_test"][:, None]).to(DEVICE)
"""


def _waves() -> str:
    return f"""# ---- Data: waves (N, L), {spectrogram.SAMPLE_RATE} values a second from -1 to 1, and the class of each.
data = np.load(DATA)
mean = data["waves_train"].mean(axis=(0, 1), keepdims=True)[0]
std = np.maximum(data["waves_train"].std(axis=(0, 1), keepdims=True)[0], 1e-3)

# ---- Numbers to tensors: waves without the mean of the train waves, in units of their spread.
X_train = torch.from_numpy(((data["waves_train"] - mean) / std)[:, None]).to(DEVICE)  # (N, 1, L)
X_test = torch.from_numpy(((data["waves_test"] - mean) / std)[:, None]).to(DEVICE)
"""


def _spectrograms(experiment: SoundExperiment) -> str:
    functions = "\n\n".join(inspect.getsource(function) for function in FUNCTIONS)
    options = f"window={experiment.window}, hop={experiment.hop}, mels={experiment.mels}"
    return f"""# ---- Data: waves (N, L), and the class of each.
data = np.load(DATA)
SAMPLE_RATE = {spectrogram.SAMPLE_RATE}  # values a second
FLOOR = {spectrogram.FLOOR}  # power added before the logarithm
CHUNK = {spectrogram.CHUNK}  # waves transformed at once


# ---- Waves to pictures: how loud each pitch is at each time.
{functions}

loudness_train = log_mel_spectrogram(data["waves_train"], {options})
loudness_test = log_mel_spectrogram(data["waves_test"], {options})
mean = loudness_train.mean(axis=(0, 2), keepdims=True)[0]  # of each pitch
std = np.maximum(loudness_train.std(axis=(0, 2), keepdims=True)[0], 1e-3)

# ---- Numbers to tensors: loudness without the mean of the train sounds, in units of its spread.
X_train = torch.from_numpy(((loudness_train - mean) / std)[:, None]).to(DEVICE)  # (N, 1, mels, frames)
X_test = torch.from_numpy(((loudness_test - mean) / std)[:, None]).to(DEVICE)
"""


def _labels() -> str:
    return """y_train = torch.from_numpy(data["labels_train"].astype(np.int64)).to(DEVICE)  # (N,)
y_test = torch.from_numpy(data["labels_test"].astype(np.int64)).to(DEVICE)"""
