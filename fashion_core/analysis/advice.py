"""What to do next so that more can be automated: suggestions with their evidence and expected gain, ranked.

Everything is chosen on validation, the images that choose the threshold. What leaving a class or merging two brings is
measured on test, too; it has no influence on which suggestions are made. Of many candidates the best looks a little
better than it is, which the interval doesn't show and the measured gain does.
"""

import numpy as np

from fashion_core.analysis.automation_gain import AutomationGoal
from fashion_core.analysis.suggest_classes import suggest_leaving_class, suggest_merging_classes
from fashion_core.analysis.suggest_more import suggest_collecting, suggest_labels, suggest_training_longer
from fashion_core.analysis.suggestions import MAX_SUGGESTIONS_OF_KIND, AdviceContext, AdviceInputs, Suggestion

MAX_SUGGESTIONS = 5
SUGGESTERS = (
    suggest_labels, suggest_leaving_class, suggest_merging_classes, suggest_collecting, suggest_training_longer
)  # fmt: skip


def suggest_improvements(inputs: AdviceInputs, goal: AutomationGoal) -> tuple[Suggestion, ...]:
    """At most ``MAX_SUGGESTIONS``, by expected gain: first those of which the whole interval is above 0.

    Labels of pictures that differ come before all others, whose gains are promised for pictures that don't. Merging two
    classes that the model can tell apart comes after what keeps the answers as they are. What has an unknown gain comes
    last, and what is expected to lose not at all. Raises ``ConfigError`` for a target that is not above 0 and below 1.
    """
    if not len(inputs.validation.labels):
        return ()
    context = AdviceContext(inputs, goal)
    found: list[Suggestion] = []
    for suggest in SUGGESTERS:
        found += sorted(filter(_is_promising, suggest(context)), key=_rank)[:MAX_SUGGESTIONS_OF_KIND]
    return tuple(sorted(found, key=_rank)[:MAX_SUGGESTIONS])


def _is_promising(suggestion: Suggestion) -> bool:
    gain = suggestion.gain
    return suggestion.kind == "label" or gain is None or (gain.estimate > 0 and gain.high > 0)


def _rank(suggestion: Suggestion) -> tuple[bool, bool, bool, float]:
    gain = suggestion.gain
    if suggestion.kind == "label":
        return False, False, False, -np.inf
    if gain is None:
        return True, True, True, 0.0
    return False, gain.low <= 0, not suggestion.keeps_answers, -gain.estimate
