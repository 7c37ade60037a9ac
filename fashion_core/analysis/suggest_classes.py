"""Suggestions that change what the model has to tell apart: leave a class to people, or merge two."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import combinations
from typing import TypeVar

import numpy as np

from fashion_core.analysis import calibration
from fashion_core.analysis.automation_gain import measure_gain
from fashion_core.analysis.feasibility import NEVER_AUTOMATED_CONFIDENCE, CalibratedPredictions
from fashion_core.analysis.predictions import Predictions
from fashion_core.analysis.suggestions import (
    MAX_SUGGESTIONS_OF_KIND,
    AdviceContext,
    Suggestion,
    gives_up_distinction,
)

Key = TypeVar("Key", int, tuple[int, int])
MAX_PAIRS_TRIED = 10  # most confused ones


def suggest_leaving_class(context: AdviceContext) -> Iterator[Suggestion]:
    """Predictions of the class get a manual check; the threshold of the others can be lower."""
    versions = {c: partial(leave_to_people, context.validation, c) for c in range(context.n_classes)}
    for c in _best(context, versions):
        is_class, is_correct = context.validation.predicted == c, context.validation.is_correct
        if not is_class.any() or is_class.all():
            continue
        evidence = {
            "error_rate": 1 - float(is_correct[is_class].mean()),
            "other_error_rate": 1 - float(is_correct[~is_class].mean()),
            "n": int(is_class.sum()),
        }
        after = leave_to_people(context.splits[0], c), leave_to_people(context.splits[1], c)
        gain, measured = context.gains.estimate([after[0]]), measure_gain(context.splits, after, context.goal)
        yield Suggestion("leave", (c,), evidence, gain, measured)


def leave_to_people(predictions: CalibratedPredictions, class_number: int) -> CalibratedPredictions:
    """The predictions, of which those of one class are never automated."""
    confidence = np.where(predictions.predicted == class_number, NEVER_AUTOMATED_CONFIDENCE, predictions.confidence)
    return dataclasses.replace(predictions, confidence=confidence)


def suggest_merging_classes(context: AdviceContext) -> Iterator[Suggestion]:
    """Pairs that are confused though neither is rare, for which more pictures might teach the difference."""
    if context.n_classes < 3:
        return
    validation, test = context.inputs.validation, context.inputs.test
    confusion, temperature = validation.metrics.confusion, context.validation.temperature
    known = (c for c in range(context.n_classes) if c not in context.rare)
    confused = {(a, b): int(confusion[a, b] + confusion[b, a]) for a, b in combinations(known, 2)}
    pairs = sorted((pair for pair, n in confused.items() if n), key=lambda pair: -confused[pair])[:MAX_PAIRS_TRIED]
    evidence = {pair: _evidence_of_pair(confusion, *pair) for pair in pairs}
    similar = [pair for pair in pairs if not gives_up_distinction(evidence[pair])]
    for chosen in (similar, [pair for pair in pairs if pair not in similar]):
        for pair in _best(context, {p: partial(merge_classes, validation, temperature, *p) for p in chosen}):
            after = merge_classes(validation, temperature, *pair), merge_classes(test, temperature, *pair)
            gain, measured = context.gains.estimate([after[0]]), measure_gain(context.splits, after, context.goal)
            yield Suggestion("merge", pair, evidence[pair], gain, measured)


def _evidence_of_pair(confusion: np.ndarray, a: int, b: int) -> dict[str, float]:
    """Of the images of two classes that are predicted as either: how many are confused, and would be by guessing."""
    block = confusion[np.ix_((a, b), (a, b))]
    n, n_confused = int(block.sum()), int(block[0, 1] + block[1, 0])
    guessing = float(block.sum(axis=1).min() / n)
    return {"n": n, "n_confused": n_confused, "error_rate": n_confused / n, "guessing_error_rate": guessing}


def merge_classes(predictions: Predictions, temperature: float, a: int, b: int) -> CalibratedPredictions:
    """The predictions when class ``b`` counts as ``a``: their calibrated probabilities are added."""
    probabilities = calibration.apply_temperature(predictions.probabilities, temperature)
    probabilities[:, a] += probabilities[:, b]
    probabilities[:, b] = 0
    labels = np.where(predictions.labels == b, a, predictions.labels)
    merged = CalibratedPredictions.from_probabilities(probabilities, labels, temperature=1.0)
    return dataclasses.replace(merged, temperature=temperature)


def _best(context: AdviceContext, versions: Mapping[Key, Callable[[], CalibratedPredictions]]) -> list[Key]:
    """The keys of the versions of validation of which more is automated than now, best first, and not too many."""
    coverage = {key: context.gains.coverage(make()) for key, make in versions.items()}
    better = [key for key, value in coverage.items() if value > context.gains.coverage_before]
    return sorted(better, key=lambda key: -coverage[key])[:MAX_SUGGESTIONS_OF_KIND]
