"""Sentences about costs say what the values say."""

import dataclasses

import pytest

from fashion_core.analysis.compare import ConfidenceInterval
from fashion_core.analysis.feasibility_costs import DeferralPolicy
from fashion_core.analysis.feasibility_sensitivity import AssumptionEffect
from fashion_core.wording import feasibility_costs as wording

INTERVAL = ConfidenceInterval(100.0, 90.0, 110.0)
POLICY = DeferralPolicy("CNN", 0.8, 0.75, INTERVAL, INTERVAL, ConfidenceInterval(45.0, 40.0, 50.0), 100.0, 1000)
CHECK = AssumptionEffect("manual_check_cost", 0.1, 20.0, 90.0, 0.5, ((0.25, "MLP"),))
HUMAN = AssumptionEffect("human_error_rate", 0.2, 30.0, 60.0, 0.25, ())
MODEL = AssumptionEffect("model_mistakes", 1.0, 60.0, 30.0, 3.0, ())


@pytest.mark.parametrize(
    ("saving", "words"),
    [
        (ConfidenceInterval(45, 40, 50), "CNN with manual checks for 25.0% saves 45% of the cost of manual sorting: "),
        (
            ConfidenceInterval(-5, -9, -1),
            "costs €5.0 per 1,000 garments more than manual sorting (95% interval 1.0 to 9.0)",
        ),
        (ConfidenceInterval(1, -3, 4), "may or may not save money"),
        (
            ConfidenceInterval(1, -3, 4),
            "on test it saved €1.0 per 1,000 garments (95% interval of the saving −3.0 to 4.0)",
        ),
        (ConfidenceInterval(-1, -3, 4), "on test it cost €1.0 per 1,000 garments"),
    ],
)
def test_a_saving_is_named_by_its_interval(saving: ConfidenceInterval, words: str) -> None:
    assert words in wording.describe_saving(dataclasses.replace(POLICY, saving=saving), "€")


def test_nothing_automated_saves_nothing() -> None:
    nothing = dataclasses.replace(POLICY, coverage=0.0)
    assert "manual sorting is cheapest" in wording.describe_saving(nothing)
    assert "nothing is saved" in wording.describe_daily_saving(nothing, 1000)
    assert "no assumption" in wording.describe_break_even(nothing, [CHECK])


def test_a_day_is_scaled_to_its_volume() -> None:
    sentence = wording.describe_daily_saving(POLICY, 10_000)
    assert "7,500 need no manual check with CNN and 2,500 do; that saves 450 a day" in sentence
    assert "(95% interval 400 to 500)" in sentence


def test_a_loss_is_named_as_one() -> None:
    loss = dataclasses.replace(POLICY, saving=ConfidenceInterval(-5, -8, -2))
    sentence = wording.describe_daily_saving(loss, 10_000, "€")
    assert "that costs €50 a day more than manual sorting (95% interval 20 to 80)" in sentence
    assert "already costs" in wording.describe_break_even(loss, [CHECK])


def test_the_nearest_break_even_is_named() -> None:
    assert "until “Cost of one manual check” is 0.05 instead of 0.1" in wording.describe_break_even(
        POLICY, [MODEL, HUMAN, CHECK]
    )
    assert "“Error rate of people” is 5.0% instead of 20.0%" in wording.describe_break_even(POLICY, [HUMAN])
    assert "model mistakes” is 3 times the number on test" in wording.describe_break_even(POLICY, [MODEL])
    assert "No single assumption" in wording.describe_break_even(POLICY, [])


def test_assumptions_are_formatted_with_their_side() -> None:
    assert wording.format_break_even(CHECK) == "below 0.05"
    assert wording.format_break_even(MODEL) == "above 3 times"
    assert wording.format_break_even(dataclasses.replace(MODEL, break_even_factor=None)) == "never"
    assert wording.format_cheaper_runs(CHECK) == "MLP below 0.025"
    assert wording.format_cheaper_runs(HUMAN) == "never"


def test_significance_follows_the_interval() -> None:
    assert "is statistically significant" in wording.describe_second_cheapest_run(POLICY, ConfidenceInterval(5, 1, 9))
    assert "is not statistically significant" in wording.describe_second_cheapest_run(
        POLICY, ConfidenceInterval(5, -1, 9)
    )


def test_runs_worth_considering_are_listed() -> None:
    assert wording.describe_pareto_front(["MLP"], "parameters").startswith("By parameters and error, MLP is worth")
    assert "MLP and CNN are worth considering" in wording.describe_pareto_front(["MLP", "CNN"], "parameters")


def test_throughput_is_scaled_to_the_volume() -> None:
    sentence = wording.describe_slowest_run_duration("CNN", 1_000_000, 3960, 5e12)
    assert "1,000,000 garments in 1 h 6 min" in sentence
    assert "5.0 trillion multiply-adds" in sentence
