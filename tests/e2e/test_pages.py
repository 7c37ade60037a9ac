import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import real_data_folder
from tests.e2e.conftest import running_dashboard, select_option, wait_until_idle
from ui.shell import PAGE_TITLES


def page_url(server: str, name: str) -> str:
    """Where a page is; the first is at the root."""
    return f"{server}/" if name == "overview" else f"{server}/{name}"


@pytest.mark.parametrize(
    "name",
    ["clusters", *(pytest.param(name, marks=pytest.mark.exhaustive) for name in PAGE_TITLES if name != "clusters")],
)
def test_a_page_opens_from_a_fresh_server_by_its_deep_link(name: str, page: Page, tmp_path: Path) -> None:
    with running_dashboard(tmp_path / "home", real_data_folder()) as url:
        page.goto(page_url(url, name))
        wait_until_idle(page)
        expect(page.get_by_role("heading", level=1)).to_have_text(PAGE_TITLES[name])
        expect(page.get_by_test_id("stSidebarNavLink")).to_have_count(len(PAGE_TITLES))
        expect(page.get_by_test_id("stException")).to_have_count(0)
        expect(page.get_by_role("dialog")).to_have_count(0)
        page.goto("about:blank")  # before its server ends


def test_compare_keeps_its_runs_in_the_address(server: str, page: Page) -> None:
    page.goto(f"{server}/compare?a=cnn-poster&b=cnn")
    wait_until_idle(page)
    expect(page.get_by_text("never predicts Bag and Ankle boot").first).to_be_visible()
    select_option(page, "Run A", "A: MLP with output ReLU")
    page.wait_for_url(re.compile("a=mlp-poster"))
    page.reload()
    wait_until_idle(page)
    expect(page.get_by_text("never predicts Trouser, Sandal and Sneaker").first).to_be_visible()


def test_garments_are_filtered_and_paged(server: str, page: Page) -> None:
    page.goto(f"{server}/garments")
    wait_until_idle(page)
    page.get_by_test_id("stButtonGroup").get_by_text("Sandal", exact=True).click()
    expect(page.get_by_text("Sandal images differ from the mean image")).to_be_visible()
    wait_until_idle(page)
    captions = page.get_by_test_id("stImageCaption")
    expect(captions.first).to_contain_text("Sandal ")
    first = captions.first.inner_text()
    page.get_by_test_id("stPagination").get_by_text("2", exact=True).click()
    expect(captions.first).not_to_have_text(first)


@pytest.mark.exhaustive
def test_a_download_without_a_network_says_so_and_the_page_goes_on(page: Page, tmp_path: Path) -> None:
    nowhere = "http://127.0.0.1:9"  # a proxy that does not answer
    with running_dashboard(tmp_path / "home", None, http_proxy=nowhere, https_proxy=nowhere) as url:
        page.goto(f"{url}/garments")
        wait_until_idle(page)
        page.get_by_role("button", name="Download Fashion-MNIST").click()
        expect(page.get_by_role("button", name="Try the download again")).to_be_visible()
        expect(page.get_by_text("the servers did not answer. Check the network and try again")).to_be_visible()
        expect(page.get_by_test_id("stImage").first).to_be_visible()
        page.goto("about:blank")


@pytest.mark.exhaustive
def test_a_home_that_cannot_be_written_is_named_where_it_is_needed(page: Page, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with running_dashboard(tmp_path / "log", None, FASHION_HOME=str(tmp_path / "file" / "home")) as url:
        page.goto(f"{url}/train")
        wait_until_idle(page)
        page.get_by_role("button", name="Start training").click()
        expect(page.get_by_test_id("stAlertContentError")).to_contain_text("Set FASHION_HOME to a folder that can")
        page.goto("about:blank")
