"""Sentences about promises by class, class sets, and whether a promise holds for other pictures."""

from collections.abc import Sequence

from fashion_core.analysis.class_promises import ClassPromise, DeferralPlan
from fashion_core.analysis.class_sets import ClassSetScores
from fashion_core.analysis.exchangeability import ExchangeabilityTest
from fashion_core.analysis.feasibility import TARGET_GUARANTEE_PROBABILITY, AutomationAssessment
from fashion_core.data.classes import ClassList
from fashion_core.wording.numbers import format_count, format_percent, format_percent_range
from fashion_core.wording.text import join_with_and

MIN_SHOWN_P_VALUE = 0.001
PRIOR_NOTE = "a class with few pictures borrows from the error rates of the others (empirical Bayes)"


def describe_plan(plan: DeferralPlan, target: float, classes: ClassList) -> str:
    """Which classes are left to people, and how much of the garments the model sorts in the others."""
    goal = f"{format_percent(target)} correct"
    if len(plan.deferred) == len(classes) or not plan.n_automated:
        return f"No class reaches {goal} on its own: leave all of them to people, or lower the target."
    automated = (
        f"{format_percent(plan.coverage)} of the garments need no manual check (95% interval "
        f"{format_percent_range(*plan.coverage_interval)})"
    )
    if not plan.deferred:
        return f"Each class reaches {goal} on its own: {automated}."
    names = join_with_and([classes[label].name for label in plan.deferred])
    return f"Leave {names} to people and automate the rest: {automated}, and each class reaches {goal} on its own."


def describe_broken_promises(promises: Sequence[ClassPromise], classes: ClassList) -> str:
    """Which classes err significantly more often on test than promised; empty when none does."""
    broken = [classes[p.class_index].name for p in promises if not p.is_kept]
    if not broken:
        return ""
    return f"Significantly more mistakes on test than promised (p < 0.05): {join_with_and(broken)}."


def format_promise(promise: ClassPromise, classes: ClassList) -> str:
    """``Dress: 82.5% automated, 98.9% of those correct (98.0% to 99.4%)``, on test."""
    name, test = classes[promise.class_index].name, promise.test
    if promise.threshold is None:
        return f"{name}: left to people. A promise needs {format_missing(promise)} validation pictures."
    if not test.n_automated:
        return f"{name}: no test picture reaches the threshold."
    return (
        f"{name}: {format_percent(test.coverage)} automated, {format_percent(test.selective_accuracy)} of those "
        f"correct ({format_percent_range(*test.selective_accuracy_interval)})."
    )


def describe_all_class_sets(scores: ClassSetScores, coverage: float) -> str:
    """How large the class sets of all test garments are, and how often they hold the right class."""
    return (
        f"Class sets: {scores.mean_size:.2f} classes on average hold the right one for "
        f"{format_percent(scores.mean_coverage)} of test (mean over the classes; {format_percent(coverage)} promised)."
    )


def format_missing(promise: ClassPromise) -> str:
    """``at least 38 more``: validation garments that a promise for the class lacks; empty when it has one."""
    return "" if promise.threshold is not None else f"at least {promise.n_missing:,} more"


def describe_class_sets(scores: ClassSetScores, coverage: float) -> str:
    """How many classes a person chooses between, and how often the right one is among them."""
    n_garments = int(scores.sizes.sum())
    if not n_garments:
        return ""
    return (
        f"For the {format_count(n_garments, 'garment')} left to people, the model proposes {scores.mean_size:.1f} "
        f"classes on average. On test, the right one is among them for {format_percent(scores.mean_coverage)} (mean "
        f"over the classes); over all garments of a class, {format_percent(coverage)} is promised."
    )


def format_reference(data_title: str) -> str:
    """The pictures on which a promise was made, in a sentence."""
    return f"the validation images of {data_title}"


def describe_exchangeability(test: ExchangeabilityTest | None, reference: str) -> str:
    """Whether pictures look like those of ``reference``, on which the promise was made."""
    if test is None:
        return "These are too few pictures to tell whether the promise holds for them."
    if not test.is_rejected:
        return (
            f"Nothing speaks against the promise here: your {test.n:,} pictures look like those of {reference} to the "
            f"model ({_format_p_value(test.p_value)})."
        )
    how = f"the model is {'less' if test.is_less_confident else 'more'} sure of them"
    if test.p_classes < test.p_confidence:
        how = "other classes are frequent"
    return (
        f"How much can be automated was promised on {reference}. Your {test.n:,} pictures look different: {how} "
        f"({_format_p_value(test.p_value)}), so that promise may not hold for them."
    )


def _format_p_value(p: float) -> str:
    return f"p < {MIN_SHOWN_P_VALUE:g}" if p < MIN_SHOWN_P_VALUE else f"p = {p:.2g}"


def describe_labelling_request(n: int) -> str:
    """How many pictures to label for a new promise."""
    return f"Label these {format_count(n, 'picture')} to get a promise for yours."


def describe_new_promise(promise: AutomationAssessment, n_labelled: int, n_automated: int, n: int) -> str:
    """What holds for the visitor's pictures, after ``n_labelled`` labels: ``n_automated`` of ``n`` need no check."""
    goal, certainty = format_percent(promise.target, 0), format_percent(TARGET_GUARANTEE_PROBABILITY, 0)
    if promise.threshold is None:
        return (
            f"Your {format_count(n_labelled, 'label')} can't assure {goal} correct: too many of the most confident "
            "answers are wrong, or too few are labelled. Lower the target, or label more pictures."
        )
    return (
        f"New promise, from your {format_count(n_labelled, 'label')}: {format_percent(n_automated / n)} of your "
        f"{n:,} pictures need no manual check, and {goal} of those are correct with {certainty} certainty."
    )


def describe_promise_check(promise: AutomationAssessment) -> str:
    """How many of the other pictures are sorted correctly under a new promise, by the names of their folders."""
    test = promise.test
    if test is None or not test.n_automated:
        return ""
    return (
        f"By the names of their folders, {format_percent(test.selective_accuracy)} of the {test.n_automated:,} "
        f"automated pictures that you didn't label are correct "
        f"({format_percent_range(*test.selective_accuracy_interval)})."
    )
