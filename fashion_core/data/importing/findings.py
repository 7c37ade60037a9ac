"""What the report says about prepared pictures: duplicates, classes that are too small, labels that look wrong."""

from collections import Counter
from dataclasses import replace

import numpy as np

from fashion_core.data.catalogue_labels import NO_LABEL, TEST, TRAIN, VALIDATION, CatalogueLabels
from fashion_core.data.importing.content import ImportedContent
from fashion_core.data.importing.label_problems import find_label_problems
from fashion_core.data.importing.report import Findings, ImportReport, Pair, make_findings
from fashion_core.data.importing.splits import NO_SPLIT

MIN_PICTURES_PER_CLASS = 10  # a class with fewer can hardly be learned or tested
ONLY_GROUP_REASON = "its pictures belong together"
ONLY_PICTURE_REASON = "it has one picture"


def make_report(source: str, content: ImportedContent, labels: CatalogueLabels, duplicates: np.ndarray) -> ImportReport:
    """The report of an import, without its duration. ``duplicates`` int [k, 2]: pairs of rows that are alike."""
    pairs = {name: list(found) for name, found in content.found.items()}
    pairs["near_duplicates"] = [(content.names[a], content.names[b]) for a, b in duplicates]
    counts = np.bincount(labels.labels, minlength=len(labels.classes))
    pairs["small_classes"] = [
        (name, str(n)) for name, n in zip(labels.classes, counts, strict=True) if n < MIN_PICTURES_PER_CLASS
    ]
    pairs["untested_classes"] = _untested_classes(labels)
    report = ImportReport(
        source=source,
        n_pictures=len(content.images),
        n_classes=len(labels.classes),
        split_sizes=_split_sizes(labels),
        n_folds=0 if labels.folds is None else len(np.unique(labels.folds[labels.is_test])),
        split_is_given=bool((content.splits != NO_SPLIT).any()),
        n_leaked=len({a if labels.splits[a] == TEST else b for a, b in duplicates if _is_leak(labels.splits, a, b)}),
        kinds=content.kinds,
    )
    found: dict[str, Findings] = {name: make_findings(values) for name, values in pairs.items()}
    return replace(report, **found, **_label_problems(content, labels))  # type: ignore[arg-type]


def _is_leak(splits: np.ndarray, a: int, b: int) -> bool:
    return bool((splits[a] == TEST) != (splits[b] == TEST))


def _split_sizes(labels: CatalogueLabels) -> tuple[int, int, int]:
    sizes = Counter(labels.splits[labels.labels != NO_LABEL].tolist())
    return sizes[TRAIN], sizes[VALIDATION], int(labels.is_test.sum())


def _untested_classes(labels: CatalogueLabels) -> list[Pair]:
    """Classes without test pictures, and why."""
    return [
        (name, ONLY_PICTURE_REASON if (labels.labels == label).sum() == 1 else ONLY_GROUP_REASON)
        for label, name in enumerate(labels.classes)
        if not ((labels.labels == label) & labels.is_test).any()
    ]


def _label_problems(content: ImportedContent, labels: CatalogueLabels) -> dict[str, Findings]:
    """Pictures that look like those of another class, and classes that look like one."""
    problems, names = find_label_problems(content.images, labels), labels.classes
    suspects = [
        (content.names[row], f"{names[suggested]} ({names[labels.labels[row]]})")
        for row, suggested in zip(problems.suspects, problems.suggested, strict=True)
    ]
    similar = [(names[a], names[b]) for a, b in problems.similar_classes]
    return {"suspected_label_errors": make_findings(suspects), "similar_classes": make_findings(similar)}
