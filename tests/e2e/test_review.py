"""A folder is sorted by the command line, reviewed by two visitors at once, undone and sorted again."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from fashion_core.__main__ import main
from fashion_core.data.sample_data import generate_sample_images
from tests.core.sorting.folders import files_below, read_table
from tests.core.waiting import wait_until
from tests.e2e.conftest import running_dashboard, wait_until_idle
from tests.e2e.test_accessibility import expect_no_violation

N_PER_CLASS = 3


def sort_pictures(source: Path, output: Path) -> None:
    """To a target that no threshold assures, so that a person decides on all of them."""
    assert main(["sort", str(source), "--out", str(output), "--run", "mlp", "--target", "99.99"]) == 0


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """The per-user folder, thirty synthetic pictures, and the folder they are sorted into."""
    home = tmp_path_factory.mktemp("home")
    source, output = home / "pictures", home / "by-class"
    source.mkdir()
    for number, image in enumerate(generate_sample_images(N_PER_CLASS, 3)[0]):
        Image.fromarray(image).resize((200, 200)).save(source / f"{number:02}.png")
    return home, source, output


@pytest.fixture(scope="module")
def own_server(folders: tuple[Path, Path, Path]) -> Iterator[str]:
    home, source, output = folders
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FASHION_HOME", str(home))
        sort_pictures(source, output)
        with running_dashboard(home, None) as url:
            yield url


def begin_review(page: Page, url: str, name: str) -> Locator:
    page.goto(f"{url}/review")
    wait_until_idle(page)
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Your name").press("Enter")
    labelling = page.get_by_role("group", name="Say what each picture shows")
    labelling.focus()
    return labelling


def test_two_visitors_review_at_once_undo_and_sort_again(
    own_server: str,
    folders: tuple[Path, Path, Path],
    browser: Browser,
    new_page: Callable[..., Page],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    home, source, output = folders
    monkeypatch.setenv("FASHION_HOME", str(home))
    before = files_below(source)
    ann_page = new_page()
    bob_context = browser.new_context()
    bob_page = bob_context.new_page()
    ann, bob = begin_review(ann_page, own_server, "Ann"), begin_review(bob_page, own_server, "Bob")
    for number in range(1, 16):  # by turns, while the other's answers are saved
        for person, page in ((ann, ann_page), (bob, bob_page)):
            if person.count() and f"Picture {number}," in (person.text_content() or ""):
                page.keyboard.press("1" if number % 3 else "0")
    expect(ann_page.get_by_text("Reviewed by Ann and Bob")).to_be_visible()
    for page in (ann_page, bob_page):  # the last answers are sent after a pause
        page.wait_for_timeout(1000)
        wait_until_idle(page)
    # an undo in the browser, and one of what was answered before a reload
    n_open = len(files_below(output / "check"))
    ann_page.keyboard.press("u")
    wait_until(lambda: len(files_below(output / "check")) == n_open + 1)
    expect(ann_page.get_by_text("pictures reviewed")).to_be_visible()
    wait_until_idle(ann_page)
    rows = read_table(output)
    assert {row["decided_by"] for row in rows} <= {"Ann", "Bob", "model"}
    ann = begin_review(ann_page, own_server, "Ann")
    expect(ann).to_contain_text("Picture 1, 0 checked")
    ann_page.keyboard.press("u")
    wait_until(lambda: len(files_below(output / "check")) == n_open + 2)
    wait_until_idle(ann_page)
    expect(ann).to_contain_text("Picture 1, 0 checked")
    ann_page.set_viewport_size({"width": 390, "height": 844})
    wait_until_idle(ann_page)
    expect_no_violation(ann_page)
    bob_context.close()

    by_person = Counter(row["decided_by"] for row in read_table(output))
    assert by_person["Ann"] >= 5
    assert by_person["Bob"] >= 5
    contents = sorted(before.values())
    assert sorted(files_below(output).values()) == contents
    assert main(["sort", "--undo", str(output)]) == 0
    assert files_below(source) == before
    assert not output.exists()
    ann_page.reload()
    expect(ann_page.get_by_text("Nothing is sorted yet")).to_be_visible()
    sort_pictures(source, output)
    assert {row["decided_by"] for row in read_table(output)} == {"model"}
    ann_page.reload()
    expect(ann_page.get_by_text("Enter your name to begin")).to_be_visible()


def test_keys_in_quick_succession_are_all_saved_and_more_pictures_come(
    own_server: str, folders: tuple[Path, Path, Path], page: Page
) -> None:
    _, _, output = folders
    cem = begin_review(page, own_server, "Cem")
    for number in range(1, 25):
        expect(cem).to_contain_text(f"Picture {number}, {number - 1} checked")
        page.keyboard.press("2")
    expect(cem).to_contain_text("24 checked")
    expect(page.get_by_text("24 pictures reviewed")).to_be_visible()
    wait_until_idle(page)
    second_choices = [row for row in read_table(output) if row["decided_by"] == "Cem"]
    assert len(second_choices) == 24
    assert all(row["class"] == row["second"] for row in second_choices)
    cem = begin_review(page, own_server, "Cem")
    expect(cem).to_contain_text("Picture 1, 0 checked")
    page.keyboard.press("u")
    page.keyboard.press("1")  # the page still asks for the undone picture, so this is about none
    expect(cem).to_contain_text("Picture 1, 0 checked", timeout=100)
    wait_until(lambda: Counter(row["decided_by"] for row in read_table(output))["Cem"] == 23)
    wait_until_idle(page)
    page.keyboard.press("1")
    expect(cem).to_contain_text("Picture 2, 1 checked")
    wait_until(lambda: Counter(row["decided_by"] for row in read_table(output))["Cem"] == 24)
