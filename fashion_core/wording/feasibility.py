"""How much a model can automate, in sentences."""

from collections.abc import Sequence

from fashion_core.analysis.feasibility import (
    TARGET_GUARANTEE_PROBABILITY,
    AutomationAssessment,
    OperatingPoint,
    PicturesNeeded,
    highest_target_with_enough_pictures,
    pictures_needed,
)
from fashion_core.wording.numbers import format_percent, format_percent_range, to_percent
from fashion_core.wording.text import join_with_and

LOWER_TARGETS = tuple(percent / 100 for percent in range(50, 100))  # that too few pictures may be enough for


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


def describe_automation(assessment: AutomationAssessment) -> str:
    """How many garments need no manual check, and how many of those are correct."""
    title, goal, test = assessment.title, f"{format_percent(assessment.target)} correct", assessment.test
    if test is None:
        certainty = (
            f" with {format_percent(TARGET_GUARANTEE_PROBABILITY, 0)} certainty" if assessment.guaranteed else ""
        )
        return (
            f"{title} can't sort any garments on its own at {goal}{certainty}: on validation, too many of its most "
            "confident answers are wrong."
        )
    if not test.n_automated:
        return f"{title} sorts no garments on its own at {goal}: no picture of test reaches the threshold."
    return (
        f"{title}: {format_percent(test.coverage)} of the garments need no manual check (95% interval "
        f"{format_percent_range(*test.coverage_interval)}) at {goal}; on test, "
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
    automated = round(to_percent(assessment.test.coverage))
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
    automated = round(to_percent(assessment.test.coverage)) if assessment.test is not None else 0
    return 100 - automated if automated else 0


def describe_target_check(assessment: AutomationAssessment) -> str:
    """Whether test reaches the target; empty when nothing is automated, or there are too few pictures to tell."""
    validation, test = assessment.validation, assessment.test
    if validation is None or test is None or not test.n_automated:
        return ""
    if pictures_needed(validation.n, test.n, assessment.target, guaranteed=assessment.guaranteed):
        return ""
    if test.selective_accuracy_interval[0] >= assessment.target:
        return "The test images confirm the target."
    if assessment.misses_target:
        return "The test images miss the target. Choose a higher target or a safety margin."
    return "The test images agree with the target within the interval."


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


def describe_most_automating_run(assessments: Sequence[AutomationAssessment]) -> str:
    """Which of several runs automates most of test at their common target."""
    goal = f"{format_percent(assessments[0].target)} correct"
    best = max(assessments, key=lambda assessment: assessment.test.coverage if assessment.test else 0.0)
    if best.test is None or not best.test.n_automated:
        return f"No run can sort any garments on its own at {goal}."
    return f"{best.title} automates most at {goal}: {format_percent(best.test.coverage)} of the test garments."
