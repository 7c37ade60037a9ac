"""Sentences about runs say what the metrics say."""

import numpy as np

from fashion_core.analysis.metrics import classification_metrics
from fashion_core.data.classes import make_classes
from fashion_core.wording.runs import describe_hardest_class, describe_never_predicted


def test_a_class_without_test_images_is_neither_hard_nor_missed() -> None:
    classes = make_classes(["Coat", "Hat", "Shoe"])
    scores = classification_metrics(np.array([0, 0, 2, 2]), np.array([0, 2, 2, 2]), 3)
    assert describe_hardest_class(scores, classes).startswith("Coat is the hardest class: recall 50.0%")
    assert describe_never_predicted(scores, classes) == "predicts every class"
