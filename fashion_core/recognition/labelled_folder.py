"""How good the answers are on pictures that somebody has sorted into folders, one a class."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fashion_core.analysis import metrics
from fashion_core.data.classes import CLASS_FOLDER_NAMES, N_CLASSES
from fashion_core.recognition.batch import PictureResult

NONE_OF_THESE_FOLDER = "none-of-these"
NO_KNOWN_CLASS = -1  # of none of the ten classes
NO_LABEL = -2  # in no folder that says anything
NO_PREDICTION = -3  # in place of an answer; no truth is that
TOP_K = 3


@dataclass(frozen=True)
class ClassAccuracy:
    """Of ``n`` pictures of a class, shares 0 to 1: first answer right, and right among the first three."""

    n: int
    top1: float
    top3: float


@dataclass(frozen=True)
class LabelledFolderScores:
    """Figures over ``n`` pictures of the ten classes; shares are 0 to 1.

    A picture that could not be read counts as wrong; ``unreadable`` says how many those are among the ``n``.
    ``interval``: Wilson's 95 % interval of ``top1``. ``per_class`` by class, those without pictures left out.
    ``confusion`` int64 [10, 10] of the readable ones, rows the true class. ``warned_known`` and ``warned_unknown``:
    shares of the readable pictures of the classes, and of the ``n_unknown`` of none, that carry the warning;
    ``auroc_unknown``: area under the ROC curve of their strangeness. None where there is nothing to count.
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


def class_from_folder_name(folder: str) -> int | None:
    """The class that a folder is named for, 0 to 9, or None; case, blanks and underscores do not matter."""
    plain = folder.casefold().replace(" ", "-").replace("_", "-")
    return CLASS_FOLDER_NAMES.index(plain) if plain in CLASS_FOLDER_NAMES else None


def labels_from_folders(results: Sequence[PictureResult]) -> np.ndarray:
    """Each picture's class, int64 [n]: 0 to 9, ``UNKNOWN`` or ``UNLABELLED``.

    The deepest folder that is named for a class decides, so that neither folders around the sorted ones (the uploaded
    folder itself, a folder in a zip) nor finer ones below them matter. ``none-of-these`` anywhere, and no such folder
    at all, make it ``UNKNOWN``. Folders that all rows share and that say nothing are no folders.
    """
    found = np.full(len(results), NO_LABEL, np.int64)
    shared = _count_shared_folders(results)
    for i, row in enumerate(results):
        below = row.folders[shared:]
        classes = [c for folder in below if (c := class_from_folder_name(folder)) is not None]
        if any(folder.casefold() == NONE_OF_THESE_FOLDER for folder in below) or (below and not classes):
            found[i] = NO_KNOWN_CLASS
        elif classes:
            found[i] = classes[-1]
    return found


def _count_shared_folders(rows: Sequence[PictureResult]) -> int:
    """Number of leading folders that all rows lie in, up to the first that says something."""
    count = 0
    for level in zip(*(row.folders for row in rows), strict=False):
        if (
            len(set(level)) > 1
            or class_from_folder_name(level[0]) is not None
            or level[0].casefold() == NONE_OF_THESE_FOLDER
        ):
            break
        count += 1
    return count


def has_class_folders(results: Sequence[PictureResult]) -> bool:
    """Whether any picture lies in a folder named for a class."""
    return bool((labels_from_folders(results) >= 0).any())


def score_labelled_folder(results: Sequence[PictureResult]) -> LabelledFolderScores:
    """Compare answers with folders; raises ValueError unless ``is_labelled(rows)``."""
    truth = labels_from_folders(results)
    read = np.array([row.prediction is not None for row in results])
    ranked = np.stack([rank_classes(row) for row in results])  # [n, 10]
    known = truth >= 0
    if not known.any():
        raise ValueError("no picture lies in a folder named for a class")
    hit = ranked == truth[:, None]
    first, among = hit[:, 0] & known, hit[:, :TOP_K].any(axis=1) & known
    n = int(known.sum())
    answered, unknown = known & read, (truth == NO_KNOWN_CLASS) & read
    strangeness = np.array([np.nan if row.prediction is None else row.prediction.ood_score for row in results])
    return LabelledFolderScores(
        n=n,
        top1=float(first.sum() / n),
        top3=float(among.sum() / n),
        top1_interval=metrics.wilson_interval(int(first.sum()), n),
        per_class={
            c: ClassAccuracy(int(of.sum()), float(first[of].mean()), float(among[of].mean()))
            for c in range(N_CLASSES)
            if (of := truth == c).any()
        },
        confusion=metrics.classification_metrics(truth[answered], ranked[answered, 0]).confusion,
        n_unreadable=int((known & ~read).sum()),
        n_unknown=int((truth == NO_KNOWN_CLASS).sum()),
        n_unknown_unreadable=int(((truth == NO_KNOWN_CLASS) & ~read).sum()),
        n_unlabelled=int((truth == NO_LABEL).sum()),
        known_warning_rate=_warning_rate(strangeness[answered]),
        unknown_warning_rate=_warning_rate(strangeness[unknown]),
        unknown_auroc=_auroc(strangeness[answered], strangeness[unknown]),
    )


def rank_classes(result: PictureResult) -> np.ndarray:
    """Classes from the likeliest on, int64 [10]; a picture without an answer has ``UNREAD`` ten times."""
    if result.prediction is None:
        return np.full(N_CLASSES, NO_PREDICTION, np.int64)
    return np.argsort(-result.prediction.probabilities, kind="stable").astype(np.int64)


def _warning_rate(strangeness: np.ndarray) -> float | None:
    """Share above the limit; None for no pictures, or ones whose strangeness cannot be told."""
    return float((strangeness > 1).mean()) if len(strangeness) and not np.isnan(strangeness).any() else None


def _auroc(known: np.ndarray, unknown: np.ndarray) -> float | None:
    if not len(known) or not len(unknown) or np.isnan(known).any() or np.isnan(unknown).any():
        return None
    from sklearn.metrics import roc_auc_score

    truth = np.repeat([0, 1], [len(known), len(unknown)])
    return float(roc_auc_score(truth, np.concatenate([known, unknown])))
