"""Pages as a visitor of a classroom sees them, with and without room for more."""

import pytest
from streamlit.testing.v1 import AppTest

from fashion_core.jobs.visitor_folders import note_visit
from fashion_core.recognition.garment_store import GarmentStore
from fashion_core.storage.folder import shared_data_folder, user_data_folder
from fashion_core.storage.visitors import USER, Visitor, acting_as
from tests.core.recognition import garments
from tests.ui import train_page
from tests.ui.test_presentation import assert_sound, open_view
from ui import visitors
from ui.shell import PAGE_TITLES

SECRET = "a" * 43
OWNER_TOKEN = "a token of the owner"
VISITOR = Visitor(visitors.visitor_name(SECRET))


@pytest.fixture(autouse=True)
def _classroom(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASHION_MODE", "classroom")
    monkeypatch.setenv("FASHION_OWNER_TOKEN", OWNER_TOKEN)
    monkeypatch.setattr(visitors, "read_cookie", lambda: SECRET)


def captions(test: AppTest) -> str:
    return "\n".join(caption.value for caption in test.sidebar.caption)


@pytest.mark.slow
def test_every_page_works_and_shows_what_a_visitor_has(started: list[str]) -> None:
    for name in PAGE_TITLES:
        assert "0 of 20 runs" in captions(open_view(name))


@pytest.mark.slow
def test_pages_work_where_there_is_no_room_for_more(monkeypatch: pytest.MonkeyPatch, started: list[str]) -> None:
    monkeypatch.setenv("FASHION_QUOTA", "runs=0 minutes=0 pictures=0 megabytes=0")
    for name in PAGE_TITLES:
        open_view(name)
    open_view("clusters", k="33")
    test = train_page.pressed(train_page.page().run(), "Start training")
    assert ["you may have 0" in error.value for error in test.error] == [True]
    assert started == []


def test_what_is_every_visitor_s_has_no_button() -> None:
    labels = [button.label for button in open_view("garments").button]
    assert not any("download" in label.lower() for label in labels)


def test_a_training_is_the_visitor_s(started: list[str]) -> None:
    train_page.pressed(train_page.page().run(), "Start training")
    assert len(started) == 1
    assert not (shared_data_folder() / "runs" / started[0]).exists()
    with acting_as(VISITOR):
        assert (user_data_folder() / "runs" / started[0]).is_dir()


def test_only_the_owner_s_token_unlocks(started: list[str]) -> None:
    with acting_as(USER):
        garments.save(GarmentStore())
    test = open_view("try_it", source="Your garments")
    assert any("have not saved" in info.value for info in test.info)
    for token, is_owner in (("", False), (OWNER_TOKEN[:-1], False), (OWNER_TOKEN, True)):
        next(box for box in test.text_input if box.label == "The owner's token").set_value(token)
        next(button for button in test.button if button.label == "Unlock").click().run()
        assert ("You are the owner" in captions(test)) == is_owner
    assert_sound(test)
    assert not any("have not saved" in info.value for info in test.info)  # the owner's garment is there


def test_the_owner_acts_on_the_chosen_visitor_though_another_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    def visit(secret: str) -> str:
        name = visitors.visitor_name(secret)
        with acting_as(Visitor(name)):
            garments.save(GarmentStore())
            note_visit()
        return name

    first, chosen = visit("b" * 43), visit("c" * 43)
    test = open_view("garments")
    next(box for box in test.text_input if box.label == "The owner's token").set_value(OWNER_TOKEN)
    test = next(button for button in test.button if button.label == "Unlock").click().run()
    box = next(box for box in test.selectbox if box.label == "Visitor")
    box.set_value(first if box.value == chosen else chosen).run()
    wanted = next(box for box in test.selectbox if box.label == "Visitor").value
    visit("d" * 43)  # the latest visitor is the first of the list
    next(button for button in test.button if button.label == "See their things").click().run()
    assert f"You see what visitor {wanted[:6]} made." in captions(test)
