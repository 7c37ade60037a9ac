"""Sentences about a data set's pictures and classes."""

from collections.abc import Mapping, Sequence

import numpy as np

from fashion_core.data.catalogue import Catalogue
from fashion_core.data.class_names import UNLABELLED
from fashion_core.data.dataset import Dataset
from fashion_core.runs.summary import RunSummary
from fashion_core.wording.numbers import format_count, format_cross_validation, format_percent, format_percent_range
from fashion_core.wording.runs import format_tested_pictures
from fashion_core.wording.text import join_with_and

NAME_CLUSTERS_STEP = "Its pictures have no classes yet. Find groups of similar pictures and name them."
NO_CLASSES_TO_LEARN = (
    "A model learns classes, and these pictures have none yet. Find groups of similar pictures on the page Clusters, "
    "and name them."
)
NO_TEST_PICTURES = (
    "This data set has no test pictures, so nobody could say how good a model is. Split it again on the page Data."
)
UNLABELLED_IS_A_CLASS = (
    f"{UNLABELLED} counts as a class here. Name the rest of its clusters, or delete it on the page Data."
)
NEW_CLASSES_HELP = (
    "Name the clusters that hold pictures of one kind; clusters of the same name become one class. The others stay as "
    "they are. The page Data can undo it."
)
UNLABELLED_CLUSTERS_HELP = "Name those that hold pictures of one kind in the table below."
TRAIN_STEP = "No run on it has finished yet. Train a model, or two to compare."


def list_class_warnings(dataset: Dataset) -> list[str]:
    """What to change before a model is trained on a data set, a sentence each."""
    names = dataset.classes.names
    problems = [UNLABELLED_IS_A_CLASS] if len(names) > 1 and UNLABELLED in names else []
    return problems if dataset.split_sizes["test"] else [*problems, NO_TEST_PICTURES]


def format_picture_count(dataset: Dataset, n: int) -> str:
    """``n`` with what the data set's pictures are called: garments, or pictures of a user's catalogue."""
    return format_count(n, "picture", "pictures") if dataset.has_pictures else format_count(n, "garment")


def describe_variation(dataset: Dataset, shown: Sequence[int], variation: np.ndarray) -> str:
    """How much the images of each of the ``shown`` classes differ. ``variation`` float [classes]: how far an image is
    on average from the mean image of its class, in grey levels a pixel; nan for a class without images."""
    names, known = dataset.classes.names, np.flatnonzero(np.isfinite(variation))
    among = sorted(set(shown) & set(known.tolist()), key=lambda c: -variation[c])
    if not among:
        return "There are no images of it in this split." if len(shown) == 1 else "There are no images in this split."
    first, last = among[0], among[-1]
    if len(among) > 1:
        return (
            f"{names[first]} images differ most from the mean image of their class, by {variation[first]:.0f} of 255 "
            f"grey levels a pixel, and {names[last]} images least, by {variation[last]:.0f}."
        )
    text = (
        f"{names[first]} images differ from the mean image of their class by {variation[first]:.0f} of 255 grey levels"
    )
    n_others, n_less = len(known) - 1, int((variation[known] < variation[first]).sum())
    return f"{text} a pixel, more than in {n_less} of the other {n_others} classes." if n_others else f"{text} a pixel."


def describe_dataset(dataset: Dataset, class_counts: np.ndarray) -> str:
    """What a data set holds. ``class_counts`` int [classes]: images of each class in all splits."""
    n = int(class_counts.sum())
    if not dataset.is_labelled:
        return f"{dataset.title} holds {format_picture_count(dataset, n)} without classes."
    sizes = dataset.split_sizes
    splits = f"{sizes['train']:,} to train, {sizes['validation']:,} to validate and {sizes['test']:,} to test"
    if n_folds := len(dataset.fold_numbers):
        splits = format_cross_validation(n_folds, sizes["test"])
    classes = format_count(len(dataset.classes), "class", "classes")
    low, high = int(class_counts.min()), int(class_counts.max())
    smallest = f"The smallest class is {dataset.classes[int(class_counts.argmin())].name} with {low:,}."
    sizes_text = f"Every class has {low:,}." if low == high else smallest
    return f"{dataset.title} holds {format_picture_count(dataset, n)} of {classes}: {splits}. {sizes_text}"


def describe_best_catalogue_run(best: RunSummary) -> str:
    """How often the best run on a catalogue is correct."""
    assert best.run.record is not None
    return (
        f"{best.method} classifies {format_percent(best.metrics.accuracy)} of "
        f"{format_tested_pictures(best.run.record.data)} correctly "
        f"(95% interval {format_percent_range(*best.accuracy_interval)})."
    )


def describe_source(dataset: Dataset) -> str:
    """Where a data set comes from, and its licence."""
    if isinstance(dataset, Catalogue):
        return ", ".join(filter(None, [dataset.values.get("source"), dataset.values.get("created", "")[:10]]))
    return "made by this program" if dataset.is_sample_data else "Zalando SE, MIT licence"


def describe_new_classes(n_by_name: Mapping[str, int]) -> str:
    """What became of named clusters; ``n_by_name``: pictures moved to each class."""
    parts = [f"{format_count(n, 'picture')} to {name}" for name, n in n_by_name.items()]
    return f"Moved {join_with_and(parts)}."


def describe_unlabelled_clusters(n: int, k: int) -> str:
    """How many pictures without classes are in how many clusters."""
    return f"k-means groups {format_count(n, 'picture')} in {format_count(k, 'cluster')}. {UNLABELLED_CLUSTERS_HELP}"
