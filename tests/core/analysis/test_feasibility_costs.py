"""Costs against sums garment by garment, intervals against a plain bootstrap, and what flips a decision."""

import dataclasses

import numpy as np
import pytest

from fashion_core.analysis import feasibility_costs as costs
from fashion_core.analysis import feasibility_sensitivity as sensitivity
from fashion_core.analysis.feasibility import NEVER_AUTOMATED, CalibratedPredictions
from fashion_core.analysis.feasibility_costs import MISTAKE_COST_PRESETS, CostModel
from fashion_core.errors import ConfigError
from tests.core.analysis.test_feasibility import drawn

RNG = np.random.default_rng(8)


def some_prices(check: float = 0.07, people: float = 0.9) -> CostModel:
    mistakes = RNG.random((10, 10)) * 3
    np.fill_diagonal(mistakes, 0)
    return CostModel(mistakes, check, people)


def brute(found: CalibratedPredictions, prices: CostModel, threshold: float) -> float:
    """Expected price of all garments, one by one."""
    total = 0.0
    for label, predicted, confidence in zip(found.labels, found.predicted, found.confidence, strict=True):
        if confidence >= threshold:
            total += prices.mistake_costs[label, predicted]
        else:
            others = [prices.mistake_costs[label, c] for c in range(10) if c != label]
            total += prices.manual_check_cost + (1 - prices.human_accuracy) * sum(others) / 9
    return total


@pytest.mark.parametrize("threshold", [0.0, 0.5, 0.9, 1.1, np.inf])
def test_the_cost_of_a_threshold_is_the_sum_over_the_garments(threshold: float) -> None:
    found, prices = drawn(300, RNG), some_prices()
    assert costs.cost_per_garment(found, prices, threshold).sum() == pytest.approx(brute(found, prices, threshold))


@pytest.mark.parametrize("digits", [None, 1])
def test_the_best_threshold_is_the_cheapest_of_all(digits: int | None) -> None:
    found, prices = drawn(200, RNG, digits=digits), some_prices()
    candidates = [np.inf, *sorted(set(found.confidence.tolist()))]
    totals = {threshold: brute(found, prices, threshold) for threshold in candidates}
    threshold, cost = costs.cheapest_threshold(found, prices)
    assert totals[threshold] == pytest.approx(min(totals.values()))
    assert cost == pytest.approx(min(totals.values()) / 200)
    thresholds, by = costs.costs_by_threshold(found, prices)
    assert by == pytest.approx([totals[t] for t in thresholds])


def test_what_can_never_be_automated_costs_a_person() -> None:
    found = drawn(40, RNG)
    found = CalibratedPredictions(
        found.labels, np.where(np.arange(40) < 5, -3, found.predicted), found.confidence.copy()
    )
    found.confidence[:5] = NEVER_AUTOMATED
    prices = some_prices()
    threshold, cost = costs.cheapest_threshold(found, dataclasses.replace(prices, manual_check_cost=1000.0))
    assert (found.confidence >= threshold).sum() == 35
    assert cost * 40 == pytest.approx(brute(found, dataclasses.replace(prices, manual_check_cost=1000.0), threshold))


def test_a_plan_is_chosen_on_validation_and_priced_on_test() -> None:
    chosen_on, test, prices = drawn(800, RNG), drawn(1200, RNG), some_prices()
    plan = costs.choose_deferral_policy("A", chosen_on, test, prices)
    assert plan.threshold == costs.cheapest_threshold(chosen_on, prices)[0]
    alone = brute(test, prices, np.inf)
    assert plan.cost.estimate == pytest.approx(1000 * brute(test, prices, plan.threshold) / 1200)
    assert plan.manual_cost.estimate == pytest.approx(1000 * alone / 1200)
    assert plan.saving.estimate == pytest.approx(plan.manual_cost.estimate - plan.cost.estimate)
    assert plan.coverage == (test.confidence >= plan.threshold).mean()
    assert plan.validation_cost == pytest.approx(1000 * brute(chosen_on, prices, plan.threshold) / 800)


def test_intervals_are_those_of_a_plain_paired_bootstrap() -> None:
    test, prices = drawn(600, RNG), some_prices()
    plan = costs.choose_deferral_policy("A", drawn(600, RNG), test, prices, seed=3)
    cost, alone = costs.cost_per_garment(test, prices, plan.threshold), prices.manual_sorting_cost[test.labels]
    rng = np.random.default_rng(5)
    places = rng.integers(0, 600, (4000, 600))
    for values, found in ((cost, plan.cost), (alone, plan.manual_cost), (alone - cost, plan.saving)):
        low, high = np.quantile(1000 * values[places].mean(axis=1), (0.025, 0.975))
        width = high - low
        assert found.low == pytest.approx(low, abs=0.12 * width)
        assert found.high == pytest.approx(high, abs=0.12 * width)


def test_the_difference_of_two_plans_is_paired() -> None:
    a, prices = drawn(500, RNG), some_prices()
    b = CalibratedPredictions(a.labels, a.predicted, a.confidence)
    assert costs.cost_difference(a, 0.8, b, 0.8, prices) == costs.ConfidenceInterval(0, 0, 0)
    found = costs.cost_difference(a, 0.8, b, 0.5, prices)
    assert found.estimate == pytest.approx(2 * (brute(b, prices, 0.5) - brute(a, prices, 0.8)))
    assert found.low < found.estimate < found.high
    with pytest.raises(ValueError, match="different garments"):
        costs.cost_difference(a, 0.8, drawn(500, RNG), 0.8, prices)


def test_presets_price_every_mistake_and_no_right_answer() -> None:
    for mistakes in MISTAKE_COST_PRESETS.values():
        CostModel(mistakes)
        assert (mistakes + np.eye(10) > 0).all()
    shirt = MISTAKE_COST_PRESETS["Shirt for T-shirt 0.2"]
    assert (shirt[6, 0], shirt[0, 6]) == (0.2, 0.2)
    assert (shirt == 1).sum() == 88
    assert (MISTAKE_COST_PRESETS["Any mistake 1"] == 1).sum() == 90


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({(6, 0): -1.0}, "taking Shirt for T-shirt/top is -1. Write a number from 0"),
        ({(6, 0): np.nan}, "taking Shirt for T-shirt/top is missing. Write a number from 0"),
        ({(6, 0): np.inf}, "taking Shirt for T-shirt/top is inf"),
        ({(6, 0): 1e7}, "Write a number from 0 to 1,000,000"),
        ({(3, 3): 1.0}, "the diagonal stays 0"),
    ],
)
def test_a_price_that_is_none_is_refused_in_a_sentence(change: dict[tuple[int, int], float], words: str) -> None:
    mistakes = MISTAKE_COST_PRESETS["Any mistake 1"].copy()
    for cell, price in change.items():
        mistakes[cell] = price
    with pytest.raises(ConfigError, match=words):
        CostModel(mistakes)


@pytest.mark.parametrize("values", [{"check": -0.1}, {"check": np.nan}, {"people": 1.2}, {"people": np.nan}])
def test_an_impossible_assumption_is_refused_in_a_sentence(values: dict[str, float]) -> None:
    with pytest.raises(ConfigError):
        CostModel(**values)
    with pytest.raises(ConfigError, match="for each class"):
        CostModel(np.zeros((9, 9)))


# ------------------------------------------------------------------ which assumption flips the decision


def off_by(test: CalibratedPredictions, prices: CostModel, threshold: float, name: str, factor: float) -> float:
    """The saving per 1,000 when an assumption is off by ``factor``, garment by garment."""
    check = prices.manual_check_cost * (factor if name == "check" else 1)
    err = (1 - prices.human_accuracy) * (factor if name == "people" else 1)
    price = prices.mistake_costs * (factor if name == "mistakes" else 1)
    total = 0.0
    for label, predicted, confidence in zip(test.labels, test.predicted, test.confidence, strict=True):
        if confidence >= threshold:
            alone = check + err * price[label].sum() / 9
            total += alone - price[label, predicted] * (factor if name == "model" else 1)
    return 1000 * total / len(test)


@pytest.fixture
def decided() -> tuple[dict[str, tuple[CalibratedPredictions, CalibratedPredictions]], CostModel, costs.DeferralPolicy]:
    runs = {"A": (drawn(400, RNG), drawn(500, RNG)), "B": (drawn(400, RNG), drawn(500, RNG))}
    prices = some_prices()
    plan = costs.cheapest_policy(
        [costs.choose_deferral_policy(title, *answers, prices) for title, answers in runs.items()]
    )
    return runs, prices, plan


def test_savings_under_other_assumptions_are_the_sums(decided) -> None:
    runs, prices, plan = decided
    test = runs[plan.title][1]
    for effect in sensitivity.assumption_effects(plan, prices, runs):
        for factor, saving in ((0.5, effect.saving_if_halved), (2.0, effect.saving_if_doubled)):
            assert saving == pytest.approx(off_by(test, prices, plan.threshold, effect.assumption, factor))
        if effect.break_even_factor is not None:
            assert off_by(test, prices, plan.threshold, effect.assumption, effect.break_even_factor) == pytest.approx(
                0, abs=1e-6
            )


def test_an_assumption_that_cannot_flip_it_is_told_as_such(decided) -> None:
    runs, prices, plan = decided
    none = [effect for effect in sensitivity.assumption_effects(plan, prices, runs) if effect.break_even_factor is None]
    for effect in none:
        most = 1 / effect.assumed_value if effect.assumption == "people" else 1e4
        signs = {
            np.sign(off_by(runs[plan.title][1], prices, plan.threshold, effect.assumption, f)) for f in (0.0, most)
        }
        assert signs == {1.0}
    only_checks = dataclasses.replace(prices, people=1.0, check=0.5)
    perfect = {
        title: (a, a) for title, a in (("A", CalibratedPredictions(np.zeros(9, int), np.zeros(9, int), np.ones(9))),)
    }
    plan = costs.choose_deferral_policy("A", *perfect["A"], only_checks)
    found = sensitivity.assumption_effects(plan, only_checks, perfect)
    assert "No single assumption" in sensitivity.describe_break_even(plan, found)


def test_another_run_is_the_cheapest_from_where_it_is_told() -> None:
    prices = some_prices(check=2.0)
    sure, often = drawn(400, RNG), drawn(400, RNG)
    # few garments without a mistake, against all of them with some
    sure = CalibratedPredictions(sure.labels, sure.labels, np.where(np.arange(400) < 200, 1.0, NEVER_AUTOMATED))
    often = CalibratedPredictions(
        often.labels, np.where(np.arange(400) < 120, (often.labels + 1) % 10, often.labels), np.ones(400)
    )
    runs = {"sure": (sure, sure), "often": (often, often)}
    plans = [costs.choose_deferral_policy(title, *answers, prices) for title, answers in runs.items()]
    assert costs.cheapest_policy(plans).title == "often"
    [flips] = [
        e.cheaper_runs
        for e in sensitivity.assumption_effects(costs.cheapest_policy(plans), prices, runs)
        if e.assumption == "check"
    ]
    [(factor, title)] = flips
    assert title == "sure"
    step = sensitivity.TESTED_FACTORS[1] / sensitivity.TESTED_FACTORS[0]
    for check, cheapest in ((2.0 * factor, "sure"), (2.0 * factor * step, "often")):
        now = dataclasses.replace(prices, manual_check_cost=check)
        assert (
            costs.cheapest_policy([costs.choose_deferral_policy(t, *a, now) for t, a in runs.items()]).title == cheapest
        )


def test_the_sentences_say_which_way_it_is() -> None:
    test, prices = drawn(2000, RNG), CostModel()
    plan = costs.choose_deferral_policy("A", test, test, prices)
    assert plan.saving.low > 0
    assert f"saves {plan.saving.estimate:,.1f} per 1,000 garments" in costs.describe_saving(plan)
    dear = dataclasses.replace(plan, saving=costs.ConfidenceInterval(-5, -9, -1))
    assert "costs 5.0 per 1,000 garments more" in costs.describe_saving(dear)
    assert "is open" in costs.describe_saving(dataclasses.replace(plan, saving=costs.ConfidenceInterval(1, -3, 4)))
    nothing = costs.choose_deferral_policy(
        "A", test, test, dataclasses.replace(prices, manual_check_cost=0.0, human_accuracy=1.0)
    )
    assert "people alone are cheapest" in costs.describe_saving(dataclasses.replace(nothing, coverage=0.0))
    effects = sensitivity.assumption_effects(plan, prices, {"A": (test, test)})
    factor = next(e.break_even_factor for e in effects if e.assumption == "model")
    assert f"mistakes of the models are {factor:.3g} times" in sensitivity.describe_break_even(plan, effects)
