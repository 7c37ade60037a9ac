"""How good the answers are on pictures that somebody has sorted into folders, one a class."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fashion_core.analysis import metrics
from fashion_core.data.labels import FOLDERS, N_CLASSES
from fashion_core.recognition.batch import Row

NO_CLASS = "none-of-these"
UNKNOWN = -1  # of none of the ten classes
UNLABELLED = -2  # in no folder that says anything
UNREAD = -3  # in place of an answer; no truth is that
TOP = 3


@dataclass(frozen=True)
class ClassFigures:
    """Of ``n`` pictures of a class, shares 0 to 1: first answer right, and right among the first three."""

    n: int
    top1: float
    top3: float


@dataclass(frozen=True)
class Labelled:
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
    interval: tuple[float, float]
    per_class: dict[int, ClassFigures]
    confusion: np.ndarray
    unreadable: int
    n_unknown: int
    unreadable_unknown: int
    unlabelled: int
    warned_known: float | None
    warned_unknown: float | None
    auroc_unknown: float | None


def class_named(folder: str) -> int | None:
    """The class that a folder is named for, 0 to 9, or None; case, blanks and underscores do not matter."""
    plain = folder.casefold().replace(" ", "-").replace("_", "-")
    return FOLDERS.index(plain) if plain in FOLDERS else None


def truths(rows: Sequence[Row]) -> np.ndarray:
    """Each picture's class, int64 [n]: 0 to 9, ``UNKNOWN`` or ``UNLABELLED``.

    The deepest folder that is named for a class decides, so that neither folders around the sorted ones (the uploaded
    folder itself, a folder in a zip) nor finer ones below them matter. ``none-of-these`` anywhere, and no such folder
    at all, make it ``UNKNOWN``. Folders that all rows share and that say nothing are no folders.
    """
    found = np.full(len(rows), UNLABELLED, np.int64)
    shared = _shared(rows)
    for i, row in enumerate(rows):
        below = row.folders[shared:]
        classes = [c for folder in below if (c := class_named(folder)) is not None]
        if any(folder.casefold() == NO_CLASS for folder in below) or (below and not classes):
            found[i] = UNKNOWN
        elif classes:
            found[i] = classes[-1]
    return found


def _shared(rows: Sequence[Row]) -> int:
    """Number of leading folders that all rows lie in, up to the first that says something."""
    count = 0
    for level in zip(*(row.folders for row in rows), strict=False):
        if len(set(level)) > 1 or class_named(level[0]) is not None or level[0].casefold() == NO_CLASS:
            break
        count += 1
    return count


def is_labelled(rows: Sequence[Row]) -> bool:
    """Whether any picture lies in a folder named for a class."""
    return bool((truths(rows) >= 0).any())


def score(rows: Sequence[Row]) -> Labelled:
    """Compare answers with folders; raises ValueError unless ``is_labelled(rows)``."""
    truth = truths(rows)
    read = np.array([row.answer is not None for row in rows])
    ranked = np.stack([ranking(row) for row in rows])  # [n, 10]
    known = truth >= 0
    if not known.any():
        raise ValueError("no picture lies in a folder named for a class")
    hit = ranked == truth[:, None]
    first, among = hit[:, 0] & known, hit[:, :TOP].any(axis=1) & known
    n = int(known.sum())
    answered, unknown = known & read, (truth == UNKNOWN) & read
    strangeness = np.array([np.nan if row.answer is None else row.answer.strangeness for row in rows])
    return Labelled(
        n=n,
        top1=float(first.sum() / n),
        top3=float(among.sum() / n),
        interval=metrics.wilson(int(first.sum()), n),
        per_class={
            c: ClassFigures(int(of.sum()), float(first[of].mean()), float(among[of].mean()))
            for c in range(N_CLASSES)
            if (of := truth == c).any()
        },
        confusion=metrics.compute(truth[answered], ranked[answered, 0]).confusion,
        unreadable=int((known & ~read).sum()),
        n_unknown=int((truth == UNKNOWN).sum()),
        unreadable_unknown=int(((truth == UNKNOWN) & ~read).sum()),
        unlabelled=int((truth == UNLABELLED).sum()),
        warned_known=_warned(strangeness[answered]),
        warned_unknown=_warned(strangeness[unknown]),
        auroc_unknown=_auroc(strangeness[answered], strangeness[unknown]),
    )


def ranking(row: Row) -> np.ndarray:
    """Classes from the likeliest on, int64 [10]; a picture without an answer has ``UNREAD`` ten times."""
    if row.answer is None:
        return np.full(N_CLASSES, UNREAD, np.int64)
    return np.argsort(-row.answer.probabilities, kind="stable").astype(np.int64)


def _warned(strangeness: np.ndarray) -> float | None:
    """Share above the limit; None for no pictures, or ones whose strangeness cannot be told."""
    return float((strangeness > 1).mean()) if len(strangeness) and not np.isnan(strangeness).any() else None


def _auroc(known: np.ndarray, unknown: np.ndarray) -> float | None:
    if not len(known) or not len(unknown) or np.isnan(known).any() or np.isnan(unknown).any():
        return None
    from sklearn.metrics import roc_auc_score

    truth = np.repeat([0, 1], [len(known), len(unknown)])
    return float(roc_auc_score(truth, np.concatenate([known, unknown])))
