"""Pictures that somebody has sorted into folders, as answers whose automation can be judged."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fashion_core.analysis import calibration
from fashion_core.analysis.feasibility import NEVER, Answers, halves
from fashion_core.data.labels import N_CLASSES
from fashion_core.recognition.batch import Row
from fashion_core.recognition.labelled import UNLABELLED, UNREAD, truths

SEED = 0
FEWEST = 40  # pictures of the ten classes from which a half of them says something


@dataclass(frozen=True)
class Catalogue:
    """One half of the pictures to choose a threshold and a ``temperature`` on, the other to try them.

    A picture that cannot be read or carries the warning always goes to a person; one of none of the ten classes is a
    mistake whenever it is automated. Left out are ``copies`` of other pictures, which would stand in both halves, and
    ``unlabelled`` ones in no folder.
    """

    chosen_on: Answers
    tried_on: Answers
    temperature: float
    copies: int
    unlabelled: int


def catalogue(rows: Sequence[Row]) -> Catalogue | None:
    """The answered pictures of one folder; None when fewer than ``FEWEST`` of them show one of the ten classes."""
    everything = truths(rows)
    kept = [i for i, row in enumerate(rows) if not row.same_as and everything[i] != UNLABELLED]
    truth = everything[kept]
    if (truth >= 0).sum() < FEWEST:
        return None
    answers = [rows[i].answer for i in kept]
    read = np.array([answer is not None for answer in answers])
    strange = np.array([answer is not None and answer.is_strange for answer in answers])
    nothing = np.full(N_CLASSES, 1 / N_CLASSES, np.float32)
    probabilities = np.stack([nothing if answer is None else answer.probabilities for answer in answers])
    first = halves(truth, seed=SEED)
    fitted_on = first & read & (truth >= 0)
    temperature = calibration.fit_temperature(probabilities[fitted_on], truth[fitted_on]) if fitted_on.any() else 1.0
    predicted = np.where(read, probabilities.argmax(axis=1), UNREAD)
    confidence = calibration.with_temperature(probabilities, temperature).max(axis=1).astype(np.float64)
    confidence[~read | strange] = NEVER
    parts = [Answers(truth[half], predicted[half], confidence[half]) for half in (first, ~first)]
    copies = sum(bool(row.same_as) for row in rows)
    return Catalogue(parts[0], parts[1], temperature, copies, int((everything == UNLABELLED).sum()))


def of_ten(found: Answers) -> Answers:
    """Those pictures alone that show one of the ten classes: prices are theirs."""
    known = found.labels >= 0
    return Answers(found.labels[known], found.predicted[known], found.confidence[known])
