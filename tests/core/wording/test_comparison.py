import numpy as np
import pytest

from fashion_core.analysis.compare import McNemarResult, mcnemar_test, paired_bootstrap
from fashion_core.runs.store import RunStore
from fashion_core.wording.comparison import (
    describe_agreement,
    describe_calibration,
    describe_comparison,
    describe_correctness_pattern,
    describe_significant_classes,
)


def describe_shipped_runs(a: str, b: str) -> tuple[str, McNemarResult]:
    runs = RunStore()
    predictions = [runs.load_predictions(runs.get(run)) for run in (a, b)]
    labels = predictions[0].labels
    predicted = [p.probabilities.argmax(axis=1) for p in predictions]
    test = mcnemar_test(*(classes == labels for classes in predicted))
    return describe_comparison("CNN", "Improved CNN", paired_bootstrap(labels, *predicted, n_classes=10), test), test


def test_a_significant_difference_counts_fixes_and_new_mistakes() -> None:
    text, test = describe_shipped_runs("cnn", "improved_cnn")
    counts = f"fixes {test.n_fixed:,} of CNN's mistakes and makes {test.n_new_mistakes:,} new ones"
    assert text.startswith(f"Improved CNN {counts} (+2.")
    assert text.endswith(", statistically significant).")


def test_no_difference_is_not_significant() -> None:
    text, _ = describe_shipped_runs("cnn", "cnn")
    assert "+0.0 points" in text
    assert "not statistically significant" in text


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ((True, True), "every run classifies correctly"),
        ((False, False), "every run misclassifies"),
        ((True, False), "only A classifies correctly"),
        ((False, True), "only B classifies correctly"),
    ],
)
def test_a_pattern_names_the_correct_runs(pattern: tuple[bool, ...], words: str) -> None:
    assert words in describe_correctness_pattern(pattern, ["A", "B"])


def test_significant_classes_are_listed() -> None:
    assert describe_significant_classes(["Coat", "Shirt"], 10).endswith("2 of 10 classes: Coat and Shirt.")
    assert "no class" in describe_significant_classes([], 10)


def test_calibration_says_in_which_direction_confidence_is_off() -> None:
    assert describe_calibration("A", 0.02, 0.031) == "A is overconfident: expected calibration error 3.1%"
    assert describe_calibration("B", -0.02, 0.01, 0.031).startswith("B is underconfident")


def test_the_difference_in_the_sentence_is_the_observed_one() -> None:
    labels = np.zeros(100, int)
    a, b = np.arange(100) // 50, np.arange(100) // 75
    text = describe_comparison("A", "B", paired_bootstrap(labels, a, b, n_classes=10), mcnemar_test(a == 0, b == 0))
    assert "B fixes 25 of A's mistakes and makes 0 new ones (+25.0 points" in text


@pytest.mark.parametrize(
    ("n_runs", "n_all_wrong", "sentence"),
    [
        (2, 0, "Both runs are correct on 90.0% of the garments, and on no garment are all of them wrong."),
        (2, 1, "Both runs are correct on 90.0% of the garments and wrong on 1, whose label may be an error."),
        (3, 20, "All 3 runs are correct on 90.0% of the garments and wrong on 20, whose labels may be errors."),
    ],
)
def test_agreement_is_worded_for_any_number(n_runs: int, n_all_wrong: int, sentence: str) -> None:
    assert describe_agreement(n_runs, 0.9, n_all_wrong) == sentence
