"""Fit a class-prior correction: ``python -m fashion_core.recognition.fit_correction DIR --kind photo --source NAME``.

Run by the authors; writes ``settings.json``. Networks trained on shop pictures alone hardly ever predict Pullover for a
photograph. A slope and a shift of the log probabilities, fitted on labelled pictures of one collection, correct that
for similar collections. Only classes in the collection are shifted, by 0 on average.
"""

import argparse
import dataclasses
from pathlib import Path

import numpy as np
from scipy.special import log_softmax

from fashion_core.data.classes import CLASS_FOLDER_NAMES, N_CLASSES
from fashion_core.errors import PictureError
from fashion_core.recognition.recognizer import ClassPriorCorrection, Recognizer
from fashion_core.recognition.shipped_recognizer import load_shipped_recognizer, update_recognizer_settings
from fashion_core.runs.store import RunStore
from fashion_core.vision.decode import decode_picture
from fashion_core.vision.preparation import PICTURE_KINDS, prepare_picture

SHIFT_PENALTY = 0.01  # on the squared shifts
CROSS_VALIDATION_FOLDS, CROSS_VALIDATION_SEED = 10, 0


def fit_prior_correction(log_probabilities: np.ndarray, labels: np.ndarray, source: str) -> ClassPriorCorrection:
    """Fit slope and shift of ``log_probabilities`` [n, 10] by penalised maximum likelihood of ``labels`` int [n]."""
    from scipy.optimize import minimize

    classes = np.unique(labels)

    def unpack(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        shift = np.zeros(N_CLASSES)
        shift[classes] = parameters[1:] - parameters[1:].mean()
        return float(np.exp(parameters[0])), shift

    def loss(parameters: np.ndarray) -> float:
        slope, shift = unpack(parameters)
        log_likelihood = log_softmax(log_probabilities * slope + shift, axis=1)[np.arange(len(labels)), labels]
        return float(-log_likelihood.mean() + SHIFT_PENALTY * np.square(shift).sum())

    slope, shift = unpack(minimize(loss, np.zeros(1 + len(classes)), method="BFGS", options={"gtol": 1e-4}).x)
    return ClassPriorCorrection(round(slope, 4), tuple(round(float(value), 4) for value in shift), len(labels), source)


def cross_val_predict_correction(log_probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Corrected scores float [n, 10], those of each fold by a correction fitted on the other folds."""
    fold = np.random.default_rng(CROSS_VALIDATION_SEED).permutation(len(labels)) % CROSS_VALIDATION_FOLDS
    scores = np.empty_like(log_probabilities)
    for k in range(CROSS_VALIDATION_FOLDS):
        fitted = fit_prior_correction(log_probabilities[fold != k], labels[fold != k], "")
        scores[fold == k] = log_probabilities[fold == k] * fitted.slope + np.array(fitted.shift)
    return scores


def predict_labelled_pictures(folder: Path, kind: str, recognizer: Recognizer) -> tuple[np.ndarray, np.ndarray]:
    """Log probabilities [n, 10] and labels int64 [n] of the pictures in class folders that are detected as ``kind``."""
    log_probabilities, labels = [], []
    for label, name in enumerate(CLASS_FOLDER_NAMES):
        for path in sorted((folder / name).glob("*")):
            try:
                prepared = prepare_picture(decode_picture(path.read_bytes()))
            except PictureError as error:
                print(f"{path.name}: {error}")
                continue
            if prepared.kind == kind:
                probabilities = recognizer.predict(prepared, apply_correction=False).probabilities
                log_probabilities.append(np.log(probabilities + 1e-12))
                labels.append(label)
    return np.array(log_probabilities, np.float64), np.array(labels)  # float32 is too coarse for the optimizer


def main() -> None:
    """Fit a correction on a folder, print its effect and write it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, metavar="DIR", help="folder with a sub-folder for each class")
    parser.add_argument("--kind", choices=PICTURE_KINDS, required=True)
    parser.add_argument("--source", required=True, help="name of the collection")
    arguments = parser.parse_args()
    logs, labels = predict_labelled_pictures(arguments.folder, arguments.kind, load_shipped_recognizer(RunStore()))
    correction = fit_prior_correction(logs, labels, arguments.source)
    for name, scores in (
        ("uncorrected", logs),
        (f"corrected, {CROSS_VALIDATION_FOLDS}-fold cross-validated", cross_val_predict_correction(logs, labels)),
    ):
        order = np.argsort(-scores, axis=1)
        top1, top3 = (order[:, 0] == labels).mean(), (order[:, :3] == labels[:, None]).any(axis=1).mean()
        print(f"{arguments.kind}, n = {len(labels)}, {name}: top-1 {top1:.1%}, top-3 {top3:.1%}")
    update_recognizer_settings("corrections", {arguments.kind: dataclasses.asdict(correction)})


if __name__ == "__main__":
    main()
