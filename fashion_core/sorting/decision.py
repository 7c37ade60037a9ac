"""Where each picture goes: to its class, to a person, or to those of none of the classes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from fashion_core.data.classes import ClassList
from fashion_core.recognition.batch import PictureResult
from fashion_core.recognition.labelled_folder import rank_classes
from fashion_core.recognition.promises import calibrate_results
from fashion_core.sorting.promise import SortingPromise

Decision = Literal["automatic", "check", "none", "unreadable"]
CHECK_FOLDER, NONE_FOLDER = "check", "none"
N_CANDIDATES = 3  # classes that the table names for a picture


@dataclass(frozen=True)
class SortedPicture:
    """The decision on one picture. ``candidates``: names of the most probable classes, the first one predicted; empty
    for an unreadable picture. ``probability``: the confidence that is compared with the promise's threshold."""

    decision: Decision
    folder: str
    candidates: tuple[str, ...]
    probability: float | None
    error: str = ""


def class_folder_names(classes: ClassList) -> tuple[str, ...]:
    """The folder of each class; those of a class called "Check" or "None" get another name than the common folders."""
    taken = {CHECK_FOLDER, NONE_FOLDER}
    names = []
    for name in classes.folder_names:
        while name in taken:
            name += "-class"
        taken.add(name)
        names.append(name)
    return tuple(names)


def decide(results: Sequence[PictureResult], classes: ClassList, promise: SortingPromise) -> list[SortedPicture]:
    """The decision on each of the ``results``. Without a threshold, a person checks every picture."""
    readable = [result for result in results if result.prediction is not None]
    confidence = iter(calibrate_results(readable, classes, promise.temperature).confidence)
    folders = class_folder_names(classes)
    decided = []
    for result in results:
        if result.prediction is None:
            decided.append(SortedPicture("unreadable", "", (), None, result.error))
            continue
        ranked, probability = rank_classes(result)[:N_CANDIDATES], float(next(confidence))
        decision, folder = _choose(result, probability, promise, folders[ranked[0]])
        names = tuple(classes[int(label)].name for label in ranked)
        decided.append(SortedPicture(decision, folder, names, probability))
    return decided


def _choose(
    result: PictureResult, probability: float, promise: SortingPromise, class_folder: str
) -> tuple[Decision, str]:
    if promise.threshold is None:
        return "check", CHECK_FOLDER
    if result.prediction is not None and result.prediction.is_out_of_distribution:
        return "none", NONE_FOLDER
    return ("automatic", class_folder) if probability >= promise.threshold else ("check", CHECK_FOLDER)
