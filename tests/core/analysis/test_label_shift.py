"""The mix of classes among unlabelled pictures, and what labels of them are worth."""

import numpy as np
import pytest

from fashion_core.analysis.automation_gain import AutomationGoal
from fashion_core.analysis.label_shift import estimate_automation_with_labels, estimate_class_mix
from fashion_core.analysis.predictions import Predictions

MIX, NEW_MIX = np.array([0.5, 0.3, 0.2]), np.array([0.1, 0.2, 0.7])


def draw(mix: np.ndarray, n: int, seed: int) -> Predictions:
    """Calibrated probabilities of pictures of three overlapping classes, for the rates ``MIX``."""
    rng = np.random.default_rng(seed)
    labels = rng.choice(3, n, p=mix)
    x = rng.normal(1.7 * labels, 1.0)
    density = MIX * np.exp(-((x[:, None] - 1.7 * np.arange(3)) ** 2) / 2)
    return Predictions((density / density.sum(axis=1, keepdims=True)).astype(np.float32), labels.astype(np.uint8))


def test_the_mix_of_unlabelled_pictures_is_found() -> None:
    pictures = draw(NEW_MIX, 20_000, 1)
    assert estimate_class_mix(pictures.probabilities.astype(float), MIX) == pytest.approx(NEW_MIX, abs=0.02)


def test_a_class_that_validation_lacks_does_no_harm() -> None:
    validation = draw(np.array([0.6, 0.4, 0.0]), 500, 2)
    rate = estimate_automation_with_labels(
        validation, draw(NEW_MIX, 300, 3).probabilities, 60, AutomationGoal(0.9, guaranteed=False)
    )
    assert 0 <= rate.low <= rate.estimate <= rate.high <= 1


def test_more_labels_narrow_the_interval() -> None:
    validation, pictures = draw(MIX, 4000, 4), draw(NEW_MIX, 800, 5).probabilities
    goal = AutomationGoal(0.9, guaranteed=False)
    few, many = (estimate_automation_with_labels(validation, pictures, n, goal) for n in (60, 1000))
    assert many.high - many.low < few.high - few.low
