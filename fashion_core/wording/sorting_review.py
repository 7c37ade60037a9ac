"""Sentences about the review of a sorted folder: how far it is, what it says about the promise, and agreement."""

from fashion_core.analysis.agreement import Agreement
from fashion_core.analysis.promise_check import RateCheck, check_automation_rate, check_error_rate
from fashion_core.sorting.review import SavedAnswers
from fashion_core.sorting.review_progress import ReviewProgress, SortingOutcome
from fashion_core.wording.numbers import format_count, format_duration, format_percent, format_percent_range
from fashion_core.wording.text import join_with_and

MIN_REVIEWED = 100  # pictures, before anything is said about the promise
REVIEW_HINT = (
    "Click here once; then press 1 to 3 for a class, Enter for the first, 0 for none of the classes, S if you are not "
    "sure, U to undo."
)


def describe_progress(progress: ReviewProgress) -> str:
    """``40 of 250 pictures left to people are decided, about 5 min 20 s left.``"""
    text = f"{progress.n_checked:,} of {format_count(progress.n_to_check, 'picture')} left to people are decided"
    if progress.seconds_left is not None and progress.n_checked < progress.n_to_check:
        text += f", about {format_duration(progress.seconds_left)} left"
    return f"{text}."


def describe_end(progress: ReviewProgress) -> str:
    """Why no picture is shown to a person any more."""
    if not progress.n_to_check and not progress.n_reviewed:
        return "There is nothing to review: the model left no picture of this folder to people."
    n_left = progress.n_to_check - progress.n_checked
    if not n_left:
        return "Everything is reviewed."
    if progress.n_shown_to_others:
        return (
            f"You have seen everything. Not decided: {format_count(n_left, 'picture')}. Other people are shown some of "
            "them, and what they leave comes to you after 10 minutes."
        )
    return f"You were not sure of {format_count(n_left, 'picture')}, which wait for another person."


def describe_outcome(outcome: SortingOutcome | None, n_reviewed: int) -> list[str]:
    """What the answers say about the promise: how much was automated, and how often that was wrong."""
    if n_reviewed < MIN_REVIEWED:
        return [
            f"After {MIN_REVIEWED} reviewed pictures, this page compares the sorting with its promise; "
            f"{n_reviewed:,} so far."
        ]
    if outcome is None:
        return ["The model sorted no picture of this folder, so there is no promise to compare with."]
    return [_describe_automation(outcome), _describe_error(outcome)]


def _describe_automation(outcome: SortingOutcome) -> str:
    promise = outcome.promise
    check = check_automation_rate(outcome.n_automated, outcome.n, promise.n_automated, promise.n)
    expected = f"{format_percent(promise.n_automated / promise.n)} ({format_percent_range(check.low, check.high)})"
    verdict = "as promised"
    if check.verdict == "broken":
        verdict = "fewer than promised"
    elif check.rate > check.high:
        verdict = "more than promised"
    return (
        f"The model sorted {format_percent(check.rate)} of {outcome.n:,} pictures, {verdict}: the pictures of the "
        f"promise let one expect {expected}."
    )


def _describe_error(outcome: SortingOutcome) -> str:
    if not outcome.n_audited:
        return "None of the pictures that the model sorted was reviewed yet, so its error is not known."
    check = check_error_rate(outcome.n_wrong, outcome.n_audited, outcome.promise.target)
    measured = (
        f"of {format_count(check.n, 'reviewed picture')} that the model sorted, {check.n_hits:,} "
        f"{'is' if check.n_hits == 1 else 'are'} wrong, {format_percent(check.rate)} "
        f"(95% interval {format_percent_range(check.low, check.high)})"
    )
    return f"{_judge(check, 1 - outcome.promise.target)} {measured[0].upper()}{measured[1:]}."


def _judge(check: RateCheck, allowed: float) -> str:
    limit = f"at most {format_percent(allowed)} wrong"
    return {
        "kept": f"The promise of {limit} is kept.",
        "broken": f"The promise of {limit} is broken: choose a higher target, or the threshold on pictures like yours.",
        "undecided": f"It is too early to tell whether the promise of {limit} is kept.",
    }[check.verdict]


def describe_agreement(agreement: Agreement) -> str:
    """How often two people gave the same picture the same class."""
    text = (
        f"Two people agree on {agreement.n_equal:,} of the {format_count(agreement.n, 'picture')} that both saw "
        f"({format_percent(agreement.rate)}"
    )
    return text + (")." if agreement.kappa is None else f", Cohen's kappa {agreement.kappa:.2f}).")


def describe_saved(saved: SavedAnswers) -> str:
    """What could not be saved as it was meant; empty when everything could."""
    sentences = []
    if saved.n_refused:
        verb, pictures, them = (
            ("was", "that picture", "it") if saved.n_refused == 1 else ("were", "those pictures", "them")
        )
        sentences.append(
            f"{format_count(saved.n_refused, 'answer')} {verb} not saved: another person was shown {pictures} after "
            f"you left {them} for ten minutes."
        )
    if saved.errors:
        sentences.append(f"These files stay where they are: {' '.join(saved.errors[:3])}")
    return " ".join(sentences)


def describe_audits(outcome: SortingOutcome) -> str:
    """How the pictures were drawn by which the error is measured."""
    return f"{outcome.n_audited:,} of {outcome.n_automated:,} that the model sorted, drawn by their hashes"


def describe_people(people: tuple[str, ...]) -> str:
    """Who has reviewed pictures of the folder; empty for nobody."""
    return f"Reviewed by {join_with_and(people)}" if people else ""
