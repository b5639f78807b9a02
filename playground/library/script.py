"""An experiment as a PyTorch script that stands alone: with torch and numpy it prints the losses that the app shows."""

from __future__ import annotations

from playground.experiment.choices import LOSSES, OPTIMIZERS
from playground.experiment.experiment import Experiment
from playground.experiment.images import ImagesExperiment
from playground.experiment.points import PointsExperiment
from playground.experiment.sound import SoundExperiment
from playground.experiment.tables import TablesExperiment
from playground.experiment.text import TextExperiment
from playground.experiment.wording import short
from playground.library.own_layers import own_layers_source
from playground.library.script_images import images_part
from playground.library.script_part import DataPart
from playground.library.script_points import points_part
from playground.library.script_sound import sound_part
from playground.library.script_tables import tables_part
from playground.library.script_text import text_part
from playground.network.plan import plan_network
from playground.network.source import initialiser_source, module_source, weights_source

EPOCHS = 50
"""Of points, which take no time."""
FEW_EPOCHS = 10
"""Of all else."""


def training_script(experiment: Experiment) -> str:
    """Write the script: data, model, loss and optimizer, training, with the app's numbers, seeds and order of draws.

    Data that is no points lies in a file beside it, which `script_file` makes. An experiment that cannot train makes a
    comment that says why.
    """
    if experiment.obstacle:
        return f"# {experiment.obstacle}\n"
    data = _data_part(experiment)
    parts = [_head(experiment, data), data.code, _model(experiment), _training_tools(experiment)]
    return "\n\n".join([*parts, _training(experiment)]) + "\n"


def _data_part(experiment: Experiment) -> DataPart:
    match experiment:
        case PointsExperiment():
            return points_part(experiment)
        case ImagesExperiment():
            return images_part(experiment)
        case TextExperiment():
            return text_part(experiment)
        case SoundExperiment():
            return sound_part(experiment)
        case TablesExperiment():
            return tables_part(experiment)
    raise TypeError(f"No script is known for {experiment.kind}.")


def _head(experiment: Experiment, data: DataPart) -> str:
    origin = f"\n\n{data.origin}" if data.origin else ""
    needs = f", numpy and the file {data.file} beside it, and" if data.file else " and numpy only, and"
    packages = f"\nInstall first: pip install {data.packages}" if data.packages else ""
    lines = sorted(["from collections import OrderedDict", *data.imports], key=lambda line: (line[:4] == "from", line))
    numpy = "".join(f"\n{line}" for line in lines if "numpy" in line)
    standard = "\n".join(line for line in lines if "numpy" not in line)
    file = f'\nDATA = Path(__file__).with_name("{data.file}")' if data.file else ""
    return f'''"""{data.title}: a network from the Neural Network Playground, trained step by step.

Needs torch{needs} prints for each epoch: epoch, train loss, test loss.{packages}{origin}
"""

{standard}

import numpy as np
import torch{numpy}
from torch import nn
from torch.nn import functional as F

EPOCHS = {EPOCHS if isinstance(experiment, PointsExperiment) else FEW_EPOCHS}
DEVICE = "{experiment.device}"{file}
torch.set_num_threads(1)  # fast for small networks, and all sums have the same order on every machine'''


def _model(experiment: Experiment) -> str:
    lines = [
        *own_layers_source(experiment),
        "# ---- Model: each hidden layer is a linear and then a non-linear function.",
        f"torch.manual_seed({experiment.init_seed})",
        f"model = {module_source(experiment)}",
    ]
    if initialiser := initialiser_source(experiment):
        lines.append(initialiser)
    return "\n".join([*lines, "model.to(DEVICE)"])


def _training_tools(experiment: Experiment) -> str:
    loss = LOSSES[experiment.loss]
    lines = [
        "# ---- Loss and optimizer: what training makes small, and how.",
        "def loss_function(logits, y):",
        f'    """{loss.help}"""',
        f"    return {_loss_code(experiment)}",
        "",
        "",
    ]
    if experiment.l1 or experiment.l2:
        lines.append(f"weights = {weights_source(experiment)}  # without biases")
    return "\n".join([*lines, *_optimizer(experiment), *_schedule(experiment)])


def _loss_code(experiment: Experiment) -> str:
    code = LOSSES[experiment.loss].code[experiment.task]
    several = experiment.task == "regression" and experiment.output_units > 1
    return code.replace("logits[:, 0]", "logits") if several else code


def _optimizer(experiment: Experiment) -> list[str]:
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


def _schedule(experiment: Experiment) -> list[str]:
    epochs, rate = experiment.schedule_epochs, short(experiment.learning_rate)
    schedulers = {
        "step": f"StepLR(optimizer, step_size={-(-epochs // 3)} * steps, gamma=0.1)",
        "cosine": f"CosineAnnealingLR(optimizer, T_max=scheduled_steps, eta_min={rate} / 1000)",
        "onecycle": f"OneCycleLR(optimizer, max_lr={rate}, total_steps=scheduled_steps, cycle_momentum=False)",
        "warmup": "LinearLR(optimizer, start_factor=0.01, total_iters=max(1, scheduled_steps // 10))",
    }
    if experiment.schedule == "constant":
        return []
    return [
        f"steps = {_steps_per_epoch(experiment)}  # an epoch",
        f"scheduled_steps = {epochs} * steps",
        f"scheduler = torch.optim.lr_scheduler.{schedulers[experiment.schedule]}",
    ]


def _training(experiment: Experiment) -> str:
    dropout = any(piece.module == "nn.Dropout" for piece in plan_network(experiment))
    seeds = [f"batch_order = torch.Generator().manual_seed({experiment.seed})"]
    if dropout:
        seeds.append(f"torch.manual_seed({experiment.seed})  # for dropout")
    lines = [
        "# ---- Training: five phases a step, and the losses after each epoch.",
        "def report(epoch):",
        "    model.eval()",
        "    with torch.no_grad():",
        *_evaluation(experiment),
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


def _step(experiment: Experiment) -> list[str]:
    lines: list[str] = []
    if _drops_last(experiment):
        lines += ["if len(batch) == 1:", "    continue  # batch norm cannot compare a single sample"]
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


def _evaluation(experiment: Experiment) -> list[str]:
    """All samples at once, or in parts where that would take much memory."""
    if isinstance(experiment, PointsExperiment):
        return [
            "        losses = [loss_function(model(X), y).item() for X, y in ((X_train, y_train), (X_test, y_test))]"
        ]
    return [
        "        losses = [",
        "            loss_function(torch.cat([model(part) for part in X.split(256)]), y).item()",
        "            for X, y in ((X_train, y_train), (X_test, y_test))",
        "        ]",
    ]


def _drops_last(experiment: Experiment) -> bool:
    """Whether the trainer may leave out the last batch of an epoch: one sample, which batch norm cannot compare."""
    if not experiment.has_batch_norm:
        return False
    if isinstance(experiment, PointsExperiment):
        return experiment.train_count % experiment.batch_size == 1
    return True


def _steps_per_epoch(experiment: Experiment) -> str:
    size = experiment.batch_size
    if _drops_last(experiment):
        return f"sum(len(batch) > 1 for batch in X_train.split({size}))"
    return f"-(-len(X_train) // {size})"
