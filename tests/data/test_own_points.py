"""Own points: packed and unpacked, and read from tables good and bad."""

from __future__ import annotations

import re
from time import perf_counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.data.own_points import count_classes, pack_points, read_points_csv, show, unpack_points

painted = st.lists(st.tuples(st.floats(-6, 6), st.floats(-6, 6), st.integers(0, 4)), max_size=60)


@given(painted)
def test_packed_points_come_back_to_a_hundredth(rows: list[tuple[float, float, int]]) -> None:
    points, labels = np.array([row[:2] for row in rows]).reshape(-1, 2), np.array([row[2] for row in rows], dtype=int)
    text = pack_points(points, labels)
    assert re.fullmatch(r"[A-Za-z0-9_.-]*", text)
    back, back_labels = unpack_points(text)
    order = np.argsort(labels, kind="stable")
    np.testing.assert_array_equal(back_labels, labels[order])
    np.testing.assert_allclose(back, points[order], atol=0.0015)
    assert pack_points(back, back_labels) == text
    assert count_classes(text) == (labels.max() + 1 if rows else 0)


def test_the_middle_and_the_corners_are_exact() -> None:
    corners = [[0.0, 0.0], [-6.0, 6.0], [6.0, -6.0]]
    np.testing.assert_array_equal(unpack_points(pack_points(corners, [0, 0, 0]))[0], corners)


def test_points_outside_are_packed_at_the_edge() -> None:
    np.testing.assert_array_equal(unpack_points(pack_points([[9, -1e9]], [0]))[0], [[6, -6]])


@given(st.text(max_size=40))
def test_other_text_is_refused_with_a_sentence_or_read(text: str) -> None:
    try:
        points, _ = unpack_points(text)
    except ValueError as error:
        sentence = str(error)
    else:
        sentence = "points are read."
        assert np.abs(points).max(initial=0) <= 6
    assert re.fullmatch(r"points .*\.", sentence)


@pytest.mark.parametrize("text", ["A", "AAA", "AAAAA", "A A ", "AAAÄ", "____", "A" * 500_000, "......", "AAAA\n"])
def test_broken_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^points .*\. (Open|Use) .*\.$"):
        unpack_points(text)


def test_unpacked_points_cannot_be_changed_for_others() -> None:
    with pytest.raises(ValueError, match="read-only"):
        unpack_points("AAAA")[0][0, 0] = 1


# ---- tables


@pytest.mark.parametrize(
    "text",
    [
        "1.5,-2,blue\n0,.5,red\n",
        "x,y,label\r\n1.5,-2,blue\r\n0,.5,red",
        "1.5;-2;blue\n0;0.5;red",
        "1,5;-2;blue\n0;0,5;red",
        "x1\tx2\tclass\n1,5\t-2\tblue\n0\t0,5\tred",
        "1.5 -2 blue\n   0   0.5   red\n\n\n",
        "1,5 -2 blue\n0 0,5 red",
        '"x","y","label"\n"1.5","-2","blue"\n"0","0.5","red"',
        "\ufeffx,y,label\n+1.5e0, -2 , blue \n0,5e-1,red",
        "1.5,-2,blue\n0,.5,red".encode("utf-16"),
        "\ufeff1.5,-2,blue\n0,.5,red".encode(),
        "\n\n  x y label\n1.5 -2 blue\n0 0.5 red",
    ],
)
def test_tables_of_all_kinds_are_the_same_points(text: str | bytes) -> None:
    points, labels, names = read_points_csv(text, 100)
    np.testing.assert_array_equal(points, [[1.5, -2], [0, 0.5]])
    assert labels.tolist() == [0, 1]
    assert names == ("blue", "red")


@pytest.mark.parametrize(
    ("labels", "names", "classes"),
    [
        (["1", "-1", "1.0", "+1"], ("-1", "1"), [1, 0, 1, 1]),
        (["10", "9", "2"], ("2", "9", "10"), [2, 1, 0]),
        (["b", "a", "1"], ("1", "a", "b"), [2, 1, 0]),
        (["very light blue", "red"], ("red", "very light blue"), [1, 0]),
        (["one"], ("one",), [0]),
    ],
)
def test_labels_are_words_or_numbers(labels: list[str], names: tuple[str, ...], classes: list[int]) -> None:
    _, found, found_names = read_points_csv("\n".join(f"0,1,{label}" for label in labels), 100)
    assert (found_names, found.tolist()) == (names, classes)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "There are no points"),
        ("   \n\n\t\n", "There are no points|Row 3"),
        ("x,y,label", "There are no points"),
        ("1,2", "Row 1 has 2 fields"),
        ("hello", "Row 1 has 1 field,"),
        ("1,2,a\n1,2,a,4", "Row 2 has 4 fields"),
        ("1,2,a\n\n1,2", "Row 3 has 2 fields"),
        ("1,2,a\n1,seven,a", "Row 2: x2 is 'seven'"),
        ("nan,2,a", "Row 1: x1 is 'nan'"),
        ("1,inf,a", "Row 1: x2 is 'inf'"),
        ("1,1e999,a", "Row 1: x2 is '1e999'.*between -6 and 6"),
        ("1,2,1e999", "Row 1: the label is '1e999'"),
        ("x,y,label\n1,6.01,a", "Row 2: x2 is '6.01'.*between -6 and 6.*Scale"),
        ("1,2,", "Row 1: the label is ''"),
        ("1,2," + "a" * 41, "Row 1: the label is"),
        ("1,2," + "9" * 300, "Row 1: the label is"),
        ("1" * 300 + ",2,a", "Row 1: x1 is"),
        ("\n".join(f"1,2,{i}" for i in range(6)), "Row 6 has the label '5', which is class number 6"),
        ("a,b,c\nd,e,f", "Row 2: x1 is 'd'"),
        ("1,2,a\n" * 101, "Row 101 is one point too many: at most 100"),
        ("٣,2,a", "Row 1: x1 is"),
        ("1,2,a\n\x00\x00\x00", "Row 2 is too long or not text"),
        (b"\xff\xfe\x00", "not text"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not text in UTF-8"),
        ("1,2,a".encode("utf-16-le"), "Row 1 is too long or not text"),
        ("<script>,alert(1),</script>\n9,[x](y),z", "Row 2: x1 is '9'"),
    ],
)
def test_a_wrong_table_is_refused_with_row_value_rule_and_remedy(text: str | bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said) as caught:
        read_points_csv(text, 100)
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert len(sentence) < 250
    assert "\n" not in sentence


@given(st.text(max_size=200) | st.binary(max_size=200))
def test_rubbish_is_read_or_refused(text: str | bytes) -> None:
    try:
        points, labels, names = read_points_csv(text, 10)
    except ValueError as error:
        sentence = str(error)
    else:
        sentence = "It is read."
        assert len(points) == len(labels) <= 10
        assert np.abs(points).max() <= 6
        assert set(labels.tolist()) == set(range(len(names)))
    assert sentence.endswith(".")


@pytest.mark.parametrize("rubbish", ["x" * 10_000_000, "," * 10_000_000, "1,2,a\n" * 1_600_000, "\x00" * 10_000_000])
def test_ten_megabytes_of_rubbish_are_refused_fast(rubbish: str) -> None:
    start = perf_counter()
    with pytest.raises(ValueError, match=r"has 10.0 MB, but at most 1 MB fit|has 9.6 MB, but at most 1 MB fit"):
        read_points_csv(rubbish, 20_000)
    assert perf_counter() - start < 2


def test_values_from_outside_lose_what_markdown_would_read() -> None:
    assert show("[a](javascript:b) <b> :red[x] $y$ `z`") == "'?a??javascript?b? ?b? ?red?x? ?y? ?z?'"
    assert show("a" * 100) == f"'{'a' * 40}...'"
