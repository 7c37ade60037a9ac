"""Suggestions of more: labels of the visitor's pictures, training pictures of a class, epochs."""

from collections.abc import Iterator

import numpy as np

from fashion_core.analysis.compare import ConfidenceInterval
from fashion_core.analysis.history import RisingAccuracy, find_rising_accuracy
from fashion_core.analysis.learning_curve import ErrorCurve, fit_error_curve
from fashion_core.analysis.suggestions import AdviceContext, AdviceInputs, Suggestion

MAX_GROWTH = 4  # a curve measured on a quarter to all of the pictures reaches no farther than four times as many
MAX_CLASSES_TRIED = 3
MAX_P_VALUE = 0.05


def suggest_labels(context: AdviceContext) -> Iterator[Suggestion]:
    """A promise that doesn't hold is none, so everything that a new one automates is gained."""
    shift = context.inputs.shift
    if shift is not None and shift.p_value < MAX_P_VALUE:
        evidence = {"p_value": shift.p_value, "n_pictures": shift.n_pictures, "n_labels": shift.n_labels}
        yield Suggestion("label", (), evidence, shift.automation_with_labels)


def suggest_collecting(context: AdviceContext) -> Iterator[Suggestion]:
    """For classes with few training pictures that are recognised worse than the others, those with most errors."""
    inputs, is_correct = context.inputs, context.validation.is_correct
    n_wrong = np.bincount(context.validation.labels[~is_correct], minlength=context.n_classes)
    for c in sorted(context.few, key=lambda c: -n_wrong[c])[:MAX_CLASSES_TRIED]:
        is_class = context.validation.labels == c
        assert inputs.train_counts is not None
        n_train = int(inputs.train_counts[c])
        if not n_train or not is_class.any() or is_class.all():
            continue
        error_rate, other_error_rate = (1 - float(is_correct[mask].mean()) for mask in (is_class, ~is_class))
        if error_rate <= other_error_rate:
            continue
        wanted = min(MAX_GROWTH * n_train, max(2 * n_train, int(np.median(inputs.train_counts))))
        counts = {"n_train": n_train, "n_more": wanted - n_train}
        evidence = {**counts, "error_rate": error_rate, "other_error_rate": other_error_rate}
        gain, curve = None, _error_curve_of_class(inputs, c, n_train)
        donors = np.flatnonzero(is_correct & ~is_class)
        if curve is not None and len(donors):
            gain = context.gain_if_corrected(np.flatnonzero(is_class & ~is_correct), donors, curve, wanted)
        yield Suggestion("collect", (c,), evidence, gain)


def _error_curve_of_class(inputs: AdviceInputs, c: int, n_train: int) -> ErrorCurve | None:
    """The curve through the trainings on fractions and the run itself; None without such trainings."""
    if inputs.points is None:
        return None
    n, wrong = inputs.points.n_train[:, c], inputs.points.n_wrong[:, c]
    confusion = inputs.validation.metrics.confusion[c]
    own_wrong, total = int(confusion.sum() - confusion[c]), int(confusion.sum())
    has_pictures = n > 0
    n, wrong = np.append(n[has_pictures], n_train), np.append(wrong[has_pictures], own_wrong)
    return fit_error_curve(n.astype(np.float64), wrong, np.full(len(n), total))


def suggest_training_longer(context: AdviceContext) -> Iterator[Suggestion]:
    """Where the accuracy was still rising when training ended, or the preset was a short one."""
    inputs = context.inputs
    history = inputs.history
    if history is None or history.empty or not inputs.n_passes:
        return
    rising = find_rising_accuracy(history)
    if rising is None and inputs.n_passes >= inputs.best_n_passes:
        return
    wanted = min(MAX_GROWTH * inputs.n_passes, max(2 * inputs.n_passes, inputs.best_n_passes))
    evidence = {"n_passes": inputs.n_passes, "goal": wanted}
    gain = None if rising is None else _gain_of_epochs(context, rising, wanted / inputs.n_passes)
    slope = (np.nan, np.nan) if rising is None else (rising.slope, rising.p_value)
    yield Suggestion("train", (), evidence | dict(zip(("slope", "p_value"), slope, strict=True)), gain)


def _gain_of_epochs(context: AdviceContext, rising: RisingAccuracy, growth: float) -> ConfidenceInterval | None:
    n = len(context.validation)
    curve = fit_error_curve(rising.epochs, np.rint((1 - rising.accuracy) * n), np.full(len(rising.epochs), n))
    correct = np.flatnonzero(context.validation.is_correct)
    if curve is None or not len(correct):
        return None
    wrong = np.flatnonzero(~context.validation.is_correct)
    return context.gain_if_corrected(wrong, correct, curve, float(rising.epochs.max()) * growth)
