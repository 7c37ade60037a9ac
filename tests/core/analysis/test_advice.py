"""Suggestions: the three constructed cases, each kind by itself, and bad input."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from benchmarks.advice import CaseResult, few_pictures_case, label_shift_case, split_class_case
from fashion_core.analysis.advice import MAX_SUGGESTIONS, suggest_improvements
from fashion_core.analysis.automation_gain import AutomationGoal
from fashion_core.analysis.compare import ConfidenceInterval
from fashion_core.analysis.predictions import Predictions
from fashion_core.analysis.suggestions import AdviceInputs, LearningCurvePoints, ShiftEvidence, Suggestion
from fashion_core.data import Dataset
from fashion_core.errors import ConfigError

GOAL = AutomationGoal(0.95, guaranteed=False)


def draw(
    n: int, n_classes: int = 5, seed: int = 0, *, confused: tuple[int, int] | None = None, margin: float = 6
) -> Predictions:
    """Predictions of random certainty; of two ``confused`` classes, neither is ever more probable than the other."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, n_classes, n)
    scores = rng.normal(0, 1, (n, n_classes))
    scores[np.arange(n), labels] += rng.gamma(margin, 1, n)
    if confused:
        a, b = confused
        rows = np.isin(labels, confused)
        scores[rows, a] = scores[rows].max(axis=1) + rng.normal(0, 0.1, rows.sum())
        scores[rows, b] = scores[rows, a] + rng.normal(0, 0.1, rows.sum())
    probabilities = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    return Predictions(probabilities.astype(np.float32), labels.astype(np.uint8))


def find(suggestions: tuple[Suggestion, ...], kind: str) -> Suggestion:
    return next(suggestion for suggestion in suggestions if suggestion.kind == kind)


@pytest.mark.slow
@pytest.mark.parametrize("case", [label_shift_case, few_pictures_case, split_class_case])
def test_the_right_suggestion_comes_first_and_its_gain_is_within_the_interval(
    case: Callable[[Dataset, int], CaseResult], fashion_mnist: Dataset
) -> None:
    result = case(fashion_mnist, 200)
    assert (result.suggestions[0].kind, result.suggestions[0].classes) == result.right
    assert result.is_within_interval


def test_classes_that_are_confused_as_by_guessing_are_merged_first() -> None:
    suggestions = suggest_improvements(
        AdviceInputs(draw(1500, confused=(1, 3)), draw(1500, seed=1, confused=(1, 3))), GOAL
    )
    first = suggestions[0]
    assert (first.kind, first.classes, first.keeps_answers) == ("merge", (1, 3), True)
    assert first.evidence["error_rate"] == pytest.approx(0.5, abs=0.06)
    assert first.gain is not None
    assert first.measured is not None
    assert 0 < first.gain.low <= first.measured <= first.gain.high


def draw_with_hard_class(hard: int, seed: int) -> Predictions:
    """Every fifth image of each class is predicted as the ``hard`` one, as surely as the others as their own."""
    predictions = draw(1500, seed=seed)
    probabilities, rows = predictions.probabilities.copy(), np.arange(0, 1500, 5)
    own = predictions.labels[rows]
    probabilities[rows, hard], probabilities[rows, own] = probabilities[rows, own], probabilities[rows, hard]
    return Predictions(probabilities, predictions.labels)


def test_a_hard_class_among_easy_ones_is_left_to_people() -> None:
    inputs = AdviceInputs(draw_with_hard_class(2, 0), draw_with_hard_class(2, 1))
    suggestion = find(suggest_improvements(inputs, GOAL), "leave")
    assert suggestion.classes == (2,)
    assert suggestion.evidence["error_rate"] > 0.3 > 0.1 > suggestion.evidence["other_error_rate"]
    assert suggestion.evidence["n"] == (inputs.validation.predicted == 2).sum()
    assert suggestion.gain is not None
    assert suggestion.measured is not None
    assert 0 < suggestion.gain.low <= suggestion.measured <= suggestion.gain.high


def test_what_is_measured_on_test_does_not_change_the_suggestions() -> None:
    validation, test = draw(1500, confused=(1, 3)), draw(1500, seed=1, confused=(1, 3))
    shuffled = Predictions(test.probabilities, np.random.default_rng(0).permutation(test.labels))
    found = [suggest_improvements(AdviceInputs(validation, each), GOAL) for each in (test, shuffled)]
    assert [(s.kind, s.classes, s.gain) for s in found[0]] == [(s.kind, s.classes, s.gain) for s in found[1]]


def test_labels_come_first_then_certain_gains_and_unknown_ones_last() -> None:
    history = pd.DataFrame({"epoch": [1, 2], "val_accuracy": [0.5, 0.6], "learning_rate": [0.1, 0.0]})
    shift = ShiftEvidence(0.001, 200, 60, ConfidenceInterval(0.9, 0.0, 1.0))
    inputs = AdviceInputs(
        draw(1500, confused=(1, 3)), draw(900, seed=1), None, history, n_passes=2, best_n_passes=20, shift=shift
    )
    kinds = [suggestion.kind for suggestion in suggest_improvements(inputs, GOAL)]
    assert kinds[:2] == ["label", "merge"]
    assert kinds[-1] == "train"
    assert len(kinds) <= MAX_SUGGESTIONS


def test_pictures_that_look_alike_need_no_labels() -> None:
    shift = ShiftEvidence(0.4, 200, 60, ConfidenceInterval(0.9, 0.8, 1.0))
    kinds = {s.kind for s in suggest_improvements(AdviceInputs(draw(800), draw(800, seed=1), shift=shift), GOAL)}
    assert "label" not in kinds


def test_more_pictures_are_suggested_for_a_class_with_few_that_is_missed() -> None:
    validation = draw(2000)
    scores = validation.probabilities.copy()
    scores[(validation.labels == 2) & (np.arange(2000) % 2 == 0), 2] = 0  # half of class 2 is predicted as another
    validation = Predictions(scores / scores.sum(axis=1, keepdims=True), validation.labels)
    counts = np.array([400, 400, 100, 400, 400])
    without = suggest_improvements(AdviceInputs(validation, draw(900, seed=1), counts), GOAL)
    assert find(without, "collect").gain is None
    assert find(without, "collect").evidence["n_more"] == 300
    n_class = int((validation.labels == 2).sum())
    points = LearningCurvePoints(
        np.array([[400, 400, n, 400, 400] for n in (25, 50)]),
        np.array([[0, 0, round(f * n_class), 0, 0] for f in (0.8, 0.6)]),
    )
    known = find(
        suggest_improvements(AdviceInputs(validation, draw(900, seed=1), counts, points=points), GOAL), "collect"
    )
    assert known.gain is not None
    assert 0 < known.gain.estimate < known.gain.high
    balanced = suggest_improvements(AdviceInputs(validation, draw(900, seed=1), np.full(5, 400)), GOAL)
    assert "collect" not in {suggestion.kind for suggestion in balanced}


def history(accuracy: np.ndarray, *, anneals: bool = False) -> pd.DataFrame:
    n = len(accuracy)
    rate = np.linspace(0.1, 0, n) if anneals else np.full(n, 0.1)
    return pd.DataFrame({"epoch": np.arange(1, n + 1), "val_accuracy": accuracy, "learning_rate": rate})


def test_training_is_to_go_on_where_the_accuracy_was_still_rising() -> None:
    validation, rng = draw(2000, margin=3), np.random.default_rng(0)
    accuracy = 1 - 0.6 * np.arange(1, 41) ** -0.4 + rng.normal(0, 0.0005, 40)
    rising = AdviceInputs(validation, draw(900, seed=1, margin=3), None, history(accuracy), 40, 40)
    suggestion = find(suggest_improvements(rising, GOAL), "train")
    assert suggestion.evidence["goal"] == 80
    assert suggestion.evidence["p_value"] < 0.05
    assert suggestion.gain is not None
    assert suggestion.gain.high > 0
    flat, annealed = history(rng.normal(0.9, 0.001, 40)), history(accuracy, anneals=True)
    for ended in (flat, annealed):  # a learning rate that falls to 0 lets the accuracy of any run rise at its end
        inputs = AdviceInputs(validation, draw(900, seed=1, margin=3), None, ended, 40, 40)
        assert "train" not in {s.kind for s in suggest_improvements(inputs, GOAL)}


def test_bad_input_has_fewer_suggestions_and_no_error() -> None:
    validation, test = draw(900, n_classes=5), draw(900, n_classes=5, seed=1)
    counts, points = np.array([400, 400, 20, 400, 0]), LearningCurvePoints(np.full((2, 5), 10), np.full((2, 5), 1))
    lacking = validation.select(validation.labels != 2)  # no validation pictures of the class with few
    suggestions = suggest_improvements(AdviceInputs(lacking, test, counts, points=points), GOAL)
    assert "collect" not in {s.kind for s in suggestions}
    one_class = validation.select(validation.labels == 2), test.select(test.labels == 2)
    for inputs in (AdviceInputs(*one_class, counts), AdviceInputs(validation.select(np.arange(30)), test, counts)):
        for goal in (GOAL, AutomationGoal(0.99)):
            assert all(s.gain is None or s.gain.estimate > 0 for s in suggest_improvements(inputs, goal))
    assert suggest_improvements(AdviceInputs(validation.select(np.zeros(0, int)), test), GOAL) == ()
    empty = pd.DataFrame({"epoch": [], "val_accuracy": [], "learning_rate": []})
    kinds = {s.kind for s in suggest_improvements(AdviceInputs(validation, test, None, empty, 4, 9), GOAL)}
    assert "train" not in kinds
    with pytest.raises(ConfigError, match="choose one above"):
        suggest_improvements(AdviceInputs(validation, test), AutomationGoal(1.5))


def test_thirty_pictures_promise_nothing_and_no_change_helps() -> None:
    assert suggest_improvements(AdviceInputs(draw(30), draw(30, seed=1)), AutomationGoal(0.99)) == ()


def test_two_classes_are_not_merged_into_one() -> None:
    kinds = {s.kind for s in suggest_improvements(AdviceInputs(draw(600, 2), draw(600, 2, seed=1)), GOAL)}
    assert "merge" not in kinds


def test_two_hundred_classes_are_assessed() -> None:
    points = LearningCurvePoints(np.array([[5] * 200, [10] * 200]), np.array([[12] * 200, [9] * 200]))
    splits = draw(4000, 200, confused=(7, 150)), draw(2000, 200, seed=1, confused=(7, 150))
    suggestions = suggest_improvements(AdviceInputs(*splits, np.full(200, 20), points=points), GOAL)
    assert find(suggestions, "merge").classes == (7, 150)
    assert len(suggestions) <= MAX_SUGGESTIONS
