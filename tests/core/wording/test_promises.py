"""Sentences about promises, for every case."""

import numpy as np
import pytest

from fashion_core.analysis.class_promises import ClassPromise, DeferralPlan
from fashion_core.analysis.class_sets import ClassSetScores
from fashion_core.analysis.exchangeability import ExchangeabilityTest
from fashion_core.analysis.feasibility import OperatingPoint
from fashion_core.data.classes import make_classes
from fashion_core.wording import promises as wording

CLASSES = make_classes(["Hat", "Belt", "Glove"])


@pytest.mark.parametrize(
    ("deferred", "n_automated", "expected"),
    [
        ((), 790, "Each class reaches 99.0% correct on its own: 79.0%"),
        ((1,), 790, "Leave Belt to people and automate the rest: 79.0%"),
        ((0, 1), 300, "Leave Hat and Belt to people"),
        ((0, 1, 2), 0, "No class reaches 99.0% correct on its own"),
    ],
)
def test_a_plan_says_which_classes_are_left_to_people(
    deferred: tuple[int, ...], n_automated: int, expected: str
) -> None:
    assert wording.describe_plan(DeferralPlan(deferred, 1000, n_automated, n_automated), 0.99, CLASSES).startswith(
        expected
    )


def test_a_promise_is_kept_broken_or_missing() -> None:
    kept = ClassPromise(0, 0.99, 0.9, OperatingPoint(500, 400, 399), OperatingPoint(1000, 800, 795), 0)
    broken = ClassPromise(1, 0.99, 0.9, OperatingPoint(500, 400, 399), OperatingPoint(1000, 800, 760), 0)
    missing = ClassPromise(2, 0.99, None, OperatingPoint(30, 0, 0), OperatingPoint(60, 0, 0), 269)
    assert wording.describe_broken_promises([kept, missing], CLASSES) == ""
    assert "Belt" in wording.describe_broken_promises([kept, broken, missing], CLASSES)
    assert wording.format_promise(kept, CLASSES).startswith("Hat: 80.0% automated, 99.4% of those correct")
    assert "at least 269 more" in wording.format_promise(missing, CLASSES)


def test_class_sets_of_no_garments_say_nothing() -> None:
    assert wording.describe_class_sets(ClassSetScores(np.full(3, np.nan), np.zeros(4, int)), 0.99) == ""
    some = ClassSetScores(np.array([0.9, 1.0, np.nan]), np.array([0, 5, 5, 0]))
    assert "the model proposes 1.5 classes on average" in wording.describe_class_sets(some, 0.99)
    assert "95.0%" in wording.describe_class_sets(some, 0.99)


def test_how_pictures_differ_is_named() -> None:
    def describe(p_confidence: float, p_classes: float, *, is_less_confident: bool = True) -> str:
        test = ExchangeabilityTest(p_confidence, p_classes, is_less_confident, 80)
        return wording.describe_exchangeability(test, "the validation images of Things")

    assert "less sure of them (p < 0.001)" in describe(1e-9, 0.5)
    assert "more sure of them" in describe(0.001, 0.5, is_less_confident=False)
    assert "other classes are frequent (p = 0.002)" in describe(0.5, 0.001)
    assert describe(0.5, 0.5).startswith("Nothing speaks against")
