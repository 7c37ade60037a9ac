"""How far a review is, and what its answers say about the promise."""

from pathlib import Path

import pytest

from fashion_core.sorting.journal import Journal
from fashion_core.sorting.review import draw_pictures, load_pictures, open_review, save_answers
from fashion_core.sorting.review_progress import list_answer_pairs, measure_outcome, measure_progress
from fashion_core.sorting.sort import sort_folder
from fashion_core.wording.sorting_review import describe_outcome
from tests.core.sorting.folders import read_table, write_pictures
from tests.core.sorting.sort_process import make_model

NOW = 1_000_000.0


def sort_some(tmp_path: Path, n: int = 60, threshold: float | None = 0.75) -> Path:
    write_pictures(tmp_path / "in", n)
    sort_folder(make_model(threshold), tmp_path / "in", tmp_path / "out", mode="table")
    return tmp_path / "out"


def answer_all(journal: Journal, person: str, seconds_each: float = 2.0, *, wrong_audits: int = 0) -> int:
    """As the model says, but for some of the pictures that it sorted; returns how many of those there were."""
    drawn = draw_pictures(journal, person, "uncertain", 1000, NOW)
    automatic = {row[0] for row in journal.connection.execute("SELECT id FROM pictures WHERE decision = 'automatic'")}
    n_audits = 0
    for number, picture in enumerate(load_pictures(journal, person, drawn)):
        is_wrong = picture.id in automatic and n_audits < wrong_audits
        n_audits += picture.id in automatic
        answer = picture.candidates[is_wrong]
        save_answers(journal, person, {picture.id: answer}, NOW + number * seconds_each)
    return n_audits


def test_progress_and_time_left_follow_the_answers(tmp_path: Path) -> None:
    output = sort_some(tmp_path, threshold=None)
    with open_review(output) as journal:
        drawn = draw_pictures(journal, "Ann", "uncertain", 30, NOW)
        assert measure_progress(journal, "Ann", NOW).seconds_left is None
        for number, picture in enumerate(drawn[:20]):
            save_answers(journal, "Ann", {picture: "Dress"}, NOW + 3 * number)
        save_answers(journal, "Ann", {drawn[20]: None}, NOW + 60)
        progress = measure_progress(journal, "Bob", NOW + 60)
        assert (progress.n_to_check, progress.n_checked, progress.n_reviewed) == (60, 20, 20)
        assert progress.n_shown_to_others == 9
        assert progress.people == ("Ann",)
        assert progress.seconds_left == pytest.approx(40 * 3)
        assert measure_progress(journal, "Bob", NOW + 10_000).seconds_left is None  # nobody works


def test_the_outcome_counts_reviewed_automatic_pictures_and_what_is_wrong_among_them(tmp_path: Path) -> None:
    output = sort_some(tmp_path)
    rows = read_table(output)
    with open_review(output) as journal:
        n_audits = answer_all(journal, "Ann", wrong_audits=3)
        outcome = measure_outcome(journal)
    assert outcome is not None
    assert outcome.promise.reference == "pictures of a test"
    assert outcome.n == len(rows) == 60
    assert outcome.n_automated == sum(row["decision"] == "automatic" for row in rows)
    assert (outcome.n_audited, outcome.n_wrong) == (n_audits, 3)
    sentences = describe_outcome(outcome, 100)
    assert f"of {n_audits} reviewed pictures that the model sorted, 3 are wrong".lower() in sentences[1].lower()


def test_a_repeated_sort_under_the_same_promise_is_counted_with_it_and_another_promise_alone(tmp_path: Path) -> None:
    output = sort_some(tmp_path, 40)
    write_pictures(tmp_path / "in" / "more", 20, seed=1)
    sort_folder(make_model(), tmp_path / "in", output, mode="table")
    with open_review(output) as journal:
        outcome = measure_outcome(journal)
        assert outcome is not None
        assert outcome.n == 60
    write_pictures(tmp_path / "in" / "others", 30, seed=2)
    sort_folder(make_model(0.7), tmp_path / "in", output, mode="table")
    with open_review(output) as journal:
        outcome = measure_outcome(journal)
        assert outcome is not None
        assert (outcome.n, outcome.promise.threshold) == (30, 0.7)


def test_without_automatic_pictures_there_is_no_outcome(tmp_path: Path) -> None:
    with open_review(sort_some(tmp_path, 5, threshold=None)) as journal:
        assert measure_outcome(journal) is None
        assert "no picture" in describe_outcome(None, 100)[0]
        assert "; 7 so far" in describe_outcome(None, 7)[0]


def test_pairs_of_answers_are_those_of_pictures_that_two_people_saw(tmp_path: Path) -> None:
    with open_review(sort_some(tmp_path, threshold=None)) as journal:
        answer_all(journal, "Ann")
        assert list_answer_pairs(journal) == []
        for_two = draw_pictures(journal, "Bob", "uncertain", 60, NOW)
        save_answers(journal, "Bob", dict.fromkeys(for_two, ""), NOW)
        shown = load_pictures(journal, "Ann", for_two)
        assert list_answer_pairs(journal) == [(picture.answer, "") for picture in shown]
        assert len(shown) > 1
