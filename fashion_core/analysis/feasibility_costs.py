"""What sorting costs: each kind of mistake has a price, a manual check too, and people make mistakes themselves.

Costs are in any currency. A garment that the model sorts costs its mistake, 0 when it is correct. A garment that a
person sorts costs the manual check plus the mean mistake cost of its class times the error rate of people: which
classes people mix up is not known, so their mistakes are spread evenly over the other classes.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NoReturn, get_args

import numpy as np

from fashion_core.analysis.compare import N_BOOTSTRAP_RESAMPLES, ConfidenceInterval, percentile_interval
from fashion_core.analysis.feasibility import CalibratedPredictions
from fashion_core.data.classes import FASHION_CLASSES, ClassList
from fashion_core.data.dataset import DatasetSourceName
from fashion_core.errors import ConfigError

# README of github.com/zalandoresearch/fashion-mnist, table "Benchmark", row "Human Performance": crowd workers without
# knowledge of fashion, 1,000 random test images, the majority of three labels each
HUMAN_ACCURACY = 0.835
HUMAN_ACCURACY_SAMPLE_SIZE = 1000
# on other pictures nobody has measured it: without mistakes of people, a model saves least
ASSUMED_HUMAN_ACCURACY = 1.0
MIN_TEST_IMAGES_FOR_COSTS = 100  # fewer say nothing about costs
MAX_PLAUSIBLE_COST = 1e6  # anything above is a typing error
DEFAULT_MANUAL_CHECK_COST = 0.1  # where a mistake costs 1
GARMENTS_PER_REPORTED_COST = 1000
CostAssumption = Literal["manual_check_cost", "human_error_rate", "mistake_costs", "model_mistakes"]
COST_ASSUMPTIONS: tuple[CostAssumption, ...] = get_args(CostAssumption)
CLASSES_BY_SHELF = ((0, 2, 3, 4, 6), (1,), (5, 7, 9), (8,))  # tops and dresses, trousers, shoes, bags


def default_human_accuracy(source: DatasetSourceName) -> float:
    """How accurate people are taken to be on a data set, 0 to 1."""
    return ASSUMED_HUMAN_ACCURACY if source == "catalogue" else HUMAN_ACCURACY


def can_estimate_costs(n_validation: int, n_test: int) -> bool:
    """Whether there are images to choose a threshold on, and enough of them to measure what it costs."""
    return n_validation > 0 and n_test >= MIN_TEST_IMAGES_FOR_COSTS


def equal_mistake_costs(n_classes: int) -> np.ndarray:
    """1 for every mistake, float64 [classes, classes]."""
    return 1.0 - np.eye(n_classes)


def _reduced_costs(cost: float, *groups: tuple[int, ...]) -> np.ndarray:
    """1 for every mistake among Fashion-MNIST's classes, ``cost`` for those within one of ``groups``."""
    costs = equal_mistake_costs(10)
    for group in groups:
        costs[np.ix_(group, group)] = cost
    np.fill_diagonal(costs, 0)
    return costs


EQUAL_COSTS_PRESET = "Any mistake 1"
FASHION_MISTAKE_COST_PRESETS: Mapping[str, np.ndarray] = {
    EQUAL_COSTS_PRESET: equal_mistake_costs(10),
    "Shirt for T-shirt 0.2": _reduced_costs(0.2, (0, 6)),
    "Same shelf 0.2": _reduced_costs(0.2, *CLASSES_BY_SHELF),
}


def mistake_cost_presets(classes: ClassList) -> dict[str, np.ndarray]:
    """Matrices of mistake costs float64 [classes, classes] by name; more for Fashion-MNIST's classes."""
    if classes == FASHION_CLASSES:
        return dict(FASHION_MISTAKE_COST_PRESETS)
    return {EQUAL_COSTS_PRESET: equal_mistake_costs(len(classes))}


@dataclass(frozen=True)
class CostModel:
    """``mistake_costs`` float64 [classes, classes]: row the true class, column the predicted one, diagonal 0.
    ``manual_check_cost``: of one garment. ``human_accuracy``: 0 to 1. ``classes``: what rows and columns are.

    Raises ``ConfigError`` when a cost is missing, negative or above ``MAX_PLAUSIBLE_COST``.
    """

    mistake_costs: np.ndarray = field(default_factory=lambda: equal_mistake_costs(len(FASHION_CLASSES)))
    manual_check_cost: float = DEFAULT_MANUAL_CHECK_COST
    human_accuracy: float = HUMAN_ACCURACY
    classes: ClassList = FASHION_CLASSES

    def __post_init__(self) -> None:
        if self.mistake_costs.shape != (len(self.classes),) * 2:
            raise ConfigError("The mistake costs need a row and a column for each class.")
        names = self.classes.names
        for true, predicted in np.argwhere(~_is_valid_cost(self.mistake_costs)):
            _refuse(f"sorting {names[true]} as {names[predicted]}", self.mistake_costs[true, predicted])
        if np.diag(self.mistake_costs).any():
            raise ConfigError("A correct answer costs nothing; the diagonal stays 0.")
        if not _is_valid_cost(self.manual_check_cost):
            _refuse("one manual check", self.manual_check_cost)
        if not 0 <= self.human_accuracy <= 1:
            raise ConfigError(f"People can't sort {self.human_accuracy:.1%} correctly; choose 0% to 100%.")

    @property
    def human_error_rate(self) -> float:
        """How often people sort a garment wrongly, 0 to 1."""
        return 1 - self.human_accuracy

    @property
    def mean_human_mistake_cost_by_class(self) -> np.ndarray:
        """Mean cost of a person's mistake on each class, float64 [classes]."""
        return self.mistake_costs.sum(axis=1) / (len(self.classes) - 1)

    @property
    def manual_sorting_cost_by_class(self) -> np.ndarray:
        """Expected cost of a garment of each class that a person sorts, float64 [classes]."""
        return self.manual_check_cost + self.human_error_rate * self.mean_human_mistake_cost_by_class


def _is_valid_cost(values: np.ndarray | float) -> np.ndarray:
    return (np.asarray(values) >= 0) & (np.asarray(values) <= MAX_PLAUSIBLE_COST)  # False for nan


def _refuse(what: str, cost: float) -> NoReturn:
    value = "missing" if math.isnan(cost) else f"{cost:g}"
    raise ConfigError(f"The cost of {what} is {value}. Enter a number from 0 to {MAX_PLAUSIBLE_COST:,.0f}.")


@dataclass(frozen=True)
class DeferralPolicy:
    """A model that defers to people below the ``threshold`` that is cheapest on validation, infinite when it defers
    every garment, and what that costs on the ``n`` test garments.

    ``cost``, ``manual_cost`` (people sort everything) and ``saving`` (the difference) are per 1,000 garments with
    bootstrap intervals. ``coverage``: rate of automated test garments. ``validation_cost``: per 1,000 garments, by
    which policies are compared.
    """

    title: str
    threshold: float
    coverage: float
    cost: ConfidenceInterval
    manual_cost: ConfidenceInterval
    saving: ConfidenceInterval
    validation_cost: float
    n: int


def cost_per_garment(predictions: CalibratedPredictions, cost_model: CostModel, threshold: float) -> np.ndarray:
    """Expected cost of each garment, float64 [n]."""
    automated = predictions.confidence >= threshold
    predicted = np.where(automated, predictions.predicted, 0)  # a garment that is not automated may have no class
    mistakes = cost_model.mistake_costs[predictions.labels, predicted]
    return np.where(automated, mistakes, cost_model.manual_sorting_cost_by_class[predictions.labels])


def find_cheapest_threshold(validation: CalibratedPredictions, cost_model: CostModel) -> float:
    """The threshold with the lowest cost, infinite for automating nothing.

    Among equally cheap ones, the one that automates most.
    """
    thresholds, costs = cost_breakdown_by_threshold(validation, cost_model)
    totals = costs.total()
    at = len(totals) - 1 - int(totals[::-1].argmin())
    return float(thresholds[at])


@dataclass(frozen=True)
class CostBreakdown:
    """What a cost or a saving is made of, float or float64 [m]."""

    manual_checks: Any
    human_mistakes: Any
    model_mistakes: Any

    def total(self, assumption: CostAssumption | None = None, factor: float = 1.0) -> Any:
        """The sum, with ``assumption`` off by ``factor``."""
        by = dict.fromkeys(COST_ASSUMPTIONS, 1.0) | {assumption: factor}
        mistakes = by["human_error_rate"] * self.human_mistakes + by["model_mistakes"] * self.model_mistakes
        return by["manual_check_cost"] * self.manual_checks + by["mistake_costs"] * mistakes


def cost_breakdown_by_threshold(
    predictions: CalibratedPredictions, cost_model: CostModel
) -> tuple[np.ndarray, CostBreakdown]:
    """Every threshold, from automating nothing to automating all that can be, and the cost of all garments under it."""
    curve = predictions.risk_coverage_curve
    n_automated = np.append(0, curve.n_automated)
    order = np.argsort(-predictions.confidence, kind="stable")[: n_automated[-1]]
    labels = predictions.labels[order]
    human = cost_model.human_error_rate * cost_model.mean_human_mistake_cost_by_class
    model = cost_model.mistake_costs[labels, predictions.predicted[order]]
    avoided, made = (np.cumsum(np.append(0.0, costs))[n_automated] for costs in (human[labels], model))
    n_checks = len(predictions) - n_automated
    return np.append(np.inf, curve.threshold), CostBreakdown(
        cost_model.manual_check_cost * n_checks, human[predictions.labels].sum() - avoided, made
    )


def choose_deferral_policy(
    title: str,
    validation: CalibratedPredictions,
    test: CalibratedPredictions,
    cost_model: CostModel,
) -> DeferralPolicy:
    """Choose the cheapest threshold on ``validation`` and compute what it costs on ``test``.

    Intervals are percentiles of a paired bootstrap of the test garments.
    """
    threshold = find_cheapest_threshold(validation, cost_model)
    return measure_deferral_policy(title, threshold, validation, test, cost_model)


def measure_deferral_policy(
    title: str,
    threshold: float,
    validation: CalibratedPredictions,
    test: CalibratedPredictions,
    cost_model: CostModel,
) -> DeferralPolicy:
    """What it costs on ``test`` to defer below ``threshold``, whichever way that was chosen; as
    ``choose_deferral_policy``."""
    by_policy = cost_per_garment(test, cost_model, threshold)
    by_hand = cost_model.manual_sorting_cost_by_class[test.labels]
    cost, manual_cost, saving = bootstrap_mean_per_thousand_intervals(
        np.stack([by_policy, by_hand, by_hand - by_policy])
    )
    coverage = float((test.confidence >= threshold).mean())
    on_validation = cost_per_garment(validation, cost_model, threshold).sum() / max(len(validation), 1)
    validation_cost = GARMENTS_PER_REPORTED_COST * float(on_validation)
    return DeferralPolicy(title, threshold, coverage, cost, manual_cost, saving, validation_cost, len(test))


def bootstrap_mean_per_thousand_intervals(values: np.ndarray) -> list[ConfidenceInterval]:
    """Mean per 1,000 garments of each row of ``values`` float64 [figures, n], with its percentile interval.

    Garments with the same values are exchangeable, so a resample is one multinomial draw of their counts.
    """
    distinct, counts = np.unique(values, axis=1, return_counts=True)  # [figures, distinct]
    n = values.shape[1]
    samples = np.random.default_rng(0).multinomial(n, counts / n, size=N_BOOTSTRAP_RESAMPLES)  # [resamples, distinct]
    means = GARMENTS_PER_REPORTED_COST / n * samples @ distinct.T  # [resamples, figures]
    observed = GARMENTS_PER_REPORTED_COST * values.mean(axis=1)
    return [percentile_interval(float(mean), draws) for mean, draws in zip(observed, means.T, strict=True)]


def bootstrap_cost_difference_per_thousand(
    a: CalibratedPredictions,
    threshold_a: float,
    b: CalibratedPredictions,
    threshold_b: float,
    cost_model: CostModel,
) -> ConfidenceInterval:
    """How much more ``b`` costs than ``a`` per 1,000 of the same test garments; raises ValueError when they differ."""
    if not np.array_equal(a.labels, b.labels):
        raise ValueError("the policies were measured on different garments")
    more = cost_per_garment(b, cost_model, threshold_b) - cost_per_garment(a, cost_model, threshold_a)
    return bootstrap_mean_per_thousand_intervals(more[None])[0]


def choose_cheapest_policy_on_validation(policies: list[DeferralPolicy]) -> DeferralPolicy:
    """The policy that costs least on validation; test only measures how much that is."""
    return min(policies, key=lambda policy: policy.validation_cost)
