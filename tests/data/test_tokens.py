from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer

from playground.data.text import load_text
from playground.data.tokens import (
    BEGIN,
    END,
    PAD,
    PAD_ID,
    TOKENISERS,
    UNKNOWN,
    UNKNOWN_ID,
    TextEncoder,
    build_vocabulary,
    characters,
    ngrams,
    normalise,
    short_ngrams,
    words,
)

EMOJI = "👨‍👩‍👧‍👦🇫🇷🇩🇪👍🏽❤️"


def encoder(texts: list[str], tokeniser: str = "character", max_length: int = 40, size: int = 4000) -> TextEncoder:
    split = TOKENISERS[tokeniser].split
    return TextEncoder(tokeniser, max_length, False, build_vocabulary([split(normalise(t)) for t in texts], size))


def test_ngrams_by_hand() -> None:
    assert ngrams("ab") == ["^a", "^ab", "ab", "ab$", "b$"]
    assert ngrams("") == ["^$"]
    assert short_ngrams("ab") == ["^a", "^ab", "a", "ab", "ab$", "b", "b$"]
    assert short_ngrams("") == ["^$"]


@pytest.mark.parametrize("text", ["Müller", "Ó Briain", "Anna-Lena", "aaaa", "Žižek", "שלום"])
def test_ngrams_are_scikit_learns_bag_and_a_hand_written_one(text: str) -> None:
    framed = f"^{text}$"
    by_hand = Counter(framed[i : i + n] for n in (2, 3) for i in range(len(framed) - n + 1))
    assert Counter(ngrams(text)) == by_hand
    assert Counter(short_ngrams(text)) == by_hand + Counter(text)
    bag = CountVectorizer(analyzer="char", ngram_range=(2, 3), lowercase=False).fit([framed])
    counts = bag.transform([framed]).toarray()[0]
    assert Counter(ngrams(text)) == dict(zip(bag.get_feature_names_out(), counts.tolist(), strict=True))


def test_characters_stay_what_a_person_sees() -> None:
    assert characters(EMOJI) == ["👨‍👩‍👧‍👦", "🇫🇷", "🇩🇪", "👍🏽", "❤️"]
    assert characters("स्ते") == ["स्", "ते"]
    assert characters("שָׁלוֹם") == ["שָׁ", "ל", "וֹ", "ם"]
    assert characters("") == []
    assert characters("\u0301") == ["\u0301"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Don't stop! (now)", ["Don't", "stop", "!", "(", "now", ")"]),
        ("état-unis -- l’eau", ["état-unis", "-", "-", "l’eau"]),
        ("नमस्ते, 😀😀", ["नमस्ते", ",", "😀", "😀"]),
        ("مرحبا بالعالم", ["مرحبا", "بالعالم"]),
        ("  ", []),
        ("'", ["'"]),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_equal_texts_get_equal_ids() -> None:
    it = encoder(["café"])
    assert np.array_equal(it.encode("cafe\u0301").ids, it.encode("café").ids)
    assert normalise("STRASSE", casefold=True) == normalise("Straße", casefold=True) == "strasse"
    assert normalise("\ud800a") == "\ufffda"


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_tokens_are_made_of_the_text(text: str) -> None:
    clean = normalise(text)
    assert "".join(characters(clean)) == clean
    assert "".join(words(clean)) == "".join(c for c in characters(clean) if not c.isspace())
    assert len(ngrams(clean)) == 2 * len(characters(clean)) + 1
    it = encoder([clean])
    assert it.decode(it.encode(text).ids) == "".join(it.encode(text).tokens)


@given(st.lists(st.text(alphabet="abcäöü😀ם ", max_size=30), min_size=1, max_size=5))
@settings(max_examples=60, deadline=None)
def test_round_trip_of_known_characters(texts: list[str]) -> None:
    it = encoder(texts)
    for text in texts:
        assert it.decode(it.encode(text).ids) == normalise(text)


def test_encode_tells_what_was_kept_and_what_was_cut() -> None:
    it = encoder(["abc"], max_length=4)
    encoded = it.encode("abxcab")
    assert encoded.ids.dtype == np.int64
    assert encoded.ids.shape == (4,)
    assert encoded.tokens == ("a", "b", "x", "c")
    assert encoded.cut == ("a", "b")
    assert encoded.rows == (("a", 2), ("b", 3), ("x", UNKNOWN_ID), ("c", 4))
    assert it.encode("a").ids.tolist() == [2, PAD_ID, PAD_ID, PAD_ID]
    assert it.encode("").tokens == ()


def test_vocabulary_is_capped_ordered_and_invertible() -> None:
    vocabulary = build_vocabulary([list("aabbbc"), list("cd")], size=5)
    assert vocabulary.tokens == (PAD, UNKNOWN, "b", "a", "c")
    assert all(vocabulary.ids[token] == i for i, token in enumerate(vocabulary.tokens))
    assert build_vocabulary([["a"]], 0, specials=(BEGIN, END)).tokens == (PAD, UNKNOWN, BEGIN, END)


@pytest.mark.parametrize("tokeniser", sorted(TOKENISERS))
def test_vocabulary_comes_from_the_training_texts_only(tokeniser: str) -> None:
    lines = "\n".join(
        f"{'ab'[i % 2]}\t{chr(0x4E00 + i)} {chr(0x5E00 + i)}" for i in range(40)
    )  # no text shares a token
    data = load_text("own", lines=lines, tokeniser=tokeniser, train_share=0.5)
    split = TOKENISERS[tokeniser].split
    train = {token for text in data.raw_train for token in split(text)}
    assert set(data.vocabulary.tokens) == {PAD, UNKNOWN} | train
    for text, ids in zip(data.raw_test, data.X_test, strict=True):
        assert all((token in train) == (i != UNKNOWN_ID) for token, i in zip(split(text), ids, strict=False))


def test_a_very_long_text_is_read_quickly() -> None:
    it = encoder(["a"])
    assert len(it.encode("a\u0301\u0316" * 3_000_000).ids) == 40
