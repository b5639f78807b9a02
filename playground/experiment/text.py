"""Texts: which ones, how they become ids, and how the vectors of their tokens become one vector of the text."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, ClassVar

from playground.data.dataset import Dataset, Task
from playground.data.own_store import get, read_key
from playground.data.text import TEXTS, TextDataset, load_generator, load_text
from playground.data.text_own import read_lines
from playground.data.tokens import TOKENISERS
from playground.experiment.choices import ENCODERS
from playground.experiment.encoders import encoder_operations, encoder_parameters
from playground.experiment.experiment import Experiment, conflict
from playground.experiment.layer import Layer, Shape
from playground.experiment.limits import LIMITS
from playground.experiment.rules import COMMON_RULES, Rule, choice, number

_WRITING = {
    "tokens": "character",
    "length": 12,
    "vocabulary": 200,
    "embedding": 16,
    "encoder": "gru",
    "units": 64,
    "learning_rate": 0.01,
}


class TextExperiment(Experiment):
    """Texts with a class each, or texts to learn writing from, one character after the other."""

    kind: ClassVar[str] = "text"
    rules: ClassVar[Mapping[str, Rule]] = {
        **COMMON_RULES,
        "dataset": choice("dataset", TEXTS),
        "lines": lambda value: read_key("lines", value),
        "samples": number("samples"),
        "tokens": choice("tokens", TOKENISERS),
        "length": number("length"),
        "vocabulary": number("vocabulary"),
        "embedding": number("embedding"),
        "encoder": choice("encoder", ENCODERS),
        "units": number("units"),
    }
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "first-names": {"encoder": "cnn", "units": 32, "learning_rate": 0.005},
        # Chosen by cross-validation within the training texts.
        "words": {
            "tokens": "short_ngram",
            "length": 48,
            "vocabulary": 10_000,
            "initialiser": "small",
            "learning_rate": 0.01,
            "l2": 0.005,
        },
        "names-generator": _WRITING,
        "surnames-generator": _WRITING,
    }
    task_fields: ClassVar[frozenset[str]] = frozenset({"dataset", "lines"})

    dataset: str = "surnames"
    lines: str = ""
    """The key of own lines in `data.own_store`; kept while another dataset is chosen."""
    samples: int = min(20_000, LIMITS.samples)
    """At most so many texts, of all classes alike."""
    train_share: float = 0.8
    tokens: str = "ngram"
    length: int = 24
    """Tokens that are read of a text; the rest is cut off."""
    vocabulary: int = 4_000
    """At most so many tokens have an id, the most frequent ones."""
    embedding: int = 32
    """Numbers of a token's vector."""
    encoder: str = "mean"
    units: int = 32
    """Numbers of the vector that the encoder makes of a text; the mean keeps those of the embedding."""
    layers: tuple[Layer, ...] = ()
    schedule_epochs: int = 50
    learning_rate: float = 0.003
    batch_size: int = 64

    def _check_kind(self) -> None:
        if not self.writes:
            return
        if self.tokens != "character":
            raise conflict(
                "tokens", f"tokens is {self.tokens}, but {self.dataset} is written letter by letter. Try character."
            )
        if self.has_batch_norm:
            raise conflict(
                "layers", "layers has batch norm, which would mix the letters of a text. Try layer norm instead."
            )

    @property
    def writes(self) -> bool:
        """Does the network learn which token comes next?"""
        return TEXTS[self.dataset].task == "generate"

    @property
    def task(self) -> Task:
        """Which class a text is of, or which token comes next."""
        if self.writes:
            return "next"
        return "binary" if len(self.class_names) == 2 else "multiclass"

    @property
    def class_names(self) -> tuple[str, ...]:
        """The names of the classes; of all tokens where the network writes."""
        if self.writes:
            return _vocabulary_of(self._data)
        return own_lines(self.lines)[0] if self.dataset == "own" else TEXTS[self.dataset].class_names

    @property
    def metric(self) -> str:
        """How well the next token is foreseen is told in bits."""
        return "bits" if self.writes else "accuracy"

    @property
    def input_shape(self) -> tuple[int, ...]:
        """(T,) ids."""
        return (self.length,)

    @property
    def features_shape(self) -> tuple[int, ...]:
        """The vector that the encoder makes of a text, or of each of its tokens where the network writes."""
        return (self.embedding if self.encoder == "mean" else self.units,)

    @property
    def vocabulary_size(self) -> int:
        """How many tokens have an id: at most `vocabulary`, and as many as the texts have. Loads them."""
        return len(_vocabulary_of(self._data))

    @property
    def obstacle(self) -> str | None:
        """The one sentence why this experiment cannot train, with the remedy; None if it can."""
        if self.dataset == "own" and (problem := own_lines(self.lines)[1]):
            return problem
        return self._batch_norm_obstacle

    def load_dataset(self) -> Dataset:
        """Read the texts, split them, and turn them into ids.

        Raises: ValueError with one sentence if there are none or a package is missing.
        """
        return _load(self._data)

    @property
    def _data(self) -> tuple[tuple[str, Any], ...]:
        """What decides the ids, without which network reads them."""
        names = ("dataset", "lines", "samples", "tokens", "length", "vocabulary", "train_share", "seed")
        values = ((name, getattr(self, name)) for name in names)
        return tuple((name, "" if name == "lines" and self.dataset != "own" else value) for name, value in values)

    def _parameters(self, outputs: int) -> int:
        return self._parameters_with(self.vocabulary_size, outputs)

    def _check_parameters(self, most: int) -> None:
        vectors = self.vocabulary * self.embedding
        if most > LIMITS.parameters and 2 * vectors > LIMITS.parameters:
            raise conflict(
                "vocabulary",
                f"vocabulary is {self.vocabulary:,}, which makes up to {most:,} parameters with an embedding of "
                f"{self.embedding}, but at most {LIMITS.parameters:,} fit. Take a smaller one of both.",
            )
        super()._check_parameters(most)

    @property
    def _most_parameters(self) -> int:
        return self._parameters_with(self.vocabulary, self.vocabulary if self.writes else self.output_units)

    def _parameters_with(self, vocabulary: int, outputs: int) -> int:
        encoder = encoder_parameters(self.encoder, self.length, self.embedding, self.units)
        return vocabulary * self.embedding + encoder + super()._parameters(outputs)

    def _operations(self, shapes: tuple[Shape, ...]) -> int:
        encoder = encoder_operations(self.encoder, self.length, self.embedding, self.units)
        return encoder + (self.length if self.writes else 1) * super()._operations(shapes)

    def _check_batch(self, activations: int, operations: int) -> None:
        squares = self.length**2 if self.encoder == "attention" else 0
        tokens = self.length * (self.embedding + 5 * self.units) + squares
        outputs = self.length * self.vocabulary if self.writes else 0
        super()._check_batch((self.length if self.writes else 1) * activations + tokens + outputs, operations)


def own_lines(key: str) -> tuple[tuple[str, ...], str | None]:
    """The class names of own lines, and the sentence of what is wrong with them."""
    nothing = ("first", "second", "third")
    if not key:
        return nothing, "There are no lines yet. Paste lines of a label, a tab and a text."
    try:
        return _classes_of(key), None
    except ValueError as error:
        return nothing, str(error)


@lru_cache(maxsize=32)  # which keeps no errors: what is missing now may be uploaded later
def _classes_of(key: str) -> tuple[str, ...]:
    return read_lines(get(key))[2]


def _load(data: tuple[tuple[str, Any], ...]) -> TextDataset:
    chosen = dict(data)
    lines = b""
    if chosen["dataset"] == "own":
        if problem := own_lines(chosen["lines"])[1]:
            raise ValueError(problem)
        lines = get(chosen["lines"])
    shared = {name: chosen[name] for name in ("train_share", "seed", "samples")}
    if TEXTS[chosen["dataset"]].task == "generate":
        return load_generator(
            chosen["dataset"], window=chosen["length"], vocabulary_size=chosen["vocabulary"], **shared
        )
    return load_text(
        chosen["dataset"],
        lines=lines,
        tokeniser=chosen["tokens"],
        max_length=chosen["length"],
        vocabulary_size=chosen["vocabulary"],
        **shared,
    )


@lru_cache(maxsize=32)
def _vocabulary_of(data: tuple[tuple[str, Any], ...]) -> tuple[str, ...]:
    return _load(data).vocabulary.tokens
