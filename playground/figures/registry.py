"""All figures by name. A new one is a drawing function and an entry here; panel, route and tests find it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from playground.experiment.experiment import Experiment
from playground.experiment.limits import LIMITS
from playground.figures.curves import gradients_figure, loss_figure
from playground.figures.embedding import embedding_figure
from playground.figures.heatmaps import confusion_figure, weights_figure
from playground.figures.histograms import histograms_figure
from playground.figures.importance import importance_figure
from playground.figures.layout import Canvas, Json
from playground.figures.names import layer_title, weighted_layers
from playground.figures.options import FigureError, Option
from playground.figures.space import bent_figure, bent_steps, surface_figure

Draw = Callable[[Mapping[str, Any], Mapping[str, str], Canvas], Json]


@dataclass(frozen=True)
class Figure:
    """A figure to study: what it is called, what one sees in it, what can be chosen, and how it is drawn.

    `draw(study, options, canvas)` gets the arrays of the worker's study of the same name and returns plain
    `{"data", "layout"}` for plotly.js.
    """

    name: str
    title: str
    icon: str
    help: str
    draw: Draw
    options: tuple[Option, ...] = ()
    more: Callable[[Mapping[str, Any], Mapping[str, str]], list[dict[str, Any]]] | None = None
    """Options of further studies that the first one calls for; `draw` finds them under "steps"."""
    fits: Callable[[Experiment], bool] = lambda experiment: True
    """Does it say anything about this experiment?"""


def _layers(experiment: Experiment) -> dict[str, str]:
    names = weighted_layers(experiment)
    return {"all": "All layers", **{str(i): layer_title(name) for i, name in enumerate(names, start=1)}}


def _bent_layers(experiment: Experiment) -> dict[str, str]:
    hidden = range(len(experiment.layers))
    return {"all": "All layers", "0": "Inputs", **{str(i + 1): f"Layer {i + 1}" for i in hidden}}


def _is_points(experiment: Experiment) -> bool:
    return experiment.kind == "points"


def _has_classes_or_values(experiment: Experiment) -> bool:
    """Is there one right answer a sample, a class or a number? A colour and a text to write are neither."""
    return experiment.task != "next" and not (experiment.kind == "images" and experiment.task == "regression")


_LAYER_NUMBERS = frozenset({"all", *(str(i) for i in range(LIMITS.layers + 2))})
ON_OFF = {"on": "on", "off": "off"}
OFF_ON = {"off": "off", "on": "on"}

_ENTRIES = (
    Figure(
        "loss",
        "Loss",
        ":material/show_chart:",
        "The loss says how wrong the network is: lower is better. Where the test curve rises while the train curve "
        "still falls, the network is learning its training points by heart.",
        loss_figure,
        (
            Option("log", "Log axis", "A logarithmic axis shows small losses as clearly as large ones.", OFF_ON),
            Option("rate", "Learning rate", "Also show how large the steps were at each epoch.", OFF_ON),
        ),
    ),
    Figure(
        "weights",
        "Weights",
        ":material/grid_on:",
        "These numbers are all that the network has learned. A row is a neuron, a column what it listens to (1.2 is "
        "neuron 2 of layer 1), the last column its bias. Blue adds, orange subtracts, pale hardly counts.",
        weights_figure,
        (
            Option("layer", "Layer", "All layers beside each other, or one in large.", _layers, _LAYER_NUMBERS - {"0"}),
            Option("numbers", "Numbers", "Write the value into each cell that is large enough.", ON_OFF),
        ),
    ),
    Figure(
        "histograms",
        "Histograms",
        ":material/bar_chart:",
        "How the numbers in each layer are spread. Activations that are all zero do nothing; those at the ends of tanh "
        "or sigmoid are saturated, and their layer can hardly learn.",
        histograms_figure,
        (
            Option(
                "of",
                "Histogram of",
                "Weights are what is learned, activations what the neurons say, gradients where the weights should go.",
                {"weights": "Weights", "activations": "Activations", "gradients": "Gradients"},
            ),
        ),
    ),
    Figure(
        "gradients",
        "Gradients",
        ":material/trending_down:",
        "How strongly the loss pulls at the weights of each layer. Where early layers lie far below late ones, the "
        "gradient vanishes on its way back; where a curve shoots up it explodes, and a smaller learning rate helps.",
        gradients_figure,
        (Option("log", "Log axis", "A logarithmic axis shows layers that differ a thousandfold.", ON_OFF),),
    ),
    Figure(
        "confusion",
        "Confusion",
        ":material/apps:",
        "What is taken for what: right answers lie on the diagonal. Click a cell to see its samples in the picture "
        "above. For values instead of classes: the nearer to the dashed line, the better; click a point to see it.",
        confusion_figure,
        (
            Option(
                "split",
                "Points",
                "Points it learns from, or points it has never seen.",
                {"test": "Test", "train": "Train"},
            ),
        ),
        fits=_has_classes_or_values,
    ),
    Figure(
        "surface",
        "3-D surface",
        ":material/landscape:",
        "The network's answer as the height of a landscape over the plane, with every point at the height where it "
        "belongs. Steep slopes are sharp decisions. Drag to turn it.",
        surface_figure,
        (Option("points", "Points", "Show the data points at their true height.", ON_OFF),),
        fits=_is_points,
    ),
    Figure(
        "bent",
        "Bent space",
        ":material/waves:",
        "What each layer does to the plane: it stretches, folds and shifts the grid until one straight cut can part "
        "the classes. A layer of more than two neurons is shown along its two widest directions.",
        bent_figure,
        (Option("layer", "After", "All layers beside each other, or one in large.", _bent_layers, _LAYER_NUMBERS),),
        bent_steps,
        _is_points,
    ),
    Figure(
        "embedding",
        "Embedding",
        ":material/scatter_plot:",
        "Every token is a vector that the network has learned; those it treats alike lie near each other. Vectors of "
        "more than two numbers are shown along their two widest directions. Name a token to see its neighbours.",
        embedding_figure,
        (Option("token", "Token", "A token, such as a letter, whose nearest neighbours are marked.", longest=40),),
        fits=lambda experiment: experiment.kind == "text",
    ),
    Figure(
        "importance",
        "Importance",
        ":material/sort:",
        "How much worse the network gets when the values of one column are shuffled among the rows. A long bar is a "
        "column that it relies on; of two columns that say the same, it may rely on either.",
        importance_figure,
        (
            Option(
                "split", "Rows", "Rows it learns from, or rows it has never seen.", {"test": "Test", "train": "Train"}
            ),
        ),
        fits=lambda experiment: experiment.kind in ("points", "tables"),
    ),
)
FIGURES: dict[str, Figure] = {figure.name: figure for figure in _ENTRIES}


def figures_for(experiment: Experiment) -> tuple[Figure, ...]:
    """The figures that say something about this experiment, in the order of the panel."""
    return tuple(figure for figure in FIGURES.values() if figure.fits(experiment))


def find_figure(name: object) -> Figure:
    """The figure of that name.

    Raises:
        FigureError: there is none.
    """
    if not isinstance(name, str) or name not in FIGURES:
        raise FigureError(f"There is no figure {str(name)[:40]!r}. Choose one of {', '.join(FIGURES)}.")
    return FIGURES[name]


def read_options(figure: Figure, raw: object) -> dict[str, str]:
    """What was chosen, every option present; unknown names are left out, since other figures may have written them.

    Raises:
        FigureError: a value that this figure does not know.
    """
    given = raw if isinstance(raw, Mapping) else {}
    chosen: dict[str, str] = {}
    for option in figure.options:
        value = given.get(option.name, option.default)
        if not option.accepts(value):
            text, one_of = f"a text of at most {option.longest} characters", ", ".join(sorted(option.values))
            rule = text if option.longest else f"one of {one_of}"
            raise FigureError(f"{option.name} is {str(value)[:40]!r}, but it must be {rule}.")
        chosen[option.name] = str(value)
    return chosen
