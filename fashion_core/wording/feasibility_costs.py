"""What sorting costs and saves, in sentences."""

import math
from collections.abc import Mapping, Sequence

from fashion_core.analysis.compare import ConfidenceInterval
from fashion_core.analysis.feasibility_costs import (
    GARMENTS_PER_REPORTED_COST,
    MIN_TEST_IMAGES_FOR_COSTS,
    CostAssumption,
    DeferralPolicy,
)
from fashion_core.analysis.feasibility_sensitivity import AssumptionEffect
from fashion_core.wording.numbers import (
    format_large_number,
    format_number,
    format_percent,
    format_range,
    format_short_duration,
)
from fashion_core.wording.text import join_with_and

TOO_FEW_FOR_COSTS_TEXT = (
    f"Costs are left out. They need validation pictures and at least {MIN_TEST_IMAGES_FOR_COSTS} test pictures."
)
ASSUMPTION_NAMES: Mapping[CostAssumption, str] = {
    "manual_check_cost": "Cost of one manual check",
    "human_error_rate": "Error rate of people",
    "mistake_costs": "Cost of every mistake",
    "model_mistakes": "Number of model mistakes",
}
MISTAKE_COST_NAMES: Mapping[str, tuple[str, float]] = {  # and the part of the cost of a mistake
    "Any mistake 1": ("Every mistake costs {}", 1.0),
    "Shirt for T-shirt 0.2": ("Mixing up shirts and T-shirts costs {}", 0.2),
    "Same shelf 0.2": ("Mix-ups on one shelf cost {}", 0.2),
}


def format_mistake_costs(preset: str, mistake_cost: float, currency: str = "") -> str:
    """``Mix-ups on one shelf cost 0.2``, where any other mistake has ``mistake_cost``."""
    text, part = MISTAKE_COST_NAMES[preset]
    return text.format(format_cost(part * mistake_cost, currency))


def format_cost(cost: float, currency: str = "") -> str:
    """``€0.2``, ``CHF 0.2``, or ``0.2`` in any currency."""
    return f"{format_currency(currency)}{cost:.4g}"


def format_currency(currency: str) -> str:
    """What stands before an amount: ``€``, ``CHF `` or nothing."""
    return f"{currency} " if len(currency) > 1 else currency


def describe_cost_assumptions(manual_check_cost: float, human_accuracy: float) -> str:
    """What a saving is computed with, when every mistake costs 1."""
    return (
        f"saving: a mistake costs 1, a manual check {manual_check_cost:g}, people are {format_percent(human_accuracy)} "
        "correct, as crowd workers were on such small images"
    )


def format_saved_cost(policy: DeferralPolicy, currency: str = "") -> str:
    """What is saved of the cost of manual sorting: ``216 of 265``."""
    cost, prefix = policy.manual_cost.estimate, format_currency(currency)
    digits = 0 if cost >= 100 else 1
    return f"{prefix}{format_number(policy.saving.estimate, digits)} of {prefix}{format_number(cost, digits)}"


def describe_saving(policy: DeferralPolicy, currency: str = "") -> str:
    """What a policy saves compared with manual sorting."""
    title, saving = policy.title, policy.saving
    prefix = format_currency(currency)
    amount = f"{prefix}{format_number(abs(saving.estimate), 1)} per 1,000 garments"
    if not policy.coverage:
        return f"At these costs, manual sorting is cheapest; {title} is never confident enough to help."
    if saving.low > 0:
        checked = format_percent(1 - policy.coverage)
        saved = format_percent(saving.estimate / policy.manual_cost.estimate, 0)
        return (
            f"{title} with manual checks for {checked} saves {saved} of the cost of manual sorting: "
            f"{format_saved_cost(policy, currency)} per 1,000 garments "
            f"(95% interval {format_range(saving.low, saving.high)})."
        )
    if saving.high < 0:
        return (
            f"{title} costs {amount} more than manual sorting (95% interval {format_range(-saving.high, -saving.low)})."
        )
    verb = "saved" if saving.estimate >= 0 else "cost"
    return (
        f"{title} may or may not save money compared with manual sorting: on test it {verb} {amount} (95% interval of "
        f"the saving {format_range(saving.low, saving.high)})."
    )


def describe_daily_saving(policy: DeferralPolicy, volume: int, currency: str = "") -> str:
    """What a policy saves on ``volume`` garments a day."""
    checked = volume * (1 - policy.coverage)
    text = f"Of {volume:,} garments a day, {volume - checked:,.0f} need no manual check with {policy.title}"
    if not policy.coverage:
        return f"{text}, so nothing is saved."
    value, low, high = (
        x * volume / GARMENTS_PER_REPORTED_COST for x in (policy.saving.estimate, policy.saving.low, policy.saving.high)
    )
    amount = f"{format_currency(currency)}{format_number(abs(value))}"
    if value < 0:
        return (
            f"{text} and {checked:,.0f} do; that costs {amount} a day more than manual sorting "
            f"(95% interval {format_range(-high, -low, 0)})."
        )
    return (
        f"{text} and {checked:,.0f} do; that saves {amount} a day compared with manual sorting "
        f"(95% interval {format_range(low, high, 0)})."
    )


def describe_second_cheapest_run(second: DeferralPolicy, difference: ConfidenceInterval) -> str:
    """How much more the second-cheapest run costs, and whether the difference is significant."""
    significant = difference.low > 0 or difference.high < 0
    return (
        f"The second-cheapest run on validation, {second.title}, costs {format_number(difference.estimate, 1)} more "
        f"per 1,000 test garments (95% interval {format_range(difference.low, difference.high)}); the difference is "
        f"{'' if significant else 'not '}statistically significant."
    )


def format_assumption(effect: AssumptionEffect, factor: float = 1.0) -> str:
    """An assumption that is off by ``factor``, as its own value or as a multiple."""
    if effect.assumption == "manual_check_cost":
        return f"{effect.assumed_value * factor:.3g}"
    if effect.assumption == "human_error_rate":
        return format_percent(min(effect.assumed_value * factor, 1.0))
    if factor == 1:
        return "as entered" if effect.assumption == "mistake_costs" else "as on test"
    return f"{factor:.3g} times"


def format_break_even(effect: AssumptionEffect) -> str:
    """From which value on manual sorting is cheaper: ``above 0.3``, ``below 2%``, or ``never``."""
    if effect.break_even_factor is None:
        return "never"
    side = "above" if effect.saving_if_doubled < effect.saving_if_halved else "below"
    return f"{side} {format_assumption(effect, effect.break_even_factor)}"


def format_cheaper_runs(effect: AssumptionEffect) -> str:
    """From which values on another run is cheaper: ``MLP below 0.02; CNN above 0.4``, or ``never``."""
    parts = [
        f"{title} {'below' if factor < 1 else 'above'} {format_assumption(effect, factor)}"
        for factor, title in effect.cheaper_runs
    ]
    return "; ".join(parts) or "never"


def describe_break_even(policy: DeferralPolicy, effects: Sequence[AssumptionEffect]) -> str:
    """The assumption that has to be off least for manual sorting to be cheaper."""
    if not policy.coverage:
        return "Nothing is automated, so no assumption makes manual sorting cheaper."
    if policy.saving.estimate <= 0:
        return f"On test, {policy.title} already costs as much as manual sorting, or more."
    reached = [(effect.break_even_factor, effect) for effect in effects if effect.break_even_factor]
    if not reached:
        return f"No single assumption makes manual sorting cheaper than {policy.title}."
    factor, nearest = min(reached, key=lambda pair: abs(math.log(pair[0])))
    name = ASSUMPTION_NAMES[nearest.assumption]
    value = format_assumption(nearest, factor)
    instead = {"mistake_costs": "what you entered", "model_mistakes": "the number on test"}.get(
        nearest.assumption, f"instead of {format_assumption(nearest)}"
    )
    return (
        f"{policy.title} stays cheaper than manual sorting until “{name}” is {value} {instead}; "
        "every other assumption can be off by more."
    )


def describe_pareto_front(titles: Sequence[str], cost: str) -> str:
    """The runs that no other run beats in error and in a ``cost`` such as ``parameters``."""
    return (
        f"By {cost} and error, {join_with_and(titles)} {'is' if len(titles) == 1 else 'are'} worth considering: no "
        "other run is as good in both."
    )


def describe_slowest_run_duration(title: str, volume: int, seconds: float, multiply_adds: float) -> str:
    """How long the slowest of several runs takes for ``volume`` garments."""
    return (
        f"Even the slowest, {title}, sorts {volume:,} garments in {format_short_duration(seconds)} on one core of this "
        f"machine, with {format_large_number(multiply_adds)} multiply-adds."
    )
