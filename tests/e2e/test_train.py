import re
import time

import pytest
from playwright.sync_api import Locator, Page, ViewportSize, expect

from tests.conftest import real_data_folder
from tests.e2e.conftest import WIDE_WINDOW, select_option, wait_until_idle

# that every chart has shrunk to a phone's width and its legend ends above the area of the lines, or begins beside it
LEGENDS_OUTSIDE_PLOTS = """() => [...document.querySelectorAll('.js-plotly-plot')].every(chart => {
  const box = chart.getBoundingClientRect(), area = chart._fullLayout._size;
  const legend = chart.querySelector('.legend').getBoundingClientRect();
  return box.width < 390 && Math.abs(chart._fullLayout.width - box.width) < 2 &&
    (legend.bottom <= box.top + area.t || legend.left >= box.left + area.l + area.w);
})"""


LAPTOP: ViewportSize = {"width": 1280, "height": 720}


def expect_in_view(part: Locator) -> None:
    """Wait until ``part`` is there, wholly in the window of a laptop."""
    expect(part).to_be_in_viewport(ratio=0.99)


def test_a_short_run_is_in_view_from_start_to_end_and_goes_to_compare(sample_data_server: str, page: Page) -> None:
    page.set_viewport_size(LAPTOP)
    page.goto(f"{sample_data_server}/train")
    wait_until_idle(page)
    expect_in_view(page.get_by_role("button", name="Start training"))
    select_option(page, "Model", "MLP")
    page.get_by_label("Epochs", exact=True).fill("2")
    page.get_by_role("button", name="Start training").click()
    expect_in_view(page.get_by_role("progressbar").first)
    expect_in_view(page.locator(".st-key-recall"))
    before = page.locator(".st-key-recall").bounding_box()
    expect(page.get_by_text("Finished in").first).to_be_visible(timeout=120_000)
    wait_until_idle(page)
    after = page.locator(".st-key-recall").bounding_box()
    assert before is not None
    assert after is not None
    assert abs(after["y"] - before["y"]) < 30  # a line of text above it may end
    expect_in_view(page.get_by_role("button", name="Start training"))
    expect(page.locator(".js-plotly-plot")).to_have_count(3)
    page.set_viewport_size({"width": 390, "height": 2600})
    page.wait_for_function(LEGENDS_OUTSIDE_PLOTS)
    page.set_viewport_size(WIDE_WINDOW)
    wait_until_idle(page)
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Compare").click()
    wait_until_idle(page)
    page.get_by_role("combobox", name="Run A").click()
    expect(page.get_by_role("option").filter(has_text="synthetic sample data")).to_have_count(1)
    page.get_by_role("option").filter(has_text="synthetic sample data").click()
    wait_until_idle(page)
    expect(page.get_by_test_id("stAlertContentError")).to_contain_text("scored on different data")
    page.get_by_role("combobox", name="Run B").click()
    page.get_by_role("option").filter(has_text="synthetic sample data").click()
    wait_until_idle(page)
    expect(page.locator(".matrices table")).to_have_count(2)
    expect(page.get_by_text("Synthetic sample data test, n = 2,000").first).to_be_visible()


@pytest.mark.exhaustive
def test_a_run_can_be_cancelled_and_is_watched_by_a_second_browser(
    sample_data_server: str, page: Page, new_page
) -> None:
    page.goto(f"{sample_data_server}/train?preset=best")
    wait_until_idle(page)
    page.get_by_label("Epochs", exact=True).fill("1000")
    page.get_by_role("button", name="Start training").click()
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    other = new_page()
    other.goto(f"{sample_data_server}/train")
    wait_until_idle(other)
    other.get_by_role("button", name="Cancel").click()
    expect(other.get_by_text("Cancelled.").first).to_be_visible(timeout=30_000)
    expect(page.get_by_text("Cancelled.").first).to_be_visible(timeout=30_000)


@pytest.mark.exhaustive
def test_a_cancelled_run_is_resumed_and_its_end_is_told_on_another_page(sample_data_server: str, page: Page) -> None:
    page.goto(f"{sample_data_server}/train?preset=poster")
    wait_until_idle(page)
    page.get_by_label("Epochs", exact=True).fill("40")
    page.get_by_role("button", name="Start training").click()
    expect(page.get_by_text("images a second").first).to_be_visible()
    expect(page.get_by_role("button", name="Cancel")).to_have_count(1)  # on a busy machine the form's is still there
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("You can resume it").first).to_be_visible()
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Report").click()
    expect(page.get_by_test_id("stSidebar").get_by_text(": finished")).to_be_visible(timeout=120_000)


@pytest.mark.exhaustive
def test_on_a_phone_a_run_in_training_is_above_the_form(sample_data_server: str, page: Page) -> None:
    page.set_viewport_size({"width": 420, "height": 860})
    page.goto(f"{sample_data_server}/train")
    wait_until_idle(page)
    page.get_by_label("Epochs", exact=True).fill("90")
    page.get_by_role("button", name="Start training").click()
    cancel = page.get_by_role("button", name="Cancel")
    expect_in_view(cancel)
    cancel.click()
    expect_in_view(page.get_by_role("button", name="Start training"))


@pytest.mark.exhaustive  # tests/ui/test_train.py tests the same without a browser
def test_a_sweep_is_typed_started_and_compared(sample_data_server: str, page: Page) -> None:
    page.goto(f"{sample_data_server}/train")
    wait_until_idle(page)
    page.get_by_label("Epochs", exact=True).fill("1")
    page.get_by_text("Sweep", exact=True).click()
    page.get_by_role("button", name="Learning rate").click()
    expect(page.get_by_role("button", name="Start 2 runs")).to_be_visible()
    page.get_by_role("textbox", name="Learning rate").fill("0.0001, 0.003, 0.01")
    page.get_by_role("button", name="Start 2 runs").click()  # which is what ends the typing: three are meant
    expect(page.get_by_text("images a second").first).to_be_visible(timeout=60_000)
    expect(page.get_by_role("textbox", name="Learning rate")).to_be_visible()  # what was open stays so
    page.get_by_role("tab", name="Sweeps").click()
    expect(page.get_by_text("3 runs: 3 finished.")).to_be_visible(timeout=120_000)
    expect(page.get_by_text("Best on validation: learning rate")).to_be_visible()
    chart = page.locator(".js-plotly-plot").filter(has_text="Validation, %")
    expect(chart.locator(".scatterlayer .trace")).to_have_count(3)
    with page.expect_download() as download:
        page.get_by_role("button", name="Export as CSV").click()
    rows = download.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert rows[0] == "run,state,learning_rate,seed,validation"
    assert [row.split(",")[2] for row in rows[1:]] == ["0.0001", "0.003", "0.01"]


@pytest.mark.exhaustive
def test_one_mlp_fails_beside_the_button_that_starts_it(sample_data_server: str, page: Page) -> None:
    page.set_viewport_size(LAPTOP)
    page.goto(f"{sample_data_server}/train?tab=Poster+experiment")
    wait_until_idle(page)
    page.get_by_role("button", name="Watch one MLP fail").click()
    expect(page.get_by_text("MLP with output ReLU: finished")).to_be_visible(timeout=60_000)
    expect_in_view(page.locator(".st-key-failure .js-plotly-plot"))
    expect(page.locator(".st-key-failure")).to_contain_text("dead since epoch")


@pytest.mark.exhaustive
def test_a_data_scientist_goes_from_the_overview_to_a_trained_run_compared(server: str, page: Page) -> None:
    if real_data_folder() is None:
        pytest.skip("needs Fashion-MNIST: an included run to compare with")
    page.set_viewport_size(LAPTOP)
    page.goto(f"{server}/overview")
    wait_until_idle(page)
    began = time.monotonic()
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Train").click()
    page.get_by_label("Epochs", exact=True).fill("1")
    page.get_by_role("button", name="Start training").click()
    expect(page.get_by_text("Finished in").first).to_be_visible(timeout=90_000)
    wait_until_idle(page)  # while the page is drawn anew, parts of it are there twice
    page.get_by_role("link", name="Compare with").first.click()
    page.wait_for_url(re.compile(r"/compare\?.*b=mlp-"))
    expect_in_view(page.locator(".matrices table").first)
    print(f"from Overview to a trained run compared: 3 clicks, {time.monotonic() - began:.0f} s")
