"""The Feasibility page without a browser: its figures, its address, and bad input."""

import dataclasses
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from fashion_core.analysis import feasibility, feasibility_costs
from fashion_core.analysis.feasibility_costs import FASHION_MISTAKE_COST_PRESETS, CostModel, equal_mistake_costs
from fashion_core.computed import background, speed, store, validation
from fashion_core.config.train_config import TrainConfig
from fashion_core.data.classes import FASHION_CLASSES, make_classes
from fashion_core.data.sample_data import SampleDataset
from fashion_core.errors import ConfigError
from fashion_core.runs.execute import new_run_record, train_and_score_run
from fashion_core.runs.store import RunStore, hash_weights
from fashion_core.wording.feasibility import describe_automation, describe_target_check
from tests.ui.test_pages import assert_sound, damaged_run, run, texts
from ui import page_state
from ui.feasibility import automation, prices
from ui.feasibility.view import DETAIL_VIEWS, GOALS, MEET_TARGET, FeasibilityView, format_price_changes

SHIPPED = ["kmeans", "mlp", "cnn", "improved_cnn"]


@pytest.fixture(autouse=True)
def _no_data_and_no_measuring(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shipped runs are assessed on a machine without Fashion-MNIST; nothing starts in the background."""
    monkeypatch.delenv("FASHION_MNIST_DIR", raising=False)
    monkeypatch.setattr(background, "queue_computation", lambda computation, dataset: None)


def run_page(**query: str) -> AppTest:
    return run("feasibility", **query)


def plain(test: AppTest) -> str:
    return texts(test).replace("\\", "")


def answers(run_id: str) -> tuple[feasibility.CalibratedPredictions, feasibility.CalibratedPredictions]:
    runs = RunStore()
    on_validation = validation.load_validation_predictions(runs.get(run_id))
    assert on_validation is not None
    return feasibility.calibrate_predictions_on_validation(on_validation, runs.load_predictions(runs.get(run_id)))


@pytest.mark.parametrize("look", DETAIL_VIEWS)
def test_every_detail_view_works_without_the_data(look: str) -> None:
    assert_sound(run_page(look=look), "feasibility")


@pytest.mark.parametrize(
    ("run_id", "sure"), [("kmeans", "95% sure"), ("mlp-poster", "Even odds"), ("recognition-1", "95% sure")]
)
def test_the_page_shows_the_assessment(run_id: str, sure: str) -> None:
    test = run_page(run=run_id, target="97.5", sure=sure)
    assert_sound(test, "feasibility")
    runs = RunStore()
    on_validation = validation.load_validation_predictions(runs.get(run_id))
    assert on_validation is not None
    assessment = feasibility.assess_automation(
        on_validation,
        runs.load_predictions(runs.get(run_id)),
        0.975,
        guaranteed=sure == "95% sure",
        title=runs.get(run_id).title,
    )
    assert describe_automation(assessment) in plain(test)
    assert describe_target_check(assessment) in plain(test)


@pytest.mark.parametrize("goal", GOALS)
def test_the_cost_table_is_the_sum_over_the_garments(goal: str) -> None:
    test = run_page(
        goal=goal, target="97", mistake="2", preset="Shirt for T-shirt 0.2", prices="43:5", check="0.05", people="95"
    )
    mistakes = 2 * FASHION_MISTAKE_COST_PRESETS["Shirt for T-shirt 0.2"]
    mistakes[4, 3] = 5
    cost_model = CostModel(mistakes, 0.05, 0.95)
    table = test.dataframe[0].value.set_index("Sorted by")
    for title, run_id in (("MLP", "mlp"), ("Improved CNN", "improved_cnn")):
        on_validation, on_test = answers(run_id)
        threshold = feasibility_costs.find_cheapest_threshold(on_validation, cost_model)
        if goal == MEET_TARGET:
            curve = on_validation.risk_coverage_curve
            threshold = feasibility.choose_threshold_for_target(curve, 0.97, guaranteed=True) or np.inf
        cost = feasibility_costs.cost_per_garment(on_test, cost_model, threshold).mean()
        assert table.loc[title, automation.COST] == pytest.approx(1000 * cost)
        assert table.loc[title, "No check"] == pytest.approx(100 * (on_test.confidence >= threshold).mean())
    manual = (0.05 + 0.05 * mistakes.sum(axis=1) / 9).mean()
    assert table.loc["Manual sorting", automation.COST] == pytest.approx(1000 * manual)


@pytest.mark.parametrize("goal", GOALS)
def test_one_number_says_how_much_needs_no_manual_check(goal: str) -> None:
    test = run_page(goal=goal)
    assert_sound(test, "feasibility")
    rate = f"{test.dataframe[0].value['No check'][0]:.1f}%"
    assert test.metric[0].value == rate
    assert f"Improved CNN: {rate} of the garments need no manual check" in plain(test)


def test_a_target_that_is_moved_is_the_one_to_meet() -> None:
    test = run_page(goal="Lowest cost", currency="€")
    assert " of the cost of manual sorting: €" in plain(test)
    before = test.metric[0].value
    test.slider[0].set_value(97.5).run()
    assert_sound(test, "feasibility")
    assert "goal" not in test.query_params
    assert "at 97.5% correct; on test," in plain(test)
    assert test.metric[0].value != before


@pytest.mark.slow
def test_tables_can_be_downloaded() -> None:
    labels = {look: [button.label for button in run_page(look=look).get("download_button")] for look in DETAIL_VIEWS}
    assert labels["Prices"] == ["Costs as CSV"]
    assert labels["By run"] == ["Table as CSV", "Curves as CSV"]
    assert labels["What would flip it"] == labels["Speed and size"] == ["Table as CSV"]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"check": "-1"}, "The cost of one manual check is -1. Enter a number from 0"),
        ({"check": "nan"}, "The cost of one manual check is missing"),
        ({"prices": "60:1.2.3"}, "can't be read"),
        ({"prices": "<b>"}, "can't be read"),
        ({"people": "101"}, "People can't sort 101.0% correctly"),
        ({"target": "100"}, "The target is 100%; choose 50% to 99.9%"),
        ({"target": "nan"}, "The target is nan%"),
        ({"volume": "0"}, "The volume is 0 garments a day"),
        ({"goal": "Free"}, "goal is 'Free'; choose Meet a target"),
        ({"currency": "<b>"}, "currency is '<b>'"),
        ({"mistake": "-1"}, "is -1. Enter a number from 0"),
        ({"mistake": "nan"}, "is missing"),
        ({"preset": "Free"}, "preset is 'Free'; choose Any mistake 1"),
    ],
)
def test_an_impossible_parameter_is_replaced_by_the_default(query: dict[str, str], words: str) -> None:
    view, problems = page_state.view_from_parameters(FeasibilityView(), query)
    assert view == FeasibilityView()
    assert [words in problem for problem in problems] == [True]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"check": "-1"}, "The cost of one manual check is"),
        ({"prices": "60:-0.2"}, "sorting Shirt as T-shirt/top is -0.2"),
        ({"prices": "66:1"}, "the diagonal stays 0"),
        ({"prices": "6.10:1"}, "those of other classes"),
    ],
)
def test_the_page_warns_about_an_impossible_address(query: dict[str, str], words: str) -> None:
    test = run_page(**query)
    assert_sound(test, "feasibility")
    [warning] = test.warning
    assert words in warning.value.replace("\\", "")
    assert not test.query_params


def test_a_view_survives_its_address() -> None:
    view = FeasibilityView(
        run="mlp", target=97.5, preset="Same shelf 0.2", prices="43:5,60:0.25", check=0.3, people=90.0
    )
    assert page_state.view_from_parameters(FeasibilityView(), page_state.view_to_parameters(view)) == (view, [])
    costs = view.mistake_costs(FASHION_CLASSES)
    assert (costs[4, 3], costs[6, 0]) == (5, 0.25)
    assert format_price_changes(costs, view, FASHION_CLASSES) == view.prices
    equal = FASHION_MISTAKE_COST_PRESETS["Any mistake 1"]
    assert format_price_changes(equal, FeasibilityView(), FASHION_CLASSES) == ""
    assert format_price_changes(3 * equal, FeasibilityView(mistake=3.0), FASHION_CLASSES) == ""
    with pytest.raises(ConfigError):
        dataclasses.replace(view, prices="43:-5").cost_model(FASHION_CLASSES)


def test_costs_of_classes_with_several_digits_survive_the_address() -> None:
    classes = make_classes([f"Kind {c}" for c in range(150)])
    costs = equal_mistake_costs(150)
    costs[12, 103], costs[1, 23], costs[12, 3], costs[4, 5] = 5, 0.5, 0.25, 2
    prices = format_price_changes(costs, FeasibilityView(), classes)
    assert prices == "1.23:0.5,45:2,12.3:0.25,12.103:5"
    np.testing.assert_array_equal(FeasibilityView(prices=prices).mistake_costs(classes), costs)
    with pytest.raises(ConfigError, match="other classes"):
        FeasibilityView(prices=prices).mistake_costs(FASHION_CLASSES)


def test_an_edit_of_the_matrix_is_rejected_or_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    state: dict[str, Any] = {prices.EDITOR_STATE_KEY: (FeasibilityView(prices="60:0.5"), FASHION_CLASSES, 3)}
    key = "feasibility-prices-3"
    monkeypatch.setattr(st, "session_state", state)
    changed: dict[str, Any] = {}
    monkeypatch.setattr(prices.FEASIBILITY_STATE, "update", lambda **fields: changed.update(fields))
    for cells, message in (
        ({6: {"T-shirt": None}}, "sorting Shirt as T-shirt/top is missing. Enter a number from 0 to 1,000,000"),
        ({6: {"T-shirt": -2.0}}, "sorting Shirt as T-shirt/top is -2"),
        ({6: {"Shirt": 1.0}}, "the diagonal stays 0"),
    ):
        state[key] = {"edited_rows": cells}
        prices.apply_price_edit()
        assert message in state.pop(prices.REJECTED_EDIT_KEY)
        assert changed == {}
    state[key] = {"edited_rows": {4: {"Dress": 3.0}, 6: {"T-shirt": 1.0}}}
    prices.apply_price_edit()
    assert changed == {"prices": "43:3"}
    assert prices.REJECTED_EDIT_KEY not in state


def test_another_preset_replaces_edited_costs() -> None:
    test = run_page(prices="43:5")
    assert "Undo edits" in [button.label for button in test.button]
    [box] = [box for box in test.selectbox if box.label == "Cost of mistakes"]
    box.set_value("Same shelf 0.2").run()
    assert test.query_params["preset"] in ("Same shelf 0.2", ["Same shelf 0.2"])
    assert "prices" not in test.query_params


# ------------------------------------------------------------------ runs


def test_an_unknown_run_gives_a_warning_and_another_run() -> None:
    test = run_page(run="nobody")
    assert_sound(test, "feasibility")
    assert ["no finished run named nobody" in w.value.replace("\\", "") for w in test.warning] == [True]
    assert "Improved CNN: " in plain(test)


def test_a_run_with_damaged_predictions_is_left_out() -> None:
    damaged = damaged_run("broken")
    test = run_page(runs=f"mlp,{damaged.id}")
    assert_sound(test, "feasibility")
    assert ["The predictions of run broken cannot be read" in w.value.replace("\\", "") for w in test.warning] == [True]
    assert sorted(test.dataframe[0].value["Sorted by"]) == ["Improved CNN", "MLP", "Manual sorting"]
    test = run_page(run=damaged.id)
    assert not test.exception
    assert ["The predictions of run broken cannot be read" in e.value.replace("\\", "") for e in test.error] == [True]
    assert "Run" in [box.label for box in test.selectbox]  # another can be chosen


def test_without_a_run_the_page_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RunStore.__init__, "__defaults__", (None, tmp_path))
    test = run_page()
    assert not test.exception
    assert ["no finished run to assess" in info.value for info in test.info] == [True]


@pytest.fixture(scope="module")
def sample_run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A short run on sample data."""
    dataset, store = SampleDataset(), RunStore(tmp_path_factory.mktemp("runs"))
    run = store.create_run(new_run_record(TrainConfig("mlp", 1), dataset, run_id="mine", title="<b>Mine</b>"))
    train_and_score_run(run, dataset)
    return run.path


@pytest.fixture
def mine(sample_run_folder: Path) -> str:
    """A short run of the user's on sample data."""
    shutil.copytree(sample_run_folder, RunStore().runs_folder / "mine")
    return "mine"


def test_runs_on_other_data_are_not_compared(mine: str) -> None:
    computation = validation.validation_computation(RunStore().get(mine))
    dataset = SampleDataset()
    store.save_result(computation, dataset.fingerprint, computation.compute(dataset, lambda share, doing: None))
    test = run_page(run=mine)
    assert_sound(test, "feasibility")
    assert [title for title in test.dataframe[0].value["Sorted by"] if "k-means" in title] == []
    assert "8 runs on other data" in plain(test)
    assert "Synthetic sample data test, n = 2,000" in plain(test)
    assert "<b>" not in texts(test)  # a title is shown as text


def test_validation_predictions_of_a_new_run_are_computed_first(mine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = []
    monkeypatch.setattr(
        background,
        "queue_computation",
        lambda computation, dataset: begun.append((computation.kind, computation.run_id)),
    )
    test = run_page(run=mine)
    assert_sound(test, "feasibility")
    assert begun == [("validation", "mine")]
    assert "on the validation images are not computed yet" in plain(test)
    assert "Compute" in [button.label for button in test.button]
    assert not test.dataframe


def test_a_replaced_run_needs_new_validation_predictions(mine: str) -> None:
    entry = RunStore().get(mine)
    former = validation.validation_computation(entry)
    weights = entry.path / "weights.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    assert validation.validation_computation(entry).key("f") != former.key("f")


# ------------------------------------------------------------------ speed


def test_measurements_are_shown_until_measured_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runs, dataset = RunStore(), SampleDataset()
    for run_id in SHIPPED:
        arrays = {"seconds": np.array(0.002), "per_second": np.array(250.0), "multiply_adds": np.array(5_000_000)}
        weights, machine = hash_weights(runs.get(run_id).path), speed.processor_and_usable_cores()
        store.save_result(speed.SpeedMeasurement(weights, run_id, machine), dataset.fingerprint, arrays)
    test = run_page(look="Speed and size", volume="1000000")
    assert_sound(test, "feasibility")
    assert f"measured on this machine, {speed.processor_and_usable_cores()}" in plain(test)
    assert "1,000,000 garments in 1 h 6 min" in plain(test)
    assert set(test.dataframe[1].value["Pictures a second"]) == {250}
    assert "By multiply-adds and error, Improved CNN is worth considering" in plain(test)
    assert "5.0 trillion multiply-adds" in plain(test)
    begun: list[str] = []
    monkeypatch.setattr(background, "queue_computation", lambda computation, dataset: begun.append(computation.run_id))
    [again] = [button for button in test.button if button.label == "Measure again"]
    again.click().run()
    assert_sound(test, "feasibility")
    assert begun == ["improved_cnn"]
    assert test.dataframe[1].value["Pictures a second"].isna().all()


def test_measuring_starts_on_demand_one_run_at_a_time_once_the_table_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[str] = []
    monkeypatch.setattr(background, "queue_computation", lambda computation, dataset: begun.append(computation.run_id))
    run_page()
    assert begun == []
    test = run_page(look="Speed and size")
    assert begun == []
    test.run()
    assert begun == ["improved_cnn"]
