"""What sorting costs: each kind of mistake has a price, a look by a person too, and people make mistakes themselves.

Prices are in any one unit. A garment that the model sorts costs the price of taking its class for the one said, 0 when
that is right. One that a person sorts costs the look, and the mean price of a mistake on its class as often as people
err: which classes people take for which is not known, so their mistakes fall evenly on the other nine.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from fashion_core.analysis.compare import CONFIDENCE_LEVEL, N_RESAMPLES, ConfidenceInterval
from fashion_core.analysis.feasibility import CalibratedPredictions, risk_coverage_curve
from fashion_core.data.classes import CLASS_NAMES, N_CLASSES
from fashion_core.errors import ConfigError

# README of github.com/zalandoresearch/fashion-mnist, table "Benchmark", row "Human Performance": people without
# knowledge of fashion, 1,000 random test images, the majority of three labels each
HUMAN_ACCURACY = 0.835
HUMAN_SAMPLE_SIZE = 1000
MAX_COST = 1e6  # a price above this is a slip of the hand
DEFAULT_MANUAL_CHECK_COST = 0.1  # price of a person's look where a mistake costs 1, unless another is given
PER_THOUSAND = 1000
SHELF_CLASSES = ((0, 2, 3, 4, 6), (1,), (5, 7, 9), (8,))  # tops and dresses, trousers, shoes, bags


def _any_mistake() -> np.ndarray:
    return 1.0 - np.eye(N_CLASSES)


def _with_cheap(price: float, *groups: tuple[int, ...]) -> np.ndarray:
    """1 for every mistake, ``price`` for those within one of ``groups``."""
    found = _any_mistake()
    for group in groups:
        found[np.ix_(group, group)] = price
    np.fill_diagonal(found, 0)
    return found


MISTAKE_COST_PRESETS: Mapping[str, np.ndarray] = {
    "Any mistake 1": _any_mistake(),
    "Shirt for T-shirt 0.2": _with_cheap(0.2, (0, 6)),
    "Same shelf 0.2": _with_cheap(0.2, *SHELF_CLASSES),
}


@dataclass(frozen=True)
class CostModel:
    """``mistakes`` float64 [10, 10], the price of taking the row's class for the column's, diagonal 0; ``check`` of one
    look by a person; ``people``: share of the garments that people sort right, 0 to 1.

    Raises ``ConfigError`` when a price is absent, negative or beyond ``DEAREST``.
    """

    mistake_costs: np.ndarray = field(default_factory=_any_mistake)
    manual_check_cost: float = DEFAULT_MANUAL_CHECK_COST
    human_accuracy: float = HUMAN_ACCURACY

    def __post_init__(self) -> None:
        if self.mistake_costs.shape != (N_CLASSES, N_CLASSES):
            raise ConfigError("There has to be a price for each class taken for each other.")
        for row, column in zip(*np.nonzero(~_is_valid_cost(self.mistake_costs)), strict=True):
            raise ConfigError(
                f"The price of taking {CLASS_NAMES[row]} for {CLASS_NAMES[column]} is {_format_cost(self.mistake_costs[row, column])}. {ALLOWED_COST_TEXT}"
            )
        if np.diag(self.mistake_costs).any():
            raise ConfigError("A right answer has no price; the diagonal stays 0.")
        if not _is_valid_cost(np.array(self.manual_check_cost)):
            raise ConfigError(
                f"The price of a look by a person is {_format_cost(self.manual_check_cost)}. {ALLOWED_COST_TEXT}"
            )
        if not 0 <= self.human_accuracy <= 1:
            raise ConfigError(f"People cannot sort {self.human_accuracy:.1%} right; choose 0% to 100%.")

    @property
    def human_mistake_cost(self) -> np.ndarray:
        """Mean price of a mistake on each class when it falls evenly on the other nine, float64 [10]."""
        return self.mistake_costs.sum(axis=1) / (N_CLASSES - 1)

    @property
    def manual_sorting_cost(self) -> np.ndarray:
        """Expected price of a garment of each class that a person sorts, float64 [10]."""
        return self.manual_check_cost + (1 - self.human_accuracy) * self.human_mistake_cost


ALLOWED_COST_TEXT = f"Write a number from 0 to {MAX_COST:,.0f}."


def _is_valid_cost(values: np.ndarray) -> np.ndarray:
    return (values >= 0) & (values <= MAX_COST)  # False for nan


def _format_cost(value: float) -> str:
    return "missing" if math.isnan(value) else f"{value:g}"


@dataclass(frozen=True)
class DeferralPolicy:
    """A model with the threshold that is cheapest on validation, and what that costs on the ``n`` test garments.

    Costs are per 1,000 garments with bootstrap intervals; ``saving`` is what people alone (``people``) cost more.
    ``threshold``: infinite when nothing is automated. ``coverage``: share of the test garments that is automated.
    ``chosen_at``: cost per 1,000 on validation, by which plans are chosen.
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
    """Expected price of each garment, float64 [n]."""
    automated = predictions.confidence >= threshold
    said = np.where(automated, predictions.predicted, 0)  # of what goes to a person, the answer may be none
    return np.where(
        automated,
        cost_model.mistake_costs[predictions.labels, said],
        cost_model.manual_sorting_cost[predictions.labels],
    )


def cheapest_threshold(validation: CalibratedPredictions, cost_model: CostModel) -> tuple[float, float]:
    """The threshold with the least cost, infinite for leaving all to people, and that cost per garment.

    Of equally cheap ones the one that automates most.
    """
    thresholds, totals = costs_by_threshold(validation, cost_model)
    at = len(totals) - 1 - int(totals[::-1].argmin())
    return float(thresholds[at]), float(totals[at]) / max(len(validation), 1)


def costs_by_threshold(predictions: CalibratedPredictions, cost_model: CostModel) -> tuple[np.ndarray, np.ndarray]:
    """Every threshold, from infinite on, and the price of all garments together under it; float64 [m] both."""
    sums = cumulative_costs(predictions, cost_model)
    return sums.threshold, sums.model_mistake_costs + cost_model.manual_check_cost * sums.n_manual_checks + (
        1 - cost_model.human_accuracy
    ) * sums.human_mistake_costs


@dataclass(frozen=True)
class CumulativeCosts:
    """What adds up to the cost under each ``threshold``, float64 [m] all: prices of the model's ``mistakes``, number of
    ``checks`` by people, and what the mistakes of ``people`` would cost if every check were one."""

    threshold: np.ndarray
    model_mistake_costs: np.ndarray
    n_manual_checks: np.ndarray
    human_mistake_costs: np.ndarray


def cumulative_costs(predictions: CalibratedPredictions, cost_model: CostModel) -> CumulativeCosts:
    """From nothing automated to everything that can be."""
    steps = risk_coverage_curve(predictions)
    last = np.concatenate([[0], steps.n_automated]).astype(np.int64)
    order = np.argsort(-predictions.confidence, kind="stable")
    order_automated = order[: last[-1]]
    mistakes = cost_model.mistake_costs[predictions.labels[order_automated], predictions.predicted[order_automated]]
    by_people = cost_model.human_mistake_cost[predictions.labels]
    taken = np.concatenate([[0.0], np.cumsum(by_people[order_automated])])[last]
    return CumulativeCosts(
        np.concatenate([[np.inf], steps.threshold]),
        np.concatenate([[0.0], np.cumsum(mistakes)])[last],
        (len(predictions) - last).astype(np.float64),
        by_people.sum() - taken,
    )


def choose_deferral_policy(
    title: str,
    validation: CalibratedPredictions,
    test: CalibratedPredictions,
    cost_model: CostModel,
    *,
    resamples: int = N_RESAMPLES,
    seed: int = 0,
) -> DeferralPolicy:
    """Choose the cheapest threshold on ``validation`` and say what it costs on ``test``.

    Intervals are percentiles of a paired bootstrap of the test garments, as ``compare.bootstrap`` draws them.
    """
    threshold, chosen_at = cheapest_threshold(validation, cost_model)
    cost, people = cost_per_garment(test, cost_model, threshold), cost_model.manual_sorting_cost[test.labels]
    figures = bootstrap_mean_intervals(np.stack([cost, people, people - cost]), resamples=resamples, seed=seed)
    automated = float((test.confidence >= threshold).mean())
    return DeferralPolicy(
        title, threshold, automated, figures[0], figures[1], figures[2], PER_THOUSAND * chosen_at, len(test)
    )


def bootstrap_mean_intervals(
    values: np.ndarray, *, resamples: int = N_RESAMPLES, seed: int = 0
) -> list[ConfidenceInterval]:
    """Mean per 1,000 garments of each row of ``values`` float64 [figures, n], with its percentile interval.

    Garments with the same values are exchangeable, so a resample is one multinomial draw of their counts.
    """
    kinds, counts = np.unique(values, axis=1, return_counts=True)  # [figures, kinds]
    n = values.shape[1]
    drawn = np.random.default_rng(seed).multinomial(n, counts / n, size=resamples)  # [resamples, kinds]
    means = PER_THOUSAND / n * drawn @ kinds.T  # [resamples, figures]
    low, high = np.quantile(means, ((1 - CONFIDENCE_LEVEL) / 2, (1 + CONFIDENCE_LEVEL) / 2), axis=0)
    return [
        ConfidenceInterval(PER_THOUSAND * float(row.mean()), float(a), float(b))
        for row, a, b in zip(values, low, high, strict=True)
    ]


def cost_difference(
    a: CalibratedPredictions, threshold_a: float, b: CalibratedPredictions, threshold_b: float, cost_model: CostModel
) -> ConfidenceInterval:
    """How much more ``b`` costs per 1,000 of the same test garments under threshold ``at_b`` than ``a`` under
    ``at_a``; raises ValueError when the garments are others."""
    if not np.array_equal(a.labels, b.labels):
        raise ValueError("the plans were tried on different garments")
    more = cost_per_garment(b, cost_model, threshold_b) - cost_per_garment(a, cost_model, threshold_a)
    return bootstrap_mean_intervals(more[None])[0]


def cheapest_policy(policies: list[DeferralPolicy]) -> DeferralPolicy:
    """The plan that costs least on validation; test only says how much that is."""
    return min(policies, key=lambda found: found.validation_cost)


def describe_saving(policy: DeferralPolicy) -> str:
    """What a plan saves against people alone, in a sentence."""
    saving = policy.saving
    numbers = f"{abs(saving.estimate):,.1f} per 1,000 garments"
    low, high = (f"{value:,.1f}".replace("-", "−") for value in (saving.low, saving.high))
    interval = f"(95% interval {low} to {high})"
    if not policy.coverage:
        return f"Under these prices people alone are cheapest; {policy.title} is never sure enough to help."
    if saving.low > 0:
        return (
            f"{policy.title} with people for {1 - policy.coverage:.1%} saves {numbers} against people alone {interval}."
        )
    if saving.high < 0:
        return f"{policy.title} costs {numbers} more than people alone on test {interval}."
    return f"Whether {policy.title} saves anything against people alone is open: {numbers} {interval}."
