"""What sorting costs: each kind of mistake has a price, a look by a person too, and people make mistakes themselves.

Prices are in any one unit. A garment that the model sorts costs the price of taking its class for the one said, 0 when
that is right. One that a person sorts costs the look, and the mean price of a mistake on its class as often as people
err: which classes people take for which is not known, so their mistakes fall evenly on the other nine.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from fashion_core.analysis.compare import LEVEL, RESAMPLES, Interval
from fashion_core.analysis.feasibility import Answers, curve
from fashion_core.data.labels import N_CLASSES, NAMES
from fashion_core.errors import ConfigError

# README of github.com/zalandoresearch/fashion-mnist, table "Benchmark", row "Human Performance": people without
# knowledge of fashion, 1,000 random test images, the majority of three labels each
PEOPLE = 0.835
PEOPLE_N = 1000
DEAREST = 1e6  # a price above this is a slip of the hand
CHECK = 0.1  # price of a person's look where a mistake costs 1, unless another is given
THOUSAND = 1000
SHELVES = ((0, 2, 3, 4, 6), (1,), (5, 7, 9), (8,))  # tops and dresses, trousers, shoes, bags


def _any_mistake() -> np.ndarray:
    return 1.0 - np.eye(N_CLASSES)


def _with_cheap(price: float, *groups: tuple[int, ...]) -> np.ndarray:
    """1 for every mistake, ``price`` for those within one of ``groups``."""
    found = _any_mistake()
    for group in groups:
        found[np.ix_(group, group)] = price
    np.fill_diagonal(found, 0)
    return found


PRESETS: Mapping[str, np.ndarray] = {
    "Any mistake 1": _any_mistake(),
    "Shirt for T-shirt 0.2": _with_cheap(0.2, (0, 6)),
    "Same shelf 0.2": _with_cheap(0.2, *SHELVES),
}


@dataclass(frozen=True)
class Prices:
    """``mistakes`` float64 [10, 10], the price of taking the row's class for the column's, diagonal 0; ``check`` of one
    look by a person; ``people``: share of the garments that people sort right, 0 to 1.

    Raises ``ConfigError`` when a price is absent, negative or beyond ``DEAREST``.
    """

    mistakes: np.ndarray = field(default_factory=_any_mistake)
    check: float = CHECK
    people: float = PEOPLE

    def __post_init__(self) -> None:
        if self.mistakes.shape != (N_CLASSES, N_CLASSES):
            raise ConfigError("There has to be a price for each class taken for each other.")
        for row, column in zip(*np.nonzero(~_is_price(self.mistakes)), strict=True):
            raise ConfigError(
                f"The price of taking {NAMES[row]} for {NAMES[column]} is {_told(self.mistakes[row, column])}. {WANTED}"
            )
        if np.diag(self.mistakes).any():
            raise ConfigError("A right answer has no price; the diagonal stays 0.")
        if not _is_price(np.array(self.check)):
            raise ConfigError(f"The price of a look by a person is {_told(self.check)}. {WANTED}")
        if not 0 <= self.people <= 1:
            raise ConfigError(f"People cannot sort {self.people:.1%} right; choose 0% to 100%.")

    @property
    def mistake_of_people(self) -> np.ndarray:
        """Mean price of a mistake on each class when it falls evenly on the other nine, float64 [10]."""
        return self.mistakes.sum(axis=1) / (N_CLASSES - 1)

    @property
    def person(self) -> np.ndarray:
        """Expected price of a garment of each class that a person sorts, float64 [10]."""
        return self.check + (1 - self.people) * self.mistake_of_people


WANTED = f"Write a number from 0 to {DEAREST:,.0f}."


def _is_price(values: np.ndarray) -> np.ndarray:
    return (values >= 0) & (values <= DEAREST)  # False for nan


def _told(value: float) -> str:
    return "missing" if math.isnan(value) else f"{value:g}"


@dataclass(frozen=True)
class Plan:
    """A model with the threshold that is cheapest on validation, and what that costs on the ``n`` test garments.

    Costs are per 1,000 garments with bootstrap intervals; ``saving`` is what people alone (``people``) cost more.
    ``threshold``: infinite when nothing is automated. ``coverage``: share of the test garments that is automated.
    ``chosen_at``: cost per 1,000 on validation, by which plans are chosen.
    """

    title: str
    threshold: float
    coverage: float
    cost: Interval
    people: Interval
    saving: Interval
    chosen_at: float
    n: int


def per_garment(found: Answers, prices: Prices, threshold: float) -> np.ndarray:
    """Expected price of each garment, float64 [n]."""
    automated = found.confidence >= threshold
    said = np.where(automated, found.predicted, 0)  # of what goes to a person, the answer may be none
    return np.where(automated, prices.mistakes[found.labels, said], prices.person[found.labels])


def best_threshold(validation: Answers, prices: Prices) -> tuple[float, float]:
    """The threshold with the least cost, infinite for leaving all to people, and that cost per garment.

    Of equally cheap ones the one that automates most.
    """
    thresholds, totals = by_threshold(validation, prices)
    at = len(totals) - 1 - int(totals[::-1].argmin())
    return float(thresholds[at]), float(totals[at]) / max(len(validation), 1)


def by_threshold(found: Answers, prices: Prices) -> tuple[np.ndarray, np.ndarray]:
    """Every threshold, from infinite on, and the price of all garments together under it; float64 [m] both."""
    sums = prefix_sums(found, prices)
    return sums.threshold, sums.mistakes + prices.check * sums.checks + (1 - prices.people) * sums.people


@dataclass(frozen=True)
class Sums:
    """What adds up to the cost under each ``threshold``, float64 [m] all: prices of the model's ``mistakes``, number of
    ``checks`` by people, and what the mistakes of ``people`` would cost if every check were one."""

    threshold: np.ndarray
    mistakes: np.ndarray
    checks: np.ndarray
    people: np.ndarray


def prefix_sums(found: Answers, prices: Prices) -> Sums:
    """From nothing automated to everything that can be."""
    steps = curve(found)
    last = np.concatenate([[0], steps.automated]).astype(np.int64)
    order = np.argsort(-found.confidence, kind="stable")
    order_automated = order[: last[-1]]
    mistakes = prices.mistakes[found.labels[order_automated], found.predicted[order_automated]]
    by_people = prices.mistake_of_people[found.labels]
    taken = np.concatenate([[0.0], np.cumsum(by_people[order_automated])])[last]
    return Sums(
        np.concatenate([[np.inf], steps.threshold]),
        np.concatenate([[0.0], np.cumsum(mistakes)])[last],
        (len(found) - last).astype(np.float64),
        by_people.sum() - taken,
    )


def plan(
    title: str, validation: Answers, test: Answers, prices: Prices, *, resamples: int = RESAMPLES, seed: int = 0
) -> Plan:
    """Choose the cheapest threshold on ``validation`` and say what it costs on ``test``.

    Intervals are percentiles of a paired bootstrap of the test garments, as ``compare.bootstrap`` draws them.
    """
    threshold, chosen_at = best_threshold(validation, prices)
    cost, people = per_garment(test, prices, threshold), prices.person[test.labels]
    figures = bootstrap_means(np.stack([cost, people, people - cost]), resamples=resamples, seed=seed)
    automated = float((test.confidence >= threshold).mean())
    return Plan(title, threshold, automated, figures[0], figures[1], figures[2], THOUSAND * chosen_at, len(test))


def bootstrap_means(values: np.ndarray, *, resamples: int = RESAMPLES, seed: int = 0) -> list[Interval]:
    """Mean per 1,000 garments of each row of ``values`` float64 [figures, n], with its percentile interval.

    Garments with the same values are exchangeable, so a resample is one multinomial draw of their counts.
    """
    kinds, counts = np.unique(values, axis=1, return_counts=True)  # [figures, kinds]
    n = values.shape[1]
    drawn = np.random.default_rng(seed).multinomial(n, counts / n, size=resamples)  # [resamples, kinds]
    means = THOUSAND / n * drawn @ kinds.T  # [resamples, figures]
    low, high = np.quantile(means, ((1 - LEVEL) / 2, (1 + LEVEL) / 2), axis=0)
    return [
        Interval(THOUSAND * float(row.mean()), float(a), float(b)) for row, a, b in zip(values, low, high, strict=True)
    ]


def difference(a: Answers, at_a: float, b: Answers, at_b: float, prices: Prices) -> Interval:
    """How much more ``b`` costs per 1,000 of the same test garments under threshold ``at_b`` than ``a`` under
    ``at_a``; raises ValueError when the garments are others."""
    if not np.array_equal(a.labels, b.labels):
        raise ValueError("the plans were tried on different garments")
    more = per_garment(b, prices, at_b) - per_garment(a, prices, at_a)
    return bootstrap_means(more[None])[0]


def cheapest(plans: list[Plan]) -> Plan:
    """The plan that costs least on validation; test only says how much that is."""
    return min(plans, key=lambda found: found.chosen_at)


def finding(found: Plan) -> str:
    """What a plan saves against people alone, in a sentence."""
    saving = found.saving
    numbers = f"{abs(saving.value):,.1f} per 1,000 garments"
    low, high = (f"{value:,.1f}".replace("-", "−") for value in (saving.low, saving.high))
    interval = f"(95% interval {low} to {high})"
    if not found.coverage:
        return f"Under these prices people alone are cheapest; {found.title} is never sure enough to help."
    if saving.low > 0:
        return (
            f"{found.title} with people for {1 - found.coverage:.1%} saves {numbers} against people alone {interval}."
        )
    if saving.high < 0:
        return f"{found.title} costs {numbers} more than people alone on test {interval}."
    return f"Whether {found.title} saves anything against people alone is open: {numbers} {interval}."
