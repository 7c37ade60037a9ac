"""Figure 1: the data, and what the images look like."""

from collections.abc import Iterator
from contextlib import suppress

import numpy as np

from fashion_core.computed.duplicates import NEAR_DUPLICATE_MAX_RMS_DIFFERENCE, NearestTrainImages
from fashion_core.computed.image_statistics import ImageStatistics
from fashion_core.computed.store import load_or_compute, load_result, load_shipped_result
from fashion_core.data import Dataset
from fashion_core.data.dataset import PartName
from fashion_core.errors import DataError, PictureError, RunError
from fashion_core.report.content import ImageRow, Paragraphs, ReportBlock, ReportSection, ReportTable
from fashion_core.report.inputs import ReportInputs, format_fingerprints, format_splits
from fashion_core.runs.label_errors import find_label_errors_of_runs
from fashion_core.vision.decode import decode_picture
from fashion_core.wording.label_errors import describe_label_errors
from fashion_core.wording.numbers import format_count, format_cross_validation
from fashion_core.wording.text import join_with_and

EXAMPLE_IMAGES_PER_CLASS = 6
EXAMPLE_PICTURE_SIDE = 112  # pixels of the example of each class; half of it with many classes
MAX_LARGE_EXAMPLES = 40  # classes
PARTS: tuple[PartName, ...] = ("test", "train")  # where an example of a class is looked for


def build_data_section(inputs: ReportInputs) -> ReportSection:
    """The size of the data, images of each class, and whether test images were seen in training."""
    data, images = inputs.data, inputs.test_images
    source = f"{data.title}, data {inputs.images_fingerprint}"
    blocks: list[ReportBlock] = []
    if inputs.is_catalogue:
        blocks += _catalogue_blocks(inputs, source)
    else:
        blocks.append(_mean_images(inputs, source) if images is None else _example_images(inputs, images, source))
        if not inputs.is_sample_data:
            blocks.append(_duplicates())
    blocks += _suspected_label_errors(inputs)
    in_colour = any(result.model.inputs != "images" for result in inputs.results)
    kind = "pictures" if in_colour else "grey images of 28 × 28 pixels"
    classes = inputs.classes.count_word
    tested = f"on {format_count(data.n_test, 'picture')} kept apart"
    if data.n_folds:
        tested = f"by {format_cross_validation(data.n_folds, data.n_test)}"
    headline = f"{classes.capitalize()} classes, tested {tested}"
    finding = f"{classes.capitalize()} classes of {kind}: {format_splits(inputs)}."
    source = f"{data.title}, data {format_fingerprints(inputs.results)}"
    return ReportSection("data", headline, finding, source, tuple(blocks))


def _suspected_label_errors(inputs: ReportInputs) -> list[ReportBlock]:
    """How many test labels may be wrong, by the runs of the report."""
    found = find_label_errors_of_runs([result.run for result in inputs.results], inputs.store.load_predictions)
    if found is None:
        return []
    n = len(found.errors.indices)
    runs = f"confident learning with the mean probabilities of {join_with_and(found.run_ids)}"
    source = f"{inputs.data.title}, test split, n = {len(found.labels):,}; {runs}"
    return [Paragraphs((describe_label_errors(n, len(found.labels), 0),), source, is_detail=True)]


def _example_images(inputs: ReportInputs, images: np.ndarray, source: str) -> ImageRow:
    labels, classes = inputs.test_labels, inputs.classes
    n = min(EXAMPLE_IMAGES_PER_CLASS, int(np.bincount(labels, minlength=len(classes)).min()))
    return ImageRow(
        f"The first {n} test images of each class",
        f"{n} images of each of the {classes.count_word} classes",
        f"{source}, test split",
        tuple(images[np.flatnonzero(labels == c.index)[:n]].reshape(-1, 28) for c in classes),
        classes.short_names,
        tuple(f"{n} images of {name}" for name in classes.names),
        number="1",
    )


def _mean_images(inputs: ReportInputs, source: str) -> ImageRow:
    classes = inputs.classes
    return ImageRow(
        "The mean image of each class",
        f"The mean image of each of the {classes.count_word} classes",
        f"{source}, train split, n = {inputs.data.n_train:,}; the machine that built this report does not "
        "have the images",
        tuple(np.rint(load_class_mean_images(inputs)).astype(np.uint8)),
        classes.short_names,
        tuple(f"Mean image of {name}" for name in classes.names),
        number="1",
    )


def load_class_mean_images(inputs: ReportInputs) -> np.ndarray:
    """Mean training image of each class, float32 [classes, 28, 28]; raises ``RunError`` if the data isn't available."""
    statistics = load_result(ImageStatistics(), inputs.images_fingerprint)
    if statistics is None:
        if inputs.dataset is None:
            raise RunError("The data on which the runs were scored is not on this machine. Choose other runs.")
        statistics = load_or_compute(ImageStatistics(), inputs.dataset, lambda fraction, message: None)
    return statistics["class_means"].astype(np.float32)


def _duplicates() -> Paragraphs:
    distance = load_shipped_result(NearestTrainImages())["distance"]
    n_exact, n_near = int((distance == 0).sum()), int((distance < NEAR_DUPLICATE_MAX_RMS_DIFFERENCE).sum())
    exact = f"{n_exact:,} test images are exact copies" if n_exact else "No test image is an exact copy"
    return Paragraphs(
        (
            f"{exact} of a training image; {n_near:,} of {len(distance):,} are near copies, which differ from one by "
            f"less than {NEAR_DUPLICATE_MAX_RMS_DIFFERENCE:g} of 255 levels of brightness (root mean square).",
        )
    )


def _catalogue_blocks(inputs: ReportInputs, source: str) -> Iterator[ReportBlock]:
    """An example picture of each class, and how many pictures of it each split has."""
    dataset = inputs.dataset
    if dataset is None:
        yield Paragraphs((f"{inputs.data.title} is not on the machine that built this report, or has changed since.",))
        return
    examples = [(c, *found) for c in dataset.classes if (found := _find_example(dataset, c.index)) is not None]
    if examples:
        yield ImageRow(
            "A picture of each class",
            f"A picture of each of the {dataset.classes.count_word} classes",
            f"{source}, the first test picture of each class, or training picture where there is none",
            tuple(_example_picture(dataset, part, index) for _, part, index in examples),
            tuple(c.short_name for c, _, _ in examples),
            tuple(f"A picture of {c.name}" for c, _, _ in examples),
            zoom=1,
            number="1",
        )
    counts = {
        split: np.bincount(dataset.split(split).labels, minlength=len(dataset.classes))
        for split in ("train", "validation", "test")
    }
    tested = "Cross-validation" if dataset.fold_numbers else "Testing"
    yield ReportTable(
        "Pictures of each class",
        f"How many pictures of each class there are for training, validation and {tested.lower()}",
        source,
        ("Class", "Training", "Validation", tested),
        tuple((c.name, *(f"{n[c.index]:,}" for n in counts.values())) for c in dataset.classes),
        is_detail=True,
    )


def _find_example(dataset: Dataset, label: int) -> tuple[PartName, int] | None:
    """Part and index of the first image of a class; None if it has none."""
    for part in PARTS:
        if len(indices := np.flatnonzero(dataset.published_labels(part) == label)):
            return part, int(indices[0])
    return None


def _example_picture(dataset: Dataset, part: PartName, index: int) -> np.ndarray:
    """The picture in colour, or else what the models see, in the middle of a white square, uint8 [side, side, 3]."""
    from PIL import Image, ImageOps

    rgb = np.repeat(dataset.published_arrays(part)[0][index][..., None], 3, axis=-1)
    if dataset.has_pictures:
        with suppress(DataError, PictureError):  # the image that was made from it is there
            rgb = decode_picture(dataset.read_picture(part, index)).rgb
    n_classes = len(dataset.classes)
    side = EXAMPLE_PICTURE_SIDE if n_classes <= MAX_LARGE_EXAMPLES else EXAMPLE_PICTURE_SIDE // 2
    return np.asarray(ImageOps.pad(Image.fromarray(rgb), (side, side), color="white"))
