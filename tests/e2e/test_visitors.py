"""Two browsers are two visitors of a classroom, and the owner's token unlocks everything."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from fashion_core.recognition.garment_store import GarmentStore
from fashion_core.runs.store import RunStore
from fashion_core.storage.folder import user_data_folder
from fashion_core.storage.visitors import Visitor, acting_as
from tests.core.recognition import garments
from tests.e2e.conftest import running_dashboard, wait_until_idle
from tests.ui.catalogues import save_run, write_catalogue
from ui.visitors import COOKIE_NAME, visitor_name

TOKEN = "the owner of this classroom"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("classroom")


@pytest.fixture(scope="module")
def classroom(home: Path) -> Iterator[str]:
    with running_dashboard(home, None, FASHION_MODE="classroom", FASHION_OWNER_TOKEN=TOKEN) as url:
        yield url


@pytest.fixture(autouse=True)
def _server_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASHION_HOME", str(home))


def open_page(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    wait_until_idle(page)


def make_things(page: Page) -> Visitor:
    """What a visitor could have made on the pages, which takes longer: a catalogue with a run, and a garment."""
    [cookie] = [each for each in page.context.cookies() if each.get("name") == COOKIE_NAME]
    assert cookie.get("httpOnly")
    assert cookie.get("sameSite") == "Lax"
    visitor = Visitor(visitor_name(cookie.get("value", "")))
    with acting_as(visitor):
        save_run(write_catalogue("shoes", 2, title="My shoes"), "mine", 0.9, title="Network of Anna")
        garments.save(GarmentStore())
    return visitor


def test_neither_visitor_finds_what_the_other_made(classroom: str, new_page: Callable[..., Page]) -> None:
    anna, ben = new_page(), new_page()
    open_page(anna, f"{classroom}/data")
    open_page(ben, f"{classroom}/data")
    made_by_anna = make_things(anna)
    open_page(anna, f"{classroom}/data?data=shoes")
    expect(anna.get_by_text("My shoes holds 12")).to_be_visible()
    while not anna.get_by_text("1 of 20 runs").first.is_visible():  # it is measured every few seconds
        anna.reload()
        wait_until_idle(anna)
    open_page(anna, f"{classroom}/try_it?source=Your garments")
    expect(anna.get_by_text("shown in this browser only")).to_be_visible()
    open_page(anna, f"{classroom}/report?data=shoes")
    expect(anna.frame_locator("iframe").get_by_text("Network of Anna").first).to_be_attached()

    open_page(ben, f"{classroom}/data?data=shoes")
    expect(ben.get_by_text("There is no data set named")).to_be_visible()
    expect(ben.get_by_text("My shoes")).to_have_count(0)
    open_page(ben, f"{classroom}/compare?data=shoes&a=mine&b=mine")
    expect(ben.get_by_text("Network of Anna")).to_have_count(0)
    open_page(ben, f"{classroom}/report?data=shoes&runs=mine")
    expect(ben.frame_locator("iframe").get_by_role("heading", level=1)).to_be_visible()
    expect(ben.frame_locator("iframe").get_by_text("Network of Anna")).to_have_count(0)
    open_page(ben, f"{classroom}/try_it?source=Your garments")
    expect(ben.get_by_text("You have not saved a garment yet")).to_be_visible()
    expect(ben.get_by_text("0 of 20 runs").first).to_be_visible()

    ben.get_by_role("button", name="Your things").click()
    ben.get_by_role("button", name="Delete everything").click()
    ben.get_by_role("button", name="Delete them").click()
    wait_until_idle(ben)
    anna.get_by_role("button", name="Your things").click()
    with acting_as(made_by_anna):
        assert RunStore().get("mine").has_predictions
    anna.get_by_role("button", name="Delete everything").click()
    anna.get_by_role("button", name="Delete them").click()
    expect(anna.get_by_text("0 of 20 runs").first).to_be_visible()
    with acting_as(made_by_anna):
        assert not user_data_folder().exists()


def test_the_owner_s_token_unlocks_everything(classroom: str, new_page: Callable[..., Page]) -> None:
    anna, owner = new_page(), new_page()
    open_page(anna, f"{classroom}/data")
    make_things(anna)
    open_page(owner, f"{classroom}/data")
    for token, notice in (("a guess at the token", "This is not the token"), (TOKEN, "You are the owner")):
        if not owner.get_by_label("The owner's token").is_visible():
            owner.get_by_role("button", name="Your things").click()
            owner.get_by_text("Owner", exact=True).click()
        owner.get_by_label("The owner's token").fill(token)
        owner.get_by_role("button", name="Unlock").click()
        expect(owner.get_by_text(notice)).to_be_visible()
    owner.get_by_role("button", name=re.compile("Visitors")).click()
    owner.get_by_role("button", name="See their things").click()
    expect(owner.get_by_text("You see what visitor")).to_be_visible()
    expect(owner.get_by_role("combobox", name="Data set")).to_be_visible()
