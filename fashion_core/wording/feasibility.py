"""How much a model can automate and what that saves, in sentences."""

import math
from collections.abc import Mapping, Sequence

from fashion_core.analysis.compare import ConfidenceInterval
from fashion_core.analysis.feasibility import (
    TARGET_GUARANTEE_PROBABILITY,
    AutomationAssessment,
    OperatingPoint,
    PicturesNeeded,
    highest_target_with_enough_pictures,
    pictures_needed,
)
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
    format_percent_range,
    format_range,
    format_short_duration,
)
from fashion_core.wording.text import join_with_and

LOWER_TARGETS = tuple(percent / 100 for percent in range(50, 100))  # that too few pictures may be enough for
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


def describe_operating_point(title: str, point: OperatingPoint) -> str:
    """How much is automated where sorting costs least."""
    if not point.n_automated:
        return f"Sorting costs least when people do all of it: {title} is never confident enough to help."
    return (
        f"{title}: {format_percent(point.coverage)} of the garments need no manual check (95% interval "
        f"{format_percent_range(*point.coverage_interval)}) where sorting costs least; on test, "
        f"{format_percent(point.selective_accuracy)} of those are correct "
        f"({format_percent_range(*point.selective_accuracy_interval)})."
    )


def describe_automation(
    assessment: AutomationAssessment, *, chosen_on: str = "validation", tested_on: str = "test"
) -> str:
    """How many garments need no manual check, and how many of those are correct; the last two name the pictures."""
    title, goal, test = assessment.title, f"{format_percent(assessment.target)} correct", assessment.test
    if test is None:
        certainty = (
            f" with {format_percent(TARGET_GUARANTEE_PROBABILITY, 0)} certainty" if assessment.guaranteed else ""
        )
        return (
            f"{title} can't sort any garments on its own at {goal}{certainty}: on {chosen_on}, too many of its most "
            "confident answers are wrong."
        )
    if not test.n_automated:
        return f"{title} sorts no garments on its own at {goal}: none of {tested_on} reaches the threshold."
    return (
        f"{title}: {format_percent(test.coverage)} of the garments need no manual check (95% interval "
        f"{format_percent_range(*test.coverage_interval)}) at {goal}; on {tested_on}, "
        f"{format_percent(test.selective_accuracy)} of those are correct "
        f"({format_percent_range(*test.selective_accuracy_interval)})."
    )


def format_automation_rate(assessment: AutomationAssessment) -> str:
    """The part of the garments that needs no manual check, ``84.3%``, or why that is none."""
    if assessment.test is not None and assessment.test.n_automated:
        return format_percent(assessment.test.coverage)
    return explain_nothing_automated(assessment)


def explain_nothing_automated(assessment: AutomationAssessment) -> str:
    """Why nothing is automated, in a few words."""
    if assessment.test is not None:
        return "no test picture reaches the threshold"
    return explain_missing_threshold(guaranteed=assessment.guaranteed)


def explain_missing_threshold(*, guaranteed: bool) -> str:
    """Why there is no threshold, in a few words; ``guaranteed`` as in ``AutomationAssessment``."""
    return f"no threshold {'passes the safety margin' if guaranteed else 'reaches the target'}"


def summarize_answer(assessment: AutomationAssessment) -> str:
    """Whether sorting can be automated, as a title for somebody who has never heard of a model."""
    answer, details = _answer_question(assessment)
    return f"{answer}{details}"


def summarize_answer_in_short(assessment: AutomationAssessment) -> str:
    """``In short, yes, for about 84 of 100 garments, at 99% correct``."""
    answer, details = _answer_question(assessment)
    return f"In short, {answer.lower()}{details}"


def _answer_question(assessment: AutomationAssessment) -> tuple[str, str]:
    """Whether sorting can be automated, and what follows the answer in a title."""
    goal = f"at {100 * assessment.target:g}% correct"
    if assessment.test is None or not assessment.test.n_automated:
        return "Not yet", f": no garment can be sorted without a person {goal}"
    automated = round(100 * assessment.test.coverage)
    if automated == 0:
        return "Hardly", f": fewer than 1 of 100 garments can be sorted without a person, {goal}"
    if automated == 100:
        return "Yes", f", for nearly all garments, {goal}"
    return "Yes", f", for about {automated} of 100 garments, {goal}"


def describe_rest(assessment: AutomationAssessment) -> str:
    """Who sorts what isn't automated: ``People sort the other 16.``; empty when that is all garments or none."""
    rest = _count_rest(assessment)
    return f"People sort the other {rest}." if rest else ""


def describe_answer(assessment: AutomationAssessment) -> str:
    """Whether sorting can be automated, in a sentence."""
    answer, rest = summarize_answer(assessment), _count_rest(assessment)
    return f"{answer}; people sort the other {rest}." if rest else f"{answer}."


def _count_rest(assessment: AutomationAssessment) -> int:
    """How many of 100 garments people sort beside a model; 0 when they sort all or none."""
    automated = round(100 * assessment.test.coverage) if assessment.test is not None else 0
    return 100 - automated if automated else 0


def describe_cost_assumptions(manual_check_cost: float, human_accuracy: float) -> str:
    """What a saving is computed with, when every mistake costs 1."""
    return (
        f"saving: a mistake costs 1, a manual check {manual_check_cost:g}, people are {format_percent(human_accuracy)} "
        "correct, as crowd workers were on such small images"
    )


def describe_target_check(assessment: AutomationAssessment) -> str:
    """Whether test reaches the target; empty when nothing is automated, or there are too few pictures to tell."""
    validation, test = assessment.validation, assessment.test
    if validation is None or test is None or not test.n_automated:
        return ""
    if pictures_needed(validation.n, test.n, assessment.target, guaranteed=assessment.guaranteed):
        return ""
    if test.selective_accuracy_interval[0] >= assessment.target:
        return "The test images confirm the target."
    if misses_target(assessment):
        return "The test images miss the target. Choose a higher target or a safety margin."
    return "The test images agree with the target within the interval."


def misses_target(assessment: AutomationAssessment) -> bool:
    """Whether significantly fewer of the automated test garments are correct than the target asks for."""
    test = assessment.test
    return test is not None and bool(test.n_automated) and test.selective_accuracy_interval[1] < assessment.target


def format_threshold_folds(n_folds: int, n_validation: int, n_test: int) -> str:
    """Which pictures of a cross-validated run are called validation, and which test, for a list of sources."""
    n_chosen = (n_folds + 1) // 2
    return (
        f"cross-validated: the threshold is chosen on {n_chosen} of {n_folds} folds (validation, "
        f"n = {n_validation:,}) and tested on the others (test, n = {n_test:,})"
    )


def describe_threshold_folds(n_folds: int, n_validation: int, n_test: int) -> str:
    """The same as a sentence."""
    return f"This run is {format_threshold_folds(n_folds, n_validation, n_test)}."


def describe_pictures_needed(needed: PicturesNeeded, target: float) -> str:
    """``Too few pictures to assure 99.0% correct: it takes at least 16 more in test``; empty when there are enough."""
    parts = {"validation": needed.validation, "test": needed.test}
    missing = join_with_and([f"{n:,} more in {part}" for part, n in parts.items() if n])
    if not missing:
        return ""
    return (
        f"Too few pictures to assure {format_percent(target)} correct with "
        f"{format_percent(TARGET_GUARANTEE_PROBABILITY, 0)} certainty: it takes at least {missing}."
    )


def describe_assessment(
    assessment: AutomationAssessment, n_validation: int, n_test: int, *, can_add_pictures: bool = True
) -> str:
    """How much can be automated or, with too few pictures to tell, how many more are needed and what to do.

    ``can_add_pictures``: whether the data set is the visitor's own.
    """
    guaranteed = assessment.guaranteed
    needed = pictures_needed(n_validation, n_test, assessment.target, guaranteed=guaranteed)
    if not needed:
        return describe_automation(assessment)
    reachable = highest_target_with_enough_pictures(n_validation, n_test, LOWER_TARGETS, guaranteed=guaranteed)
    goal = "" if reachable is None else f" to {format_percent(reachable)}"
    advice = f"Add pictures, or lower the target{goal}" if can_add_pictures else f"Lower the target{goal}"
    return f"{describe_pictures_needed(needed, assessment.target)} {advice}."


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
    interval = f"(95% interval {format_range(saving.low, saving.high)})"
    if not policy.coverage:
        return f"At these costs, manual sorting is cheapest; {title} is never confident enough to help."
    if saving.low > 0:
        checked = format_percent(1 - policy.coverage)
        saved = format_percent(saving.estimate / policy.manual_cost.estimate, 0)
        return (
            f"{title} with manual checks for {checked} saves {saved} of the cost of manual sorting: "
            f"{format_saved_cost(policy, currency)} per 1,000 garments {interval}."
        )
    if saving.high < 0:
        return f"{title} costs {amount} more than manual sorting {interval}."
    return f"{title} may or may not save money compared with manual sorting: {amount} {interval}."


def describe_daily_saving(policy: DeferralPolicy, volume: int) -> str:
    """What a policy saves on ``volume`` garments a day."""
    checked = volume * (1 - policy.coverage)
    text = f"Of {volume:,} garments a day, {volume - checked:,.0f} need no manual check with {policy.title}"
    if not policy.coverage:
        return f"{text}, so nothing is saved."
    value, low, high = (
        x * volume / GARMENTS_PER_REPORTED_COST for x in (policy.saving.estimate, policy.saving.low, policy.saving.high)
    )
    return (
        f"{text} and {checked:,.0f} do; that saves {format_number(value)} a day compared with manual sorting "
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


def describe_most_automating_run(assessments: Sequence[AutomationAssessment]) -> str:
    """Which of several runs automates most of test at their common target."""
    goal = f"{format_percent(assessments[0].target)} correct"
    best = max(assessments, key=lambda assessment: assessment.test.coverage if assessment.test else 0.0)
    if best.test is None or not best.test.n_automated:
        return f"No run can sort any garments on its own at {goal}."
    return f"{best.title} automates most at {goal}: {format_percent(best.test.coverage)} of the test garments."


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
