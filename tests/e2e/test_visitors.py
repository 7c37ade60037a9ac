"""Two browsers are two visitors of a classroom, and the owner's token unlocks everything."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from fashion_core.runs.store import RunStore
from fashion_core.storage.folder import user_data_folder
from fashion_core.storage.visitors import Visitor, acting_as
from tests.e2e.conftest import running_dashboard, select_option, wait_until_idle
from tests.e2e.test_data import shapes_zip
from tests.e2e.test_try_it import TROUSER, draw, expect_answers
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


def find_visitor(page: Page) -> Visitor:
    [cookie] = [each for each in page.context.cookies() if each.get("name") == COOKIE_NAME]
    assert cookie.get("httpOnly")
    assert cookie.get("sameSite") == "Lax"
    return Visitor(visitor_name(cookie.get("value", "")))


def import_catalogue(page: Page, classroom: str) -> None:
    open_page(page, f"{classroom}/data")
    upload = {"name": "shop.zip", "mimeType": "application/zip", "buffer": shapes_zip()}
    page.locator("input[type=file]").set_input_files(upload)
    wait_until_idle(page)
    page.get_by_label("Name", exact=True).fill("My shoes")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_text("My shoes holds 24")).to_be_visible()


def train_network(page: Page, classroom: str) -> None:
    open_page(page, f"{classroom}/train?data=my-shoes")
    select_option(page, "Model", "MLP")
    page.get_by_label("Epochs", exact=True).fill("1")
    page.get_by_text("Name and repeats").click()
    page.get_by_label("Name", exact=True).fill("Network of Anna")
    page.get_by_role("button", name="Start training").click()
    expect(page.get_by_text("Finished in").first).to_be_visible(timeout=90_000)


def save_garment(page: Page, classroom: str) -> None:
    open_page(page, f"{classroom}/try_it")
    draw(page, TROUSER)
    expect_answers(page)
    page.get_by_role("button", name="Save this garment").click()
    expect(page.get_by_text("Saved under Your garments")).to_be_visible()


@pytest.mark.exhaustive
def test_neither_visitor_finds_what_the_other_made(classroom: str, new_page: Callable[..., Page]) -> None:
    anna, ben = new_page(), new_page()
    open_page(ben, f"{classroom}/data")
    for make in (import_catalogue, train_network, save_garment):
        make(anna, classroom)
    made_by_anna = find_visitor(anna)
    with acting_as(made_by_anna):
        [run] = RunStore().own_entries()
    while not anna.get_by_text("1 of 20 runs").first.is_visible():  # it is measured every few seconds
        anna.reload()
        wait_until_idle(anna)
    open_page(anna, f"{classroom}/try_it?source=Your garments")
    expect(anna.get_by_text("shown in this browser only")).to_be_visible()
    open_page(anna, f"{classroom}/report?data=my-shoes")
    expect(anna.frame_locator("iframe").get_by_text("Network of Anna").first).to_be_attached()

    open_page(ben, f"{classroom}/data?data=my-shoes")
    expect(ben.get_by_text("There is no data set named")).to_be_visible()
    expect(ben.get_by_text("My shoes")).to_have_count(0)
    open_page(ben, f"{classroom}/compare?data=my-shoes&a={run.id}&b={run.id}")
    expect(ben.get_by_text("Network of Anna")).to_have_count(0)
    open_page(ben, f"{classroom}/report?data=my-shoes&runs={run.id}")
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
        assert RunStore().get(run.id).has_predictions
    anna.get_by_role("button", name="Delete everything").click()
    anna.get_by_role("button", name="Delete them").click()
    expect(anna.get_by_text("0 of 20 runs").first).to_be_visible()
    with acting_as(made_by_anna):
        assert not user_data_folder().exists()


@pytest.mark.exhaustive
def test_the_owner_s_token_unlocks_everything(classroom: str, new_page: Callable[..., Page]) -> None:
    anna, owner = new_page(), new_page()
    import_catalogue(anna, classroom)
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
