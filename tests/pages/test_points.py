"""The points page without a browser: what its widgets do to the experiment, the address and the run."""

from __future__ import annotations

import pytest

from playground.experiment.choices import OPTIMIZERS, SCHEDULES
from playground.experiment.points import PointsExperiment
from playground.experiment.url import to_query
from playground.ui.services import services
from tests.pages.opening import address, experiment, opened, session


def test_the_page_opens_with_the_default_experiment_and_a_run() -> None:
    app = opened("points")
    now = session(app)
    assert now.experiment == PointsExperiment()
    info = services().runner.info(now.run_id)
    assert info is not None
    assert (info.status, info.epoch) == ("ready", 0)
    assert address(app) == to_query(now.experiment)


def test_a_link_opens_its_experiment_and_names_what_was_wrong() -> None:
    app = opened("points", dataset="moons", noise="0.2", learning_rate="30")
    assert session(app).experiment == PointsExperiment(dataset="moons", noise=0.2)
    assert any("learning_rate is 30" in warning.value for warning in app.warning)


def test_a_live_choice_keeps_the_run() -> None:
    app = opened("points")
    run_id = session(app).run_id
    app.select_slider(key="learning_rate").set_value(0.1).run()
    assert "schedule_epochs" not in [field.key for field in app.number_input], "a constant rate has no length"
    app.selectbox(key="schedule").set_value("cosine").run()
    app.number_input(key="schedule_epochs").set_value(40).run()
    assert session(app).run_id == run_id
    info = services().runner.info(run_id)
    assert info is not None
    there = info.experiment
    assert (there.learning_rate, there.schedule, there.schedule_epochs) == (0.1, "cosine", 40)


@pytest.mark.parametrize(
    ("key", "kind", "value"),
    [("optimizer", "selectbox", "sgd"), ("batch_size", "number_input", 25), ("noise", "slider", 0.3)],
)
def test_a_choice_that_needs_a_rebuild_starts_a_new_run_and_undo_returns(key: str, kind: str, value: object) -> None:
    app = opened("points")
    before = session(app).run_id
    getattr(app, kind)(key=key).set_value(value).run()
    assert not app.exception
    after = session(app)
    assert after.run_id != before
    assert getattr(after.experiment, key) == value
    next(button for button in app.button if button.label == "Undo").click().run()
    assert session(app).run_id == before
    assert session(app).experiment == PointsExperiment()


def test_every_optimizer_and_schedule_can_be_chosen() -> None:
    app = opened("points")
    for name in OPTIMIZERS:
        app.selectbox(key="optimizer").set_value(name).run()
        assert session(app).experiment.optimizer == name
    for name in SCHEDULES:
        app.selectbox(key="schedule").set_value(name).run()
        assert session(app).experiment.schedule == name
    assert not app.exception


def test_another_kind_of_data_brings_its_loss() -> None:
    app = opened("points")
    family = next(box for box in app.selectbox if box.label.startswith("Data"))
    family.set_value("regression").run()
    assert session(app).experiment.task == "regression"
    assert session(app).experiment.loss == "mse"
    family = next(box for box in app.selectbox if box.label.startswith("Data"))
    family.set_value("multiclass").run()
    assert session(app).experiment.loss == "cross_entropy"
    assert not app.exception


def test_new_points_come_from_another_seed() -> None:
    app = opened("points")
    next(button for button in app.button if button.label == "New").click().run()
    assert session(app).experiment.seed != PointsExperiment().seed


def test_a_session_that_was_full_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    from playground.worker.runner import RunnerError

    def refuse(*_: object, **__: object) -> None:
        raise RunnerError("The server is training 120 networks, its limit. Wait a minute and try again.")

    monkeypatch.setattr(services().runner, "begin", refuse)
    app = opened("points")
    assert any("its limit" in error.value for error in app.error)


def test_only_the_browser_can_go_back_to_a_former_address() -> None:
    app = opened("points")
    former = address(app)
    app.selectbox(key="optimizer").set_value("sgd").run()
    session(
        app
    ).again = former  # the server asks for a drawing in a click that came before the address reached the browser
    app.query_params.clear()
    for name, value in former.items():
        app.query_params[name] = value
    app.run()
    assert experiment(app).optimizer == "sgd"
    app.run()
    assert experiment(app).optimizer == "adam"
