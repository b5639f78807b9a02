"""Text to numbers: a text is cut into tokens, and the vocabulary gives each token its id."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

PAD, UNKNOWN = "<pad>", "<unk>"
BEGIN, END = "<bos>", "<eos>"
PAD_ID, UNKNOWN_ID = 0, 1
"""The same in every vocabulary: 0 fills a short text up, 1 is a token that the training texts do not have."""

MAX_CHARACTERS = 10_000
"""Longer texts are cut before anything else: sorting a long run of accents takes time that grows with its square."""


def normalise(text: str, casefold: bool = False) -> str:
    """Write equal texts equally: Unicode NFC, and without a difference of small and large letters if `casefold`.

    Without NFC "é" could be one character or two that look the same, and get different ids.
    """
    text = text[:MAX_CHARACTERS]
    if not text.isascii():
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # half a character becomes U+FFFD
        text = unicodedata.normalize("NFC", text)
    if casefold:
        text = unicodedata.normalize("NFC", text.casefold())
    return text


def characters(text: str) -> list[str]:
    """Cut a text into what a person would call characters: an accent, a skin tone or a flag's second half stays on."""
    if text.isascii():
        return list(text)
    pieces: list[str] = []
    start, flag_is_half = 0, False
    for i, letter in enumerate(text):
        half_flag = "\U0001f1e6" <= letter <= "\U0001f1ff"
        joins = (
            unicodedata.category(letter).startswith("M")
            or letter in "\u200c\u200d"
            or "\U0001f3fb" <= letter <= "\U0001f3ff"
            or "\U000e0020" <= letter <= "\U000e007f"
            or (half_flag and flag_is_half)
            or (i > 0 and text[i - 1] == "\u200d")  # the joiner of families and professions
        )
        flag_is_half = half_flag and not joins
        if i > start and not joins:
            pieces.append(text[start:i])
            start = i
    if text:
        pieces.append(text[start:])
    return pieces


def ngrams(text: str) -> list[str]:
    """Cut a text into overlapping pieces of two and three characters, with ^ before its start and $ after its end."""
    letters = ["^", *characters(text), "$"]
    pieces = ("".join(letters[i : i + n]) for i in range(len(letters)) for n in (2, 3) if i + n <= len(letters))
    return list(pieces)


def short_ngrams(text: str) -> list[str]:
    """Cut a text into its characters and its pieces of two and three, each beside those that start with it."""
    letters = ["^", *characters(text), "$"]
    pieces = ("".join(letters[i : i + n]) for i in range(len(letters)) for n in (1, 2, 3) if i + n <= len(letters))
    return list(pieces)[1:-1]  # every text has its start and its end


def words(text: str) -> list[str]:
    """Cut a text into words and single signs: "Don't stop!" has the tokens Don't, stop and !."""
    letters = characters(text)
    word_like = [letter[0].isalnum() or letter[0] == "_" for letter in letters]
    for i in range(1, len(letters) - 1):  # an apostrophe or a hyphen inside a word belongs to it
        if letters[i] in ("'", "’", "-") and word_like[i - 1] and word_like[i + 1]:
            word_like[i] = True
    tokens: list[str] = []
    start = 0
    for i in range(1, len(letters) + 1):
        if i == len(letters) or not (word_like[i - 1] and word_like[i]):
            tokens.append("".join(letters[start:i]))
            start = i
    return [token for token in tokens if not token.isspace()]


@dataclass(frozen=True)
class Tokeniser:
    """A way to cut a text into tokens."""

    name: str
    title: str
    help: str
    split: Callable[[str], list[str]]
    joint: str
    """What stands between two tokens when they are read as text again."""


TOKENISERS: dict[str, Tokeniser] = {
    tokeniser.name: tokeniser
    for tokeniser in (
        Tokeniser(
            "character", "Character", "One token a character: few tokens, and no text is unknown.", characters, ""
        ),
        Tokeniser(
            "ngram",
            "N-gram",
            "Pieces of two and three characters, ^ at the start and $ at the end: endings such as 'ić$' get an id.",
            ngrams,
            " ",
        ),
        Tokeniser(
            "short_ngram",
            "1–3-gram",
            "N-grams and the single characters: a rare letter such as 'ß' tells much by itself.",
            short_ngrams,
            " ",
        ),
        Tokeniser("word", "Word", "One token a word: right for sentences, but a new word is unknown.", words, " "),
    )
}


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """All tokens that have an id of their own, the most frequent first. `tokens[id]` and `ids[token]` are inverse."""

    tokens: tuple[str, ...]
    ids: Mapping[str, int]

    def __len__(self) -> int:
        return len(self.tokens)


def build_vocabulary(texts: Iterable[Sequence[str]], size: int, specials: tuple[str, ...] = ()) -> Vocabulary:
    """Give ids to the most frequent tokens of texts that are cut already: `size` of them with <pad> and <unk>.

    Build it from training texts only: a vocabulary that knows the test texts would make the test easier than life.
    """
    counts = Counter(token for tokens in texts for token in tokens)
    frequent = sorted(counts, key=lambda token: (-counts[token], token))
    tokens = (PAD, UNKNOWN, *specials, *frequent)[: max(size, 2 + len(specials))]
    return Vocabulary(tokens, MappingProxyType({token: i for i, token in enumerate(tokens)}))


@dataclass(frozen=True, eq=False)
class Encoded:
    """One text as the network gets it, with what a person needs to follow: every token beside its id."""

    ids: NDArray[np.int64]
    """(T,), filled up with `PAD_ID`."""
    tokens: tuple[str, ...]
    """The tokens that fit, in order."""
    cut: tuple[str, ...]
    """The tokens after them, which the network does not see."""

    @property
    def rows(self) -> tuple[tuple[str, int], ...]:
        """Every token that fits, with its id: `UNKNOWN_ID` if the vocabulary does not have it."""
        return tuple(zip(self.tokens, self.ids.tolist(), strict=False))


@dataclass(frozen=True, eq=False)
class TextEncoder:
    """Texts to ids and back, always the same way: normalise, cut, look up, fill up to `max_length`."""

    tokeniser: str
    max_length: int
    casefold: bool
    vocabulary: Vocabulary

    def split(self, text: str) -> list[str]:
        """Normalise a text and cut it into its tokens."""
        return TOKENISERS[self.tokeniser].split(normalise(text, self.casefold))

    def encode(self, text: str) -> Encoded:
        """Turn one text into ids (T,) int64, and say which tokens were kept and which were cut off."""
        tokens = self.split(text)
        return Encoded(self.look_up([tokens])[0], tuple(tokens[: self.max_length]), tuple(tokens[self.max_length :]))

    def look_up(self, texts: Sequence[Sequence[str]]) -> NDArray[np.int64]:
        """Turn N texts that are cut already into ids (N, T) int64."""
        ids = np.full((len(texts), self.max_length), PAD_ID, dtype=np.int64)
        known = self.vocabulary.ids
        for row, tokens in zip(ids, texts, strict=True):
            kept = tokens[: self.max_length]
            row[: len(kept)] = [known.get(token, UNKNOWN_ID) for token in kept]
        return ids

    def decode(self, ids: Iterable[int]) -> str:
        """Read ids as text, without <pad>, <bos> and <eos>. N-grams and words are parted by blanks."""
        tokens = (self.vocabulary.tokens[int(i)] for i in ids)
        return TOKENISERS[self.tokeniser].joint.join(token for token in tokens if token not in (PAD, BEGIN, END))
