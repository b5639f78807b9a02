"""An experiment as a PyTorch script that stands alone: with torch and numpy it prints the losses that the app shows."""

from __future__ import annotations

import inspect
import textwrap

import numpy as np

from playground.data.features import FEATURES
from playground.data.own_points import unpack_points
from playground.data.points import DATASETS, TF_PLAYGROUND
from playground.experiment.choices import LOSSES, OPTIMIZERS
from playground.experiment.experiment import Experiment
from playground.experiment.points import PointsExperiment, points_of
from playground.experiment.wording import short
from playground.network.source import initialiser_source, module_source

EPOCHS = 50


def training_script(experiment: Experiment) -> str:
    """Write the script: data, model, loss and optimizer, training, with the app's numbers, seeds and order of draws.

    An experiment that cannot train makes a comment that says why.
    """
    if experiment.obstacle:
        return f"# {experiment.obstacle}\n"
    experiment = points_of(experiment)
    parts = [
        _head(experiment),
        _data(experiment),
        _tensors(experiment),
        _model(experiment),
        _training_tools(experiment),
    ]
    return "\n\n".join([*parts, _training(experiment)]) + "\n"


def _head(experiment: PointsExperiment) -> str:
    chosen = DATASETS[experiment.dataset]
    origin = f"\n\nThe data is as in {chosen.source}" if chosen.source == TF_PLAYGROUND else ""
    return f'''"""{chosen.title}: a network from the Neural Network Playground, trained step by step.

Needs torch and numpy only, and prints for each epoch: epoch, train loss, test loss.{origin}
"""

from collections import OrderedDict

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

EPOCHS = {EPOCHS}
DEVICE = "{experiment.device}"
torch.set_num_threads(1)  # fast for small networks, and all sums have the same order on every machine'''


def _data(experiment: PointsExperiment) -> str:
    lines = ["# ---- Data: points on the plane, and what each of them is."]
    if experiment.dataset == "own":
        lines += [*_own_points(experiment.points), f"rng = np.random.default_rng({experiment.seed})"]
    else:
        chosen = DATASETS[experiment.dataset]
        more = "".join(f", {name}={value}" for name, value in chosen.arguments.items())
        call = (
            f"{chosen.function.__name__}(samples={experiment.samples}, noise={short(experiment.noise)}, rng=rng{more})"
        )
        lines += ["", "", _generator_source(experiment.dataset), "", ""]
        lines += [f"rng = np.random.default_rng({experiment.seed})", f"points, labels = {call}  # (N, 2), (N,)"]
    return "\n".join(lines)


def _generator_source(dataset: str) -> str:
    source = textwrap.dedent(inspect.getsource(DATASETS[dataset].function))
    plain = source[source.index("def ") :]  # without the decorator, which only registers the function
    return plain.replace("-> Points:", "-> tuple[np.ndarray, np.ndarray]:").rstrip()


def _own_points(packed: str) -> list[str]:
    points, labels = unpack_points(packed)
    rows = [
        f"({x}, {y}, {label}),"
        for (x, y), label in zip(points.astype(np.float32).astype(str).tolist(), labels.tolist(), strict=True)
    ]
    lines = ["    " + " ".join(rows[start : start + 4]) for start in range(0, len(rows), 4)]
    return [
        "own_points = [  # x1, x2, class",
        *lines,
        "]",
        "points = np.array([row[:2] for row in own_points])  # (N, 2)",
        "labels = np.array([row[2] for row in own_points])  # (N,)",
    ]


def _tensors(experiment: PointsExperiment) -> str:
    columns = ", ".join(FEATURES[name].code for name in experiment.active_inputs)
    dtype = "int64" if experiment.output_units > 1 else "float32"
    inputs = len(experiment.active_inputs)
    return f"""# ---- Numbers to tensors: what the network looks at, and a split into train and test.
P = points.astype(np.float32)
X = torch.from_numpy(np.stack([{columns}], axis=1)).to(DEVICE)  # (N, {inputs})
y = torch.from_numpy(labels.astype(np.{dtype})).to(DEVICE)  # (N,)
order = torch.from_numpy(rng.permutation(len(P)))
train, test = order[:{experiment.train_count}], order[{experiment.train_count}:]
X_train, y_train, X_test, y_test = X[train], y[train], X[test], y[test]"""


def _model(experiment: PointsExperiment) -> str:
    lines = [
        "# ---- Model: each hidden layer is a linear and then a non-linear function.",
        f"torch.manual_seed({experiment.init_seed})",
        f"model = {module_source(experiment)}",
    ]
    if initialiser := initialiser_source(experiment):
        lines.append(initialiser)
    return "\n".join([*lines, "model.to(DEVICE)"])


def _training_tools(experiment: PointsExperiment) -> str:
    loss = LOSSES[experiment.loss]
    lines = [
        "# ---- Loss and optimizer: what training makes small, and how.",
        "def loss_function(logits, y):",
        f'    """{loss.help}"""',
        f"    return {loss.code[experiment.task]}",
        "",
        "",
    ]
    if experiment.l1 or experiment.l2:
        lines.append("weights = [layer.weight for layer in model if isinstance(layer, nn.Linear)]  # without biases")
    return "\n".join([*lines, *_optimizer(experiment), *_schedule(experiment)])


def _optimizer(experiment: PointsExperiment) -> list[str]:
    optimizer = OPTIMIZERS[experiment.optimizer]
    options = "".join(f", {name}={value!r}" for name, value in optimizer.kwargs.items())
    rate = f"lr={short(experiment.learning_rate)}{options}"
    if experiment.optimizer != "adamw":
        return [f"optimizer = torch.optim.{optimizer.torch_name}(model.parameters(), {rate})"]
    if not experiment.l2:
        return [f"optimizer = torch.optim.AdamW(model.parameters(), {rate}, weight_decay=0)"]
    return [
        "others = [p for p in model.parameters() if all(p is not weight for weight in weights)]",
        "groups = [  # AdamW's L2: the weights shrink in every step, apart from the gradient",
        f'    {{"params": weights, "weight_decay": {short(experiment.l2)}}},',
        '    {"params": others, "weight_decay": 0},',
        "]",
        f"optimizer = torch.optim.AdamW(groups, {rate})",
    ]


def _schedule(experiment: PointsExperiment) -> list[str]:
    epochs, rate = experiment.schedule_epochs, short(experiment.learning_rate)
    steps = _steps_per_epoch(experiment)
    schedulers = {
        "step": f"StepLR(optimizer, step_size={-(-epochs // 3) * steps}, gamma=0.1)",
        "cosine": f"CosineAnnealingLR(optimizer, T_max=scheduled_steps, eta_min={rate} / 1000)",
        "onecycle": f"OneCycleLR(optimizer, max_lr={rate}, total_steps=scheduled_steps, cycle_momentum=False)",
        "warmup": f"LinearLR(optimizer, start_factor=0.01, total_iters={max(1, epochs * steps // 10)})",
    }
    if experiment.schedule == "constant":
        return []
    return [
        f"scheduled_steps = {epochs} * {steps}  # epochs * steps an epoch",
        f"scheduler = torch.optim.lr_scheduler.{schedulers[experiment.schedule]}",
    ]


def _training(experiment: PointsExperiment) -> str:
    dropout = any(layer.dropout for layer in experiment.layers)
    seeds = [f"batch_order = torch.Generator().manual_seed({experiment.seed})"]
    if dropout:
        seeds.append(f"torch.manual_seed({experiment.seed})  # for dropout")
    lines = [
        "# ---- Training: five phases a step, and the losses after each epoch.",
        "def report(epoch):",
        "    model.eval()",
        "    with torch.no_grad():",
        "        losses = [loss_function(model(X), y).item() for X, y in ((X_train, y_train), (X_test, y_test))]",
        '    print(f"{epoch:5d} {losses[0]:.6f} {losses[1]:.6f}")',
        "",
        "",
        *seeds,
        *(["step = 0"] if experiment.schedule != "constant" else []),
        "report(0)",
        "for epoch in range(1, EPOCHS + 1):",
        "    model.train()",
        f"    for batch in torch.randperm(len(X_train), generator=batch_order).split({experiment.batch_size}):",
        *(" " * 8 + line for line in _step(experiment)),
        "    report(epoch)",
        "",
        '# To keep the weights: torch.save(model.state_dict(), "weights.pt")',
        '# To use them again:   model.load_state_dict(torch.load("weights.pt"))',
    ]
    return "\n".join(lines)


def _step(experiment: PointsExperiment) -> list[str]:
    lines: list[str] = []
    if _drops_last(experiment):
        lines += ["if len(batch) == 1:", "    continue  # batch norm cannot compare a single point"]
    lines += ["logits = model(X_train[batch])  # predict", "loss = loss_function(logits, y_train[batch])  # loss"]
    if experiment.l2 and experiment.optimizer != "adamw":
        lines.append(f"loss = loss + {short(experiment.l2)} / 2 * sum(w.square().sum() for w in weights)  # L2")
    if experiment.l1:
        lines.append(f"loss = loss + {short(experiment.l1)} * sum(w.abs().sum() for w in weights)  # L1")
    lines.append("loss.backward()  # backward")
    if experiment.clip_norm:
        lines.append(f"nn.utils.clip_grad_norm_(model.parameters(), {short(experiment.clip_norm)})")
    lines += ["optimizer.step()  # step", "optimizer.zero_grad()  # zero_grad"]
    if experiment.schedule != "constant":
        lines += ["step += 1", "if step < scheduled_steps:", "    scheduler.step()"]
    return lines


def _drops_last(experiment: PointsExperiment) -> bool:
    """Whether the trainer leaves out the last batch of an epoch: one point, which batch norm cannot compare."""
    batch_norm = any(layer.norm == "batch" for layer in experiment.layers)
    return batch_norm and experiment.train_count % experiment.batch_size == 1


def _steps_per_epoch(experiment: PointsExperiment) -> int:
    return -(-experiment.train_count // experiment.batch_size) - _drops_last(experiment)
