"""Sentences about what is automated say what the values say."""

import dataclasses

import numpy as np
import pytest

from fashion_core.analysis.feasibility import AutomationAssessment, OperatingPoint, PicturesNeeded, RiskCoverageCurve
from fashion_core.wording import feasibility as wording

POINT = OperatingPoint(n=1000, n_automated=800, n_correct=795)
EMPTY = RiskCoverageCurve(np.ones(1), np.ones(1, int), np.zeros(1, int), 1000)
ASSESSMENT = AutomationAssessment("CNN", 0.99, True, 1.2, 0.9, POINT, POINT, EMPTY)


def test_an_assessment_names_rate_accuracy_and_pictures() -> None:
    sentence = wording.describe_automation(ASSESSMENT)
    assert sentence.startswith("CNN: 80.0% of the garments need no manual check (95% interval 77.4% to 82.4%)")
    assert "on test, 99.4% of those are correct" in sentence


@pytest.mark.parametrize(
    ("n_automated", "words"),
    [(843, "Yes, for about 84 of 100 garments, at 99% correct; people sort the other 16."), (999, "nearly all"),
     (2, "Hardly"), (0, "Not yet")],
)  # fmt: skip
def test_the_answer_is_a_rate_of_100_garments(n_automated: int, words: str) -> None:
    point = OperatingPoint(n=1000, n_automated=n_automated, n_correct=n_automated)
    assert words in wording.describe_answer(dataclasses.replace(ASSESSMENT, test=point))


def test_the_answer_in_short_starts_in_the_middle_of_a_sentence() -> None:
    point = OperatingPoint(n=1000, n_automated=843, n_correct=843)
    answer = wording.summarize_answer_in_short(dataclasses.replace(ASSESSMENT, test=point))
    assert answer == "In short, yes, for about 84 of 100 garments, at 99% correct"
    nothing = dataclasses.replace(ASSESSMENT, test=None)
    assert wording.summarize_answer_in_short(nothing).startswith("In short, not yet: no garment can be sorted")


def test_the_folds_of_a_run_are_a_source_or_a_sentence() -> None:
    source = wording.format_threshold_folds(5, 600, 400)
    assert source.startswith("cross-validated: the threshold is chosen on 3 of 5 folds (validation, n = 600)")
    assert source.endswith("(test, n = 400)")
    assert wording.describe_threshold_folds(5, 600, 400) == f"This run is {source}."


def test_an_assessment_without_a_threshold_says_why() -> None:
    nothing = dataclasses.replace(ASSESSMENT, threshold=None, validation=None, test=None)
    sentence = wording.describe_automation(nothing)
    assert "can't sort any garments on its own at 99.0% correct with 95% certainty: on validation, too" in sentence
    assert wording.format_automation_rate(nothing) == "no threshold passes the safety margin"
    assert wording.format_automation_rate(dataclasses.replace(nothing, guaranteed=False)).endswith("reaches the target")
    assert wording.format_automation_rate(ASSESSMENT) == "80.0%"
    none_on_test = dataclasses.replace(ASSESSMENT, test=OperatingPoint(1000, 0, 0))
    assert "no picture of test reaches the threshold" in wording.describe_automation(none_on_test)
    assert wording.describe_target_check(nothing) == wording.describe_target_check(none_on_test) == ""


@pytest.mark.parametrize(("target", "words"), [(0.98, "confirm"), (0.993, "agree"), (0.999, "miss")])
def test_the_target_is_compared_with_the_interval_on_test(target: float, words: str) -> None:
    many = OperatingPoint(n=10_000, n_automated=8000, n_correct=7950)
    enough = dataclasses.replace(ASSESSMENT, target=target, validation=many, test=many)
    assert words in wording.describe_target_check(enough)


def test_the_target_is_not_checked_on_too_few_pictures() -> None:
    few = dataclasses.replace(ASSESSMENT, test=OperatingPoint(n=60, n_automated=50, n_correct=50))
    assert wording.describe_target_check(few) == ""


def test_the_run_that_automates_most_is_named() -> None:
    less = dataclasses.replace(ASSESSMENT, title="MLP", test=OperatingPoint(1000, 100, 100))
    assert wording.describe_most_automating_run([less, ASSESSMENT]).startswith(
        "CNN automates most at 99.0% correct: 80.0%"
    )
    nothing = dataclasses.replace(ASSESSMENT, test=None)
    assert (
        wording.describe_most_automating_run([nothing]) == "No run can sort any garments on its own at 99.0% correct."
    )


def test_missing_pictures_are_said_by_part() -> None:
    assert wording.describe_pictures_needed(PicturesNeeded(0, 16), 0.99).startswith(
        "Too few pictures to assure 99.0% correct with 95% certainty: it takes at least 16 more in test."
    )
    assert "43 more in validation and 16 more in test" in wording.describe_pictures_needed(PicturesNeeded(43, 16), 0.99)
    assert wording.describe_pictures_needed(PicturesNeeded(0, 0), 0.99) == ""
