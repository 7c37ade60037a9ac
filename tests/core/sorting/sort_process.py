"""A process that sorts a folder with a model that needs no network, to be killed: ``SOURCE OUTPUT MODE``."""

import sys
import time
from pathlib import Path

import numpy as np

from fashion_core.data.classes import FASHION_CLASSES
from fashion_core.models.base import Classifier
from fashion_core.recognition.recognizer import Recognizer
from fashion_core.sorting import sort
from fashion_core.sorting.promise import SortingPromise
from fashion_core.sorting.sort import SortingModel, SortProgress
from fashion_core.vision.preparation import PreparationOptions


class Brightness(Classifier):
    """Predicts a class by the mean brightness; ``delay`` seconds a batch."""

    def __init__(self, delay: float = 0) -> None:
        self.delay, self.n_predicted = delay, 0

    def predict_proba(self, images: np.ndarray) -> np.ndarray:
        time.sleep(self.delay)
        self.n_predicted += len(images)
        level = images.reshape(len(images), -1).mean(axis=1)
        e = np.exp(-np.abs(level[:, None] - np.arange(10) * 20) / 4)
        return (e / e.sum(axis=1, keepdims=True)).astype(np.float32)


def make_model(threshold: float | None = 0.75, classifier: Classifier | None = None) -> SortingModel:
    """A model and a promise about nothing in particular."""
    promise = SortingPromise("bright", 0.9, 1.0, threshold, 100, 60, 59, "pictures of a test")
    return SortingModel(
        Recognizer([classifier or Brightness()]), FASHION_CLASSES, PreparationOptions("sample"), promise
    )


def report_to_parent(progress: SortProgress) -> None:
    """The test waits for this before it kills."""
    print(progress.n_handled, flush=True)


if __name__ == "__main__":
    sort.PICTURES_PER_COMMIT = 8
    source, output, mode = sys.argv[1:]
    print("ready", flush=True)
    sort.sort_folder(
        make_model(classifier=Brightness(0.01)), Path(source), Path(output), mode=mode, report=report_to_parent
    )
