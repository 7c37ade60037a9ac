"""What a suggestion is, and what suggestions are made from."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from fashion_core.analysis.automation_gain import AutomationGoal, GainEstimator
from fashion_core.analysis.compare import ConfidenceInterval
from fashion_core.analysis.feasibility import calibrate_predictions_on_validation
from fashion_core.analysis.learning_curve import ErrorCurve
from fashion_core.analysis.predictions import Predictions

if TYPE_CHECKING:
    import pandas as pd

SuggestionKind = Literal["label", "leave", "merge", "collect", "train"]
MAX_SUGGESTIONS_OF_KIND = 2
MIN_PICTURES_OF_CLASS = 100  # a class with fewer training pictures has few, whatever the others have
N_RANDOM_VERSIONS = 50  # of what more pictures or epochs may correct


@dataclass(frozen=True)
class LearningCurvePoints:
    """Trainings on a part of the pictures of the classes with few: ``n_train`` int64 [k, classes] pictures each, and
    ``n_wrong`` int64 [k, classes] validation images of the class that were predicted wrongly."""

    n_train: np.ndarray
    n_wrong: np.ndarray


@dataclass(frozen=True)
class ShiftEvidence:
    """A test of whether ``n_pictures`` of the visitor's are like those on which the threshold was chosen.

    ``p_value`` is that test's. ``automation_with_labels``: the expected automation rate once ``n_labels`` of them are
    labelled and choose the threshold, None where it isn't known; see ``label_shift.estimate_automation_with_labels``.
    """

    p_value: float
    n_pictures: int
    n_labels: int = 60
    automation_with_labels: ConfidenceInterval | None = None


@dataclass(frozen=True)
class AdviceInputs:
    """What suggestions are made from.

    ``validation`` and ``test``: as ``split_for_threshold`` returns them. ``train_counts`` int64 [classes]: training
    pictures of each class. ``history``: one row an epoch with the columns of ``history.csv``; None for a model that
    isn't trained in epochs. ``n_passes`` over the training pictures, and those of the model's longest preset,
    ``best_n_passes``; 0 where there is none.
    """

    validation: Predictions
    test: Predictions
    train_counts: np.ndarray | None = None
    history: "pd.DataFrame | None" = None
    n_passes: int = 0
    best_n_passes: int = 0
    points: LearningCurvePoints | None = None
    shift: ShiftEvidence | None = None


@dataclass(frozen=True)
class Suggestion:
    """One thing to do, about some ``classes`` or none.

    ``gain`` in automation rate at the goal, -1 to 1, as expected of test; None where it isn't known. ``measured``: the
    gain on test; None for what has to be done first. ``evidence`` by kind:

    - label: ``p_value``, ``n_pictures``, ``n_labels``
    - leave: ``error_rate`` of the images predicted as the class, ``other_error_rate`` of all others, ``n`` images
    - merge: ``n_confused`` of the ``n`` images of both classes that are predicted as either, their ``error_rate``, and
      ``guessing_error_rate``, that of always saying the more frequent one
    - collect: ``n_train``, ``n_more``, ``error_rate`` of the class, ``other_error_rate`` of the other classes
    - train: ``n_passes``, ``goal``, ``slope`` of the validation accuracy per epoch and its ``p_value`` (nan without)
    """

    kind: SuggestionKind
    classes: tuple[int, ...]
    evidence: Mapping[str, float]
    gain: ConfidenceInterval | None
    measured: float | None = None

    @property
    def keeps_answers(self) -> bool:
        """Whether what the model can tell apart now is still told apart afterwards."""
        return self.kind != "merge" or not gives_up_distinction(self.evidence)


def gives_up_distinction(evidence: Mapping[str, float]) -> bool:
    """Whether the model's answers about two classes are nearer to certainty than to guessing."""
    return evidence["error_rate"] < evidence["guessing_error_rate"] / 2


def find_classes_with_few_pictures(train_counts: np.ndarray) -> np.ndarray:
    """The rare classes, and those with fewer than ``MIN_PICTURES_OF_CLASS`` training pictures, int64 [k].

    ``train_counts`` int64 [classes].
    """
    return np.flatnonzero(_is_rare(train_counts) | (train_counts < MIN_PICTURES_OF_CLASS))


def _is_rare(train_counts: np.ndarray) -> np.ndarray:
    """Which classes have fewer than half of the median's training pictures, bool [classes]."""
    return train_counts < np.median(train_counts) / 2


class AdviceContext:
    """The inputs under the temperature of validation, and what is automated of them now."""

    def __init__(self, inputs: AdviceInputs, goal: AutomationGoal) -> None:
        self.inputs, self.goal = inputs, goal
        self.splits = calibrate_predictions_on_validation(inputs.validation, inputs.test)
        self.validation = self.splits[0]
        self.n_classes = inputs.validation.n_classes
        self.gains = GainEstimator(self.validation, max(len(self.splits[1]), 1), goal)
        counts = np.full(self.n_classes, MIN_PICTURES_OF_CLASS) if inputs.train_counts is None else inputs.train_counts
        self.few: list[int] = find_classes_with_few_pictures(counts).tolist()
        self.rare: list[int] = np.flatnonzero(_is_rare(counts)).tolist()

    def gain_if_corrected(
        self, candidates: np.ndarray, donors: np.ndarray, curve: ErrorCurve, n: float
    ) -> ConfidenceInterval:
        """The gain if the error rate of the wrong images ``candidates`` int64 [k] falls along ``curve`` up to ``n``.

        Which of them become correct is drawn; their confidence is that of a correct image among ``donors`` int64 [m].
        """
        rng, versions = np.random.default_rng(0), []
        for ratio in curve.draw_error_ratios(n, N_RANDOM_VERSIONS, rng):
            corrected = candidates[rng.random(len(candidates)) >= ratio]
            predicted, confidence = self.validation.predicted.copy(), self.validation.confidence.copy()
            predicted[corrected] = self.validation.labels[corrected]
            confidence[corrected] = self.validation.confidence[rng.choice(donors, len(corrected))]
            versions.append(dataclasses.replace(self.validation, predicted=predicted, confidence=confidence))
        return self.gains.estimate(versions)
