"""The PyTorch workflow, step by step, for one experiment: two sentences and the line of PyTorch that is meant.

The lines are pieces of the same program that `network.source` and `library.script` write; run one after the other they
train the experiment's network.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playground.data.features import FEATURES
from playground.experiment.choices import INITIALISERS, LOSSES, OPTIMIZERS, SCHEDULES
from playground.experiment.experiment import Experiment
from playground.experiment.images import ImagesExperiment
from playground.experiment.points import PointsExperiment
from playground.experiment.wording import short
from playground.network.plan import plan_network
from playground.network.shapes import batch_shape, describe_network
from playground.network.source import initialiser_source, weights_source

NOUNS = {"points": "point", "images": "picture", "text": "text", "sound": "sound", "tables": "row"}


@dataclass(frozen=True)
class WorkflowStep:
    """One step on the way from data to a program that others use."""

    title: str
    icon: str
    say: Callable[[Experiment], str]
    """Two sentences about this step of an experiment."""
    code: Callable[[Experiment], str]
    """Its PyTorch."""


def noun(experiment: Experiment) -> str:
    """What people call one sample; a photo that is painted is learned place by place."""
    return "place" if experiment.metric == "psnr" else NOUNS[experiment.kind]


def _data(experiment: Experiment) -> str:
    one = noun(experiment)
    share = f"{100 * experiment.train_share:.0f} %"
    how = "becomes numbers"
    if isinstance(experiment, ImagesExperiment) and experiment.is_transfer:
        how = "goes once through the frozen EfficientNet-Lite0, which makes 1,280 numbers of it"
    shape = batch_shape(experiment.input_shape)
    return (
        f"Each {one} {how}, and N of them make one tensor X of shape {shape}. "
        f"{share} of the {one}s teach the network; the others are kept aside, to test it on what it has never seen."
    )


def _data_code(experiment: Experiment) -> str:
    shape = batch_shape(experiment.input_shape)
    if isinstance(experiment, PointsExperiment):
        columns = ", ".join(FEATURES[name].code for name in experiment.active_inputs)
        make = f"X = torch.from_numpy(np.stack([{columns}], axis=1))  # {shape}"
    else:
        make = f"X = torch.from_numpy(inputs)  # {shape}"
    return f"{make}\nX_train, X_test, y_train, y_test = X[train], X[test], y[train], y[test]"


def _model(experiment: Experiment) -> str:
    network = describe_network(experiment)
    return (
        f"The model is a chain of linear and non-linear functions: {network.text}. "
        f"Its {network.parameters:,} parameters begin with "
        f"{'random numbers' if experiment.initialiser != 'zeros' else 'zeros'} "
        f"({INITIALISERS[experiment.initialiser].title}); nobody writes them down, training finds them."
    )


def _model_code(experiment: Experiment) -> str:
    pieces = ", ".join(piece.source for piece in plan_network(experiment))
    lines = [f"torch.manual_seed({experiment.init_seed})", f"model = nn.Sequential({pieces})"]
    return "\n".join([*lines, initialiser_source(experiment)]).rstrip()


def _loss(experiment: Experiment) -> str:
    loss, optimizer = LOSSES[experiment.loss], OPTIMIZERS[experiment.optimizer]
    return f"The loss, {loss.title}: {_small(loss.help)} The optimizer, {optimizer.title}: {_small(optimizer.help)}"


def _loss_code(experiment: Experiment) -> str:
    optimizer = OPTIMIZERS[experiment.optimizer]
    options = "".join(f", {name}={value!r}" for name, value in optimizer.kwargs.items())
    rate = f"lr={short(experiment.learning_rate)}{options}"
    lines = ["def loss_function(logits, y):", f"    return {loss_text(experiment)}", ""]
    if experiment.optimizer == "adamw":
        lines += _decoupled(experiment, rate)
    else:
        lines.append(f"optimizer = torch.optim.{optimizer.torch_name}(model.parameters(), {rate})")
    return "\n".join(lines)


def loss_text(experiment: Experiment) -> str:
    """The loss as PyTorch text of logits and y."""
    text = LOSSES[experiment.loss].code[experiment.task]
    return text.replace("logits[:, 0]", "logits") if experiment.metric == "psnr" else text  # three colours at once


def _decoupled(experiment: Experiment, rate: str) -> list[str]:
    """AdamW shrinks the weights itself, and only those of linear functions."""
    if not experiment.l2:
        return [f"optimizer = torch.optim.AdamW(model.parameters(), {rate}, weight_decay=0)"]
    return [
        f"weights = {weights_source(experiment)}",
        "others = [p for p in model.parameters() if all(p is not weight for weight in weights)]",
        "optimizer = torch.optim.AdamW(",
        f'    [{{"params": weights, "weight_decay": {short(experiment.l2)}}},',
        '     {"params": others, "weight_decay": 0}],',
        f"    {rate},",
        ")",
    ]


def _train(experiment: Experiment) -> str:
    one = noun(experiment)
    size = experiment.batch_size
    batch = f"{size:,} {one}s" if size > 1 else f"one {one}"
    schedule = SCHEDULES[experiment.schedule]
    return (
        f"Each step looks at {batch}, finds by backward how the loss changes with every parameter, and lets the "
        f"optimizer take a step of learning rate {short(experiment.learning_rate)} against it. "
        f"One pass over all train {one}s is an epoch; {_small(schedule.help)}"
    )


def _train_code(experiment: Experiment) -> str:
    lines = [
        f"for batch in torch.randperm(len(X_train)).split({experiment.batch_size}):",
        "    loss = loss_function(model(X_train[batch]), y_train[batch])",
        *(f"    loss = loss + {term}" for term in _penalties(experiment)),
        "    loss.backward()",
        *(
            [f"    nn.utils.clip_grad_norm_(model.parameters(), {short(experiment.clip_norm)})"]
            if experiment.clip_norm
            else []
        ),
        "    optimizer.step()",
        "    optimizer.zero_grad()",
    ]
    return "\n".join(lines)


def _penalties(experiment: Experiment) -> list[str]:
    weights = weights_source(experiment)[1:-1]
    found: list[str] = []
    if experiment.l2 and experiment.optimizer != "adamw":
        found.append(f"{short(experiment.l2)} / 2 * sum({_of_weights(weights, 'square')})")
    if experiment.l1:
        found.append(f"{short(experiment.l1)} * sum({_of_weights(weights, 'abs')})")
    return found


def _of_weights(weights: str, function: str) -> str:
    return weights.replace("layer.weight for", f"layer.weight.{function}().sum() for", 1)


def _predict(experiment: Experiment) -> str:
    one = noun(experiment)
    if experiment.task == "regression":
        means = "its output is the answer itself"
    elif experiment.output_units == 1:
        means = f"a sigmoid turns its one output into the probability of {experiment.class_names[1]}"
    else:
        means = "softmax turns its outputs into one probability for each answer"
    return (
        f"A {one} that the network has never seen goes through the same layers, and {means}. "
        "eval switches off what is for training only, such as dropout, and no_grad saves the work of gradients."
    )


def _predict_code(experiment: Experiment) -> str:
    read = "(2 * logits)" if experiment.loss == "squared" else "logits"
    if experiment.task == "regression":
        answer = "answers = logits"
    elif experiment.output_units == 1:
        answer = f"answers = {read}.sigmoid()"
    elif experiment.loss == "squared":
        answer = f"answers = {read}.sigmoid()\nanswers = answers / answers.sum(1, keepdim=True)"
    else:
        answer = "answers = logits.softmax(-1)"
    return f"model.eval()\nwith torch.no_grad():\n    logits = model(X_test)\n{answer}"


def _evaluate(experiment: Experiment) -> str:
    one = noun(experiment)
    measures = {
        "accuracy": f"Accuracy is the share of test {one}s that get the right answer",
        "r2": "R² is the share of the differences between the targets that the network explains, at best 1",
        "psnr": "The distance from the true picture is told in decibels: 20 is recognisable, 30 is good",
        "bits": "Bits a character say how surprised the network is by the next letter, so less is better",
    }
    return (
        f"{measures[experiment.metric]}. "
        "Where the train loss goes on falling while the test loss rises, the network learns its lessons by heart."
    )


def _evaluate_code(experiment: Experiment) -> str:
    if experiment.metric == "psnr":
        return "decibels = -10 * (logits.clamp(0, 1) - y_test).square().mean().log10()"
    if experiment.metric == "bits":
        return "bits = loss_function(logits, y_test) / math.log(2)"
    if experiment.task == "regression":
        return "r2 = 1 - (logits[:, 0] - y_test).square().sum() / (y_test - y_test.mean()).square().sum()"
    chosen = "(logits[:, 0] > 0)" if experiment.output_units == 1 else "logits.argmax(1)"
    return f"accuracy = ({chosen} == y_test).float().mean()"


def _improve(experiment: Experiment) -> str:
    rate = experiment.learning_rate
    return (
        "Change one thing, train again and compare: the seeds stay, so nothing else differs, and Undo goes back. "
        f"Try a learning rate of {short(float(f'{rate / 3:.1g}'))} or {short(float(f'{rate * 3:.1g}'))}, more neurons, "
        "another activation, or a little dropout where it learns by heart."
    )


def _improve_code(experiment: Experiment) -> str:
    better = short(float(f"{experiment.learning_rate / 3:.1g}"))
    now = short(experiment.learning_rate)
    return f'for group in optimizer.param_groups:\n    group["lr"] = {better}  # instead of {now}'


def _save(experiment: Experiment) -> str:
    count = describe_network(experiment).parameters
    return (
        f"What the network has learned is its {count:,} parameters: a file of about {_bytes(4 * count)}. "
        "load_state_dict puts them into the same model again, which then answers exactly as now."
    )


def _deploy(experiment: Experiment) -> str:
    shape = str((1, *experiment.input_shape)) if _is_recurrent(experiment) else batch_shape(experiment.input_shape)
    return (
        f"The model is exported as one file with its code: it takes a tensor {shape} and gives the logits, without "
        f"this program. What turns a {noun(experiment)} into that tensor must be just as in training, so it goes along."
    )


def _deploy_code(experiment: Experiment) -> str:
    if _is_recurrent(experiment):  # torch.export fixes the number of samples of a recurrent layer
        lines = ["exported = torch.export.export(model.eval(), (X_test[:1],))"]
    else:
        lines = [
            'batch = {0: torch.export.Dim("N")}  # any number at once',
            "exported = torch.export.export(model.eval(), (X_test[:2],), dynamic_shapes=(batch,))",
        ]
    return "\n".join([*lines, 'torch.export.save(exported, "network.pt2")'])


def _is_recurrent(experiment: Experiment) -> bool:
    return any(piece.module == "LastState" for piece in plan_network(experiment))


def _small(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def _bytes(count: int) -> str:
    return (
        f"{count:,} bytes"
        if count < 2_000
        else f"{count / 1_000:,.0f} kB"
        if count < 2_000_000
        else f"{count / 1e6:,.1f} MB"
    )


WORKFLOW: dict[str, WorkflowStep] = {
    "data": WorkflowStep("Data", ":material/database:", _data, _data_code),
    "model": WorkflowStep("Model", ":material/hub:", _model, _model_code),
    "loss": WorkflowStep("Loss and optimizer", ":material/trending_down:", _loss, _loss_code),
    "train": WorkflowStep("Train", ":material/model_training:", _train, _train_code),
    "predict": WorkflowStep("Predict", ":material/online_prediction:", _predict, _predict_code),
    "evaluate": WorkflowStep("Evaluate", ":material/fact_check:", _evaluate, _evaluate_code),
    "improve": WorkflowStep("Improve", ":material/auto_fix_high:", _improve, _improve_code),
    "save": WorkflowStep(
        "Save",
        ":material/save:",
        _save,
        lambda _: 'torch.save(model.state_dict(), "weights.pt")\nmodel.load_state_dict(torch.load("weights.pt"))',
    ),
    "deploy": WorkflowStep(
        "Deploy",
        ":material/rocket_launch:",
        _deploy,
        _deploy_code,
    ),
}
"""In the order of the work."""
