"""Figure 1: the data, and what the images look like."""

import numpy as np

from fashion_core.computed.duplicates import NEAR_DUPLICATE_MAX_RMS_DIFFERENCE, NearestTrainImages
from fashion_core.computed.image_statistics import ImageStatistics
from fashion_core.computed.store import load_or_compute, load_result, load_shipped_result
from fashion_core.data.classes import CLASS_NAMES, N_CLASSES, SHORT_CLASS_NAMES
from fashion_core.errors import RunError
from fashion_core.report.content import ImageRow, Paragraphs, ReportBlock, ReportSection
from fashion_core.report.inputs import ReportInputs

EXAMPLE_IMAGES_PER_CLASS = 6


def build_data_section(inputs: ReportInputs) -> ReportSection:
    """The size of the data, images of each class, and whether test images were seen in training."""
    data, images = inputs.data, inputs.test_images
    source = f"{data.title}, data {data.fingerprint}"
    figure = _mean_images(inputs, source) if images is None else _example_images(images, inputs.test_labels, source)
    blocks: list[ReportBlock] = [figure]
    if not inputs.is_sample_data:
        blocks.append(_duplicates())
    finding = (
        f"Ten classes of grey images of 28 × 28 pixels: {data.n_train:,} for training, {data.n_validation:,} for "
        f"validation and {data.n_test:,} for testing."
    )
    return ReportSection("data", finding, source, tuple(blocks))


def _example_images(images: np.ndarray, labels: np.ndarray, source: str) -> ImageRow:
    n = min(EXAMPLE_IMAGES_PER_CLASS, int(np.bincount(labels, minlength=N_CLASSES).min()))
    return ImageRow(
        f"Figure 1. The first {n} test images of each class",
        f"{n} images of each of the ten classes",
        f"{source}, test split",
        tuple(images[np.flatnonzero(labels == c)[:n]].reshape(-1, 28) for c in range(N_CLASSES)),
        SHORT_CLASS_NAMES,
        tuple(f"{n} images of {name}" for name in CLASS_NAMES),
    )


def _mean_images(inputs: ReportInputs, source: str) -> ImageRow:
    return ImageRow(
        "Figure 1. The mean image of each class",
        "The mean image of each of the ten classes",
        f"{source}, train split, n = {inputs.data.n_train:,}; the machine that built this report does not "
        "have the images",
        tuple(np.rint(load_class_mean_images(inputs)).astype(np.uint8)),
        SHORT_CLASS_NAMES,
        tuple(f"Mean image of {name}" for name in CLASS_NAMES),
    )


def load_class_mean_images(inputs: ReportInputs) -> np.ndarray:
    """Mean training image of each class, float32 [10, 28, 28]; raises ``RunError`` if the data is not available."""
    statistics = load_result(ImageStatistics(), inputs.data.fingerprint)
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
