"""Figure 1: what the garments look like."""

import numpy as np

from fashion_core.computed import store
from fashion_core.computed.duplicates import NEAR_DUPLICATE_DISTANCE, DuplicateSearch
from fashion_core.computed.image_statistics import ImageStatistics
from fashion_core.data.classes import CLASS_NAMES, N_CLASSES, SHORT_CLASS_NAMES
from fashion_core.data.dataset import DATASET_TITLES
from fashion_core.errors import RunError
from fashion_core.report.content import ImageRow, Paragraphs, ReportBlock, ReportSection
from fashion_core.report.inputs import ReportInputs

IMAGES_PER_CLASS = 6  # garments of a class


def build_data_section(evidence: ReportInputs) -> ReportSection:
    """The size of the data, and garments of each class."""
    data = evidence.first_record.data
    sides = f"{data.n_train:,} to learn from, {data.n_validation:,} to choose by, {data.n_test:,} to score on"
    finding = f"Ten classes of grey pictures, 28 × 28 pixels each: {sides}."
    source = f"{DATASET_TITLES[data.source]}, data {data.fingerprint}"
    blocks: list[ReportBlock] = [_garments(evidence, source)]
    if not evidence.is_sample_data:
        blocks.append(_copies())
    return ReportSection("data", "The data", finding, source, tuple(blocks))


def _garments(evidence: ReportInputs, source: str) -> ImageRow:
    images = evidence.test_images
    if images is None:
        means = load_class_means(evidence)
        return ImageRow(
            "Figure 1. The mean picture of each class",
            "The mean picture of each of the ten classes",
            f"{source}, train split, n = {evidence.first_record.data.n_train:,}; the pictures themselves are not on the "
            "machine that built this report",
            tuple(np.rint(mean).astype(np.uint8) for mean in means),
            SHORT_CLASS_NAMES,
            tuple(f"Mean picture of {name}" for name in CLASS_NAMES),
        )
    rows = min(IMAGES_PER_CLASS, int(np.bincount(evidence.test_labels, minlength=N_CLASSES).min()))
    firsts = [np.flatnonzero(evidence.test_labels == c)[:rows] for c in range(N_CLASSES)]
    return ImageRow(
        f"Figure 1. The first {rows} test pictures of each class",
        f"{rows} garments of each of the ten classes",
        f"{source}, test split",
        tuple(images[places].reshape(-1, 28) for places in firsts),
        SHORT_CLASS_NAMES,
        tuple(f"{rows} garments of {name}" for name in CLASS_NAMES),
    )


def load_class_means(evidence: ReportInputs) -> np.ndarray:
    """Mean train picture of each class, float32 [10, 28, 28]; raises ``RunError`` when they cannot be had."""
    facts = store.load_result(ImageStatistics(), evidence.first_record.data.fingerprint)
    if facts is None:
        if evidence.dataset is None:
            raise RunError("The data that the runs were scored on is not on this machine. Choose other runs.")
        facts = store.load_or_compute(ImageStatistics(), evidence.dataset, lambda share, doing: None)
    return facts["class_means"].astype(np.float32)


def _copies() -> Paragraphs:
    """Whether test pictures were seen in training."""
    distance = store.load_shipped_result(DuplicateSearch())["distance"]
    exact, near = int((distance == 0).sum()), int((distance < NEAR_DUPLICATE_DISTANCE).sum())
    words = f"{exact:,} test pictures are exact copies" if exact else "No test picture is an exact copy"
    return Paragraphs(
        (
            f"{words} of a train picture, and {near:,} of {len(distance):,} differ from one by less than {NEAR_DUPLICATE_DISTANCE:g} of "
            "255 steps of brightness (root mean square).",
        )
    )
