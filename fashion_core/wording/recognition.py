"""Sentences about predictions for your own pictures."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import numpy as np

from fashion_core.data.classes import NONE_OF_THESE_LABEL, ClassList
from fashion_core.recognition.batch import PictureResult
from fashion_core.recognition.labelled_folder import LabelledFolderScores, rank_classes
from fashion_core.recognition.recognizer import SURE_PROBABILITY, GarmentPrediction
from fashion_core.recognition.saved_garment import FeedbackAccuracy
from fashion_core.vision.preparation import PictureKind
from fashion_core.wording.numbers import format_count, format_percent, format_percent_range
from fashion_core.wording.text import join_with_and

PICTURE_KIND_TITLES: dict[PictureKind | Literal["auto"], str] = {
    "auto": "Detect automatically",
    "photo": "Photograph",
    "shop": "Shop picture on a plain background",
    "drawing": "Drawing",
    "sample": "Light on black, as in Fashion-MNIST",
    "letterbox": "The whole picture, nothing cut out",
}
PICTURE_KIND_DESCRIPTIONS: dict[PictureKind, str] = {
    "photo": "a photograph",
    "shop": "a shop picture on a plain background",
    "drawing": "a drawing",
    "sample": "an image that is light on black, as in Fashion-MNIST",
    "letterbox": "a whole picture, with nothing cut out",
}
N_CLASSES_LISTED = 3
RECOGNIZER_TITLE = "Recognizer"


def describe_folder_names(classes: ClassList) -> str:
    """Which folders the pictures have to be sorted into to be scored."""
    return (
        f"To see accuracy and a confusion matrix, sort the pictures into folders named "
        f"{join_with_and(classes.folder_names)}. Any other folder counts as none of the {classes.count_word}."
    )


def format_class_name(label: int, classes: ClassList) -> str:
    """The name of a class, or ``None of the ten``."""
    return f"None of the {classes.count_word}" if label == NONE_OF_THESE_LABEL else classes[label].name


def describe_prediction(prediction: GarmentPrediction, classes: ClassList) -> str:
    """The most likely class and its probability."""
    best = int(prediction.probabilities.argmax())
    closest = "closest: " if prediction.is_out_of_distribution else ""
    return f"{closest}{classes[best].name}, probability {format_percent(prediction.probabilities[best], 0)}"


def format_verdict(prediction: GarmentPrediction, classes: ClassList) -> str:
    """``Sure``, ``Check`` or ``None of the ten``."""
    if prediction.is_out_of_distribution:
        return format_class_name(NONE_OF_THESE_LABEL, classes)
    return "Sure" if prediction.is_sure else "Check"


def describe_verdict(prediction: GarmentPrediction) -> str:
    """What the verdict on a picture of one of the classes means."""
    rule = f"a probability of {format_percent(SURE_PROBABILITY, 0)} or more counts as sure"
    if prediction.is_sure:
        return f"You can sort it by this answer: {rule}."
    return f"Check this answer yourself: {rule}."


def describe_ood_warning(kind: PictureKind, false_alarm_rate: float, n_known: int, classes: ClassList) -> str:
    """That a picture is probably of none of the classes, and how often this warning is wrong: for ``false_alarm_rate``
    of ``n_known`` garments of these classes."""
    the_classes = f"the {classes.count_word} classes"
    return (
        f"This may be none of {the_classes}, so don't trust the prediction. The warning can be wrong: "
        f"{format_percent(false_alarm_rate)} of {n_known:,} garments of {the_classes} got it too "
        f"(pictures of the same kind: {PICTURE_KIND_DESCRIPTIONS[kind]})."
    )


def format_false_alarms(rate: float, n: int, source: str) -> str:
    """``false alarms: 4.9% of 1,394 garments (photographs)``."""
    return f"false alarms: {format_percent(rate)} of {format_count(n, 'garment')} ({source})"


def describe_model_agreement(recognizer: np.ndarray, models: Mapping[str, np.ndarray], classes: ClassList) -> str:
    """How many of the poster's models predict the same class as the recognizer, and why others may not.

    ``recognizer`` float32 [classes]; ``models`` by title.
    """
    name = classes[int(recognizer.argmax())].name
    predictions = {title: classes[int(p.argmax())].name for title, p in models.items()}
    others = [f"{other} ({title})" for title, other in predictions.items() if other != name]
    n, n_agree = len(predictions), len(predictions) - len(others)
    if not others:
        return f"All {n} models also predict {name}." if n > 1 else f"The only model also predicts {name}."
    if n_agree:
        agreement = f"{n_agree} of the {n} models also {'predicts' if n_agree == 1 else 'predict'} {name}."
        rest = "The other predicts" if len(others) == 1 else "The others predict"
    elif n > 1:
        agreement, rest = f"None of the {n} models predicts {name}.", "They predict"
    else:
        agreement, rest = f"The only model doesn't predict {name}.", "It predicts"
    return (
        f"{agreement} {rest} {join_with_and(others)}. The poster's models have only seen Fashion-MNIST; the recognizer "
        "has seen photographs and drawings too."
    )


def describe_changed_predictions(
    before: Mapping[str, np.ndarray], after: Mapping[str, np.ndarray], classes: ClassList
) -> str:
    """Which models predict another class after you painted over a picture; probabilities by title."""
    changes = [
        f"{title} ({classes[int(before[title].argmax())].name} → {classes[int(p.argmax())].name})"
        for title, p in after.items()
        if title in before and before[title].argmax() != p.argmax()
    ]
    if not changes:
        return "Your painting changes no model's prediction."
    return f"Your painting changes the prediction: {join_with_and(changes)}."


def describe_nearest_garments(labels: np.ndarray, classes: ClassList) -> str:
    """The most frequent class among ``labels`` int [n] of the nearest training garments."""
    counts = np.bincount(labels, minlength=len(classes))
    name = classes[int(counts.argmax())].name
    return f"{counts.max()} of the {len(labels)} nearest training garments are {name}."


def describe_occlusion(title: str, n_changed: int, n_positions: int) -> str:
    """How often a hidden square changes the prediction of the most sensitive model."""
    if not n_changed:
        return "No hidden square changes a model's prediction."
    return (
        f"Most sensitive to a hidden square: {title}, whose prediction changes at {n_changed:,} of {n_positions:,} "
        "positions."
    )


def describe_picture_results(results: Sequence[PictureResult], classes: ClassList) -> str:
    """The most frequent class, and the number of warnings, unreadable pictures and duplicates."""
    readable = [result for result in results if result.prediction is not None]
    parts = []
    if readable:
        (label, n), *_ = Counter(int(rank_classes(result)[0]) for result in readable).most_common(1)
        verb = "is" if n == 1 else "are"
        parts.append(f"{n:,} of {format_count(len(readable), 'picture')} {verb} predicted as {classes[label].name}")
    if n := sum(r.prediction is not None and r.prediction.is_out_of_distribution for r in readable):
        parts.append(f"{n:,} {'has' if n == 1 else 'have'} a warning")
    if n := len(results) - len(readable):
        parts.append(f"{n:,} could not be read")
    if n := sum(bool(result.duplicate_of) for result in results):
        parts.append(f"{n:,} {'is a copy' if n == 1 else 'are copies'} of another")
    return f"{'; '.join(parts)}."


def describe_folder_accuracy(scores: LabelledFolderScores) -> str:
    """Top-1 and, of more than three classes, top-3 accuracy on a labelled folder."""
    is_top3_shown = len(scores.confusion) > 3
    top3 = f"; {format_percent(scores.top3)} have the true class among the first three" if is_top3_shown else ""
    return (
        f"{format_percent(scores.top1)} of {format_count(scores.n, 'picture')} are classified correctly (95% interval "
        f"{format_percent_range(*scores.top1_interval)}){top3}."
    )


def describe_folder_warnings(scores: LabelledFolderScores, classes: ClassList) -> str:
    """How often the warning is right and wrong, and which pictures are not scored."""
    sentences = []
    if scores.known_warning_rate is not None:
        sentences.append(f"False alarms: {format_percent(scores.known_warning_rate)} of these garments have a warning.")
    if scores.unknown_warning_rate is not None:
        n = scores.n_unknown - scores.n_unknown_unreadable
        rate = format_percent(scores.unknown_warning_rate)
        none = f"none of the {classes.count_word} classes"
        sentences.append(f"Of {format_count(n, 'picture')} of {none}, {rate} have a warning.")
    if scores.unknown_auroc is not None:
        sentences.append(f"AUROC of the out-of-distribution score: {scores.unknown_auroc:.3f}.")
    if scores.n_unreadable:
        sentences.append(f"{scores.n_unreadable:,} could not be read and count as wrong.")
    if scores.n_unlabelled:
        sentences.append(f"{scores.n_unlabelled:,} outside any folder are not scored.")
    return " ".join(sentences)


def describe_most_frequent_mistake(confusion: np.ndarray, classes: ClassList) -> str:
    """The largest cell off the diagonal of ``confusion`` int64 [classes, classes], rows the true class."""
    mistakes = confusion.copy()
    np.fill_diagonal(mistakes, 0)
    true, predicted = np.unravel_index(mistakes.argmax(), mistakes.shape)
    if not mistakes.any():
        return "No garment is mistaken for another."
    n = format_count(int(mistakes[true, predicted]), "time")
    return f"Most frequent mistake: {classes[int(true)].name} predicted as {classes[int(predicted)].name}, {n}."


def describe_hardest_folder_class(scores: LabelledFolderScores, classes: ClassList) -> str:
    """The class with the lowest top-1 accuracy in a labelled folder."""
    hardest = min(scores.per_class, key=lambda label: scores.per_class[label].top1)
    return f"Hardest class: {classes[hardest].name}, {format_percent(scores.per_class[hardest].top1)} correct."


def describe_feedback_accuracy(n_saved: int, accuracy: FeedbackAccuracy, classes: ClassList) -> str:
    """How often the prediction was correct for the garments that you saved and said what they are."""
    if accuracy.interval is None:
        return (
            f"You saved {format_count(n_saved, 'garment')}. "
            "Say what they are to see how often the prediction is correct."
        )
    text = (
        f"The prediction is correct for {accuracy.n_correct:,} of {format_count(accuracy.n, 'garment')} that you "
        f"labelled: {format_percent(accuracy.rate)}, 95% interval {format_percent_range(*accuracy.interval)}."
    )
    if n := accuracy.n_none_of_these:
        n_warned = accuracy.n_none_of_these_warned or "none"
        is_none = f"{'is' if n == 1 else 'are'} none of the {classes.count_word} classes"
        text += f" {n:,} {is_none}, {n_warned} of them with a warning."
    return text


def format_picture_result(result: PictureResult, classes: ClassList) -> str:
    """``coat.png: Coat 81.0%, Shirt 12.0%, Pullover 4.0%``, and what is wrong with the picture or why it can't be
    read."""
    if result.prediction is None:
        return f"{result.name}: {result.error}"
    p = result.prediction.probabilities
    listed = [f"{classes[c].name} {format_percent(p[c])}" for c in rank_classes(result)[:N_CLASSES_LISTED]]
    warning = f"; probably none of the {classes.count_word}" if result.prediction.is_out_of_distribution else ""
    notice = f" ({result.notice})" if result.notice else ""
    return f"{result.name}: {', '.join(listed)}{warning}{notice}"


def format_labelled_folder_scores(scores: LabelledFolderScores, classes: ClassList) -> Iterator[str]:
    """The lines of a table with the accuracy of each class, and the sentences below it."""
    width = max(12, *(len(classes[label].folder_name) + 1 for label in scores.per_class))
    yield f"{'':{width}}{'n':>7}{'top 1':>9}{'top 3':>9}"
    for label, accuracy in sorted(scores.per_class.items()):
        yield f"{classes[label].folder_name:{width}}{accuracy.n:7,}{accuracy.top1:9.1%}{accuracy.top3:9.1%}"
    yield f"{'all':{width}}{scores.n:7,}{scores.top1:9.1%}{scores.top3:9.1%}"
    yield f"95% interval of top 1: {format_percent_range(*scores.top1_interval)}"
    if sentences := describe_folder_warnings(scores, classes):
        yield sentences
