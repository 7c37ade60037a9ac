"""Sentences about an import."""

from dataclasses import replace

import pytest

from fashion_core.data.importing.report import Findings, ImportReport, make_findings
from fashion_core.wording.catalogue import (
    FINDING_TITLES,
    describe_findings,
    describe_import,
    describe_kinds,
    describe_split,
)

PLAIN = ImportReport("x.zip", 1200, 3, (816, 144, 240))


def test_a_clean_import_is_two_sentences() -> None:
    assert describe_import(PLAIN) == ("1,200 pictures of 3 classes: 816 to train, 144 for validation, 240 to test.")
    assert "20%" in describe_split(PLAIN)
    assert describe_findings(PLAIN) == []
    assert describe_kinds(PLAIN) == ""


@pytest.mark.parametrize("field", FINDING_TITLES)
def test_every_kind_of_finding_has_a_sentence_with_an_example(field: str) -> None:
    for n in (1, 2, 5):
        findings = make_findings([(f"name {i}", "x") for i in range(n)])
        report = ImportReport("x.zip", 1200, 3, (816, 144, 240), **{field: findings})
        (sentence,) = describe_findings(report)
        assert sentence.endswith(".")
        assert "name 0" in sentence or field == "suspected_label_errors"


def test_every_finding_of_the_report_has_titles() -> None:
    assert set(FINDING_TITLES) == {name for name, value in vars(PLAIN).items() if isinstance(value, Findings)}


def test_what_stays_together_is_said_as_it_is() -> None:
    assert "Equal images stay together" in describe_split(PLAIN)
    assert "near duplicates stay together" in describe_split(replace(PLAIN, kinds=(("photo", 1200),)))
    similar = replace(PLAIN, near_duplicates=make_findings([("a", "b")]))
    assert "in one split" in describe_findings(similar)[0]
    assert "in one split" not in describe_findings(replace(similar, split_is_given=True))[0]


def test_a_given_split_says_what_leaked() -> None:
    report = ImportReport("x.zip", 1200, 3, (816, 144, 240), split_is_given=True, n_leaked=4)
    assert "brought" in describe_split(report)
    assert "4" in describe_split(report)


def test_folds_are_named_instead_of_splits() -> None:
    report = ImportReport("x.zip", 200, 3, (170, 30, 200), n_folds=5)
    assert describe_import(report) == "200 pictures of 3 classes: 5-fold cross-validation on 200 pictures."
    assert "fewer than 100" in describe_split(report)


def test_kinds_have_titles() -> None:
    report = ImportReport("x", 3, 2, (1, 1, 1), kinds=(("photo", 2), ("letterbox", 1)))
    assert describe_kinds(report) == "Prepared as: Photograph 2; The whole picture, nothing cut out 1."
