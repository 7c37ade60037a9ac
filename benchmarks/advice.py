"""Whether suggestions name the right thing, with the right gain: ``python -m benchmarks.advice [--draws 20]``.

Three cases with a known remedy, each drawn anew with every seed from Fashion-MNIST: pictures whose classes come in
another mix, a class with 30 training pictures, a class of which half has a second label. Prints for each how often
that remedy came first, and how often the gain that was measured on test lies within the interval that was expected.
"""

import argparse
from collections.abc import Callable
from dataclasses import astuple, dataclass

import numpy as np

from fashion_core.analysis.advice import suggest_improvements
from fashion_core.analysis.automation_gain import AutomationGoal, measure_gain
from fashion_core.analysis.feasibility import (
    CalibratedPredictions,
    calibrate_predictions_on_validation,
    choose_threshold_for_target,
)
from fashion_core.analysis.label_shift import estimate_automation_with_labels
from fashion_core.analysis.predictions import Predictions
from fashion_core.analysis.suggestions import AdviceInputs, LearningCurvePoints, ShiftEvidence, Suggestion
from fashion_core.computed import validation
from fashion_core.data import Dataset, load_dataset
from fashion_core.runs.store import RunStore

N_VALIDATION, N_PER_CLASS, N_FEW, N_AFTER = 5000, 300, 30, 120  # pictures
FRACTIONS = (0.25, 0.5)
RARE_CLASS = 9  # ankle boot
HARD_MIX = np.array([3, 0, 3, 1, 3, 0, 6, 0, 0, 0]) / 16  # mostly tops, which are often confused
N_PICTURES, N_LABELS = 600, 60
FIRST_SEED = 100  # the draws before were used to develop the suggestions


@dataclass(frozen=True)
class CaseResult:
    """The ``suggestions`` of a case, the one that is ``right`` by construction, and the gain ``measured`` for it."""

    suggestions: tuple[Suggestion, ...]
    right: tuple[str, tuple[int, ...]]
    measured: float

    @property
    def is_first(self) -> bool:
        """Whether the right suggestion came first."""
        return bool(self.suggestions) and (self.suggestions[0].kind, self.suggestions[0].classes) == self.right

    @property
    def is_within_interval(self) -> bool:
        """Whether the measured gain lies within the interval of the first suggestion."""
        gain = self.suggestions[0].gain if self.suggestions else None
        return gain is not None and gain.low <= self.measured <= gain.high


class SmallTask:
    """Logistic regression on 196 brightness values of 3,000 images of Fashion-MNIST, which ``seed`` draws."""

    def __init__(self, dataset: Dataset, seed: int) -> None:
        (images, self.labels), (test_images, self.test_labels) = (
            dataset.published_arrays("train"),
            dataset.published_arrays("test"),
        )
        order = np.random.default_rng(seed).permutation(len(images))
        self.validation_rows, self.rest = order[:N_VALIDATION], order[N_VALIDATION:]
        self.images, self.test_features = images, _features(test_images)

    def rows(self, counts: np.ndarray) -> np.ndarray:
        """The first training images of each class, as many as ``counts`` int [classes] says."""
        return np.concatenate([self.rest[self.labels[self.rest] == c][:n] for c, n in enumerate(counts)])

    def train(self, rows: np.ndarray, labels: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Probabilities float32 [n, classes] on validation and test of a model trained on ``rows``."""
        from sklearn.linear_model import LogisticRegression

        model = LogisticRegression(C=0.1, tol=1e-3, max_iter=1000)
        model.fit(_features(self.images[rows]), self.labels[rows] if labels is None else labels)
        on_validation = model.predict_proba(_features(self.images[self.validation_rows]))
        return on_validation.astype(np.float32), model.predict_proba(self.test_features).astype(np.float32)


def _features(images: np.ndarray) -> np.ndarray:
    """Mean brightness of each square of 2 x 2 pixels, float32 [n, 196], about -2 to 2."""
    return images.reshape(-1, 14, 2, 14, 2).mean(axis=(2, 4), dtype=np.float32).reshape(len(images), 196) / 64 - 2


def few_pictures_case(dataset: Dataset, seed: int) -> CaseResult:
    """One class has 30 training pictures where others have 300; then it gets 90 more."""
    task, goal = SmallTask(dataset, seed), AutomationGoal(0.95)
    counts = np.full(10, N_PER_CLASS)

    def predict(n: int) -> tuple[Predictions, Predictions]:
        counts[RARE_CLASS] = n
        probabilities = task.train(task.rows(counts))
        labels = task.labels[task.validation_rows], task.test_labels
        return Predictions(probabilities[0], labels[0]), Predictions(probabilities[1], labels[1])

    n_train, n_wrong = [], []
    for fraction in FRACTIONS:
        confusion = predict(round(fraction * N_FEW))[0].metrics.confusion
        n_train.append(counts.copy())
        n_wrong.append(confusion.sum(axis=1) - np.diag(confusion))
    before, after = predict(N_FEW), predict(N_AFTER)
    counts[RARE_CLASS] = N_FEW
    points = LearningCurvePoints(np.array(n_train), np.array(n_wrong))
    suggestions = suggest_improvements(AdviceInputs(*before, counts, points=points), goal)
    splits = calibrate_predictions_on_validation(*before), calibrate_predictions_on_validation(*after)
    return CaseResult(suggestions, ("collect", (RARE_CLASS,)), measure_gain(*splits, goal))


def split_class_case(dataset: Dataset, seed: int) -> CaseResult:
    """Half of the images of one class, drawn at random, belong to an eleventh."""
    task, goal, rng = SmallTask(dataset, seed), AutomationGoal(0.95), np.random.default_rng(seed)
    rows = task.rows(np.full(10, N_PER_CLASS))

    def split(labels: np.ndarray) -> np.ndarray:
        return np.where((labels == RARE_CLASS) & (rng.random(len(labels)) < 0.5), 10, labels).astype(np.uint8)

    on_validation, on_test = task.train(rows, split(task.labels[rows]))
    inputs = AdviceInputs(
        Predictions(on_validation, split(task.labels[task.validation_rows])),
        Predictions(on_test, split(task.test_labels)),
        np.full(11, N_PER_CLASS),
    )
    suggestions = suggest_improvements(inputs, goal)
    measured = suggestions[0].measured if suggestions else None
    return CaseResult(suggestions, ("merge", (RARE_CLASS, 10)), np.nan if measured is None else measured)


def label_shift_case(dataset: Dataset, seed: int) -> CaseResult:
    """A visitor has mostly tops, which the included MLP confuses; 60 of their pictures are labelled."""
    from scipy.stats import ks_2samp

    rng, goal, store = np.random.default_rng(seed), AutomationGoal(0.95, guaranteed=False), RunStore()
    run = store.get("mlp")
    on_validation, on_test = validation.load_validation_predictions(run), store.load_predictions(run)
    assert on_validation is not None
    weights = HARD_MIX[on_test.labels] / np.bincount(on_test.labels)[on_test.labels]
    pictures = on_test.select(rng.choice(len(weights), N_PICTURES, replace=False, p=weights / weights.sum()))
    expected = estimate_automation_with_labels(on_validation, pictures.probabilities, N_LABELS, goal)
    p_value = float(ks_2samp(on_validation.confidence, pictures.confidence).pvalue)
    shift = ShiftEvidence(p_value, N_PICTURES, N_LABELS, expected)
    suggestions = suggest_improvements(AdviceInputs(on_validation, on_test, shift=shift), goal)
    _, calibrated = calibrate_predictions_on_validation(on_validation, pictures)
    labelled, others = _select(calibrated, slice(N_LABELS)), _select(calibrated, slice(N_LABELS, None))
    threshold = choose_threshold_for_target(labelled.risk_coverage_curve, goal.target, guaranteed=False)
    measured = 0.0 if threshold is None else float((others.confidence >= threshold).mean())
    return CaseResult(suggestions, ("label", ()), measured)


def _select(predictions: CalibratedPredictions, rows: slice) -> CalibratedPredictions:
    return CalibratedPredictions(predictions.labels[rows], predictions.predicted[rows], predictions.confidence[rows])


CASES: dict[str, Callable[[Dataset, int], CaseResult]] = {
    "pictures of another mix of classes": label_shift_case,
    "30 pictures of one class": few_pictures_case,
    "a class with two labels": split_class_case,
}


def main() -> None:
    """Print a row for each case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=20)
    args = parser.parse_args()
    dataset = load_dataset()
    for name, case in CASES.items():
        results = [case(dataset, seed) for seed in range(FIRST_SEED, FIRST_SEED + args.draws)]
        first, within = (sum(getattr(each, what) for each in results) for what in ("is_first", "is_within_interval"))
        print(f"{name}: right one first {first} of {args.draws}, measured gain within its interval {within}")
        for each in results:
            print(f"  {_format_result(each)}", flush=True)


def _format_result(result: CaseResult) -> str:
    if not result.suggestions:
        return "no suggestion"
    first = result.suggestions[0]
    gain = "unknown" if first.gain is None else "{:+.1%} ({:+.1%} to {:+.1%})".format(*astuple(first.gain))
    return f"{first.kind} {first.classes}: expected {gain}, measured {result.measured:+.1%}"


if __name__ == "__main__":
    main()
