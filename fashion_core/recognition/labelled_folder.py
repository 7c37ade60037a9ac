"""Score predictions on pictures sorted into one folder for each class."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fashion_core.analysis import metrics
from fashion_core.data.class_names import MAX_NORMALISED_LENGTH
from fashion_core.data.classes import NONE_OF_THESE_LABEL, ClassList
from fashion_core.recognition.batch import PictureResult

NONE_OF_THESE_FOLDER = "none-of-these"
NO_LABEL = -2  # label of a picture that lies in no folder
NO_PREDICTION = -3  # in place of a predicted class; never a label
TOP_K = 3


@dataclass(frozen=True)
class ClassAccuracy:
    """Top-1 and top-3 accuracy, 0 to 1, on the ``n`` pictures of a class."""

    n: int
    top1: float
    top3: float


@dataclass(frozen=True)
class LabelledFolderScores:
    """Top-1 and top-3 accuracy, 0 to 1, on the ``n`` pictures of the classes.

    ``n_unreadable`` of the ``n`` could not be read and count as wrong. ``top1_interval``: 95% Wilson interval.
    ``per_class``: only classes with pictures. ``confusion``: int64 [classes, classes] of readable pictures, rows the
    true class.
    ``known_warning_rate`` and ``unknown_warning_rate``: fraction with an out-of-distribution warning among readable
    pictures of the classes, and of the ``n_unknown`` of none; ``unknown_auroc``: AUROC of the score between the
    two. None without pictures or without a detector.
    """

    n: int
    top1: float
    top3: float
    top1_interval: tuple[float, float]
    per_class: dict[int, ClassAccuracy]
    confusion: np.ndarray
    n_unreadable: int
    n_unknown: int
    n_unknown_unreadable: int
    n_unlabelled: int
    known_warning_rate: float | None
    unknown_warning_rate: float | None
    unknown_auroc: float | None


def class_from_folder_name(folder: str, classes: ClassList) -> int | None:
    """The class that a folder is named after, or None. Ignores case, and any signs between letters are a hyphen."""
    for names in (classes.names, classes.folder_names):
        if folder in names:
            return names.index(folder)
    name = _normalise(folder)
    matching = (c.index for c in classes if name and name in (_normalise(c.folder_name), _normalise(c.name)))
    return next(matching, None)


def _normalise(name: str) -> str:
    return re.sub(r"[\W_]+", "-", unicodedata.normalize("NFC", name[:MAX_NORMALISED_LENGTH]).casefold()).strip("-")


def labels_from_folders(results: Sequence[PictureResult], classes: ClassList) -> np.ndarray:
    """The label of each picture from its folders, int64 [n]: a class, ``NONE_OF_THESE_LABEL`` or ``NO_LABEL``.

    The deepest folder named after a class decides, so folders around or inside the class folders don't matter. A
    picture below ``none-of-these``, or in folders of which none names a class, is ``NONE_OF_THESE_LABEL``. Leading
    folders that all pictures share don't count.
    """
    labels = np.full(len(results), NO_LABEL, np.int64)
    different = {folder for result in results for folder in result.folders}
    class_of_folder = {folder: class_from_folder_name(folder, classes) for folder in different}
    n_shared = _count_shared_folders(results, class_of_folder)
    for i, result in enumerate(results):
        folders = result.folders[n_shared:]
        known = [c for folder in folders if (c := class_of_folder[folder]) is not None]
        if any(_is_none_of_these(folder, class_of_folder) for folder in folders) or (folders and not known):
            labels[i] = NONE_OF_THESE_LABEL
        elif known:
            labels[i] = known[-1]
    return labels


def _is_none_of_these(folder: str, class_of_folder: Mapping[str, int | None]) -> bool:
    return folder.casefold() == NONE_OF_THESE_FOLDER and class_of_folder[folder] is None


def _count_shared_folders(results: Sequence[PictureResult], class_of_folder: Mapping[str, int | None]) -> int:
    """Number of leading folders that all pictures lie in, up to the first that is a label."""
    count = 0
    for names in zip(*(result.folders for result in results), strict=False):
        is_label = class_of_folder[names[0]] is not None or _is_none_of_these(names[0], class_of_folder)
        if len(set(names)) > 1 or is_label:
            break
        count += 1
    return count


def has_class_folders(results: Sequence[PictureResult], classes: ClassList) -> bool:
    """Whether any picture lies in a folder named after a class."""
    return bool((labels_from_folders(results, classes) >= 0).any())


def score_labelled_folder(results: Sequence[PictureResult], classes: ClassList) -> LabelledFolderScores:
    """Compare predictions with folders; raises ``ValueError`` unless ``has_class_folders(results, classes)``."""
    labels = labels_from_folders(results, classes)
    known, unknown = labels >= 0, labels == NONE_OF_THESE_LABEL
    if not known.any():
        raise ValueError("no picture lies in a folder named after a class")
    readable = np.array([result.prediction is not None for result in results])
    scores = np.array([np.nan if r.prediction is None else r.prediction.ood_score for r in results])
    ranking = np.full((len(results), len(classes)), NO_PREDICTION, np.int64)
    for i in np.flatnonzero(readable).tolist():
        ranking[i] = rank_classes(results[i])
    hits = ranking == labels[:, None]
    top1, top3 = hits[:, 0], hits[:, :TOP_K].any(axis=1)
    n = int(known.sum())
    return LabelledFolderScores(
        n=n,
        top1=float(top1[known].mean()),
        top3=float(top3[known].mean()),
        top1_interval=metrics.wilson_interval(int(top1[known].sum()), n),
        per_class={
            c: ClassAccuracy(int(mask.sum()), float(top1[mask].mean()), float(top3[mask].mean()))
            for c in range(len(classes))
            if (mask := labels == c).any()
        },
        confusion=metrics.classification_metrics(
            labels[known & readable], ranking[known & readable, 0], len(classes)
        ).confusion,
        n_unreadable=int((known & ~readable).sum()),
        n_unknown=int(unknown.sum()),
        n_unknown_unreadable=int((unknown & ~readable).sum()),
        n_unlabelled=int((labels == NO_LABEL).sum()),
        known_warning_rate=_warning_rate(scores[known & readable]),
        unknown_warning_rate=_warning_rate(scores[unknown & readable]),
        unknown_auroc=_auroc(scores[known & readable], scores[unknown & readable]),
    )


def rank_classes(result: PictureResult) -> np.ndarray:
    """Classes from the most to the least likely, int64 [classes]; only ``NO_PREDICTION`` for an unreadable picture."""
    if result.prediction is None:
        return np.array([NO_PREDICTION], np.int64)
    return np.argsort(-result.prediction.probabilities, kind="stable").astype(np.int64)


def _warning_rate(ood_scores: np.ndarray) -> float | None:
    """Fraction of scores above 1; None without pictures or without scores."""
    return float((ood_scores > 1).mean()) if len(ood_scores) and not np.isnan(ood_scores).any() else None


def _auroc(known_scores: np.ndarray, unknown_scores: np.ndarray) -> float | None:
    scores = np.concatenate([known_scores, unknown_scores])
    if not len(known_scores) or not len(unknown_scores) or np.isnan(scores).any():
        return None
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(np.repeat([0, 1], [len(known_scores), len(unknown_scores)]), scores))
