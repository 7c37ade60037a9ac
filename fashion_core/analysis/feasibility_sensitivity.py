"""Which assumption about costs would change the decision, and how far it would have to be off."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from fashion_core.analysis.feasibility import CalibratedPredictions
from fashion_core.analysis.feasibility_costs import PER_THOUSAND, CostModel, DeferralPolicy, cumulative_costs

Assumption = Literal["check", "people", "mistakes", "model"]
ASSUMPTION_LABELS: Mapping[Assumption, str] = {
    "check": "Price of a look by a person",
    "people": "Mistakes of people",
    "mistakes": "Prices of all mistakes",
    "model": "Mistakes of the models",
}
TESTED_FACTORS = np.exp2(np.linspace(-5, 5, 101))  # 1/32 to 32 times, tried for another run to become the cheapest


@dataclass(frozen=True)
class AssumptionEffect:
    """What becomes of a plan's saving per 1,000 test garments when one assumption is off by a factor.

    ``base``: the assumption's own value, a price or a share, 1 for what is a factor itself. ``halved`` and ``doubled``
    (a share to 1 at most): the saving then. ``break_even``: the factor at which the plan as it is saves nothing any
    more; None when there is none. ``flips``: the nearest factors below and above 1, as far as ``FACTORS`` go, at which
    another run with its own best threshold is the cheapest on validation, each with that run's title.
    """

    assumption: Assumption
    assumed_value: float
    saving_if_halved: float
    saving_if_doubled: float
    break_even_factor: float | None
    cheaper_runs: tuple[tuple[float, str], ...]


def assumption_effects(
    policy: DeferralPolicy,
    cost_model: CostModel,
    predictions_by_title: Mapping[str, tuple[CalibratedPredictions, CalibratedPredictions]],
) -> list[AssumptionEffect]:
    """Every assumption's effect, the largest swing of the saving first; ``runs``: answers on validation and test by
    title, that of ``plan`` among them."""
    terms = _saving_breakdown(predictions_by_title[policy.title][1], policy.threshold, cost_model)
    flips = _cheaper_runs({title: answers[0] for title, answers in predictions_by_title.items()}, cost_model)
    base: dict[Assumption, float] = {
        "check": cost_model.manual_check_cost,
        "people": 1 - cost_model.human_accuracy,
        "mistakes": 1.0,
        "model": 1.0,
    }
    found = []
    for name in ASSUMPTION_LABELS:
        most = min(2.0, 1 / base["people"]) if name == "people" and base["people"] else 2.0
        found.append(
            AssumptionEffect(
                name,
                base[name],
                PER_THOUSAND * terms.saving(**{name: 0.5}),
                PER_THOUSAND * terms.saving(**{name: most}),
                terms.break_even_factor(name, base[name]),
                flips[name],
            )
        )
    return sorted(found, key=lambda effect: -abs(effect.saving_if_doubled - effect.saving_if_halved))


@dataclass(frozen=True)
class SavingBreakdown:
    """What a saving per garment is made of: the looks saved, people's mistakes saved, and the model's own mistakes,
    each in price per garment. What goes to a person either way cancels out."""

    manual_checks: float
    human_mistakes: float
    model_mistakes: float

    def saving(self, check: float = 1, people: float = 1, mistakes: float = 1, model: float = 1) -> float:
        """The saving when each assumption is the given factor of what it was."""
        return check * self.manual_checks + mistakes * (people * self.human_mistakes - model * self.model_mistakes)

    def break_even_factor(self, name: Assumption, base: float) -> float | None:
        """The factor at which the saving is 0; None when there is none that can be."""
        slope = self.saving(**{name: 2.0}) - self.saving(**{name: 1.0})
        if slope == 0:
            return None
        factor = 1 - self.saving() / slope
        beyond = name == "people" and factor * base > 1
        return factor if factor >= 0 and not beyond else None


def _saving_breakdown(test: CalibratedPredictions, threshold: float, prices: CostModel) -> SavingBreakdown:
    automated = test.confidence >= threshold
    labels, n = test.labels[automated], max(len(test), 1)
    return SavingBreakdown(
        prices.manual_check_cost * len(labels) / n,
        (1 - prices.human_accuracy) * float(prices.human_mistake_cost[labels].sum()) / n,
        float(prices.mistake_costs[labels, test.predicted[automated]].sum()) / n,
    )


def _cheaper_runs(
    validation: Mapping[str, CalibratedPredictions], prices: CostModel
) -> dict[Assumption, tuple[tuple[float, str], ...]]:
    """For each assumption the nearest factors below and above 1 at which another run is cheapest on validation."""
    titles = list(validation)
    sums = [cumulative_costs(answers, prices) for answers in validation.values()]
    err = 1 - prices.human_accuracy
    middle = len(TESTED_FACTORS) // 2
    found: dict[Assumption, tuple[tuple[float, str], ...]] = {}
    for name in ASSUMPTION_LABELS:
        cost = np.empty((len(sums), len(TESTED_FACTORS)))  # each with its best threshold
        for i, s in enumerate(sums):
            looks, people = prices.manual_check_cost * s.n_manual_checks, err * s.human_mistake_costs
            for j, factor in enumerate(TESTED_FACTORS):
                by = dict.fromkeys(ASSUMPTION_LABELS, 1.0) | {
                    name: min(factor, 1 / err) if name == "people" and err else factor
                }
                model = by["mistakes"] * by["model"] * s.model_mistake_costs
                cost[i, j] = (model + by["check"] * looks + by["mistakes"] * by["people"] * people).min()
        best = cost.argmin(axis=0)
        others = np.flatnonzero(best != best[middle])
        below, above = others[others < middle][-1:], others[others > middle][:1]
        found[name] = tuple((float(TESTED_FACTORS[j]), titles[best[j]]) for j in (*below, *above))
    return found


def format_assumption(assumption: Assumption, assumed_value: float, factor: float) -> str:
    """An assumption that is off by ``factor``, as its own value or as a multiple."""
    if assumption == "check":
        return f"{assumed_value * factor:.3g}"
    if assumption == "people":
        return f"{min(assumed_value * factor, 1.0):.1%}"
    return f"{factor:.3g} times"


def describe_break_even(policy: DeferralPolicy, effects: list[AssumptionEffect]) -> str:
    """The assumption that has to be off least for people alone to be cheaper, in a sentence."""
    breaking = [(effect.break_even_factor, effect) for effect in effects if effect.break_even_factor]
    if not policy.coverage:
        return "Nothing is automated, so no assumption makes people alone cheaper."
    if not breaking:
        return f"No single assumption makes people alone cheaper than {policy.title}, however far it is off."
    factor, nearest = min(breaking, key=lambda pair: abs(np.log(pair[0])))
    what = ASSUMPTION_LABELS[nearest.assumption][0].lower() + ASSUMPTION_LABELS[nearest.assumption][1:]
    value = format_assumption(nearest.assumption, nearest.assumed_value, factor)
    if nearest.assumption in ("check", "people"):
        value += f" and not {format_assumption(nearest.assumption, nearest.assumed_value, 1.0)}"
    else:
        value += " what is assumed"
    return (
        f"{policy.title} stays cheaper than people alone until the {what} {'is' if nearest.assumption == 'check' else 'are'} "
        f"{value}; every other assumption can be off by more."
    )
