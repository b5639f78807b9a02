"""The choices of an experiment: a URL-safe name -> its title, one sentence of help, and the PyTorch text it stands for.

No torch here: the page lists these choices, the exported code prints them, and the trainer looks the names up in torch.
To add a choice is to add an entry.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from playground.data.dataset import Task

Number = int | float


@dataclass(frozen=True)
class Activation:
    """A non-linear function after a Linear layer, without which all layers would be one linear function."""

    title: str
    help: str
    module: str
    """Such as "nn.ReLU"."""
    args: str = ""


@dataclass(frozen=True)
class Norm:
    """A layer that keeps activations at mean 0 and variance 1 before a learned scale and shift."""

    title: str
    help: str
    module: str
    """Such as "nn.BatchNorm1d", called with the number of neurons; empty for none."""


@dataclass(frozen=True)
class Initialiser:
    """How the first weights are drawn."""

    title: str
    help: str
    function: str
    """In torch.nn.init, called with each Linear weight, biases become 0; empty keeps what nn.Linear draws by itself."""
    kwargs: Mapping[str, str | Number] = field(default_factory=dict)
    embedding: float = 1.0
    """What the vectors of tokens are multiplied by, which nn.Embedding draws with a standard deviation of 1."""


@dataclass(frozen=True)
class Loss:
    """What training makes small."""

    title: str
    help: str
    code: Mapping[Task, str]
    """For each task that it fits, as PyTorch text of logits (N, K), y (N,), and F for torch.nn.functional."""
    default_for: tuple[Task, ...] = ()

    @property
    def tasks(self) -> tuple[Task, ...]:
        """The tasks that it fits."""
        return tuple(self.code)


@dataclass(frozen=True)
class Optimizer:
    """How a gradient becomes a change of the weights."""

    title: str
    help: str
    torch_name: str
    """In torch.optim."""
    kwargs: Mapping[str, Number | bool] = field(default_factory=dict)


@dataclass(frozen=True)
class Choice:
    """A choice that has a title and a help sentence, and no more."""

    title: str
    help: str


ACTIVATIONS: dict[str, Activation] = {
    "relu": Activation(
        "ReLU",
        "Keeps positive values and turns negative ones into 0: boundaries of straight pieces.",
        "nn.ReLU",
    ),
    "tanh": Activation("Tanh", "An S-curve from -1 to 1, which gives smooth boundaries.", "nn.Tanh"),
    "sigmoid": Activation(
        "Sigmoid",
        "An S-curve from 0 to 1, slower to learn than tanh because its slope is at most 1/4.",
        "nn.Sigmoid",
    ),
    "linear": Activation(
        "Linear",
        "Passes values on unchanged, so any number of such layers does no more than one.",
        "nn.Identity",
    ),
    "leakyrelu": Activation(
        "Leaky ReLU",
        "Like ReLU, but lets 1 % of negative values through, so no neuron goes silent for good.",
        "nn.LeakyReLU",
    ),
    "elu": Activation("ELU", "Like ReLU, but bends smoothly towards -1 for negative values.", "nn.ELU"),
    "gelu": Activation("GELU", "A smooth ReLU that dips slightly below 0, as used in most language models.", "nn.GELU"),
    "silu": Activation("SiLU", "The value times its sigmoid: a smooth ReLU with a shallow dip below 0.", "nn.SiLU"),
}

POOLINGS: dict[str, Choice] = {
    "max": Choice("Max", "Keeps the largest value of each square, so a feature counts wherever in it it is."),
    "avg": Choice("Average", "Keeps the mean of each square, which blurs and shrinks."),
}

NORMS: dict[str, Norm] = {
    "none": Norm("None", "Leaves the values as they are.", ""),
    "batch": Norm(
        "Batch norm",
        "Scales each neuron to mean 0 and variance 1 over the batch, and in tests over the batches that it has seen.",
        "nn.BatchNorm1d",
    ),
    "layer": Norm(
        "Layer norm", "For each point, scales the neurons of the layer to mean 0 and variance 1.", "nn.LayerNorm"
    ),
}

INITIALISERS: dict[str, Initialiser] = {
    "default": Initialiser(
        "PyTorch's default",
        "Weights and biases uniform up to 1/sqrt(inputs) in size, as nn.Linear draws them by itself.",
        "",
    ),
    "xavier": Initialiser(
        "Xavier",
        "Uniform weights in a range that keeps signals and gradients of tanh layers alike.",
        "xavier_uniform_",
    ),
    "he": Initialiser(
        "He",
        "Weights uniform in a range that makes up for the half that ReLU cuts off.",
        "kaiming_uniform_",
        {"nonlinearity": "relu"},
    ),
    # 0.5 is good for layers of about four neurons, and visibly too large for 32.
    "normal": Initialiser(
        "Normal",
        "Weights from a bell curve of standard deviation 0.5, however wide the layer.",
        "normal_",
        {"std": 0.5},
    ),
    # Vectors of tokens as nn.Embedding draws them drown what is learned of rare tokens, and unknown ones are noise.
    "small": Initialiser(
        "Small",
        "Weights from a bell curve of standard deviation 0.1, vectors of tokens too: a rare token begins with little.",
        "normal_",
        {"std": 0.1},
        embedding=0.1,
    ),
    "zeros": Initialiser(
        "Zeros",
        "All weights 0, so the neurons of a layer stay alike and the network hardly learns.",
        "zeros_",
    ),
}

LOSSES: dict[str, Loss] = {
    "bce": Loss(
        "Binary cross-entropy",
        "Minus the logarithm of the probability of the right class, from one output: confident mistakes cost most.",
        {"binary": "F.binary_cross_entropy_with_logits(logits[:, 0], y)"},
        ("binary",),
    ),
    "cross_entropy": Loss(
        "Cross-entropy",
        "Minus the logarithm of the probability of the right class, from one output a class.",
        {
            "binary": "F.cross_entropy(logits, y)",
            "multiclass": "F.cross_entropy(logits, y)",
            # One token after the other, (N, T, V) and (N, T); 0 is padding, where there is nothing to predict.
            "next": "F.cross_entropy(logits.flatten(0, 1), y.flatten(), ignore_index=0)",
        },
        ("multiclass", "next"),
    ),
    "squared": Loss(
        "Squared error of tanh",
        "Half the squared distance of tanh from -1 or 1, as in TensorFlow Playground: confident mistakes teach little.",
        {
            "binary": "0.5 * (torch.tanh(logits[:, 0]) - (2 * y - 1)).square().mean()",
            "multiclass": "0.5 * (torch.tanh(logits) - (2 * F.one_hot(y, logits.shape[1]) - 1)).square().mean()",
        },
    ),
    "mse": Loss(
        "Mean squared error",
        "The squared distance from the target, so a point far off counts very much.",
        {"regression": "F.mse_loss(logits[:, 0], y)"},
        ("regression",),
    ),
    "huber": Loss(
        "Huber",
        "Squared up to a distance of 1 and straight beyond, so points far off count less than with the squared error.",
        {"regression": "F.huber_loss(logits[:, 0], y)"},
    ),
}

OPTIMIZERS: dict[str, Optimizer] = {
    "sgd": Optimizer("SGD", "Each step goes straight down the gradient of the batch.", "SGD"),
    "momentum": Optimizer(
        "Momentum", "Keeps 90 % of the last step's speed, like a ball that rolls downhill.", "SGD", {"momentum": 0.9}
    ),
    "nesterov": Optimizer(
        "Nesterov",
        "Momentum that looks at the slope where it is about to arrive.",
        "SGD",
        {"momentum": 0.9, "nesterov": True},
    ),
    "adam": Optimizer(
        "Adam", "Momentum with a step size of its own for every weight, so it needs little tuning.", "Adam"
    ),
    "adamw": Optimizer("AdamW", "Adam, but L2 shrinks the weights directly instead of through the gradient.", "AdamW"),
    "rmsprop": Optimizer("RMSprop", "Divides each weight's step by the recent size of its gradient.", "RMSprop"),
    "adagrad": Optimizer(
        "Adagrad", "Divides each weight's step by all its gradients so far, so that steps only get smaller.", "Adagrad"
    ),
}

SCHEDULES: dict[str, Choice] = {
    "constant": Choice("Constant", "The learning rate stays as it is."),
    "step": Choice("Step", "The learning rate is divided by 10 after each third of the schedule's epochs."),
    "cosine": Choice("Cosine", "The learning rate falls to a thousandth over the schedule's epochs, as a cosine does."),
    "onecycle": Choice(
        "One-cycle",
        "The learning rate rises from 1/25 for the first 30 % of the schedule's epochs, then falls to almost 0.",
    ),
    "warmup": Choice(
        "Warm-up", "The learning rate rises from a hundredth over the first tenth of the schedule's epochs, then stays."
    ),
}

DEVICES: dict[str, Choice] = {
    "cpu": Choice("CPU", "The processor, which is fastest for small networks."),
    "cuda": Choice("CUDA", "A graphics card of NVIDIA, which pays off for large networks only."),
    "mps": Choice("MPS", "The graphics part of an Apple processor, which pays off for large networks only."),
}


ENCODERS: dict[str, Choice] = {
    "mean": Choice("Mean", "The mean of the tokens' vectors: their order is lost, and surprisingly little else."),
    "cnn": Choice("CNN", "Kernels of three tokens slide along the text, and each keeps its strongest find."),
    "rnn": Choice("RNN", "Reads token by token with one state, which soon forgets the beginning."),
    "gru": Choice("GRU", "Reads token by token, and gates decide what to keep and what to forget."),
    "lstm": Choice("LSTM", "Reads token by token, with a second state that can be kept for long."),
    "attention": Choice("Attention", "Each token looks at all others and takes from those that matter to it."),
}
"""How the vectors of the tokens become one vector of the text."""

REPRESENTATIONS: dict[str, Choice] = {
    "wave": Choice("Wave", "The air pressure 8,000 times a second, as the microphone gave it."),
    "spectrogram": Choice("Spectrogram", "How loud each pitch is at each time: a picture of the sound."),
}

SCALINGS: dict[str, Choice] = {
    "standard": Choice("Standard", "Minus the mean, over the standard deviation: all columns count alike."),
    "minmax": Choice("Min-max", "Squeezed into 0 to 1 between the smallest and the largest value."),
    "none": Choice("None", "As it is: a column of large numbers drowns the others."),
}

MISSING: dict[str, Choice] = {
    "drop": Choice("Drop the row", "Rows with a gap are left out."),
    "mean": Choice("Mean", "A gap in numbers becomes the mean of the column, a gap in categories the most frequent."),
    "most_frequent": Choice("Most frequent", "A gap becomes the most frequent value of the column."),
}


def default_loss(task: Task) -> str:
    """Name the usual loss of a task."""
    return next(name for name, loss in LOSSES.items() if task in loss.default_for)
