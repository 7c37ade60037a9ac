"""Choose the out-of-distribution thresholds: ``python -m fashion_core.recognition.fit_thresholds FOLDER ...``.

Run by the authors, with labelled folders of pictures that no network was trained on; their kinds are detected. Writes
``ood_thresholds.json`` and prints what the thresholds do on the pictures they were chosen on.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.stats import entropy
from sklearn.metrics import roc_auc_score

from fashion_core.data import load_dataset
from fashion_core.data.classes import FASHION_CLASSES, NONE_OF_THESE_LABEL
from fashion_core.recognition.batch import PictureResult, predict_sources
from fashion_core.recognition.labelled_folder import labels_from_folders
from fashion_core.recognition.recognizer import OodThreshold, Recognizer
from fashion_core.recognition.shipped_recognizer import load_ensemble, save_ood_thresholds
from fashion_core.recognition.training_pictures import HELD_OUT_WORDS
from fashion_core.runs.store import RunStore
from fashion_core.vision.kind import PictureKind
from fashion_core.vision.picture_sources import open_picture_sources
from fashion_core.vision.preparation import PreparationOptions, prepare_picture

# fraction of known garments of each kind that get a warning by mistake
FALSE_ALARM_RATES: dict[PictureKind, float] = {"photo": 0.045, "shop": 0.03, "drawing": 0.045, "sample": 0.02}
SOURCES: dict[PictureKind, str] = {
    "photo": "photographs by people whose pictures were not trained on",
    "shop": "second-hand coats and sweaters, and photographs, on a plain background",
    "drawing": "drawings of Quick, Draw! that were not trained on",
    "sample": "validation images of Fashion-MNIST",
}
N_SAMPLE_IMAGES = 2000


def choose_threshold(kind: PictureKind, entropies: np.ndarray) -> OodThreshold:
    """The entropy that the ``FALSE_ALARM_RATES`` of known garments exceed; ``entropies`` float [n]."""
    threshold = round(float(np.quantile(entropies, 1 - FALSE_ALARM_RATES[kind])), 4)
    return OodThreshold(threshold, round(float((entropies > threshold).mean()), 4), len(entropies), SOURCES[kind])


def predict_folder(recognizer: Recognizer, folder: Path) -> list[PictureResult]:
    """A result for each picture that can be read."""
    with open_picture_sources([folder]) as sources:
        return [result for result in predict_sources(recognizer, sources) if result.prediction is not None]


def result_entropies(results: Sequence[PictureResult]) -> np.ndarray:
    """Entropy of each picture's probabilities, float [n] in nats."""
    return np.array([entropy(r.prediction.probabilities) for r in results if r.prediction is not None])


def fit_thresholds(folders: Sequence[Path]) -> None:
    """Choose the thresholds on the labelled pictures in ``folders``, print what they do and write them."""
    recognizer = Recognizer(load_ensemble(RunStore()))
    images = load_dataset().split("validation").images[:N_SAMPLE_IMAGES]
    samples = recognizer.predict_many([prepare_picture(image, PreparationOptions("sample")) for image in images])
    results = [predict_folder(recognizer, folder) for folder in folders]
    thresholds = {"sample": choose_threshold("sample", np.array([entropy(p.probabilities) for p in samples]))}
    pooled = [
        result
        for of_folder in results
        for result in np.array(of_folder)[labels_from_folders(of_folder, FASHION_CLASSES) >= 0]
    ]
    for kind in ("photo", "shop", "drawing"):
        thresholds[kind] = choose_threshold(kind, result_entropies([r for r in pooled if r.kind == kind]))
    for kind, threshold in thresholds.items():
        print(kind, threshold)
    for folder, of_folder in zip(folders, results, strict=True):
        print_warnings(folder.name, of_folder, thresholds)
    save_ood_thresholds(thresholds)


def print_warnings(name: str, results: Sequence[PictureResult], thresholds: dict[str, OodThreshold]) -> None:
    """Print false and true alarms and the area under the ROC curve of one folder."""
    labels, words = labels_from_folders(results, FASHION_CLASSES), np.array([result.folders[-1] for result in results])
    scores = result_entropies(results) / [thresholds[str(result.kind)].max_entropy for result in results]
    known, unknown = labels >= 0, labels == NONE_OF_THESE_LABEL
    held_out = unknown & np.isin(words, HELD_OUT_WORDS) & np.array([result.kind == "drawing" for result in results])
    print(f"{name}: false alarms {(scores[known] > 1).mean():.1%}, n = {known.sum():,}")
    for title, others in (("none of the ten", unknown), ("words held out of training", held_out)):
        if others.any():
            both = known | others
            auroc, alarms = roc_auc_score(others[both], scores[both]), (scores[others] > 1).mean()
            print(f"{name}, {title}: true alarms {alarms:.1%}, AUROC {auroc:.3f}, n = {others.sum():,}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    fit_thresholds(parser.parse_args().folders)
