"""Class-prior corrections: ``python -m fashion_core.recognition.fit_correction DIR --kind photo --source NAME``. Run by
the authors; writes settings.json.

Networks that have only seen shop pictures hardly say Pullover of a photograph. A slope and a shift of the log
probabilities, fitted on labelled pictures of one collection, mend that for collections like it. Only classes that the
collection holds are shifted, by 0 on average, so that the others keep their place.
"""

import argparse
import json
from pathlib import Path

import numpy as np

from fashion_core.data.classes import CLASS_FOLDER_NAMES, N_CLASSES
from fashion_core.errors import PictureError
from fashion_core.recognition.recognizer import (
    RECOGNIZER_SETTINGS_PATH,
    PriorCorrection,
    Recognizer,
    load_shipped_recognizer,
)
from fashion_core.runs.store import RunStore
from fashion_core.vision.decode import decode_picture
from fashion_core.vision.preparation import PICTURE_KINDS, prepare_picture

SHIFT_PENALTY = 0.01  # on the squared shifts
CROSS_VALIDATION_FOLDS, CROSS_VALIDATION_SEED = 10, 0


def fit_prior_correction(log_probabilities: np.ndarray, labels: np.ndarray, source: str) -> PriorCorrection:
    """Slope and shift of ``log_probabilities`` [n, 10] with the greatest penalised likelihood of ``labels`` int [n]."""
    from scipy.optimize import minimize

    held = np.unique(labels)

    def unpack(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        shift = np.zeros(N_CLASSES)
        shift[held] = parameters[1:] - parameters[1:].mean()
        return float(np.exp(parameters[0])), shift

    def loss(parameters: np.ndarray) -> float:
        slope, shift = unpack(parameters)
        z = log_probabilities * slope + shift
        z = z - z.max(axis=1, keepdims=True)
        missed = np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(labels)), labels]
        return float(missed.mean() + SHIFT_PENALTY * np.square(shift).sum())

    slope, shift = unpack(minimize(loss, np.zeros(1 + len(held)), method="BFGS", options={"gtol": 1e-4}).x)
    return PriorCorrection(round(slope, 4), tuple(round(float(value), 4) for value in shift), len(labels), source)


def cross_validate_correction(log_probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Corrected scores float [n, 10], each picture's by a correction that has not seen it."""
    fold = np.random.default_rng(CROSS_VALIDATION_SEED).permutation(len(labels)) % CROSS_VALIDATION_FOLDS
    scores = np.empty_like(log_probabilities)
    for k in range(CROSS_VALIDATION_FOLDS):
        fitted = fit_prior_correction(log_probabilities[fold != k], labels[fold != k], "")
        scores[fold == k] = log_probabilities[fold == k] * fitted.slope + np.array(fitted.shift)
    return scores


def predict_labelled_pictures(folder: Path, kind: str, recognizer: Recognizer) -> tuple[np.ndarray, np.ndarray]:
    """Log probabilities [n, 10] and classes int64 [n] of the pictures in class folders that are taken for ``kind``."""
    logs, labels = [], []
    for label, name in enumerate(CLASS_FOLDER_NAMES):
        for path in sorted((folder / name).glob("*")):
            try:
                prepared = prepare_picture(decode_picture(path.read_bytes()))
            except PictureError as error:
                print(f"{path.name}: {error}")
                continue
            if prepared.kind == kind:
                logs.append(np.log(recognizer.predict(prepared, apply_correction=False).probabilities + 1e-12))
                labels.append(label)
    return np.array(logs, np.float64), np.array(labels)  # float32 hides small steps from the fit


def main() -> None:
    """Fit on a folder, print what it changes, and write it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, metavar="DIR", help="a sub-folder a class")
    parser.add_argument("--kind", choices=PICTURE_KINDS, required=True)
    parser.add_argument("--source", required=True, help="name of the collection")
    arguments = parser.parse_args()
    logs, labels = predict_labelled_pictures(arguments.folder, arguments.kind, load_shipped_recognizer(RunStore()))
    correction = fit_prior_correction(logs, labels, arguments.source)
    for name, scores in (
        ("as it is", logs),
        (f"corrected, {CROSS_VALIDATION_FOLDS}-fold cross-validated", cross_validate_correction(logs, labels)),
    ):
        order = np.argsort(-scores, axis=1)
        top1, top3 = (order[:, 0] == labels).mean(), (order[:, :3] == labels[:, None]).any(axis=1).mean()
        print(f"{arguments.kind}, n = {len(labels)}, {name}: top-1 {top1:.1%}, top-3 {top3:.1%}")
    values = json.loads(RECOGNIZER_SETTINGS_PATH.read_text(encoding="utf-8"))
    values["corrections"][arguments.kind] = {
        "slope": correction.slope, "shift": correction.shift, "n": correction.n, "source": correction.source,
    }  # fmt: skip
    RECOGNIZER_SETTINGS_PATH.write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
