from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.data.numbers_in_text import parse_number, read_number
from playground.data.table_encoding import default_inputs, encode_table
from playground.data.table_reading import Preview, read_table
from playground.data.tables import TABLES, load_table


def values(preview: Preview, name: str) -> list[Any]:
    column = preview.table.column(name)
    if column.kind == "numeric":
        return [None if np.isnan(value) else float(value) for value in column.values]
    return [column.text(row) or None for row in range(preview.table.rows)]


def workbook(rows: list[list[object]], title: str = "Sheet") -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("decimal", [".", ","])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_every_common_form_is_found_out(separator: str, decimal: str, encoding: str, end: str) -> None:
    rows = [
        ["größe", "gewicht", "farbe"],
        *([f"{i + 0.25}".replace(".", decimal), str(i), "rötlich"] for i in range(9)),
    ]
    rows[4][2] = f"zwei{separator}teilig"
    file = io.StringIO()
    csv.writer(file, delimiter=separator, lineterminator=end).writerows(rows)
    preview = read_table(file.getvalue().encode(encoding), "maße.csv")
    assert preview.separator == separator
    assert preview.decimal == decimal
    assert preview.header
    assert preview.columns == ("größe", "gewicht", "farbe")
    assert values(preview, "größe") == [i + 0.25 for i in range(9)]
    assert values(preview, "farbe")[3] == f"zwei{separator}teilig"
    assert preview.bad_rows == 0
    assert preview.lines.tolist() == list(range(2, 11))
    assert preview.table.target == "farbe"


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("separator", [",", ";"])
def test_well_formed_tables_are_read_as_pandas_does(name: str, separator: str) -> None:
    table = load_table(name)
    frame = pd.DataFrame(
        {
            column.name: column.values
            if column.kind == "numeric"
            else [column.text(i) or None for i in range(table.rows)]
            for column in table.columns
        }
    )
    text = frame.to_csv(index=False, sep=separator)
    theirs, ours = pd.read_csv(io.StringIO(text), sep=separator), read_table(text)
    assert ours.columns == tuple(theirs.columns)
    assert ours.bad_rows == 0
    for column in ours.table.columns:
        expected = theirs[column.name]
        if pd.api.types.is_numeric_dtype(expected):
            np.testing.assert_array_equal(column.values, expected.astype(float))
        else:
            assert [column.text(row) for row in range(len(expected))] == expected.fillna("").tolist()


def test_excel_is_read_with_its_types() -> None:
    rows: list[list[object]] = [
        ["height", "colour", "bought", "new"],
        [1.5, "red", date(2024, 1, 31), True],
        [2, None, date(2024, 2, 1), False],
        [None, "blue", None, True],
        [1e-7, "red", date(2024, 1, 31), None],
    ]
    preview = read_table(workbook(rows, "Things"), "things.xlsx")
    assert (preview.sheet, preview.sheets) == ("Things", ("Things",))
    assert values(preview, "height") == [1.5, 2, None, 1e-7]
    assert values(preview, "colour") == ["red", None, "blue", "red"]
    assert values(preview, "new") == ["true", "false", "true", None]
    assert preview.table.column("bought").categories[0].startswith("2024-01-31")
    assert preview.lines.tolist() == [2, 3, 4, 5]


def test_a_sheet_can_be_chosen_and_the_name_does_not_matter() -> None:
    book = openpyxl.Workbook()
    for name in ("first", "second"):
        sheet = book.create_sheet(name)
        for row in ([name, "y"], [1, 2], [3, 4]):
            sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    preview = read_table(file.getvalue(), "named.csv")
    assert preview.sheets == ("Sheet", "first", "second")
    assert preview.sheet == "first"  # the default sheet is empty
    assert read_table(file.getvalue(), sheet="second").columns == ("second", "y")
    with pytest.raises(ValueError, match="There is no sheet 'third'"):
        read_table(file.getvalue(), sheet="third")


def test_bad_rows_are_named_by_line_and_column_and_left_out() -> None:
    text = 'a,b,c\n1,2,x\n3,4\n5,six,y\n7,8,"a, b",9\n"9\n",10,z\n11,1e999,x\n12,inf,x\n13,14,x\n15,16,y\n17,18,x\n'
    preview = read_table(text)
    assert values(preview, "a") == [1, 9, 13, 15, 17]
    assert preview.lines.tolist() == [2, 6, 10, 11, 12]
    assert preview.bad_rows == 5
    assert [(problem.line, problem.column) for problem in preview.problems] == [
        (3, ""),
        (4, "b"),
        (5, ""),
        (8, "b"),
        (9, "b"),
    ]
    sentences = [problem.sentence for problem in preview.problems]
    assert sentences[0] == "Line 3 has 2 cells, but the table has 3 columns. Is a cell missing?"
    assert sentences[1].startswith("Line 4: 'b' is 'six', which is not a number")
    assert sentences[3].startswith("Line 8: 'b' is '1e999', which is too large")


def test_most_rows_must_fit() -> None:
    with pytest.raises(ValueError, match=r"Most rows do not fit the table.*Line 2 has 4 cells"):
        read_table("a,b\n" + "1,2,3,4\n" * 8 + "1,2\n" * 3, separator=",")


def test_a_lost_quote_is_named() -> None:
    with pytest.raises(ValueError, match=r"Line 2: a quote opens a text that never ends"):
        read_table('a,b\n1,"x\n2,y\n3,z\n4,x\n')
    preview = read_table('a,b\n1,"x" y\n2,y\n3,"z\nz"\n')
    assert preview.problems[0].sentence.startswith("Line 2: a quoted text goes on after its end")
    assert values(preview, "b") == ["y", "z\nz"]
    assert preview.lines.tolist() == [3, 4]


def test_columns_without_a_name_or_with_the_same_get_one() -> None:
    preview = read_table("x,,x,x,\n1,2,3,a,\n4,5,6,b,\n7,8,9,a,\n")
    assert preview.columns == ("x", "column 2", "x 2", "x 3")
    assert any("Two columns are called 'x'" in note for note in preview.notes)
    assert any("Columns without a name and without any value" in note for note in preview.notes)


def test_a_file_without_names_is_numbered_unless_people_say_otherwise() -> None:
    text = "1,2,a\n3,4,b\n5,6,a\n"
    assert read_table(text).columns == ("column 1", "column 2", "column 3")
    assert not read_table(text).header
    forced = read_table(text, header=True)
    assert forced.columns == ("1", "2", "a")
    assert forced.table.rows == 2
    assert read_table("a,b\nc,d\ne,f\n", header=False).table.rows == 3


def test_row_names_of_r_and_a_title_above_are_understood() -> None:
    r = read_table('"height","colour"\n"1",1.5,"red"\n"2",2.5,"blue"\n"3",3,"red"\n')
    assert r.columns == ("row", "height", "colour")
    assert r.bad_rows == 0
    titled = read_table("Measured in May\n\nheight,colour\n1.5,red\n2.5,blue\n")
    assert titled.columns == ("height", "colour")
    assert titled.table.rows == 2


def test_the_separator_that_spreadsheets_announce_is_used() -> None:
    preview = read_table("sep=|\na,x|b\n1|2\n3|4\n")
    assert preview.columns == ("a,x", "b")
    assert preview.lines.tolist() == [3, 4]


@pytest.mark.parametrize(
    ("text", "decimal", "expected", "doubt"),
    [
        ("a;b\n1,5;x\n2,25;y\n", ",", [1.5, 2.25], False),
        ("a;b\n1.234,5;x\n2.000,25;y\n", ",", [1234.5, 2000.25], False),
        ("a;b\n1 234,5;x\n2\u202f000,25;y\n", ",", [1234.5, 2000.25], False),
        ("a;b\n1'234.5;x\n2'000.25;y\n", ".", [1234.5, 2000.25], False),
        ('a,b\n"1,234.5",x\n"2,000,000.25",y\n', ".", [1234.5, 2000000.25], False),
        ("a;b\n1,234;x\n2,345;y\n", ",", [1.234, 2.345], True),
        ('a,b\n"1,234",x\n"2,345",y\n', ".", [1234, 2345], True),
        ("a;b\n0.125;x\n2.345;y\n", ".", [0.125, 2.345], False),
        ("a,b\n1e3,x\n-2.5E-2,y\n", ".", [1000, -0.025], False),
    ],
)
def test_decimal_marks_and_thousands(text: str, decimal: str, expected: list[float], doubt: bool) -> None:
    preview = read_table(text)
    assert preview.decimal == decimal
    assert values(preview, "a") == expected
    assert any("was read as" in note for note in preview.notes) == doubt


def test_what_was_guessed_can_be_given() -> None:
    text = "a;b\n1,234;x\n2,345;y\n"
    assert values(read_table(text, decimal="."), "a") == [1234, 2345]
    assert read_table("é;b\n1;2\n".encode("latin-1"), encoding="latin-1").columns == ("é", "b")
    assert read_table("a,x;b\n1;2\n3;4\n", separator=";").columns == ("a,x", "b")
    for options, sentence in (
        ({"separator": "x"}, "The separator is 'x'"),
        ({"decimal": "'"}, "The decimal mark is"),
        ({"encoding": "rot13"}, "The encoding is 'rot13'"),
    ):
        with pytest.raises(ValueError, match=sentence):
            read_table(text, **options)
    with pytest.raises(ValueError, match=r"not text in utf-8"):
        read_table("é;b\n1;2\n".encode("latin-1"), encoding="utf-8")


def test_gaps_are_missing_values_and_words_are_not() -> None:
    preview = read_table("a,b\n1,x\n,NA\nnan,-\n?,none\n2,Nantes\n3,x\n")
    assert values(preview, "a") == [1, None, None, None, 2, 3]
    assert values(preview, "b") == ["x", None, None, None, "Nantes", "x"]


def test_cells_that_look_like_formulas_stay_text() -> None:
    preview = read_table("a,b\n=1+1,1\n@x,2\n=1+1,3\n")
    assert values(preview, "a") == ["=1+1", "@x", "=1+1"]


def test_an_uploaded_table_can_be_encoded() -> None:
    rows = "\n".join(f"{i % 7}.5;{'red' if i % 3 else 'blue'};{'yes' if i % 2 else 'no'}" for i in range(40))
    table = read_table(f"size;colour;answer\n{rows}\n").table
    assert table.task == "binary"
    data = encode_table(table, columns=default_inputs(table), train_share=0.8, seed=1)
    assert data.X_train.shape == (32, 3)
    assert data.class_names == ("no", "yes")


@given(
    st.lists(
        st.tuples(
            st.floats(-1e9, 1e9), st.text(st.characters(codec="utf-8", categories=("L", "P", "Zs")), max_size=12)
        ),
        min_size=3,
        max_size=30,
    )
)
def test_what_is_written_with_quotes_is_read_back(rows: list[tuple[float, str]]) -> None:
    file = io.StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(["number", "text"])
    writer.writerows((number, f"t{text}t") for number, text in rows)
    preview = read_table(file.getvalue(), separator=",", decimal=".", header=True)
    assert values(preview, "number") == [number for number, _ in rows]
    assert values(preview, "text") == [f"t{text}t" for _, text in rows]


@pytest.mark.parametrize(
    ("text", "decimal", "number"),
    [
        ("1.5", ".", 1.5),
        ("1,5", ",", 1.5),
        ("1,500", ".", 1500),
        ("1.500", ",", 1500),
        ("-.5", ".", -0.5),
        ("+5.", ".", 5),
        ("1,5", ".", None),
        ("1.5", ",", None),
        ("1,50,000", ".", None),
        ("1_000", ".", None),
        ("١٢", ".", None),
        ("0x10", ".", None),
        ("1e5", ",", 1e5),
        ("", ".", None),
        ("inf", ".", None),
    ],
)
def test_numbers_in_text(text: str, decimal: Any, number: float | None) -> None:
    assert read_number(text, decimal) == number


def test_one_typed_number_may_have_either_mark() -> None:
    assert parse_number(" 1,5 ") == 1.5
    assert parse_number("1.5") == 1.5
    assert parse_number("\u22122") == -2
    assert parse_number("1e999") is None
    assert parse_number("x") is None
