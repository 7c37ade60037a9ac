"""Sentences about a catalogue: what an import found, and what it means."""

from collections.abc import Iterator

from fashion_core.data.importing.findings import MIN_PICTURES_PER_CLASS
from fashion_core.data.importing.report import Findings, ImportReport
from fashion_core.data.importing.splits import TEST_FRACTION, VALIDATION_FRACTION
from fashion_core.wording.numbers import format_count, format_percent
from fashion_core.wording.recognition import PICTURE_KIND_TITLES
from fashion_core.wording.text import join_with_and

N_EXAMPLES = 3
FINDING_TITLES: dict[str, tuple[str, str]] = {
    "unreadable": ("File", "Why it can't be read"),
    "missing": ("File that isn't there", "Table that names it"),
    "skipped": ("File left aside", "Why"),
    "exact_duplicates": ("Picture left out", "The same picture"),
    "near_duplicates": ("Picture", "Nearly the same picture"),
    "two_classes": ("Picture", "The same picture in another class"),
    "renamed": ("Name as it was", "Name of the class"),
    "ignored_columns": ("Column", "Table"),
    "small_classes": ("Class", "Pictures"),
    "untested_classes": ("Class without test pictures", "Why"),
    "suspected_label_errors": ("Picture", "Looks like (is in)"),
    "similar_classes": ("Class", "Looks like"),
}


def describe_import(report: ImportReport) -> str:
    """How many pictures, classes and pictures of each split there are."""
    n_train, n_validation, n_test = report.split_sizes
    classes = format_count(report.n_classes, "class", "classes")
    return (
        f"{format_count(report.n_pictures, 'picture')} of {classes}: "
        f"{n_train:,} to train, {n_validation:,} for validation, {n_test:,} to test."
    )


def describe_split(report: ImportReport) -> str:
    """How the split was made."""
    if report.split_is_given:
        leaked = (
            f" {format_count(report.n_leaked, 'pair')} of nearly the same pictures are in training and test, so the "
            "accuracy on test is too high."
            if report.n_leaked
            else ""
        )
        return f"The split is the one the source brought; a part that it lacks was chosen at random.{leaked}"
    return (
        f"Of each class, {format_percent(TEST_FRACTION, 0)} were chosen at random to test, and "
        f"{format_percent(VALIDATION_FRACTION, 0)} of the rest for validation. Groups and near duplicates stay together."
    )


def describe_findings(report: ImportReport) -> list[str]:
    """A sentence for each kind of finding, the most serious first; none where there is nothing to say."""
    return list(_finding_sentences(report))


def describe_kinds(report: ImportReport) -> str:
    """How many pictures were prepared as each kind; empty for images, which are taken as they are."""
    if not report.kinds:
        return ""
    titles: dict[str, str] = {str(kind): title for kind, title in PICTURE_KIND_TITLES.items()}
    return "Prepared as: " + "; ".join(f"{titles.get(kind, kind)} {n:,}" for kind, n in report.kinds) + "."


def _finding_sentences(report: ImportReport) -> Iterator[str]:
    yield from _file_sentences(report)
    yield from _class_sentences(report)
    if n := report.suspected_label_errors.n:
        yield (
            f"{format_count(n, 'picture')} may be in the wrong class: the five pictures most like each are all of one "
            "other class."
        )
    if report.similar_classes.n:
        pairs = [f"{a} and {b}" for a, b in report.similar_classes.listed[:N_EXAMPLES]]
        yield f"Some classes look like one: {'; '.join(pairs)}. Merge them if you needn't tell them apart."


def _file_sentences(report: ImportReport) -> Iterator[str]:
    if n := report.unreadable.n:
        yield f"{format_count(n, 'file')} can't be read: {_examples(report.unreadable)}."
    if n := report.missing.n:
        yield f"{format_count(n, 'file')} named in a table aren't there: {_examples(report.missing)}."
    if n := report.skipped.n:
        yield f"{format_count(n, 'file')} were left aside: {_examples(report.skipped)}."
    if n := report.two_classes.n:
        yield f"{format_count(n, 'picture')} are in two classes: {_examples(report.two_classes)}. Move or delete one."
    if n := report.exact_duplicates.n:
        yield f"{format_count(n, 'picture')} were there twice and are left out: {_examples(report.exact_duplicates)}."
    if n := report.near_duplicates.n:
        yield f"{format_count(n, 'picture')} are nearly the same as another, and stay with it in the same split."
    if n := report.ignored_columns.n:
        names = join_with_and([column for column, _ in report.ignored_columns.listed[:N_EXAMPLES]])
        yield f"{format_count(n, 'column')} of a table were ignored: {names}."


def _class_sentences(report: ImportReport) -> Iterator[str]:
    if n := report.renamed.n:
        names = [f"{old!r} is {new}" for old, new in report.renamed.listed[:N_EXAMPLES]]
        yield f"{format_count(n, 'name')} of classes were changed: {'; '.join(names)}."
    if report.n_classes == 1:
        yield "There is one class, so nothing can be trained. Name clusters of the pictures to make more classes."
    elif n := report.small_classes.n:
        names = [f"{name} ({count})" for name, count in report.small_classes.listed[:N_EXAMPLES]]
        yield (
            f"{format_count(n, 'class', 'classes')} have fewer than {MIN_PICTURES_PER_CLASS} pictures, too few to "
            f"learn: {', '.join(names)}."
        )
    if n := report.untested_classes.n:
        names = [f"{name}, because {reason}" for name, reason in report.untested_classes.listed[:N_EXAMPLES]]
        yield f"{format_count(n, 'class', 'classes')} can't be tested: {'; '.join(names)}."


def _examples(findings: Findings) -> str:
    """The first findings' names."""
    names = ", ".join(name for name, _ in findings.listed[:N_EXAMPLES])
    return names + (" and others" if findings.n > N_EXAMPLES else "")
