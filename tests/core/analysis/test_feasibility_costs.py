"""Costs against sums garment by garment, intervals against a plain bootstrap, and what changes a decision."""

import dataclasses

import numpy as np
import pytest

from fashion_core.analysis import feasibility_costs as costs
from fashion_core.analysis import feasibility_sensitivity as sensitivity
from fashion_core.analysis.feasibility import NEVER_AUTOMATED_CONFIDENCE, CalibratedPredictions
from fashion_core.analysis.feasibility_costs import FASHION_MISTAKE_COST_PRESETS, CostModel
from fashion_core.errors import ConfigError
from tests.core.analysis.test_feasibility import random_predictions

RNG = np.random.default_rng(8)


def random_cost_model(check: float = 0.07, people: float = 0.9) -> CostModel:
    mistakes = RNG.random((10, 10)) * 3
    np.fill_diagonal(mistakes, 0)
    return CostModel(mistakes, check, people)


def sum_costs(predictions: CalibratedPredictions, cost_model: CostModel, threshold: float) -> float:
    """Expected cost of all garments, one by one."""
    total = 0.0
    for label, predicted, confidence in zip(
        predictions.labels, predictions.predicted, predictions.confidence, strict=True
    ):
        if confidence >= threshold:
            total += cost_model.mistake_costs[label, predicted]
        else:
            others = [cost_model.mistake_costs[label, c] for c in range(10) if c != label]
            total += cost_model.manual_check_cost + (1 - cost_model.human_accuracy) * sum(others) / 9
    return total


@pytest.mark.parametrize("threshold", [0.0, 0.5, 0.9, 1.1, np.inf])
def test_the_cost_of_a_threshold_is_the_sum_over_the_garments(threshold: float) -> None:
    predictions, cost_model = random_predictions(300, RNG), random_cost_model()
    assert costs.cost_per_garment(predictions, cost_model, threshold).sum() == pytest.approx(
        sum_costs(predictions, cost_model, threshold)
    )


@pytest.mark.parametrize("digits", [None, 1])
def test_the_cheapest_threshold_is_found(digits: int | None) -> None:
    predictions, cost_model = random_predictions(200, RNG, digits=digits), random_cost_model()
    candidates = [np.inf, *sorted(set(predictions.confidence.tolist()))]
    totals = {threshold: sum_costs(predictions, cost_model, threshold) for threshold in candidates}
    threshold = costs.find_cheapest_threshold(predictions, cost_model)
    assert totals[threshold] == pytest.approx(min(totals.values()))
    thresholds, breakdown = costs.cost_breakdown_by_threshold(predictions, cost_model)
    assert breakdown.total() == pytest.approx([totals[t] for t in thresholds])


def test_garments_that_are_never_automated_cost_a_manual_check() -> None:
    predictions = random_predictions(40, RNG)
    predictions = CalibratedPredictions(
        predictions.labels, np.where(np.arange(40) < 5, -3, predictions.predicted), predictions.confidence.copy()
    )
    predictions.confidence[:5] = NEVER_AUTOMATED_CONFIDENCE
    cost_model = dataclasses.replace(random_cost_model(), manual_check_cost=1000.0)
    threshold = costs.find_cheapest_threshold(predictions, cost_model)
    assert (predictions.confidence >= threshold).sum() == 35
    assert costs.cost_per_garment(predictions, cost_model, threshold).sum() == pytest.approx(
        sum_costs(predictions, cost_model, threshold)
    )


def test_a_policy_is_validation_validation_and_measured_on_test() -> None:
    validation, test, cost_model = random_predictions(800, RNG), random_predictions(1200, RNG), random_cost_model()
    policy = costs.choose_deferral_policy("A", validation, test, cost_model)
    assert policy.threshold == costs.find_cheapest_threshold(validation, cost_model)
    alone = sum_costs(test, cost_model, np.inf)
    assert policy.cost.estimate == pytest.approx(1000 * sum_costs(test, cost_model, policy.threshold) / 1200)
    assert policy.manual_cost.estimate == pytest.approx(1000 * alone / 1200)
    assert policy.saving.estimate == pytest.approx(policy.manual_cost.estimate - policy.cost.estimate)
    assert policy.coverage == (test.confidence >= policy.threshold).mean()
    assert policy.validation_cost == pytest.approx(1000 * sum_costs(validation, cost_model, policy.threshold) / 800)


def test_intervals_agree_with_a_plain_paired_bootstrap() -> None:
    test, cost_model = random_predictions(600, RNG), random_cost_model()
    policy = costs.choose_deferral_policy("A", random_predictions(600, RNG), test, cost_model)
    cost, alone = (
        costs.cost_per_garment(test, cost_model, policy.threshold),
        cost_model.manual_sorting_cost_by_class[test.labels],
    )
    rng = np.random.default_rng(5)
    indices = rng.integers(0, 600, (4000, 600))
    for values, interval in ((cost, policy.cost), (alone, policy.manual_cost), (alone - cost, policy.saving)):
        low, high = np.quantile(1000 * values[indices].mean(axis=1), (0.025, 0.975))
        width = high - low
        assert interval.low == pytest.approx(low, abs=0.12 * width)
        assert interval.high == pytest.approx(high, abs=0.12 * width)


def test_the_difference_of_two_policies_is_paired() -> None:
    a, cost_model = random_predictions(500, RNG), random_cost_model()
    b = CalibratedPredictions(a.labels, a.predicted, a.confidence)
    assert costs.bootstrap_cost_difference_per_thousand(a, 0.8, b, 0.8, cost_model) == costs.ConfidenceInterval(0, 0, 0)
    difference = costs.bootstrap_cost_difference_per_thousand(a, 0.8, b, 0.5, cost_model)
    assert difference.estimate == pytest.approx(2 * (sum_costs(b, cost_model, 0.5) - sum_costs(a, cost_model, 0.8)))
    assert difference.low < difference.estimate < difference.high
    with pytest.raises(ValueError, match="different garments"):
        costs.bootstrap_cost_difference_per_thousand(a, 0.8, random_predictions(500, RNG), 0.8, cost_model)


def test_people_are_only_known_to_err_on_fashion_mnist() -> None:
    assert costs.default_human_accuracy("fashion-mnist") == costs.HUMAN_ACCURACY
    assert costs.default_human_accuracy("catalogue") == 1.0


@pytest.mark.parametrize(("n_validation", "n_test", "expected"), [(1, 100, True), (0, 100, False), (50, 99, False)])
def test_costs_need_pictures(n_validation: int, n_test: int, expected: bool) -> None:
    assert costs.can_estimate_costs(n_validation, n_test) is expected


def test_presets_have_a_cost_for_every_mistake() -> None:
    for mistakes in FASHION_MISTAKE_COST_PRESETS.values():
        CostModel(mistakes)
        assert (mistakes + np.eye(10) > 0).all()
    shirt = FASHION_MISTAKE_COST_PRESETS["Shirt for T-shirt 0.2"]
    assert (shirt[6, 0], shirt[0, 6]) == (0.2, 0.2)
    assert (shirt == 1).sum() == 88
    assert (FASHION_MISTAKE_COST_PRESETS["Any mistake 1"] == 1).sum() == 90


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({(6, 0): -1.0}, "sorting Shirt as T-shirt/top is -1. Enter a number from 0"),
        ({(6, 0): np.nan}, "sorting Shirt as T-shirt/top is missing. Enter a number from 0"),
        ({(6, 0): np.inf}, "sorting Shirt as T-shirt/top is inf"),
        ({(6, 0): 1e7}, "Enter a number from 0 to 1,000,000"),
        ({(3, 3): 1.0}, "the diagonal stays 0"),
    ],
)
def test_an_invalid_cost_is_rejected(change: dict[tuple[int, int], float], words: str) -> None:
    mistakes = FASHION_MISTAKE_COST_PRESETS["Any mistake 1"].copy()
    for cell, price in change.items():
        mistakes[cell] = price
    with pytest.raises(ConfigError, match=words):
        CostModel(mistakes)


@pytest.mark.parametrize(
    "values",
    [{"manual_check_cost": -0.1}, {"manual_check_cost": np.nan}, {"human_accuracy": 1.2}, {"human_accuracy": np.nan}],
)
def test_an_impossible_assumption_is_rejected(values: dict[str, float]) -> None:
    with pytest.raises(ConfigError):
        CostModel(**values)
    with pytest.raises(ConfigError, match="row and a column for each class"):
        CostModel(np.zeros((9, 9)))


# ------------------------------------------------------------------ which assumption changes the decision


def saving_off_by(
    test: CalibratedPredictions, cost_model: CostModel, threshold: float, name: str, factor: float
) -> float:
    """The saving per 1,000 when an assumption is off by ``factor``, garment by garment."""
    check = cost_model.manual_check_cost * (factor if name == "manual_check_cost" else 1)
    err = (1 - cost_model.human_accuracy) * (factor if name == "human_error_rate" else 1)
    price = cost_model.mistake_costs * (factor if name == "mistake_costs" else 1)
    total = 0.0
    for label, predicted, confidence in zip(test.labels, test.predicted, test.confidence, strict=True):
        if confidence >= threshold:
            alone = check + err * price[label].sum() / 9
            total += alone - price[label, predicted] * (factor if name == "model_mistakes" else 1)
    return 1000 * total / len(test)


@pytest.fixture
def compared() -> tuple[
    dict[str, tuple[CalibratedPredictions, CalibratedPredictions]], CostModel, costs.DeferralPolicy
]:
    runs = {
        "A": (random_predictions(400, RNG), random_predictions(500, RNG)),
        "B": (random_predictions(400, RNG), random_predictions(500, RNG)),
    }
    cost_model = random_cost_model()
    policy = costs.choose_cheapest_policy_on_validation(
        [costs.choose_deferral_policy(title, *answers, cost_model) for title, answers in runs.items()]
    )
    return runs, cost_model, policy


def test_savings_under_other_assumptions_agree_with_sums(compared) -> None:
    runs, cost_model, policy = compared
    test = runs[policy.title][1]
    for effect in sensitivity.compute_assumption_effects_on_saving(policy, cost_model, runs):
        for factor, saving in ((0.5, effect.saving_if_halved), (2.0, effect.saving_if_doubled)):
            assert saving == pytest.approx(saving_off_by(test, cost_model, policy.threshold, effect.assumption, factor))
        if effect.break_even_factor is not None:
            assert saving_off_by(
                test, cost_model, policy.threshold, effect.assumption, effect.break_even_factor
            ) == pytest.approx(0, abs=1e-6)


def test_an_assumption_without_break_even_never_turns_the_saving(compared) -> None:
    runs, cost_model, policy = compared
    without = [
        effect
        for effect in sensitivity.compute_assumption_effects_on_saving(policy, cost_model, runs)
        if effect.break_even_factor is None
    ]
    for effect in without:
        most = 1 / effect.assumed_value if effect.assumption == "human_error_rate" else 1e4
        signs = {
            np.sign(saving_off_by(runs[policy.title][1], cost_model, policy.threshold, effect.assumption, f))
            for f in (0.0, most)
        }
        assert signs == {1.0}
    only_checks = dataclasses.replace(cost_model, human_accuracy=1.0, manual_check_cost=0.5)
    perfect = {
        title: (a, a) for title, a in (("A", CalibratedPredictions(np.zeros(9, int), np.zeros(9, int), np.ones(9))),)
    }
    policy = costs.choose_deferral_policy("A", *perfect["A"], only_checks)
    effects = sensitivity.compute_assumption_effects_on_saving(policy, only_checks, perfect)
    assert [effect.break_even_factor for effect in effects if effect.break_even_factor] == []


def test_another_run_becomes_cheapest_at_the_reported_factor() -> None:
    cost_model = random_cost_model(check=2.0)
    confident, often = random_predictions(400, RNG), random_predictions(400, RNG)
    # few garments without a mistake, against all of them with some
    confident = CalibratedPredictions(
        confident.labels, confident.labels, np.where(np.arange(400) < 200, 1.0, NEVER_AUTOMATED_CONFIDENCE)
    )
    often = CalibratedPredictions(
        often.labels, np.where(np.arange(400) < 120, (often.labels + 1) % 10, often.labels), np.ones(400)
    )
    runs = {"confident": (confident, confident), "often": (often, often)}
    policies = [costs.choose_deferral_policy(title, *answers, cost_model) for title, answers in runs.items()]
    assert costs.choose_cheapest_policy_on_validation(policies).title == "often"
    [cheaper_runs] = [
        e.cheaper_runs
        for e in sensitivity.compute_assumption_effects_on_saving(
            costs.choose_cheapest_policy_on_validation(policies), cost_model, runs
        )
        if e.assumption == "manual_check_cost"
    ]
    [(factor, title)] = cheaper_runs
    assert title == "confident"
    step = sensitivity.ASSUMPTION_SCALE_FACTORS[1] / sensitivity.ASSUMPTION_SCALE_FACTORS[0]
    for check, cheapest in ((2.0 * factor, "confident"), (2.0 * factor * step, "often")):
        now = dataclasses.replace(cost_model, manual_check_cost=check)
        assert (
            costs.choose_cheapest_policy_on_validation(
                [costs.choose_deferral_policy(t, *a, now) for t, a in runs.items()]
            ).title
            == cheapest
        )
