import pytest
from playwright.sync_api import Page, expect

from tests.e2e.components.component import ADDRESS, Component
from ui.components.labelling import PictureToLabel

CLASSES = ("Bag", "Coat", "Dress", "Shirt")


@pytest.fixture
def labelling(page: Page, monkeypatch: pytest.MonkeyPatch) -> Component:
    component = Component("labelling", page, monkeypatch)
    pictures = [PictureToLabel(f"{ADDRESS}pictures/{i}.png", f"picture {i}", [(0, "90%"), (1, "8%")]) for i in range(5)]
    component.call("label_pictures", pictures, CLASSES, name="pictures", on_label=lambda labels: None)
    return component


def expect_picture(page: Page, number: int) -> None:
    expect(page.locator(".position")).to_contain_text(f"Picture {number} of 5, {number - 1} checked")


def test_keys_in_the_list_of_classes_propose_and_enter_chooses(labelling: Component, page: Page) -> None:
    classes = page.get_by_role("combobox", name="Another class")
    choose = page.get_by_role("button", name="Choose this class")
    classes.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(classes).to_have_value("1")
    expect_picture(page, 1)
    page.keyboard.press("Enter")
    expect_picture(page, 2)
    classes.focus()
    page.keyboard.press("d")
    expect_picture(page, 2)
    choose.click()
    expect_picture(page, 3)
    expect(choose).to_be_hidden()
    assert_labels(labelling, page, {"0": 1, "1": 2})


def test_the_pointer_chooses_from_the_list_of_classes_in_one_step(labelling: Component, page: Page) -> None:
    page.get_by_role("combobox", name="Another class").select_option("Dress")  # changes it without a key
    expect_picture(page, 2)
    assert_labels(labelling, page, {"0": 2})


def assert_labels(labelling: Component, page: Page, labels: dict[str, int]) -> None:
    page.wait_for_function("n => Object.keys(window.sent.at(-1)?.[1].labels ?? {}).length === n", arg=len(labels))
    assert labelling.sent_values("labels")[-1]["labels"] == labels


def test_a_held_key_labels_one_picture(labelling: Component, page: Page) -> None:
    page.get_by_role("group", name="Say what each picture shows").focus()
    for _ in range(3):
        page.keyboard.down("1")  # the second and third are repeats
    page.keyboard.up("1")
    expect_picture(page, 2)
    for _ in range(2):
        page.keyboard.down("ArrowRight")
    expect(page.locator(".position")).to_contain_text("Picture 4 of 5")


def test_a_picture_is_not_shown_beside_the_choices_of_the_next(labelling: Component, page: Page) -> None:
    first = page.locator("img").element_handle()
    page.get_by_role("group", name="Say what each picture shows").press("1")
    expect(page.locator("img")).to_have_attribute("src", f"{ADDRESS}pictures/1.png")
    expect(page.get_by_role("img", name="picture 1")).to_have_count(1)
    assert not first.evaluate("image => image.isConnected")


def test_the_next_picture_is_fetched_before_it_is_shown(labelling: Component, page: Page) -> None:
    with page.expect_request(f"{ADDRESS}pictures/2.png"):
        page.get_by_role("group", name="Say what each picture shows").press("1")
    expect_picture(page, 2)
