"""Which assumption about costs would change the decision, and how far it would have to be off."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from fashion_core.analysis.feasibility import Answers
from fashion_core.analysis.feasibility_costs import THOUSAND, Plan, Prices, prefix_sums

Name = Literal["check", "people", "mistakes", "model"]
NAMES: Mapping[Name, str] = {
    "check": "Price of a look by a person",
    "people": "Mistakes of people",
    "mistakes": "Prices of all mistakes",
    "model": "Mistakes of the models",
}
FACTORS = np.exp2(np.linspace(-5, 5, 101))  # 1/32 to 32 times, tried for another run to become the cheapest


@dataclass(frozen=True)
class Effect:
    """What becomes of a plan's saving per 1,000 test garments when one assumption is off by a factor.

    ``base``: the assumption's own value, a price or a share, 1 for what is a factor itself. ``halved`` and ``doubled``
    (a share to 1 at most): the saving then. ``break_even``: the factor at which the plan as it is saves nothing any
    more; None when there is none. ``flips``: the nearest factors below and above 1, as far as ``FACTORS`` go, at which
    another run with its own best threshold is the cheapest on validation, each with that run's title.
    """

    name: Name
    base: float
    halved: float
    doubled: float
    break_even: float | None
    flips: tuple[tuple[float, str], ...]


def effects(plan: Plan, prices: Prices, runs: Mapping[str, tuple[Answers, Answers]]) -> list[Effect]:
    """Every assumption's effect, the largest swing of the saving first; ``runs``: answers on validation and test by
    title, that of ``plan`` among them."""
    terms = _terms(runs[plan.title][1], plan.threshold, prices)
    flips = _flips({title: answers[0] for title, answers in runs.items()}, prices)
    base: dict[Name, float] = {"check": prices.check, "people": 1 - prices.people, "mistakes": 1.0, "model": 1.0}
    found = []
    for name in NAMES:
        most = min(2.0, 1 / base["people"]) if name == "people" and base["people"] else 2.0
        found.append(
            Effect(
                name,
                base[name],
                THOUSAND * terms.saving(**{name: 0.5}),
                THOUSAND * terms.saving(**{name: most}),
                terms.break_even(name, base[name]),
                flips[name],
            )
        )
    return sorted(found, key=lambda effect: -abs(effect.doubled - effect.halved))


@dataclass(frozen=True)
class Terms:
    """What a saving per garment is made of: the looks saved, people's mistakes saved, and the model's own mistakes,
    each in price per garment. What goes to a person either way cancels out."""

    looks: float
    people: float
    model: float

    def saving(self, check: float = 1, people: float = 1, mistakes: float = 1, model: float = 1) -> float:
        """The saving when each assumption is the given factor of what it was."""
        return check * self.looks + mistakes * (people * self.people - model * self.model)

    def break_even(self, name: Name, base: float) -> float | None:
        """The factor at which the saving is 0; None when there is none that can be."""
        slope = self.saving(**{name: 2.0}) - self.saving(**{name: 1.0})
        if slope == 0:
            return None
        factor = 1 - self.saving() / slope
        beyond = name == "people" and factor * base > 1
        return factor if factor >= 0 and not beyond else None


def _terms(test: Answers, threshold: float, prices: Prices) -> Terms:
    automated = test.confidence >= threshold
    labels, n = test.labels[automated], max(len(test), 1)
    return Terms(
        prices.check * len(labels) / n,
        (1 - prices.people) * float(prices.mistake_of_people[labels].sum()) / n,
        float(prices.mistakes[labels, test.predicted[automated]].sum()) / n,
    )


def _flips(validation: Mapping[str, Answers], prices: Prices) -> dict[Name, tuple[tuple[float, str], ...]]:
    """For each assumption the nearest factors below and above 1 at which another run is cheapest on validation."""
    titles = list(validation)
    sums = [prefix_sums(answers, prices) for answers in validation.values()]
    err = 1 - prices.people
    middle = len(FACTORS) // 2
    found: dict[Name, tuple[tuple[float, str], ...]] = {}
    for name in NAMES:
        cost = np.empty((len(sums), len(FACTORS)))  # each with its best threshold
        for i, s in enumerate(sums):
            looks, people = prices.check * s.checks, err * s.people
            for j, factor in enumerate(FACTORS):
                by = dict.fromkeys(NAMES, 1.0) | {name: min(factor, 1 / err) if name == "people" and err else factor}
                model = by["mistakes"] * by["model"] * s.mistakes
                cost[i, j] = (model + by["check"] * looks + by["mistakes"] * by["people"] * people).min()
        best = cost.argmin(axis=0)
        others = np.flatnonzero(best != best[middle])
        below, above = others[others < middle][-1:], others[others > middle][:1]
        found[name] = tuple((float(FACTORS[j]), titles[best[j]]) for j in (*below, *above))
    return found


def told(name: Name, base: float, factor: float) -> str:
    """An assumption that is off by ``factor``, as its own value or as a multiple."""
    if name == "check":
        return f"{base * factor:.3g}"
    if name == "people":
        return f"{min(base * factor, 1.0):.1%}"
    return f"{factor:.3g} times"


def finding(plan: Plan, found: list[Effect]) -> str:
    """The assumption that has to be off least for people alone to be cheaper, in a sentence."""
    breaking = [(effect.break_even, effect) for effect in found if effect.break_even]
    if not plan.coverage:
        return "Nothing is automated, so no assumption makes people alone cheaper."
    if not breaking:
        return f"No single assumption makes people alone cheaper than {plan.title}, however far it is off."
    factor, nearest = min(breaking, key=lambda pair: abs(np.log(pair[0])))
    what = NAMES[nearest.name][0].lower() + NAMES[nearest.name][1:]
    value = told(nearest.name, nearest.base, factor)
    if nearest.name in ("check", "people"):
        value += f" and not {told(nearest.name, nearest.base, 1.0)}"
    else:
        value += " what is assumed"
    return (
        f"{plan.title} stays cheaper than people alone until the {what} {'is' if nearest.name == 'check' else 'are'} "
        f"{value}; every other assumption can be off by more."
    )
