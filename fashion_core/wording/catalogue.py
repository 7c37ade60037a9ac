"""Sentences about a catalogue: what an import found, and what it means."""

from collections.abc import Iterator

from fashion_core.data.importing.findings import MIN_PICTURES_PER_CLASS
from fashion_core.data.importing.report import Findings, ImportReport
from fashion_core.data.importing.splits import CATALOGUE_VALIDATION_FRACTION, MIN_TEST_PICTURES, TEST_FRACTION
from fashion_core.wording.numbers import format_count, format_cross_validation, format_percent
from fashion_core.wording.recognition import PICTURE_KIND_TITLES

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
    if report.n_folds:
        return (
            f"{format_count(report.n_pictures, 'picture')} of {classes}: "
            f"{format_cross_validation(report.n_folds, n_test)}."
        )
    return (
        f"{format_count(report.n_pictures, 'picture')} of {classes}: "
        f"{n_train:,} to train, {n_validation:,} for validation, {n_test:,} to test."
    )


def describe_split(report: ImportReport) -> str:
    """How the split was made."""
    if report.split_is_given:
        leaked = (
            f" Test pictures with nearly the same picture among the others: {report.n_leaked:,}. They make the "
            "accuracy on test too high."
            if report.n_leaked
            else ""
        )
        return f"The split is the one the source brought; a part that it lacks was chosen at random.{leaked}"
    together = "Groups and near duplicates" if report.kinds else "Equal images"  # images of arrays have no kinds
    if report.n_folds:
        return (
            f"A test part would have fewer than {MIN_TEST_PICTURES} pictures. Instead, the pictures were put at random "
            f"into {report.n_folds} parts, and each part is tested by a model that is trained on the others. "
            f"{together} stay together."
        )
    return (
        f"Of each class, {format_percent(TEST_FRACTION, 0)} were chosen at random to test, and "
        f"{format_percent(CATALOGUE_VALIDATION_FRACTION, 0)} of the rest for validation. {together} stay together."
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
    if report.suspected_label_errors.n:
        pictures = _examples(report.suspected_label_errors, "picture", "{} looks like {}")
        yield f"Perhaps in the wrong class, because the five most like it are of one other class: {pictures}."
    if report.similar_classes.n:
        pairs = [f"{a} and {b}" for a, b in report.similar_classes.listed[:N_EXAMPLES]]
        yield f"Some classes look like one: {'; '.join(pairs)}. Merge them if you needn't tell them apart."


def _file_sentences(report: ImportReport) -> Iterator[str]:
    kept_together = "" if report.split_is_given else ", and kept with it in one split"
    for findings, text, noun, example in (
        (report.unreadable, "Can't be read: {}.", "file", "{} ({})"),
        (report.missing, "Named in a table, but not there: {}.", "file", "{}"),
        (report.skipped, "Left aside: {}.", "file", "{} ({})"),
        (report.two_classes, "In two classes: {}. Move or delete one of the two.", "picture", "{} and {}"),
        (report.exact_duplicates, "There twice, and left out once: {}.", "picture", "{}"),
        (report.near_duplicates, f"Nearly the same as another{kept_together}: {{}}.", "picture", "{}"),
        (report.ignored_columns, "Ignored in a table: {}.", "column", "{}"),
    ):
        if findings.n:
            yield text.format(_examples(findings, noun, example))


def _class_sentences(report: ImportReport) -> Iterator[str]:
    if report.renamed.n:
        names = [f"{old!r} is now {new!r}" for old, new in report.renamed.listed[:N_EXAMPLES]]
        yield f"Names of classes that were changed: {'; '.join(names)}{_more(report.renamed)}."
    if report.n_classes == 1:
        yield "There is one class, so nothing can be trained. Name clusters of the pictures to make more classes."
    elif report.small_classes.n:
        names = [f"{name} ({count})" for name, count in report.small_classes.listed[:N_EXAMPLES]]
        listed = ", ".join(names) + _more(report.small_classes)
        yield f"Fewer than {MIN_PICTURES_PER_CLASS} pictures, too few to learn: {listed}."
    if report.untested_classes.n:
        names = [f"{name} ({reason})" for name, reason in report.untested_classes.listed[:N_EXAMPLES]]
        yield f"Without test pictures: {', '.join(names)}{_more(report.untested_classes)}."


def _examples(findings: Findings, noun: str, example: str) -> str:
    """``3 files, such as a.txt``; ``example`` takes the two values of a finding."""
    shown = "; ".join(example.format(name, other.rstrip(".")) for name, other in findings.listed[:N_EXAMPLES])
    return f"{format_count(findings.n, noun)}{', such as ' if findings.n > N_EXAMPLES else ', '}{shown}"


def _more(findings: Findings) -> str:
    return f" and {findings.n - N_EXAMPLES:,} more" if findings.n > N_EXAMPLES else ""
