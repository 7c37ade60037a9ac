"""The page Review without a browser: the empty state, who may review, saving, undo, what answers say, the catalogue."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from fashion_core.data.catalogue_list import find_catalogue
from fashion_core.sorting.output import open_output
from fashion_core.sorting.sort import sort_folder
from fashion_core.sorting.undo import undo_sort
from tests.conftest import PROJECT
from tests.core.sorting.folders import files_below, read_table, write_pictures
from tests.core.sorting.sort_process import make_model
from tests.ui.catalogues import write_catalogue
from ui.components.labelling import LEFT_OUT, NOT_SURE, UNDONE
from ui.review import session as session_module
from ui.review.controls import SESSION_KEY
from ui.review.session import N_AHEAD, ReviewSession


def sort_some(tmp_path: Path, n: int = 30, threshold: float | None = None, name: str = "out") -> Path:
    write_pictures(tmp_path / "in", n)
    sort_folder(make_model(threshold), tmp_path / "in", tmp_path / name)
    return tmp_path / name


def open_page(person: str = "", **query: str) -> AppTest:
    test = AppTest.from_file(str(PROJECT / "pages" / "review.py"), default_timeout=120)
    test.query_params.update(query)
    test.run()
    if person:
        test.text_input[0].set_value(person).run()
    assert not test.exception
    return test


def shown_text(test: AppTest) -> str:
    elements = [*test.markdown, *test.caption, *test.info, *test.success, *test.error, *test.warning]
    return "\n".join(element.value for element in elements).replace("\\", "")


def session_of(test: AppTest) -> ReviewSession:
    session = test.session_state[SESSION_KEY]
    assert isinstance(session, ReviewSession)
    return session


def test_while_nothing_is_sorted_the_page_says_how_to_sort() -> None:
    test = open_page()
    assert "Nothing is sorted yet" in shown_text(test)
    assert test.code[0].value == "fashion sort pictures --out sorted"


def test_in_a_presentation_nothing_can_be_reviewed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    output = sort_some(tmp_path, 3)
    monkeypatch.setenv("FASHION_MODE", "presentation")
    test = open_page()
    assert "shown as a presentation" in shown_text(test)
    assert str(output) not in shown_text(test)
    assert not test.text_input


def test_a_name_is_needed_and_it_must_not_be_that_of_the_model(tmp_path: Path) -> None:
    sort_some(tmp_path, 3)
    test = open_page()
    assert "Enter your name" in shown_text(test)
    test.text_input[0].set_value("model").run()
    assert "stands for what the model decided" in shown_text(test)
    test.text_input[0].set_value("<b>Ann</b>").run()
    assert "0 of 3 pictures left to people are decided" in test.get("progress")[0].proto.text.replace("\\", "")


def test_answers_are_saved_once_and_more_pictures_come(tmp_path: Path) -> None:
    output = sort_some(tmp_path)
    test = open_page("Ann")
    session = session_of(test)
    assert len(session.sequence) == N_AHEAD
    shown = [session.pictures[i] for i in session.sequence[:3]]
    session.save({0: session.classes.index("Dress"), 1: LEFT_OUT, 2: NOT_SURE})
    session.save({0: session.classes.index("Dress"), 1: LEFT_OUT, 2: NOT_SURE, 3: 0})
    test.run()
    assert "Reviewed by Ann" in shown_text(test)
    assert len(session.sequence) == N_AHEAD + 4
    assert (output / "dress" / shown[0].name).exists()
    assert (output / "none" / shown[1].name).exists()
    assert (output / "check" / shown[2].name).exists()
    assert {row["decided_by"] for row in read_table(output)} == {"Ann", "model"}
    session.save({0: UNDONE})
    assert (output / "check" / shown[0].name).exists()


def test_what_was_answered_before_a_reload_can_be_undone(tmp_path: Path) -> None:
    output = sort_some(tmp_path)
    first = session_of(open_page("Ann"))
    answered = first.pictures[first.sequence[0]]
    first.save({0: 0})
    session = session_of(open_page("Ann"))
    assert answered.id not in session.sequence
    session.undo_last()
    session.refresh()
    assert session.sequence[0] == answered.id
    assert (output / "check" / answered.name).exists()
    session.undo_last()
    assert session.problem == "There is nothing to undo."


def test_another_order_begins_anew(tmp_path: Path) -> None:
    sort_some(tmp_path)
    test = open_page("Ann")
    before = list(session_of(test).sequence)
    test.button_group[0].set_value("grouped").run()
    assert not test.exception
    classes = [picture.candidates[0] for picture in session_of(test).pictures.values()]
    assert classes == sorted(classes)
    assert session_of(test).sequence != before


def test_while_a_sort_is_running_the_page_says_so_and_keeps_the_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fashion_core.sorting.review.REVIEW_LOCK_TIMEOUT", 0.1)
    output = sort_some(tmp_path, 3)
    test = open_page("Ann")
    session = session_of(test)
    with open_output(output):
        session.save({0: 0})
        test.run()
        assert not test.exception
        assert "Review them when that has ended" in shown_text(test)
        assert len(session.pictures) == 3
    test.run()  # what could not be saved is tried again
    assert not session.problem
    assert len(files_below(output / "check")) == 2


def test_after_an_undo_and_another_sort_no_answer_goes_to_another_picture(tmp_path: Path) -> None:
    output = sort_some(tmp_path, 5)
    test = open_page("Ann")
    session = session_of(test)
    undo_sort(output)
    test.run()
    assert not test.exception
    write_pictures(tmp_path / "in" / "a", 5, seed=1)
    sort_folder(make_model(None), tmp_path / "in", output)
    session.save({0: 0})
    test.run()
    assert "was sorted again" in shown_text(test)
    assert {row["decided_by"] for row in read_table(output)} == {"model"}


@pytest.mark.slow
def test_after_a_hundred_pictures_the_promise_is_compared(tmp_path: Path) -> None:
    sort_some(tmp_path, 130, threshold=0.75)
    test = open_page("Ann")
    session = session_of(test)
    assert "After 100 reviewed pictures" in shown_text(test)
    for _ in range(130):
        session.refresh()
        numbers = range(len(session.sent), len(session.sequence))
        if not numbers:
            break
        session.save(
            {n: session.classes.index(session.pictures[session.sequence[n]].candidates[0]) for n in numbers}
            | session.sent
        )
    test.run()
    assert not test.exception
    text = shown_text(test)
    assert "Everything is reviewed" in text
    assert "The model sorted" in text
    assert "The promise of at most 10.0% wrong is kept" in text


def test_an_answer_that_another_person_gave_meanwhile_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sort_some(tmp_path, 3)
    test = open_page("Ann")
    session = session_of(test)
    monkeypatch.setattr(session_module.time, "time", lambda original=session_module.time.time: original() + 700)
    late = ReviewSession(session.folder, "Bob", "uncertain")
    late.refresh()
    late.save(dict.fromkeys(range(len(late.sequence)), 0))
    session.save({0: 0, 1: 0, 2: 0})
    test.run()
    assert "not saved: another person was shown" in shown_text(test)


def test_decided_pictures_are_added_to_a_catalogue(tmp_path: Path) -> None:
    write_catalogue("shop", 2, names=("Dress", "Coat"), title="Shop")
    sort_some(tmp_path, 5)
    test = open_page("Ann")
    session = session_of(test)
    session.save({0: session.classes.index("Dress"), 1: session.classes.index("Coat"), 2: LEFT_OUT})
    test.run()
    button = next(button for button in test.button if button.key == "review-add")
    assert button.label == "Add 2 decided pictures"
    button.click().run()
    assert not test.exception
    assert "added to Shop" in shown_text(test)
    assert find_catalogue("shop").n_pictures == 14
    assert next(button for button in test.button if button.key == "review-add").disabled


def test_two_folders_of_one_name_are_told_apart_and_one_that_is_gone_leaves_the_list(tmp_path: Path) -> None:
    sort_some(tmp_path, 2, name="a/out")
    latest = sort_some(tmp_path, 2, name="b/out")
    test = open_page("Ann", folder="unknown")
    assert session_of(test).folder == latest
    assert [str(tmp_path / "b/out"), str(tmp_path / "a/out")] == test.selectbox[0].options
    for path in latest.glob(".sorted.*"):
        path.unlink()
    test.run()
    assert not test.exception
    assert session_of(test).folder == tmp_path / "a/out"


def test_a_picture_that_is_gone_or_no_picture_any_more_does_not_stop_the_review(tmp_path: Path) -> None:
    output = sort_some(tmp_path, 3)
    first, second, _ = sorted((output / "check").iterdir())
    first.unlink()
    second.write_bytes(b"nothing")
    test = open_page("Ann")
    session = session_of(test)
    session.save({0: 0, 1: 0, 2: 0})
    test.run()
    assert not test.exception
    assert "The file is not there any more" in shown_text(test)
