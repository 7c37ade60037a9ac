"""Suggestions in sentences: what to do, why, what to expect of it, and what it brought."""

from fashion_core.analysis.automation_gain import AutomationGoal
from fashion_core.analysis.compare import ConfidenceInterval
from fashion_core.analysis.suggestions import Suggestion, SuggestionKind
from fashion_core.data.classes import ClassList
from fashion_core.wording.numbers import (
    format_count,
    format_p_value,
    format_percent,
    format_percentage_points,
    format_range,
)

NO_ADVICE_TEXT = "No change that can be assessed from this run's predictions is expected to automate more"
ADVICE_METHOD_TEXT = (
    "Expected gains: change in the automated garments on test, with its 95% interval from resampling validation, where "
    "the threshold is chosen anew for each resample. Suggestions are chosen on validation; test has no influence."
)
DONE_TEXTS: dict[SuggestionKind, str] = {
    "merge": "trained with fewer classes",
    "collect": "trained on more pictures",
    "train": "trained longer",
}


def format_suggestion(suggestion: Suggestion, classes: ClassList) -> str:
    """What to do, in a few words: ``Leave Shirt to people``."""
    names, evidence = [classes[c].name for c in suggestion.classes], suggestion.evidence
    match suggestion.kind:
        case "label":
            return f"Label {format_count(int(evidence['n_labels']), 'picture')} of yours"
        case "leave":
            return f"Leave {names[0]} to people"
        case "merge":
            return f"Merge {names[0]} and {names[1]}"
        case "collect":
            return f"Collect {format_count(int(evidence['n_more']), 'more picture')} of {names[0]}"
        case "train":
            return f"Train longer: {_format_passes(evidence['goal'])} instead of {evidence['n_passes']:,.0f}"


def describe_evidence(suggestion: Suggestion, classes: ClassList) -> str:
    """Why, in one or two sentences."""
    evidence = suggestion.evidence
    names = [classes[c].name for c in suggestion.classes]
    match suggestion.kind:
        case "label":
            return (
                f"{format_count(int(evidence['n_pictures']), 'picture')} of yours look different from those on which "
                f"the threshold was chosen ({format_p_value(evidence['p_value'])}), so what it promises doesn't hold "
                "for them."
            )
        case "leave":
            return (
                f"Of the {format_count(int(evidence['n']), 'validation image')} predicted as {names[0]}, "
                f"{format_percent(evidence['error_rate'])} are wrong, of the others "
                f"{format_percent(evidence['other_error_rate'])}. The threshold of the others can be lower."
            )
        case "merge":
            return _describe_pair(suggestion)
        case "collect":
            return (
                f"It has {format_count(int(evidence['n_train']), 'training picture')}. "
                f"{format_percent(evidence['error_rate'])} of its validation images are predicted as another class; of "
                f"the other classes' images, {format_percent(evidence['other_error_rate'])} are."
            )
        case "train":
            return _describe_training(suggestion)


def _describe_pair(suggestion: Suggestion) -> str:
    evidence = suggestion.evidence
    confused = (
        f"{evidence['n_confused']:,.0f} of {format_count(int(evidence['n']), 'validation image')} of both are confused "
        f"({format_percent(evidence['error_rate'])})"
    )
    if suggestion.keeps_answers:
        return f"{confused}; guessing would confuse {format_percent(evidence['guessing_error_rate'])}."
    return f"{confused}. The model can tell the others apart, which you would give up."


def _describe_training(suggestion: Suggestion) -> str:
    evidence = suggestion.evidence
    if evidence["slope"] == evidence["slope"]:  # not nan
        return (
            "The accuracy on validation was still rising when training ended, by "
            f"{format_percentage_points(evidence['slope'], 2)} an epoch ({format_p_value(evidence['p_value'])})."
        )
    return (
        f"The run saw each training picture {format_count(int(evidence['n_passes']), 'time')}; with the preset Best, "
        "the model sees it more often."
    )


def describe_gain(suggestion: Suggestion) -> str:
    """What to expect of it or, of a change that needs no training, what test shows, too."""
    gain = suggestion.gain
    if gain is None:
        return f"The gain is not known yet. {_HOW_TO_MEASURE[suggestion.kind]}"
    measured = ""
    if suggestion.measured is not None:
        measured = f" On test it brings {format_percentage_points(suggestion.measured)}."
    certainty = "Expected" if gain.low > 0 else "Expected, but not certain"
    return f"{certainty}: {format_gain(gain)} automated.{measured}"


_HOW_TO_MEASURE: dict[SuggestionKind, str] = {
    "label": "The labels will show it.",
    "leave": "",
    "merge": "",
    "collect": "A learning curve measures it.",
    "train": "Train it to see.",
}


def format_gain(gain: ConfidenceInterval) -> str:
    """``+6.0 points (95% interval 2.8 to 8.6)``."""
    interval = format_range(100 * gain.low, 100 * gain.high)
    return f"{format_percentage_points(gain.estimate)} (95% interval {interval})"


def describe_suggestion(suggestion: Suggestion, classes: ClassList) -> str:
    """What to do, why, and what to expect, on one line."""
    return (
        f"{format_suggestion(suggestion, classes)}. {describe_evidence(suggestion, classes)} "
        f"{describe_gain(suggestion)}"
    )


def describe_no_advice(goal: AutomationGoal) -> str:
    """That there is no suggestion."""
    return f"{NO_ADVICE_TEXT} at {format_percent(goal.target)} correct."


def describe_outcome(
    title: str, kind: SuggestionKind, expected: ConfidenceInterval | None, measured: ConfidenceInterval | None
) -> str:
    """What a newer run, which followed a suggestion, brought next to what was expected."""
    brought = "automates nothing, like this run" if measured is None else f"brought {format_gain(measured)} automated"
    forecast = "no gain had been computed" if expected is None else f"{format_gain(expected)} were expected"
    return f"{title}, {DONE_TEXTS[kind]}, {brought} on test; {forecast}."


def _format_passes(n: float) -> str:
    return f"{n:,.0f} passes over the pictures"
