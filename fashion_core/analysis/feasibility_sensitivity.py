"""Which assumption about costs would change the decision, and how far it would have to be off."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from fashion_core.analysis.feasibility import CalibratedPredictions
from fashion_core.analysis.feasibility_costs import (
    COST_ASSUMPTIONS,
    GARMENTS_PER_REPORTED_COST,
    CostAssumption,
    CostBreakdown,
    CostModel,
    DeferralPolicy,
    cost_breakdown_by_threshold,
)

ASSUMPTION_SCALE_FACTORS = np.exp2(np.linspace(-5, 5, 101))  # 1/32 to 32 times, for another run to become the cheapest


@dataclass(frozen=True)
class AssumptionEffect:
    """How the saving of a policy per 1,000 test garments changes when one assumption is off by a factor.

    ``assumed_value``: a cost or a rate, or 1 for an assumption that is a factor itself. ``saving_if_doubled``: a rate
    is doubled to 1 at most. ``break_even_factor``: where the policy saves nothing; None when there is none.
    ``cheaper_runs``: the nearest factors below and above 1, within ``ASSUMPTION_SCALE_FACTORS``, at which another run
    with its own best threshold is the cheapest on validation, each with that run's title.
    """

    assumption: CostAssumption
    assumed_value: float
    saving_if_halved: float
    saving_if_doubled: float
    break_even_factor: float | None
    cheaper_runs: tuple[tuple[float, str], ...]


def compute_assumption_effects_on_saving(
    policy: DeferralPolicy,
    cost_model: CostModel,
    predictions_by_title: Mapping[str, tuple[CalibratedPredictions, CalibratedPredictions]],
) -> list[AssumptionEffect]:
    """Every assumption's effect, the largest change of the saving first.

    ``predictions_by_title``: of all runs, that of ``policy`` among them, on validation and on test.
    """
    saving = _saving_breakdown(predictions_by_title[policy.title][1], policy.threshold, cost_model)
    error_rate = cost_model.human_error_rate
    values = {"manual_check_cost": cost_model.manual_check_cost, "human_error_rate": error_rate}
    titles = list(predictions_by_title)
    costs = [cost_breakdown_by_threshold(first, cost_model)[1] for first, _ in predictions_by_title.values()]
    effects = []
    for assumption in COST_ASSUMPTIONS:
        largest = 1 / error_rate if assumption == "human_error_rate" and error_rate else np.inf
        halved, doubled = (
            GARMENTS_PER_REPORTED_COST * saving.total(assumption, factor) for factor in (0.5, min(2.0, largest))
        )
        factors = ASSUMPTION_SCALE_FACTORS.clip(max=largest)
        effects.append(
            AssumptionEffect(
                assumption,
                values.get(assumption, 1.0),
                halved,
                doubled,
                _break_even_factor(saving, assumption, largest),
                tuple((factor, titles[run]) for factor, run in _cheaper_runs(costs, assumption, factors)),
            )
        )
    return sorted(effects, key=lambda effect: -abs(effect.saving_if_doubled - effect.saving_if_halved))


def _saving_breakdown(test: CalibratedPredictions, threshold: float, cost_model: CostModel) -> CostBreakdown:
    """What automating saves per garment. Garments that people check either way cancel out."""
    automated = test.confidence >= threshold
    labels, n = test.labels[automated], max(len(test), 1)
    return CostBreakdown(
        cost_model.manual_check_cost * len(labels) / n,
        cost_model.human_error_rate * float(cost_model.mean_human_mistake_cost_by_class[labels].sum()) / n,
        -float(cost_model.mistake_costs[labels, test.predicted[automated]].sum()) / n,
    )


def _break_even_factor(saving: CostBreakdown, assumption: CostAssumption, largest: float) -> float | None:
    """The factor from 0 to ``largest`` at which nothing is saved; the saving is linear in it."""
    slope = saving.total(assumption, 2.0) - saving.total()
    factor = 1 - saving.total() / slope if slope else -1.0
    return factor if 0 <= factor <= largest else None


def _cheaper_runs(
    costs: list[CostBreakdown], assumption: CostAssumption, factors: np.ndarray
) -> list[tuple[float, int]]:
    """The nearest of ``factors`` below and above the middle one at which another of ``costs`` is lowest."""
    lowest = [[cost.total(assumption, factor).min() for factor in factors] for cost in costs]  # best threshold of each
    best, middle = np.argmin(lowest, axis=0), len(factors) // 2
    others = np.flatnonzero(best != best[middle])
    nearest = (*others[others < middle][-1:], *others[others > middle][:1])
    return [(float(factors[i]), int(best[i])) for i in nearest]
