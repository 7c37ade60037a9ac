"""Sentences name the classes they are given, however many there are and whatever they are called."""

import numpy as np
import pandas as pd
import pytest

from fashion_core.analysis.metrics import classification_metrics
from fashion_core.data.classes import ClassList
from fashion_core.recognition.batch import PictureResult
from fashion_core.recognition.labelled_folder import score_labelled_folder
from fashion_core.recognition.recognizer import GarmentPrediction
from fashion_core.wording import clusters, comparison, recognition, run_phases, runs
from tests.core.datasets import CLASS_COUNTS
from tests.core.report.catalogue_reports import ToyCatalogue

MAX_SENTENCE_CHARACTERS = 2000  # with twelve names of 100 letters


@pytest.fixture(params=CLASS_COUNTS)
def classes(request: pytest.FixtureRequest) -> ClassList:
    return ToyCatalogue(request.param).classes


def sentences(classes: ClassList) -> list[str]:
    n = len(classes)
    always_first = classification_metrics(np.arange(n), np.zeros(n, int), n)
    probabilities = np.eye(n, dtype=np.float32)
    results = [PictureResult("a", (c.name,), prediction=GarmentPrediction(probabilities[0], 2.0)) for c in classes]
    scores = score_labelled_folder(results, classes)
    epochs = pd.DataFrame({"epoch": [1], "recall": [[0.0] * n]})
    first, last = {"MLP": probabilities[0]}, {"MLP": probabilities[-1]}
    return [
        runs.describe_hardest_class(always_first, classes),
        runs.describe_never_predicted(always_first, classes),
        run_phases.describe_lost_classes(epochs, classes),
        clusters.describe_merged_and_missing_classes(np.ones((2, n), int), classes),
        clusters.describe_merged_and_missing_classes(np.concatenate([np.eye(n, dtype=int)] * 2), classes),
        clusters.describe_selected_garments(np.eye(n, dtype=int)[-1], np.ones(2, int), classes),
        comparison.describe_significant_classes(classes.names, n),
        recognition.describe_prediction(results[-1].prediction or GarmentPrediction(probabilities[-1], 0.0), classes),
        recognition.describe_changed_predictions(first, last, classes),
        recognition.describe_picture_results(results, classes),
        recognition.describe_folder_accuracy(scores),
        recognition.describe_folder_warnings(scores, classes),
        recognition.describe_hardest_folder_class(scores, classes),
        recognition.describe_most_frequent_mistake(scores.confusion, classes),
        recognition.format_picture_result(results[0], classes),
        recognition.format_class_name(-1, classes),
    ]


def test_sentences_have_an_end_and_are_about_these_classes(classes: ClassList) -> None:
    for sentence in sentences(classes):
        assert 0 < len(sentence) < MAX_SENTENCE_CHARACTERS, sentence
        assert "T-shirt" not in sentence
        assert "the ten" not in sentence or len(classes) == 10


def test_the_lines_of_a_labelled_folder_are_aligned(classes: ClassList) -> None:
    rows = [
        PictureResult("a", (c.name,), prediction=GarmentPrediction(np.eye(len(classes))[c.index], 0.0)) for c in classes
    ]
    lines = list(recognition.format_labelled_folder_scores(score_labelled_folder(rows, classes), classes))
    table = lines[: len(classes) + 2]
    assert len({len(line) for line in table}) == 1
