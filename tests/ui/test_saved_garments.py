"""Saving a garment below its prediction, and the tab Your garments."""

import sqlite3
from contextlib import closing
from functools import partial

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fashion_core.data.classes import CLASS_NAMES, FASHION_CLASSES, NONE_OF_THESE_LABEL
from fashion_core.recognition.garment_store import DATABASE_FILE_NAME, GarmentStore
from fashion_core.recognition.recognizer import GarmentPrediction
from fashion_core.recognition.saved_garment import FeedbackAccuracy, SavedGarment
from fashion_core.vision.preparation import PreparationStep, PreparedPicture
from fashion_core.wording.recognition import describe_feedback_accuracy, format_class_name
from ui.try_it import saved_garments

ANSWER = 2


def subject(seed: int) -> tuple[np.ndarray, PreparedPicture, GarmentPrediction, dict[str, np.ndarray]]:
    rng = np.random.default_rng(seed)
    result = rng.integers(0, 256, (28, 28), dtype=np.uint8)
    probabilities = np.full(10, 0.02, np.float32)
    probabilities[ANSWER] = 0.82
    models = {"MLP": probabilities, "**mine** <b>x</b>": np.roll(probabilities, 1)}
    picture = rng.integers(0, 256, (40, 30, 3), dtype=np.uint8)
    return (
        picture,
        PreparedPicture("photo", (PreparationStep("28 × 28", result),), result[None], result),
        GarmentPrediction(probabilities, 0.4),
        models,
    )


def under_an_answer() -> None:
    import streamlit as st

    from tests.ui.test_saved_garments import subject
    from ui.try_it import saved_garments

    picture, prepared, prediction, models = subject(st.session_state.get("seed", 0))
    saved_garments.show_save_button(picture, prepared, prediction, lambda: models)


def your_garments() -> None:
    from ui.try_it import saved_garments

    saved_garments.show_saved_garments()


def run(page, **state: object) -> AppTest:
    test = AppTest.from_function(page, default_timeout=60)
    for key, value in state.items():
        test.session_state[key] = value
    return rerun(test)


def rerun(test: AppTest) -> AppTest:
    test.run()
    assert not test.exception
    return test


def click(test: AppTest, label: str, place: int = 0) -> AppTest:
    [b for b in test.button if b.label == label][place].click()
    return rerun(test)


def labels(test: AppTest) -> list[str]:
    return [b.label for b in test.button]


def texts(test: AppTest) -> str:
    return "\n".join(e.value for e in [*test.markdown, *test.caption, *test.info, *test.success]).replace("\\", "")


def stored() -> list[SavedGarment]:
    return GarmentStore().load_page(1, 100)


def fill(n: int) -> None:
    for seed in range(n):
        GarmentStore().save(*subject(seed))


def damage() -> bytes:
    path = GarmentStore().path
    path.write_bytes(path.read_bytes()[:5000] + bytes(3000))
    return path.read_bytes()


def test_nothing_is_saved_unless_asked() -> None:
    test = run(under_an_answer)
    assert not GarmentStore().path.exists()
    assert labels(test) == ["Save this garment"]


def test_a_click_saves_once_however_often_the_page_runs() -> None:
    test = click(run(under_an_answer), "Save this garment")
    assert "Saved under Your garments." in texts(test)
    rerun(rerun(test))
    assert "Save this garment" not in labels(run(under_an_answer))  # another window
    assert len(stored()) == 1
    test.session_state["seed"] = 1
    click(rerun(test), "Save this garment")
    assert len(stored()) == 2


def test_a_prediction_is_not_confirmed_by_being_shown() -> None:
    test = click(run(under_an_answer), "Save this garment")
    assert test.selectbox[0].label == "What is it?"
    assert test.selectbox[0].options == [
        *(f"{name} (predicted)" if name == CLASS_NAMES[ANSWER] else name for name in CLASS_NAMES),
        "None of the ten",
    ]
    assert test.selectbox[0].value == ANSWER
    assert stored()[0].correction is None
    click(test, "Confirm")
    assert stored()[0].correction == ANSWER
    assert "You said: Pullover." in texts(test)
    assert labels(test) == []


@pytest.mark.parametrize("label", [0, 9, NONE_OF_THESE_LABEL])
def test_choosing_another_class_is_a_correction(label: int) -> None:
    test = click(run(under_an_answer), "Save this garment")
    test.selectbox[0].set_value(label)
    rerun(test)
    assert stored()[0].correction == label
    assert f"You said: {format_class_name(label, FASHION_CLASSES)}." in texts(test)
    assert run(under_an_answer).selectbox[0].value == label
    GarmentStore().set_user_correction(1, 5)  # in another window
    assert rerun(test).selectbox[0].value == 5


def test_a_garment_deleted_elsewhere_can_be_saved_again() -> None:
    test = click(run(under_an_answer), "Save this garment")
    GarmentStore().delete_all()
    assert labels(rerun(test)) == ["Save this garment"]


def test_correcting_a_garment_deleted_elsewhere_gives_an_error() -> None:
    fill(2)
    test = run(your_garments)
    GarmentStore().delete(2)
    click(test, "Confirm")
    assert ["has been deleted" in e.value for e in test.error] == [True]
    assert len(test.selectbox) == 1
    assert not rerun(test).error


def test_the_empty_view_explains_itself() -> None:
    text = texts(run(your_garments))
    assert "You have not saved a garment yet" in text
    assert "how often the prediction is correct" in text
    assert not GarmentStore().path.exists()


def test_the_view_shows_each_garment_with_its_correction() -> None:
    fill(3)
    GarmentStore().set_user_correction(3, ANSWER)
    GarmentStore().set_user_correction(2, 5)
    test = run(your_garments)
    assert [s.value for s in test.selectbox] == [ANSWER, 5, ANSWER]
    assert labels(test).count("Confirm") == 1
    assert texts(test).count("**Pullover**, probability 82.0%") == 3
    assert texts(test).count("1 of the poster's 2 models agrees") == 3
    assert describe_feedback_accuracy(3, FeedbackAccuracy(2, 1, 0, 0), FASHION_CLASSES) in texts(test)
    assert str(GarmentStore().path) in texts(test)


def test_a_garment_is_corrected_and_deleted_in_the_view() -> None:
    fill(3)
    test = run(your_garments)
    test.selectbox[1].set_value(NONE_OF_THESE_LABEL)
    rerun(test)
    assert not any(box.proto.set_value for box in test.selectbox)  # a class chosen meanwhile would jump back
    click(test, "Delete", 2)
    assert [(g.id, g.correction) for g in stored()] == [(3, None), (2, NONE_OF_THESE_LABEL)]
    assert len(test.selectbox) == 2


def test_garments_are_split_into_pages() -> None:
    fill(saved_garments.SAVED_GARMENTS_PER_PAGE + 1)
    test = run(your_garments)
    assert len(test.selectbox) == saved_garments.SAVED_GARMENTS_PER_PAGE
    second = run(your_garments, **{saved_garments.SAVED_GARMENTS_PAGE_KEY: 2})
    assert len(second.selectbox) == 1
    click(second, "Delete")  # the second page's only one
    assert len(second.selectbox) == saved_garments.SAVED_GARMENTS_PER_PAGE


def test_everything_is_deleted_only_after_confirmation() -> None:
    fill(3)
    test = click(run(your_garments), "Delete all")
    assert len(stored()) == 3
    assert "3 garments with pictures, predictions and corrections will be deleted for good." in texts(test)
    click(test, "Delete them")
    assert stored() == []


def test_saved_garments_can_be_downloaded() -> None:
    fill(2)
    assert len(run(your_garments).get("download_button")) == 1


@pytest.mark.parametrize("page", [under_an_answer, your_garments])
def test_a_damaged_file_is_reported_and_set_aside_by_a_button(page) -> None:
    fill(1)
    content = damage()
    test = run(page)
    assert ["is damaged" in e.value for e in test.error] == [True]
    assert GarmentStore().path.read_bytes() == content
    click(test, "Set the file aside")
    assert not test.error
    [aside] = GarmentStore().path.parent.glob("garments-damaged-*.sqlite3")
    assert aside.read_bytes() == content
    assert str(aside) in texts(test)
    assert stored() == []


def test_a_failure_to_save_is_shown_once_and_can_be_retried(monkeypatch: pytest.MonkeyPatch) -> None:
    fill(1)
    monkeypatch.setattr(saved_garments, "GarmentStore", partial(GarmentStore, lock_timeout=0.05))
    test = run(under_an_answer, seed=7)
    with closing(sqlite3.connect(GarmentStore().path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        click(test, "Save this garment")
        assert ["in use by another window" in e.value for e in test.error] == [True]
    click(test, "Save this garment")
    assert not test.error
    assert len(stored()) == 2


def test_a_file_of_a_newer_version_gives_an_error_in_both_places() -> None:
    fill(1)
    with closing(sqlite3.connect(GarmentStore().path)) as other, other:
        other.execute("PRAGMA user_version = 99")
    for page in (under_an_answer, your_garments):
        test = run(page)
        assert ["newer version" in e.value for e in test.error] == [True]
        assert labels(test) == []


def test_a_damaged_picture_does_not_affect_the_others() -> None:
    fill(2)
    with closing(sqlite3.connect(GarmentStore().path)) as other, other:
        other.execute("UPDATE garments SET picture = x'00' WHERE id = 1")
    test = run(your_garments)
    assert texts(test).count("This picture is damaged.") == 1
    assert len(test.selectbox) == 2


def test_the_file_s_name_is_shown_as_text(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setenv("FASHION_HOME", str(tmp_path / "**loud** <b>x<"))
    fill(1)
    shown = "\n".join(e.value for e in run(your_garments).caption)
    assert "**loud**" not in shown
    assert DATABASE_FILE_NAME.replace(".", "\\.") in shown
