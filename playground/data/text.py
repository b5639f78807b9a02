"""The text sets of the playground: name -> short texts with a label each, and the way from them to a network's ids.

The lists of names and words lie in the packages Faker and Babel, which are imported when a set is loaded.
"""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from playground.data.dataset import Dataset
from playground.data.split import split_classes
from playground.data.text_own import read_lines, read_plain_lines
from playground.data.tokens import (
    BEGIN,
    END,
    PAD_ID,
    Encoded,
    TextEncoder,
    Vocabulary,
    build_vocabulary,
)

LabelledTexts = tuple[Sequence[str], NDArray[np.int64]]

FAKER = "Faker, https://github.com/joke2k/faker"
FAKER_LICENCE = "MIT (Faker)"
BABEL = "Babel, https://babel.pocoo.org, from the Unicode CLDR"
BABEL_LICENCE = "BSD-3-Clause (Babel), Unicode License (CLDR)"

SURNAME_LOCALES: Mapping[str, tuple[str, ...]] = {
    "Croatian": ("hr_HR",),
    "Dutch": ("nl_NL",),
    "English": ("en_US", "en_GB", "en_NZ"),
    "Finnish": ("fi_FI",),
    "French": ("fr_FR", "fr_BE", "fr_CH"),
    "German": ("de_AT", "de_DE"),
    "Irish": ("ga_IE",),
    "Italian": ("it_IT",),
    "Slovak": ("sk_SK",),
    "Spanish": ("es_ES", "es_MX"),
}
WORD_LOCALES: Mapping[str, str] = {
    "Czech": "cs",
    "Dutch": "nl",
    "English": "en",
    "Finnish": "fi",
    "French": "fr",
    "German": "de",
    "Hungarian": "hu",
    "Italian": "it",
    "Polish": "pl",
    "Spanish": "es",
    "Swedish": "sv",
    "Turkish": "tr",
}


@dataclass(frozen=True)
class TextSet:
    """A kind of texts: to be told apart by class, or (`generate`) to be written by a network."""

    name: str
    title: str
    description: str
    task: Literal["classify", "generate"]
    class_names: tuple[str, ...]
    source: str
    licence: str
    load: Callable[[], LabelledTexts]
    """() -> texts, labels (N,) int64: class index, all 0 where the texts are not classified."""


TEXTS: dict[str, TextSet] = {}


def text_set(
    name: str,
    title: str,
    *,
    classes: Iterable[str] = (),
    source: str,
    licence: str,
    task: Literal["classify", "generate"] = "classify",
) -> Callable[[Callable[[], LabelledTexts]], Callable[[], LabelledTexts]]:
    """Register a loader under `name`; its docstring is the description that people read."""

    def register(load: Callable[[], LabelledTexts]) -> Callable[[], LabelledTexts]:
        description = " ".join((inspect.getdoc(load) or "").split())
        TEXTS[name] = TextSet(name, title, description, task, tuple(classes), source, licence, load)
        return load

    return register


@text_set("first-names", "First name → gender", classes=("female", "male"), source=FAKER, licence=FAKER_LICENCE)
def first_names() -> LabelledTexts:
    """First names listed in English as female or as male: the answer is a statistic about lists of names and says
    nothing about a person, so names on both lists are left out and the rest still has no perfect rule."""
    from faker.providers.person.en import Provider

    return _labelled({"female": Provider.first_names_female, "male": Provider.first_names_male})


@text_set("surnames", "Surname → language", classes=SURNAME_LOCALES, source=FAKER, licence=FAKER_LICENCE)
def surnames() -> LabelledTexts:
    """Surnames from lists of ten languages: endings give many away, but names have wandered for centuries, so some
    stand on a list by chance, and none of them tells where a person comes from."""
    return _labelled(_surnames())


@text_set("words", "Word → language", classes=WORD_LOCALES, source=BABEL, licence=BABEL_LICENCE)
def words_by_language() -> LabelledTexts:
    """Words from the names of countries, languages and currencies in twelve languages: a word has few letters to go
    by, and relatives such as Czech and Polish share many."""
    from babel import Locale

    groups: dict[str, set[str]] = {}
    for language, code in WORD_LOCALES.items():
        locale = Locale.parse(code)
        names = [*locale.territories.values(), *locale.languages.values(), *locale.currencies.values()]
        # Small letters throughout, because capitals would give the German nouns and the English titles away.
        groups[language] = set(re.findall(r"[^\W\d_]{3,}", " ".join(names).lower()))
    return _labelled(groups)


@text_set("names-generator", "Name generator", source=FAKER, licence=FAKER_LICENCE, task="generate")
def first_names_to_write() -> LabelledTexts:
    """First names listed in English, to be written letter by letter: a network has to learn which letter may follow,
    and when a name is over."""
    from faker.providers.person.en import Provider

    return _unlabelled({*Provider.first_names_female, *Provider.first_names_male})


@text_set("surnames-generator", "Surname generator", source=FAKER, licence=FAKER_LICENCE, task="generate")
def surnames_to_write() -> LabelledTexts:
    """Surnames of ten languages, to be written letter by letter: the first letters decide the language, and the rest
    has to keep to it."""
    return _unlabelled({name for group in _surnames().values() for name in group})


@text_set("own", "Own texts", source="You", licence="Yours")
def own() -> LabelledTexts:
    """Lines of a label and a text that you paste: as easy or as hard as you make them."""
    return (), np.zeros(0, dtype=np.int64)  # never used: `load_text` reads the lines


def _surnames() -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for language, locales in SURNAME_LOCALES.items():
        providers = [importlib.import_module(f"faker.providers.person.{locale}").Provider for locale in locales]
        # A locale's names are a list, a tuple, or a mapping from names to how frequent they are.
        groups[language] = [name for provider in providers for name in provider.last_names]
    return groups


def _unlabelled(texts: set[str]) -> LabelledTexts:
    return sorted(texts), np.zeros(len(texts), dtype=np.int64)


def _labelled(groups: Mapping[str, Iterable[str]]) -> LabelledTexts:
    """Join groups of texts in a fixed order, without those that stand in two groups: they have no right answer."""
    owners: dict[str, set[int]] = {}
    for label, group in enumerate(groups.values()):
        for text in group:
            owners.setdefault(text, set()).add(label)
    single = sorted((label, text) for text, (label, *others) in owners.items() if not others)
    return [text for _, text in single], np.array([label for label, _ in single], dtype=np.int64)


@dataclass(frozen=True, eq=False)
class TextDataset(Dataset):
    """Texts as ids of their tokens.

    X_train, X_test: (N, T) int64 ids, filled up with `PAD_ID`. raw_train, raw_test: (N,) the texts as read.
    """

    encoder: TextEncoder
    lengths_train: NDArray[np.int64]
    """(N,) how many of the T ids are tokens."""
    lengths_test: NDArray[np.int64]

    @property
    def vocabulary(self) -> Vocabulary:
        """The tokens of the training texts that have an id."""
        return self.encoder.vocabulary

    def encode(self, text: str) -> Encoded:
        """Turn any text into ids as the training texts were, and say which tokens were kept and which cut off."""
        return self.encoder.encode(text)


def load_text(
    name: str,
    *,
    lines: str | bytes = "",
    tokeniser: str = "character",
    max_length: int = 20,
    vocabulary_size: int = 4000,
    casefold: bool = True,
    train_share: float = 0.8,
    seed: int = 7,
    samples: int | None = None,
) -> TextDataset:
    """Load a set, or own `lines` if the name is "own": shuffled with the seed, split, and turned into ids.

    `samples` takes that many texts at most; `vocabulary_size` counts <pad> and <unk>.
    Raises: ValueError with one sentence if own lines cannot be read.
    """
    class_names = TEXTS[name].class_names
    texts: Sequence[str]
    if name == "own":
        texts, labels, class_names = read_lines(lines)
    else:
        texts, labels = TEXTS[name].load()
    train, test = split_classes(labels, train_share, seed, samples=samples)
    splitter = TextEncoder(tokeniser, max_length, casefold, build_vocabulary((), 0))
    tokens = [splitter.split(text) for text in texts]
    vocabulary = build_vocabulary((tokens[i] for i in train), vocabulary_size)
    encoder = TextEncoder(tokeniser, max_length, casefold, vocabulary)
    raw = np.array(texts, dtype=object)
    X = [encoder.look_up([tokens[i] for i in part]) for part in (train, test)]
    return TextDataset(
        X_train=X[0],
        y_train=labels[train],
        X_test=X[1],
        y_test=labels[test],
        task="binary" if len(class_names) == 2 else "multiclass",
        class_names=class_names,
        feature_names=(),
        raw_train=raw[train],
        raw_test=raw[test],
        dims=0,
        encoder=encoder,
        lengths_train=(X[0] != PAD_ID).sum(axis=1),
        lengths_test=(X[1] != PAD_ID).sum(axis=1),
    )


@dataclass(frozen=True, eq=False)
class GeneratorDataset(TextDataset):
    """Texts to be continued: every window of ids, and the id that follows at every place.

    X: (N, T) int64 ids, <bos> first. y: (N, T) int64, the next ids, <eos> last; `PAD_ID` where there is nothing to
    predict. class_names are the tokens, since the network chooses one of them. raw: (N,) the text of each window.
    """

    @property
    def begin_id(self) -> int:
        """The id of <bos>, from which a new text is started."""
        return self.vocabulary.ids[BEGIN]

    @property
    def end_id(self) -> int:
        """The id of <eos>, with which a text is over."""
        return self.vocabulary.ids[END]


def load_generator(
    name: str = "names-generator",
    *,
    lines: str | bytes = "",
    window: int = 20,
    vocabulary_size: int = 200,
    casefold: bool = False,
    train_share: float = 0.9,
    seed: int = 7,
    samples: int | None = None,
) -> GeneratorDataset:
    """Load texts to learn writing from, character by character; own `lines`, one text each, if the name is "own".

    A text longer than a window goes on in the next one. The split is by text, so no text is in both parts.
    """
    texts: Sequence[str] = read_plain_lines(lines) if name == "own" else TEXTS[name].load()[0]
    train, test = split_classes(np.zeros(len(texts)), train_share, seed, samples=samples)
    splitter = TextEncoder("character", window, casefold, build_vocabulary((), 0))
    tokens = [splitter.split(text) for text in texts]
    vocabulary = build_vocabulary((tokens[i] for i in train), vocabulary_size, specials=(BEGIN, END))
    encoder = TextEncoder("character", window, casefold, vocabulary)
    X, y, raw = [], [], []
    for part in (train, test):
        framed = [(i, [BEGIN, *tokens[i], END]) for i in part]
        starts = [(i, text, start) for i, text in framed for start in range(0, len(text) - 1, window)]
        X.append(encoder.look_up([text[start : min(start + window, len(text) - 1)] for _, text, start in starts]))
        y.append(encoder.look_up([text[start + 1 : start + 1 + window] for _, text, start in starts]))
        raw.append(np.array([texts[i] for i, _, _ in starts], dtype=object))
    return GeneratorDataset(
        X_train=X[0],
        y_train=y[0],
        X_test=X[1],
        y_test=y[1],
        task="next",
        class_names=vocabulary.tokens,
        feature_names=(),
        raw_train=raw[0],
        raw_test=raw[1],
        dims=0,
        encoder=encoder,
        lengths_train=(X[0] != PAD_ID).sum(axis=1),
        lengths_test=(X[1] != PAD_ID).sum(axis=1),
    )
