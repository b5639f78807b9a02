"""The tables page without a browser: choices, own tables with their preview, rows with answers, and own rows."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from playground.data.table_reading import read_table
from playground.data.tables import TABLES
from playground.experiment.layer import format_layers
from playground.experiment.tables import TablesExperiment
from playground.inspection.frame_format import decode_frame
from playground.ui import table_rows, table_views
from playground.ui.services import services
from playground.ui.table_dialog import understood
from playground.ui.tables_panel import encoded, networks_of
from tests.pages.opening import experiment, labelled, opened, session, text_of

PETS = "height;weight;kind\n" + "\n".join(
    f"{30 + i % 7},5;{50 + 3 * i},25;{'cat' if i % 2 else 'dog'}" for i in range(40)
)
TWO_BAD_ROWS = f"{PETS}\nmany;51,5;cat\n31,5;cat"


def only_the_dialog() -> None:
    """The dialog alone, drawn in each run as the page does while it is open."""
    from playground.ui import session
    from playground.ui.table_dialog import table_dialog

    session.open_page("tables")
    session.watch()
    table_dialog()


def dialog() -> AppTest:
    return AppTest.from_function(only_the_dialog, default_timeout=60).run()


def dialog_with(text: str) -> AppTest:
    app = dialog()
    app.text_area(key="own-table-text").set_value(text).run()
    assert not app.exception
    return app


def own_table(app: AppTest) -> AppTest:
    """The page with the table that the dialog has kept."""
    labelled(app.button, "Use this table").click().run()
    assert not app.exception
    now = experiment(app)
    return opened("tables", dataset=now.dataset, table=now.table)


def test_the_page_opens_with_the_penguins() -> None:
    app = opened("tables")
    assert experiment(app) == TablesExperiment()
    chosen = TABLES["penguins-species"]
    for words in (chosen.description, chosen.source, chosen.licence):
        assert words in text_of(app)
    assert len(app.dataframe) == 1


@pytest.mark.parametrize("name", TABLES)
def test_every_table_can_be_chosen_and_trains(name: str) -> None:
    app = opened(
        "tables", dataset="iris" if name != "iris" else "wine", target="petal length" if name != "iris" else "hue"
    )
    app.selectbox(key="dataset").set_value(name).run()
    assert not app.exception
    assert not app.warning
    assert experiment(app).dataset == name
    assert experiment(app).target == "", "the target of another table is none of this one"
    info = services().runner.info(session(app).run_id)
    assert info is not None
    assert info.status == "ready"


def test_another_target_is_another_question() -> None:
    app = opened("tables", columns="island,body_mass_g,sex")
    labelled(app.selectbox, "Target").set_value("body_mass_g").run()
    assert not app.exception
    now = experiment(app)
    assert (now.task, now.loss, now.columns) == ("regression", "mse", ("island", "sex"))
    assert "further off than somebody who always says the mean" in text_of(app)


def test_columns_are_left_out_and_at_least_one_stays() -> None:
    app = opened("tables")
    labelled(app.multiselect, "The network gets").set_value(["sex", "island"]).run()
    assert experiment(app).columns == ("sex", "island")
    before = session(app).run_id
    labelled(app.multiselect, "The network gets").set_value([]).run()
    assert "No column is chosen" in text_of(app)
    assert session(app).run_id == before


def test_a_number_becomes_a_category_but_a_text_no_number() -> None:
    app = opened("tables")
    labelled(app.multiselect, "The network gets").set_value(["year", "sex"]).run()
    categories = labelled(app.multiselect, "Categories")
    categories.set_value([*categories.value, "year"]).run()
    assert not app.exception
    now = experiment(app)
    assert (now.dataset, now.columns) == ("own", ("year", "sex"))
    data = encoded(now)
    assert data is not None
    assert data.feature_names[:3] == ("year = 2007", "year = 2008", "year = 2009")
    categories = labelled(app.multiselect, "Categories")
    categories.set_value([name for name in categories.value if name != "sex"]).run()
    assert "'sex' has the value 'female', which is no number" in text_of(app)
    assert experiment(app) == now


def test_the_columns_are_explained_with_their_tensor() -> None:
    app = opened("tables")
    app.segmented_control(key="table-view").set_value("columns").run()
    assert not app.exception
    data = encoded(experiment(app))
    assert data is not None
    rows = app.dataframe[0].value
    assert list(rows["what is done"]) == [encoding.sentence for encoding in data.encodings]
    assert rows["inputs"].tolist()[0] == "0 to 2"
    assert f"({len(data.X_train)}, {data.X_train.shape[1]})" in text_of(app)
    assert "0 for Adelie, 1 for Chinstrap" in text_of(app)


def test_a_pasted_table_is_shown_as_it_was_read_and_used_once_confirmed() -> None:
    app = dialog_with(PETS)
    assert "40 rows, 3 columns · semicolon between cells · decimal comma" in text_of(app)
    assert experiment(app).dataset == "penguins-species", "nothing changes before it is confirmed"
    app = own_table(app)
    now = experiment(app)
    assert now.dataset == "own"
    assert now.class_names == ("cat", "dog")
    assert now.load_table().column("weight").values[1] == 53.25
    assert "works on this server only" in text_of(app)


def test_what_was_guessed_can_be_corrected() -> None:
    app = dialog_with(PETS)
    labelled(app.selectbox, "Decimal mark").set_value(".").run()
    assert "decimal point" in text_of(app)
    labelled(app.selectbox, "Decimal mark").set_value(",").run()
    labelled(app.selectbox, "First row").set_value(False).run()
    assert "the first row holds values" in text_of(app)
    assert "1 row does not fit the table" in text_of(app), "the names are no numbers"
    labelled(app.selectbox, "Between cells").set_value("|").run()
    assert not app.exception
    assert "only one column" in app.error[0].value


def test_bad_rows_are_named_and_dropped_only_when_that_is_chosen() -> None:
    app = dialog_with(TWO_BAD_ROWS)
    assert "'height' is 'many', which is not a number" in text_of(app)
    assert "Line 43 has 2 cells" in text_of(app)
    assert not any(button.label == "Use this table" for button in app.button)
    app.checkbox(key="own-table-drop").check().run()
    assert experiment(own_table(app)).load_table().rows == 40


@pytest.mark.parametrize("text", ["hello", "a;b\n", "a;b\n" + "\n".join(f"{i};x" for i in range(20_001)), "\x00\x01"])
def test_what_is_no_table_leaves_one_sentence(text: str) -> None:
    app = dialog_with(text)
    assert len(app.error) == 1
    assert experiment(app).dataset == "penguins-species"


def test_an_excel_file_lets_its_sheets_be_chosen() -> None:
    openpyxl = pytest.importorskip("openpyxl")
    workbook = openpyxl.Workbook()
    workbook.active.title = "Cats"
    for sheet, kind in ((workbook.active, "cat"), (workbook.create_sheet("Dogs"), "dog")):
        sheet.append(["height", "kind"])
        for i in range(8):
            sheet.append([30 + i, f"{kind} {i % 2}"])
    stream = BytesIO()
    workbook.save(stream)
    app = dialog()
    app.file_uploader(key="own-table-file").upload("pets.xlsx", stream.getvalue()).run()
    assert not app.exception
    assert "sheet “Cats”" in text_of(app)
    app.selectbox(key="own-table-sheet").set_value("Dogs").run()
    assert "sheet “Dogs”" in text_of(app)
    assert experiment(own_table(app)).class_names == ("dog 0", "dog 1")


def test_ones_own_table_is_asked_for_where_there_is_none() -> None:
    app = opened("tables")
    app.selectbox(key="dataset").set_value("own").run()
    assert not app.exception
    assert len(app.text_area) == 1
    info = services().runner.info(session(app).run_id)
    assert info is not None
    assert info.message == "There is no table yet. Upload or paste one."


def test_a_link_to_a_table_of_another_server_says_so() -> None:
    app = opened("tables", dataset="own", table="0" * 32)
    assert not app.exception
    info = services().runner.info(session(app).run_id)
    assert info is not None
    assert "not on this server any more" in str(info.message)
    app.selectbox(key="dataset").set_value("iris").run()
    assert experiment(app).obstacle is None


def test_the_wrong_rows_are_those_of_the_network() -> None:
    app = opened("tables")
    data = encoded(experiment(app))
    assert data is not None
    study = services().runner.study(session(app).run_id, "confusion", {"split": "test"})
    answers = table_rows.answered_rows(data, study, train=False)
    names = np.array(data.class_names)
    assert sorted(answers["sample"]) == list(range(1, len(data.X_test) + 1))
    assert answers["right"].tolist() == names[data.y_test[answers["sample"] - 1]].tolist()
    assert answers["wrong"].tolist() == (answers["right"] != answers["answer"]).tolist()
    assert answers["wrong"].tolist() == sorted(answers["wrong"], reverse=True), "the wrong ones come first"
    species = data.table.column("species")
    assert [species.text(row - 1) for row in answers["row"]] == answers["right"].tolist()
    assert f"{answers['wrong'].sum()} of {len(answers)} wrong" in text_of(app)
    app.toggle(key="rows-wrong").set_value(True).run()
    assert len(app.dataframe[0].value) == answers["wrong"].sum()


def test_a_number_is_wrong_where_the_mean_would_have_been_better() -> None:
    data = encoded(TablesExperiment(dataset="tips"))
    assert data is not None
    mean = data.target_mean
    true, predicted = np.array([mean + 2, mean + 2]), np.array([mean + 1, mean + 5])
    assert table_rows.is_wrong(data, true, predicted).tolist() == [False, True]


def test_the_download_guards_formulas_and_holds_all_rows() -> None:
    text = "kind;price\n" + "\n".join(f"{'=1+1' if i % 2 else '@me'};{i}" for i in range(40))
    app = dialog_with(text)
    labelled(app.selectbox, "Target").set_value("kind").run()
    app = own_table(app)
    data = encoded(experiment(app))
    assert data is not None
    study = services().runner.study(session(app).run_id, "confusion", {"split": "train"})
    written = table_rows._csv(table_rows.answered_rows(data, study, train=True))
    header, *rows = csv.reader(StringIO(written))
    assert len(rows) == len(data.X_train)
    assert {row[header.index("right")] for row in rows} == {"'=1+1", "'@me"}


def test_a_row_of_ones_own_is_answered() -> None:
    app = opened("tables")
    app.segmented_control(key="table-view").set_value("own").run()
    labelled(app.button, "Ask the network").click().run()
    assert not app.exception
    now = session(app)
    assert (now.sample.shown.count, now.sample.shown.source, now.sample.problem) == (1, "own", None)
    reply = services().runner.exchange(now.run_id, {"command": None, "view": {"sample": {"source": "own"}}})
    answer = decode_frame(reply).header["sample"]["answer"]
    assert answer in text_of(app)
    app.selectbox(key="own-row-penguins-species--island").set_value("Dream").run()
    assert session(app).sample.shown.count == 2, "every change asks again"
    app.number_input(key="own-row-penguins-species--bill_length_mm").set_value(None).run()
    assert "'bill_length_mm' is empty" in app.error[0].value


def test_a_row_of_another_table_is_forgotten() -> None:
    app = opened("tables", missing="mean")
    app.segmented_control(key="table-view").set_value("own").run()
    labelled(app.button, "Ask the network").click().run()
    app.selectbox(key="dataset").set_value("iris").run()
    assert not app.exception
    assert session(app).sample.own is None


@pytest.mark.parametrize(("std", "step", "digits"), [(0.5, 0.1, 1), (1.0, 0.1, 1), (50.0, 10.0, 0), (1e20, 1e12, 0)])
def test_the_steps_of_a_field_suit_its_column(std: float, step: float, digits: int) -> None:
    assert table_views.step_of(std) == (step, digits)


def test_numbers_beyond_all_browsers_have_a_field_too() -> None:
    app = dialog_with("size,kind\n" + "\n".join(f"{i}e22,{'ab'[i % 2]}" for i in range(1, 20)))
    app = own_table(app)
    app.segmented_control(key="table-view").set_value("own").run()
    labelled(app.button, "Ask the network").click().run()
    assert not app.exception
    assert session(app).sample.problem is None


def test_how_a_table_was_read_is_one_line() -> None:
    preview = read_table("a,b\n1,x\n2,y\n3,x\n")
    assert understood(preview) == (
        "Read as: 3 rows, 2 columns · comma between cells · decimal point · encoding utf-8 · "
        "the first row holds names of the columns"
    )


@pytest.mark.parametrize("name", TABLES)
def test_the_networks_fit_every_table_and_the_first_one_has_a_name(name: str) -> None:
    now = TablesExperiment(dataset=name)
    networks = networks_of(now)
    assert format_layers(now.layers) == networks["mlp"]
    for layers in networks.values():
        assert now.changed(layers=layers).obstacle is None
