"""Reviewing a sorted folder: who is shown what, where files go, kills, several people, and undo."""

import dataclasses
import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from fashion_core.errors import ConfigError, StorageError
from fashion_core.recognition.recognizer import OodThreshold, Recognizer
from fashion_core.sorting import moves, transfer
from fashion_core.sorting.known_folders import list_sorted_folders
from fashion_core.sorting.output import open_output
from fashion_core.sorting.review import (
    AUDIT_EVERY,
    LEASE_SECONDS,
    NONE_ANSWER,
    clean_person_name,
    draw_pictures,
    find_last_answered,
    load_pictures,
    open_review,
    release_pictures,
    save_answers,
)
from fashion_core.sorting.review_progress import measure_progress
from fashion_core.sorting.sort import sort_folder
from fashion_core.sorting.table import write_tables
from fashion_core.sorting.undo import undo_sort
from tests.core.sorting.folders import files_below, read_table, write_pictures
from tests.core.sorting.sort_process import Brightness, make_model

NOW = 1_000_000.0
FILE_MODES = pytest.mark.parametrize("mode", ["copy", "move", "link"])


def sort_some(tmp_path: Path, n: int, mode: transfer.Mode = "copy", threshold: float | None = None) -> Path:
    """``n`` pictures sorted into a folder; without a threshold, all are to be checked."""
    write_pictures(tmp_path / "in", n)
    sort_folder(make_model(threshold), tmp_path / "in", tmp_path / "out", mode=mode)
    return tmp_path / "out"


def decisions(output: Path) -> dict[str, tuple[str, str, str]]:
    """Class, who decided and folder by file name, as the table has them after the review."""
    with open_review(output) as journal:
        write_tables(journal, parquet=False)
    return {
        Path(row["path"]).name: (row["class"], row["decided_by"], Path(row["target"]).parent.name)
        for row in read_table(output)
    }


@FILE_MODES
def test_an_answer_moves_the_file_and_undo_restores_everything(tmp_path: Path, mode: transfer.Mode) -> None:
    contents = write_pictures(tmp_path / "in", 6)
    before = files_below(tmp_path / "in")
    output = sort_some(tmp_path, 6, mode)
    with open_review(output) as journal:
        first, second, third, *_ = draw_pictures(journal, "Ann", "uncertain", 6, NOW)
        names = [p.name for p in load_pictures(journal, "Ann", [first, second, third])]
        answers = {first: "Dress", second: NONE_ANSWER, third: None}
        assert save_answers(journal, "Ann", answers, NOW).errors == ()
    found = decisions(output)
    assert found[names[0]] == ("Dress", "Ann", "dress")
    assert found[names[1]] == ("", "Ann", "none")
    assert found[names[2]][1:] == ("model", "check")
    assert (output / "dress" / names[0]).read_bytes() == contents[tmp_path / "in" / names[0]]
    assert len(files_below(output)) == 6
    assert undo_sort(output).n_restored == 6
    assert files_below(tmp_path / "in") == before
    assert not output.exists()
    assert list_sorted_folders() == []
    sort_folder(make_model(None), tmp_path / "in", output, mode=mode)
    assert {row["decided_by"] for row in read_table(output)} == {"model"}


def test_in_a_table_alone_only_the_decision_changes_and_a_later_copy_follows_it(tmp_path: Path) -> None:
    output = sort_some(tmp_path, 3, "table")
    with open_review(output) as journal:
        picture = draw_pictures(journal, "Ann", "uncertain", 3, NOW)[0]
        (shown,) = load_pictures(journal, "Ann", [picture])
        assert shown.path == tmp_path / "in" / shown.name
        save_answers(journal, "Ann", {picture: "Bag"}, NOW)
    assert decisions(output)[shown.name][:2] == ("Bag", "Ann")
    assert files_below(output) == {}
    sort_folder(make_model(None), tmp_path / "in", output, mode="copy")
    assert decisions(output)[shown.name] == ("Bag", "Ann", "bag")
    assert len(files_below(output)) == 3


def test_a_changed_and_a_withdrawn_answer_move_the_file_again(tmp_path: Path) -> None:
    output = sort_some(tmp_path, 2)
    with open_review(output) as journal:
        picture = draw_pictures(journal, "Ann", "uncertain", 1, NOW)[0]
        (shown,) = load_pictures(journal, "Ann", [picture])
        for answer, folder in (("Dress", "dress"), ("Coat", "coat"), (None, "check"), ("Bag", "bag")):
            save_answers(journal, "Ann", {picture: answer}, NOW)
            assert [name for name in files_below(output) if shown.name in name] == [f"{folder}/{shown.name}"]
        assert find_last_answered(journal, "Ann") == picture
        assert find_last_answered(journal, "Bob") is None
        save_answers(journal, "Ann", {}, NOW, withdrawn=[picture])
        assert f"check/{shown.name}" in files_below(output)
        assert draw_pictures(journal, "Ann", "uncertain", 2, NOW)[0] == picture


def test_one_in_five_is_a_picture_that_the_model_sorted_and_a_wrong_one_moves(tmp_path: Path) -> None:
    output = sort_some(tmp_path, 80, threshold=0.75)
    by_hash = sorted(row["sha256"] for row in read_table(output) if row["decision"] == "automatic")
    with open_review(output) as journal:
        drawn = draw_pictures(journal, "Ann", "uncertain", 20, NOW)
        query = "SELECT decision, sha256, class FROM pictures WHERE id = ?"
        rows = [journal.connection.execute(query, (picture,)).fetchone() for picture in drawn]
        audits = [i for i, (decision, *_) in enumerate(rows) if decision == "automatic"]
        assert audits == list(range(AUDIT_EVERY - 1, 20, AUDIT_EVERY))
        assert [rows[i][1] for i in audits] == by_hash[: len(audits)]
        (shown,) = load_pictures(journal, "Ann", [drawn[audits[0]]])
        wrong = "Bag" if shown.candidates[0] != "Bag" else "Coat"
        save_answers(journal, "Ann", {shown.id: wrong}, NOW)
    assert (output / wrong.lower() / shown.name).exists()
    assert not shown.path.exists()


def test_pictures_come_in_the_chosen_order(tmp_path: Path) -> None:
    output = sort_some(tmp_path, 40)
    with open_review(output) as journal:
        uncertain = load_pictures(journal, "Ann", draw_pictures(journal, "Ann", "uncertain", 40, NOW))
        assert [p.probability for p in uncertain] == sorted(p.probability for p in uncertain)
        release_pictures(journal, "Ann")
        grouped = load_pictures(journal, "Ann", draw_pictures(journal, "Ann", "grouped", 40, NOW))
        assert [p.candidates[0] for p in grouped] == sorted(p.candidates[0] for p in grouped)


def test_pictures_taken_for_none_of_the_classes_come_last_and_can_be_given_one(tmp_path: Path) -> None:
    write_pictures(tmp_path / "in", 20)
    recognizer = Recognizer([Brightness()], {"sample": OodThreshold(0.5, 0.1, 9, "a test")})
    model = dataclasses.replace(make_model(threshold=1.0), recognizer=recognizer)
    n_by_decision = sort_folder(model, tmp_path / "in", tmp_path / "out").decisions
    with open_review(tmp_path / "out") as journal:
        drawn = load_pictures(journal, "Ann", draw_pictures(journal, "Ann", "uncertain", 20, NOW))
        folders = [picture.path.parent.name for picture in drawn]
        assert folders == ["check"] * n_by_decision["check"] + ["none"] * n_by_decision["none"]
        assert {"check", "none"} == set(folders)
        assert not save_answers(journal, "Ann", {drawn[-1].id: "Dress", drawn[-2].id: NONE_ANSWER}, NOW).n_refused
        progress = measure_progress(journal, "Ann", NOW)
        assert (progress.n_to_check, progress.n_checked) == (20, 2)
    assert decisions(tmp_path / "out")[drawn[-1].name] == ("Dress", "Ann", "dress")
    assert decisions(tmp_path / "out")[drawn[-2].name] == ("", "Ann", "none")


def is_for_two(output: Path) -> set[str]:
    return {row["sha256"] for row in read_table(output) if int(row["sha256"][-4:], 16) < 0x199A}


@pytest.mark.slow
def test_people_at_once_never_get_one_picture_but_for_the_one_in_ten(tmp_path: Path) -> None:
    output = sort_some(tmp_path, 60)

    def review(person: str) -> list[int]:
        mine: list[int] = []
        while True:
            with open_review(output) as journal:
                drawn = draw_pictures(journal, person, "uncertain", 7, NOW)
                if not drawn:
                    return mine
                mine += drawn
                assert save_answers(journal, person, dict.fromkeys(drawn, "Dress"), NOW).n_refused == 0

    with ThreadPoolExecutor(4) as pool:
        shown = Counter(picture for drawn in pool.map(review, ["Ann", "Bob", "Cem", "Dan"]) for picture in drawn)
    assert len(shown) == 60
    assert set(shown.values()) <= {1, 2}
    assert sum(n == 2 for n in shown.values()) == len(is_for_two(output)) > 0
    assert len(files_below(output / "dress")) == 60


def test_a_picture_that_nobody_answers_goes_to_another_person_after_ten_minutes(tmp_path: Path) -> None:
    output = sort_some(tmp_path, 12)
    with open_review(output) as journal:
        first = draw_pictures(journal, "Ann", "uncertain", 12, NOW)
        assert draw_pictures(journal, "Ann", "uncertain", 12, NOW + 1) == first  # also after a reload
        before = draw_pictures(journal, "Bob", "uncertain", 12, NOW + LEASE_SECONDS)
        assert len(before) == len(is_for_two(output))
        later = NOW + LEASE_SECONDS + 2
        assert sorted(draw_pictures(journal, "Bob", "uncertain", 12, later)) == sorted(first)
        only_one = next(p for p in first if p not in before)
        assert save_answers(journal, "Ann", {only_one: "Dress"}, later).n_refused == 1
        save_answers(journal, "Bob", {only_one: "Coat"}, later)
    assert Counter(decided_by for _, decided_by, _ in decisions(output).values()) == {"Bob": 1, "model": 11}


def test_of_two_answers_the_first_counts_until_it_is_withdrawn(tmp_path: Path) -> None:
    output = sort_some(tmp_path, 60)
    with open_review(output) as journal:
        for_two = is_for_two(output)
        drawn = draw_pictures(journal, "Ann", "uncertain", 60, NOW)
        query = "SELECT sha256 FROM pictures WHERE id = ?"
        picture = next(p for p in drawn if journal.connection.execute(query, (p,)).fetchone()[0] in for_two)
        (shown,) = load_pictures(journal, "Ann", [picture])
        save_answers(journal, "Ann", {picture: "Dress"}, NOW)
        assert picture in draw_pictures(journal, "Bob", "uncertain", 60, NOW)
        assert not load_pictures(journal, "Bob", [picture])[0].is_answered
        save_answers(journal, "Bob", {picture: "Coat"}, NOW)
        assert (output / "dress" / shown.name).exists()
        save_answers(journal, "Ann", {}, NOW, withdrawn=[picture])
        assert (output / "coat" / shown.name).exists()
        assert save_answers(journal, "Cem", {picture: "Bag"}, NOW).n_refused == 1


def test_a_picture_that_a_person_is_not_sure_of_goes_to_another(tmp_path: Path) -> None:
    output = sort_some(tmp_path, 1)
    with open_review(output) as journal:
        (picture,) = draw_pictures(journal, "Ann", "uncertain", 5, NOW)
        save_answers(journal, "Ann", {picture: None}, NOW)
        assert draw_pictures(journal, "Ann", "uncertain", 5, NOW) == []
        assert draw_pictures(journal, "Bob", "uncertain", 5, NOW) == [picture]


class Killed(BaseException):
    """In place of a kill, at a chosen call."""


@FILE_MODES
@pytest.mark.parametrize("step", range(9))
def test_a_review_that_is_killed_is_finished_by_the_next(
    tmp_path: Path, mode: transfer.Mode, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process ends before the ``step``-th change of a folder, of those that move three pictures."""
    before = sorted(write_pictures(tmp_path / "in", 3).values())
    output = sort_some(tmp_path, 3, mode)
    n_calls = 0

    def end_at_step(original: object) -> object:
        def call(*arguments: object, **options: object) -> object:
            nonlocal n_calls
            n_calls += 1
            if n_calls > step:
                raise Killed
            return original(*arguments, **options)  # type: ignore[operator]

        return call

    with monkeypatch.context() as patched, suppress(Killed):
        for owner, name in ((os, "link"), (os, "unlink"), (os, "rename")):
            patched.setattr(owner, name, end_at_step(getattr(owner, name)))
        with open_review(output) as journal:
            drawn = draw_pictures(journal, "Ann", "uncertain", 3, NOW)
            save_answers(journal, "Ann", dict.fromkeys(drawn, "Dress"), NOW)
    found = decisions(output)
    assert set(found.values()) == {("Dress", "Ann", "dress")}
    assert sorted(files_below(output / "dress").values()) == before
    assert len(files_below(output)) == 3
    assert undo_sort(output).n_restored == 3


def test_nothing_is_overwritten_and_edited_or_missing_files_are_told(tmp_path: Path) -> None:
    output = sort_some(tmp_path, 4)
    with open_review(output) as journal:
        taken, edited, missing, linked = load_pictures(
            journal, "Ann", draw_pictures(journal, "Ann", "uncertain", 4, NOW)
        )
        (output / "dress").mkdir()
        (output / "dress" / taken.name).write_bytes(b"of the user")
        content = taken.path.read_bytes()
        edited.path.write_bytes(b"edited")
        missing.path.unlink()
        linked.path.unlink()
        linked.path.symlink_to(tmp_path / "in" / linked.name)
        answers = {p.id: "Dress" for p in (taken, edited, missing, linked)}
        errors = " ".join(save_answers(journal, "Ann", answers, NOW).errors)
    assert f"check/{missing.name}: The file is not there any more." in errors
    assert f"check/{linked.name}: This is a link" in errors
    assert linked.path.is_symlink()
    found = files_below(output / "dress")
    assert found.pop(taken.name) == b"of the user"
    assert found.pop(edited.name) == b"edited"
    assert list(found.values()) == [content]
    assert {who for _, who, _ in decisions(output).values()} == {"Ann"}


def test_a_full_disk_keeps_the_answers_and_files_move_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    output = sort_some(tmp_path, 3)

    def refuse(*arguments: object) -> None:
        raise StorageError("There is no space left.")

    with monkeypatch.context() as patched:
        patched.setattr(moves, "transfer", refuse)
        with open_review(output) as journal:
            drawn = draw_pictures(journal, "Ann", "uncertain", 3, NOW)
            with pytest.raises(StorageError, match="no space"):
                save_answers(journal, "Ann", dict.fromkeys(drawn, "Dress"), NOW)
        assert len(files_below(output / "check")) == 3
    assert set(decisions(output).values()) == {("Dress", "Ann", "dress")}
    assert len(files_below(output / "dress")) == 3


def test_while_a_sort_is_running_a_review_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fashion_core.sorting.review.REVIEW_LOCK_TIMEOUT", 0.1)
    output = sort_some(tmp_path, 1)
    with open_output(output), pytest.raises(StorageError, match="are being sorted"), open_review(output):
        pass


@pytest.mark.parametrize("answer", ["Boot", "../elsewhere", "check"])
def test_an_unknown_class_is_refused_and_nothing_moves(tmp_path: Path, answer: str) -> None:
    output = sort_some(tmp_path, 1)
    before = files_below(output)
    with open_review(output) as journal:
        (picture,) = draw_pictures(journal, "Ann", "uncertain", 1, NOW)
        with pytest.raises(ConfigError, match="There is no class"):
            save_answers(journal, "Ann", {picture: answer}, NOW)
        assert save_answers(journal, "Ann", {picture + 999: "Dress"}, NOW).n_refused == 1
    assert files_below(output) == before


def test_a_folder_that_nothing_was_sorted_into_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Nothing is sorted"), open_review(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


def test_names_of_people_are_single_lines_and_not_the_model() -> None:
    assert clean_person_name("  Ann\n\u202eB ") == "Ann B"
    assert clean_person_name("\u200b") == ""
    assert len(clean_person_name("x" * 300)) == 40
    with pytest.raises(ConfigError, match="stands for"):
        clean_person_name("Model")


def test_a_picture_is_drawn_from_many_without_looking_at_each_review(tmp_path: Path) -> None:
    output = sort_some(tmp_path, 1)
    with open_output(output) as journal:
        with journal.connection:
            journal.connection.execute(
                "INSERT INTO pictures (path, sha256, decision, class, second, third, probability, promise, decided_by, "
                "mode, target, state, error) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE "
                "i < 50000) SELECT 'p' || i, printf('%064x', i * 7919), CASE i % 5 WHEN 0 THEN 'check' ELSE "
                "'automatic' END, 'Dress', '', '', i / 50000.0, 1, 'model', 'table', x'', 'done', '' FROM n"
            )
        ticks: list[None] = []
        journal.connection.set_progress_handler(lambda: ticks.append(None), 1000)  # instructions of SQLite
        assert len(draw_pictures(journal, "Ann", "uncertain", 20, NOW)) == 20
        journal.connection.set_progress_handler(None, 0)
        assert len(ticks) < 50  # each picture looked at takes three instructions or more, so all of them 150 ticks
