"""Figure 1: what the garments look like."""

import numpy as np

from fashion_core.computed import store as results
from fashion_core.computed.duplicates import NEAR, Duplicates
from fashion_core.computed.facts import Facts
from fashion_core.data.labels import N_CLASSES, NAMES, SHORT_NAMES
from fashion_core.errors import RunError
from fashion_core.report.content import Block, Pictures, Section, Text
from fashion_core.report.evidence import DATA, Evidence

ROWS = 6  # garments of a class


def section(evidence: Evidence) -> Section:
    """The size of the data, and garments of each class."""
    data = evidence.record.data
    sides = f"{data.n_train:,} to learn from, {data.n_validation:,} to choose by, {data.n_test:,} to score on"
    finding = f"Ten classes of grey pictures, 28 × 28 pixels each: {sides}."
    source = f"{DATA[data.source]}, data {data.fingerprint}"
    blocks: list[Block] = [_garments(evidence, source)]
    if not evidence.stand_in:
        blocks.append(_copies())
    return Section("data", "The data", finding, source, tuple(blocks))


def _garments(evidence: Evidence, source: str) -> Pictures:
    images = evidence.images
    if images is None:
        means = class_means(evidence)
        return Pictures(
            "Figure 1. The mean picture of each class",
            "The mean picture of each of the ten classes",
            f"{source}, train split, n = {evidence.record.data.n_train:,}; the pictures themselves are not on the "
            "machine that built this report",
            tuple(np.rint(mean).astype(np.uint8) for mean in means),
            SHORT_NAMES,
            tuple(f"Mean picture of {name}" for name in NAMES),
        )
    rows = min(ROWS, int(np.bincount(evidence.labels, minlength=N_CLASSES).min()))
    firsts = [np.flatnonzero(evidence.labels == c)[:rows] for c in range(N_CLASSES)]
    return Pictures(
        f"Figure 1. The first {rows} test pictures of each class",
        f"{rows} garments of each of the ten classes",
        f"{source}, test split",
        tuple(images[places].reshape(-1, 28) for places in firsts),
        SHORT_NAMES,
        tuple(f"{rows} garments of {name}" for name in NAMES),
    )


def class_means(evidence: Evidence) -> np.ndarray:
    """Mean train picture of each class, float32 [10, 28, 28]; raises ``RunError`` when they cannot be had."""
    facts = results.load(Facts(), evidence.record.data.fingerprint)
    if facts is None:
        if evidence.dataset is None:
            raise RunError("The data that the runs were scored on is not on this machine. Choose other runs.")
        facts = results.obtain(Facts(), evidence.dataset, lambda share, doing: None)
    return facts["class_means"].astype(np.float32)


def _copies() -> Text:
    """Whether test pictures were seen in training."""
    distance = results.shipped_result(Duplicates())["distance"]
    exact, near = int((distance == 0).sum()), int((distance < NEAR).sum())
    words = f"{exact:,} test pictures are exact copies" if exact else "No test picture is an exact copy"
    return Text(
        (
            f"{words} of a train picture, and {near:,} of {len(distance):,} differ from one by less than {NEAR:g} of "
            "255 steps of brightness (root mean square).",
        )
    )
