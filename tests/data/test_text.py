from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.naive_bayes import MultinomialNB

from playground.data.text import TEXTS, TextDataset, load_generator, load_text
from playground.data.tokens import PAD_ID, UNKNOWN_ID

CLASSIFIED = sorted(name for name, text_set in TEXTS.items() if text_set.task == "classify" and name != "own")

GENERATED = sorted(name for name, text_set in TEXTS.items() if text_set.task == "generate")


def bags(data: TextDataset, X: np.ndarray) -> csr_matrix:
    rows, columns = np.nonzero(X)
    ids = X[rows, columns]
    return csr_matrix((np.ones(len(rows)), (rows, ids)), shape=(len(X), len(data.vocabulary)))


@pytest.mark.parametrize("name", CLASSIFIED)
def test_shapes_and_determinism(name: str) -> None:
    data, again = (load_text(name, max_length=12, seed=3) for _ in range(2))
    assert data.X_train.shape[1] == 12
    assert data.X_train.dtype == data.y_train.dtype == np.int64
    assert len(data.X_train) == len(data.raw_train) == len(data.y_train) == len(data.lengths_train)
    assert len(data.X_train) / (len(data.X_train) + len(data.X_test)) == pytest.approx(0.8, abs=0.01)
    assert data.X_train.max() < len(data.vocabulary)
    assert data.X_train.min() >= 0
    assert np.array_equal(data.X_train, again.X_train)
    assert list(data.raw_test) == list(again.raw_test)
    assert not np.array_equal(data.X_train, load_text(name, max_length=12, seed=4).X_train)
    assert not set(data.raw_train) & set(data.raw_test)
    counts = np.bincount(data.y_train, minlength=len(data.class_names))
    assert len(counts) == len(data.class_names) == len(TEXTS[name].class_names)
    assert counts.min() > 200
    for i in (0, 5, 50):
        assert np.array_equal(data.encode(data.raw_test[i]).ids, data.X_test[i])
        assert data.lengths_test[i] == (data.X_test[i] != PAD_ID).sum() == len(data.encode(data.raw_test[i]).tokens)


@pytest.mark.parametrize(("name", "floor"), [("first-names", 0.83), ("surnames", 0.78), ("words", 0.68)])
def test_letters_tell_the_class(name: str, floor: float) -> None:
    data = load_text(name, tokeniser="ngram", max_length=40, vocabulary_size=4000)
    model = MultinomialNB(alpha=0.3).fit(bags(data, data.X_train), data.y_train)
    assert model.score(bags(data, data.X_test), data.y_test) > floor


def test_answer_in_words() -> None:
    data = load_text("first-names", samples=100)
    assert data.task == "binary"
    assert len(data.X_train) == 80
    assert data.answer(np.array([-3.0])) == "Class female, 95 %"


def test_every_set_says_what_it_is() -> None:
    for name, text_set in TEXTS.items():
        assert text_set.name == name
        assert text_set.source
        assert text_set.licence
        assert text_set.title
        assert text_set.description.endswith(".")
        assert text_set.description.count(".") == 1


def test_names_are_statistics_not_people() -> None:
    assert "statistic" in TEXTS["first-names"].description


def test_own_lines() -> None:
    lines = "\n".join(f"{'yes' if i % 3 else 'no'}\tword{i} שלום 😀" for i in range(30))
    data = load_text("own", lines=lines, tokeniser="word", max_length=5)
    assert data.class_names == ("no", "yes")
    assert data.X_train.shape == (24, 5)
    with pytest.raises(ValueError, match="no lines"):
        load_text("own")


@pytest.mark.parametrize("name", GENERATED)
def test_generator_windows_predict_the_next_character(name: str) -> None:
    data = load_generator(name, window=10, samples=500)
    assert data.X_train.shape == data.y_train.shape
    assert data.X_train.shape[1] == 10
    assert data.class_names == data.vocabulary.tokens
    assert np.array_equal((data.X_train == PAD_ID), (data.y_train == PAD_ID))
    inside = data.X_train[:, 1:] != PAD_ID
    assert np.array_equal(data.X_train[:, 1:][inside], data.y_train[:, :-1][inside])
    assert (data.y_train == data.end_id).sum() == (data.X_train == data.begin_id).sum() == 450
    assert data.end_id not in data.X_train
    assert data.begin_id not in data.y_train
    text = data.raw_train[0]
    windows = data.y_train[data.raw_train == text]
    assert "".join(data.encoder.decode(row) for row in windows) == text
    assert not set(data.raw_train) & set(data.raw_test)
    assert (data.X_train == UNKNOWN_ID).sum() == 0


def test_generator_splits_a_long_line_into_windows() -> None:
    lines = "\n".join("abcdefghijklmnopqrstuvwxyz"[i : i + 12] for i in range(12))
    data = load_generator("own", lines=lines, window=5, train_share=0.5)
    assert data.X_train.shape == (6 * 3, 5)  # 13 steps of <bos> and 12 characters
    decoded = [data.encoder.decode(row) for row in data.y_train[:3]]
    assert "".join(decoded) == data.raw_train[0]


def test_the_names_of_the_sets_cost_no_heavy_import() -> None:
    code = (
        "import sys, playground.data.text, playground.data.sound, playground.data.sound_own;"
        "print([m for m in ('faker', 'babel', 'scipy', 'soundfile', 'torch', 'pydantic') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
