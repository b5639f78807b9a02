"""The point sets of the playground: name -> points on the plane with a label each.

Every generator is a self-contained NumPy function, because its source is exported with the training script. `noise` is
a fraction from 0 to 0.5. Those of TensorFlow Playground have its ranges, formulas and noise, so that results compare.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playground.data.dataset import BINARY_NAMES, CLASS_NAMES, Dataset, Task
from playground.data.features import compute_features, usable_inputs
from playground.data.own_points import count_classes, unpack_points

Points = tuple[NDArray[Any], NDArray[Any]]
Generator = Callable[..., Points]

TF_PLAYGROUND = "TensorFlow Playground, https://github.com/tensorflow/playground/blob/master/src/dataset.ts"


@dataclass(frozen=True)
class PointSet:
    """A kind of points that can be drawn in any number, with any noise."""

    name: str
    title: str
    task: Task
    class_names: tuple[str, ...]
    dims: int
    description: str
    source: str
    generate: Generator
    """(samples, noise, rng) -> points (N, 2) float64, labels (N,): class index, or target."""
    function: Generator
    """The generator as written in this file; `arguments` are what `generate` adds to its call."""
    arguments: Mapping[str, int]


DATASETS: dict[str, PointSet] = {}


def point_set(
    name: str,
    title: str,
    *,
    task: Task = "binary",
    classes: tuple[int, ...] = (),
    dims: int = 2,
    source: str = "Defined here",
) -> Callable[[Generator], Generator]:
    """Register a generator under `name`, or under `name3`, `name4`, ... with the argument `classes`.

    The generator's docstring is the description that people read.
    """

    def add(function: Generator, key: str, title: str, task: Task, names: tuple[str, ...], **arguments: int) -> None:
        generate = partial(function, **arguments) if arguments else function
        extra = MappingProxyType(arguments)
        description = inspect.getdoc(function) or ""
        DATASETS[key] = PointSet(key, title, task, names, dims, description, source, generate, function, extra)

    def register(function: Generator) -> Generator:
        if not classes:
            add(function, name, title, task, BINARY_NAMES if task == "binary" else ())
        for count in classes:
            names = CLASS_NAMES[:count]
            add(function, f"{name}{count}", f"{title}, {count} classes", "multiclass", names, classes=count)
        return function

    return register


@point_set("circle", "Circle", source=TF_PLAYGROUND)
def circle(samples: int, noise: float, rng: np.random.Generator) -> Points:
    """A disc inside a ring: no straight line parts them, but x₁² and x₂² together do at once."""
    inside = np.arange(samples) < (samples + 1) // 2
    r = np.where(inside, rng.uniform(0, 2.5, samples), rng.uniform(3.5, 5, samples))
    angle = rng.uniform(0, 2 * np.pi, samples)
    points = np.stack([r * np.sin(angle), r * np.cos(angle)], axis=1)
    # Noise moves a point only while its label is read: points near the edge get the wrong label.
    moved = points + noise * rng.uniform(-5, 5, (samples, 2))
    return points, (np.hypot(moved[:, 0], moved[:, 1]) < 2.5).astype(np.int64)


@point_set("xor", "Exclusive or", source=TF_PLAYGROUND)
def xor(samples: int, noise: float, rng: np.random.Generator) -> Points:
    """Opposite quarters share a class: no straight line parts them, but the single input x₁x₂ does."""
    points = rng.uniform(-5, 5, (samples, 2))
    points += np.where(points > 0, 0.3, -0.3)  # a gap along the axes
    moved = points + noise * rng.uniform(-5, 5, (samples, 2))
    return points, (moved[:, 0] * moved[:, 1] >= 0).astype(np.int64)


@point_set("gauss", "Gauss", source=TF_PLAYGROUND)
def gauss(samples: int, noise: float, rng: np.random.Generator) -> Points:
    """Two round clouds: a straight line is the best there is, and no network gets past their overlap."""
    labels = (np.arange(samples) < (samples + 1) // 2).astype(np.int64)
    centres = np.where(labels == 1, 2.0, -2.0)[:, None]
    variance = 0.5 + 7 * noise  # 0.5 without noise, 4 at the most
    return centres + np.sqrt(variance) * rng.standard_normal((samples, 2)), labels


@point_set("spiral", "Spiral", source=TF_PLAYGROUND)
def spiral(samples: int, noise: float, rng: np.random.Generator) -> Points:
    """Two arms wound around each other: the hardest set here, which needs several layers or a good choice of inputs."""
    points, labels = [], []
    for label, n in ((1, (samples + 1) // 2), (0, samples // 2)):
        along = np.arange(n) / n  # 0 at the centre, nearly 1 at the end of the arm
        angle = 1.75 * along * 2 * np.pi + (0 if label else np.pi)
        arm = 5 * along[:, None] * np.stack([np.sin(angle), np.cos(angle)], axis=1)
        points.append(arm + noise * rng.uniform(-1, 1, (n, 2)))
        labels.append(np.full(n, label))
    return np.concatenate(points), np.concatenate(labels)


@point_set(
    "moons", "Moons", source="scikit-learn, make_moons, scaled by 3 and centred; noise is its standard deviation"
)
def moons(samples: int, noise: float, rng: np.random.Generator) -> Points:
    """Two half moons that reach into each other: one bend of the boundary is enough, so a few neurons do it."""
    labels = (np.arange(samples) < (samples + 1) // 2).astype(np.int64)
    angle = rng.uniform(0, np.pi, samples)
    x = np.where(labels == 1, np.cos(angle), 1 - np.cos(angle))
    y = np.where(labels == 1, np.sin(angle), 0.5 - np.sin(angle))
    points = np.stack([x - 0.5, y - 0.25], axis=1) + noise * rng.standard_normal((samples, 2))
    return 3 * points, labels


@point_set("checkerboard", "Checkerboard")
def checkerboard(samples: int, noise: float, rng: np.random.Generator) -> Points:
    """Sixteen squares of two classes: an exclusive or in both directions at once, which takes many neurons."""
    points = rng.uniform(-6, 6, (samples, 2))
    moved = points + noise * rng.uniform(-3, 3, (samples, 2))
    column_and_row = np.floor(moved / 3).astype(np.int64)
    return points, column_and_row.sum(axis=1) % 2


@point_set("rings", "Rings")
def rings(samples: int, noise: float, rng: np.random.Generator) -> Points:
    """Four rings of alternating class: only the distance from the middle counts, but it must be cut three times."""
    ring = np.arange(samples) % 4
    r = 1.5 * ring + rng.uniform(0.15, 1.35, samples)  # rings of width 1.2 with gaps of 0.3
    angle = rng.uniform(0, 2 * np.pi, samples)
    points = np.stack([r * np.sin(angle), r * np.cos(angle)], axis=1)
    moved = points + noise * rng.uniform(-1.5, 1.5, (samples, 2))
    inner = np.floor(np.hypot(moved[:, 0], moved[:, 1]) / 1.5).astype(np.int64)
    return points, (inner + 1) % 2


@point_set(
    "spiral",
    "Spiral",
    classes=(3, 4, 5),
    source=f"{TF_PLAYGROUND}, with more arms and fewer turns, so that the arms stay as far apart",
)
def spiral_arms(samples: int, noise: float, rng: np.random.Generator, classes: int) -> Points:
    """Several arms wound around each other: every class is far from straight, and needs depth or helpful inputs."""
    labels = np.arange(samples) % classes
    along = np.arange(samples) // classes / np.ceil(samples / classes)
    turns = 3.5 / classes
    angle = 2 * np.pi * (turns * along + labels / classes)
    arms = 5 * along[:, None] * np.stack([np.sin(angle), np.cos(angle)], axis=1)
    return arms + noise * rng.uniform(-1, 1, (samples, 2)), labels


@point_set(
    "blobs",
    "Blobs",
    classes=(3, 4, 5),
    source=f"{TF_PLAYGROUND}: clouds of the variance of its Gauss set, 3.5 from the middle",
)
def blobs(samples: int, noise: float, rng: np.random.Generator, classes: int) -> Points:
    """Round clouds on a circle: straight lines part them, so even a network without hidden layers does well."""
    labels = np.arange(samples) % classes
    angle = 2 * np.pi * labels / classes
    centres = 3.5 * np.stack([np.sin(angle), np.cos(angle)], axis=1)
    variance = 0.5 + 7 * noise
    return centres + np.sqrt(variance) * rng.standard_normal((samples, 2)), labels


@point_set("rings", "Rings", classes=(3, 4, 5))
def ring_classes(samples: int, noise: float, rng: np.random.Generator, classes: int) -> Points:
    """One ring a class around the middle: x₁² and x₂² make it easy, x₁ and x₂ alone need curved boundaries."""
    width = 6 / classes
    ring = np.arange(samples) % classes
    r = width * (ring + rng.uniform(0.1, 0.9, samples))
    angle = rng.uniform(0, 2 * np.pi, samples)
    points = np.stack([r * np.sin(angle), r * np.cos(angle)], axis=1)
    moved = points + noise * rng.uniform(-width, width, (samples, 2))
    nearest = np.floor(np.hypot(moved[:, 0], moved[:, 1]) / width).astype(np.int64)
    return points, np.minimum(nearest, classes - 1)


@point_set("plane", "Plane", task="regression", source=TF_PLAYGROUND)
def plane(samples: int, noise: float, rng: np.random.Generator) -> Points:
    """A tilted plane: a linear network learns it exactly, so anything more is only slower."""
    points = rng.uniform(-6, 6, (samples, 2))
    moved = points + noise * rng.uniform(-6, 6, (samples, 2))
    return points, moved.sum(axis=1) / 10


@point_set("multigauss", "Multi-Gauss", task="regression", source=TF_PLAYGROUND)
def multigauss(samples: int, noise: float, rng: np.random.Generator) -> Points:
    """Three hills and three hollows on flat ground: each needs neurons of its own."""
    points = rng.uniform(-6, 6, (samples, 2))
    moved = points + noise * rng.uniform(-6, 6, (samples, 2))
    centres = np.array([[-4, 2.5], [0, 2.5], [4, 2.5], [-4, -2.5], [0, -2.5], [4, -2.5]])
    signs = np.array([1, -1, 1, -1, 1, -1])
    distances = np.linalg.norm(moved[:, None] - centres, axis=2)  # (N, 6)
    heights = signs * np.clip(1 - distances / 2, 0, 1)  # 1 at a centre, 0 from a distance of 2 on
    strongest = np.abs(heights).argmax(axis=1)
    return points, heights[np.arange(samples), strongest]


@point_set("ripple", "Ripple", task="regression")
def ripple(samples: int, noise: float, rng: np.random.Generator) -> Points:
    """Waves around the middle, as after a drop of water: smooth, but up and down twice, which takes many neurons."""
    points = rng.uniform(-6, 6, (samples, 2))
    moved = points + noise * rng.uniform(-3, 3, (samples, 2))
    return points, np.cos(np.pi / 3 * np.hypot(moved[:, 0], moved[:, 1]))


@point_set("curve", "Curve", task="regression", dims=1)
def curve(samples: int, noise: float, rng: np.random.Generator) -> Points:
    """One input and one output: a wave on a slope, drawn as a curve, which shows how neurons add up to a function."""
    x = rng.uniform(-6, 6, samples)
    target = 0.6 * np.sin(1.5 * x) + x / 15 + noise * rng.standard_normal(samples)
    return np.stack([x, target], axis=1), target


@point_set("own", "Own points", source="You")
def own(samples: int, noise: float, rng: np.random.Generator) -> Points:
    """Points that you paint or paste: as easy or as hard as you make them."""
    return np.zeros((0, 2)), np.zeros(0, dtype=np.int64)  # never drawn: `load_points` unpacks them


def own_task(points: str) -> tuple[Task, tuple[str, ...]]:
    """Tell the task and the class names of packed points: two classes, unless a higher one is used."""
    classes = count_classes(points)
    return ("binary", BINARY_NAMES) if classes <= 2 else ("multiclass", CLASS_NAMES[:classes])


def train_size(samples: int, train_share: float) -> int:
    """Count the train samples: the share rounded down, with at least one sample left on each side."""
    return min(max(int(samples * train_share + 1e-6), 1), max(samples - 1, 1))


def load_points(
    name: str,
    *,
    samples: int,
    noise: float,
    train_share: float,
    seed: int,
    inputs: tuple[str, ...],
    points: str = "",
) -> Dataset:
    """Draw the points (or unpack own ones), split them by a permutation of the same seed, and compute the inputs.

    Fewer than two own points make a dataset without test points, which can be drawn but not trained on.
    """
    chosen = DATASETS[name]
    task, class_names = chosen.task, chosen.class_names
    rng = np.random.default_rng(seed)
    if name == "own":
        plane_points, labels = unpack_points(points)
        task, class_names = own_task(points)
    else:
        plane_points, labels = chosen.generate(samples, noise, rng)
    raw = plane_points.astype(np.float32)
    y = labels.astype(np.float32 if task == "regression" else np.int64)
    order = rng.permutation(len(raw))
    split = train_size(len(raw), train_share)
    train, test = order[:split], order[split:]
    used = usable_inputs(inputs, chosen.dims)
    X = compute_features(raw, used)
    return Dataset(
        X_train=X[train],
        y_train=y[train],
        X_test=X[test],
        y_test=y[test],
        task=task,
        class_names=class_names,
        feature_names=used,
        raw_train=raw[train],
        raw_test=raw[test],
        dims=chosen.dims,
    )
