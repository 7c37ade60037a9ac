"""Suggestions in words."""

import math

import pytest

from fashion_core.analysis.automation_gain import AutomationGoal
from fashion_core.analysis.compare import ConfidenceInterval
from fashion_core.analysis.suggestions import Suggestion, SuggestionKind
from fashion_core.data.classes import make_classes
from fashion_core.wording.advice import (
    describe_gain,
    describe_no_advice,
    describe_outcome,
    describe_suggestion,
    format_suggestion,
)

CLASSES = make_classes(["Mütze", "靴", "Bag"])
GAIN = ConfidenceInterval(0.06, 0.028, 0.086)
EVIDENCE: dict[SuggestionKind, dict[str, float]] = {
    "label": {"p_value": 0.0004, "n_pictures": 600, "n_labels": 60},
    "leave": {"error_rate": 0.2, "other_error_rate": 0.05, "n": 500},
    "merge": {"error_rate": 0.48, "guessing_error_rate": 0.5, "n": 100, "n_confused": 48},
    "collect": {"n_train": 30, "n_more": 90, "error_rate": 0.4, "other_error_rate": 0.1},
    "train": {"n_passes": 10, "goal": 40, "slope": 0.002, "p_value": 0.01},
}


@pytest.mark.parametrize(
    ("kind", "classes", "words"),
    [
        ("label", (), ["Label 60 pictures of yours", "600 pictures", "p = 0.0004"]),
        ("leave", (1,), ["Leave 靴 to people", "500 validation images", "20.0%", "5.0%"]),
        ("merge", (0, 2), ["Merge Mütze and Bag", "48 of 100", "guessing would confuse 50.0%"]),
        ("collect", (2,), ["Collect 90 more pictures of Bag", "30 training pictures", "40.0%"]),
        ("train", (), ["Train longer: 40 passes over the pictures instead of 10", "+0.20 points an epoch"]),
    ],
)
def test_a_suggestion_says_what_why_and_how_much(
    kind: SuggestionKind, classes: tuple[int, ...], words: list[str]
) -> None:
    sentence = describe_suggestion(Suggestion(kind, classes, EVIDENCE[kind], GAIN), CLASSES)
    for each in [*words, "Expected: +6.0 points (95% interval 2.8 to 8.6) automated"]:
        assert each in sentence


def test_an_unknown_and_an_uncertain_gain_are_said_to_be() -> None:
    unknown = Suggestion("collect", (2,), EVIDENCE["collect"], None)
    assert "not known yet" in describe_gain(unknown)
    uncertain = Suggestion("leave", (2,), EVIDENCE["leave"], ConfidenceInterval(0.02, -0.01, 0.05), 0.015)
    assert "not certain: +2.0 points (95% interval −1.0 to 5.0)" in describe_gain(uncertain)
    assert "On test it brings +1.5 points" in describe_gain(uncertain)


def test_merging_what_can_be_told_apart_has_a_price() -> None:
    evidence = {"error_rate": 0.06, "guessing_error_rate": 0.5, "n": 100, "n_confused": 6}
    assert "which you would give up" in describe_suggestion(Suggestion("merge", (0, 1), evidence, GAIN), CLASSES)


def test_a_short_preset_has_no_slope() -> None:
    evidence = {"n_passes": 10, "goal": 40, "slope": math.nan, "p_value": math.nan}
    sentence = describe_suggestion(Suggestion("train", (), evidence, None), CLASSES)
    assert "10 times" in sentence
    assert "nan" not in sentence


def test_what_a_run_brought_stands_next_to_what_was_expected() -> None:
    sentence = describe_outcome("New MLP", "collect", GAIN, ConfidenceInterval(0.05, 0.03, 0.07))
    assert "New MLP, trained on more pictures, brought +5.0 points (95% interval 3.0 to 7.0)" in sentence
    assert "; +6.0 points" in sentence
    assert sentence.endswith("were expected.")
    assert "no gain had been computed" in describe_outcome("New MLP", "train", None, None)


def test_no_advice_names_the_target() -> None:
    assert "at 99.0% correct" in describe_no_advice(AutomationGoal(0.99))
    assert format_suggestion(Suggestion("leave", (0,), {}, None), CLASSES) == "Leave Mütze to people"
