"""The page Data without a browser: choosing, importing, mending, undoing, deleting."""

import io
import shutil

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from fashion_core.data.catalogue import Catalogue, catalogues_folder
from fashion_core.data.catalogue_edits import move_pictures, rename_class
from fashion_core.data.catalogue_list import find_catalogue
from fashion_core.data.importing import jobs
from fashion_core.jobs.job import Job, JobSpec
from tests.conftest import PROJECT
from tests.core.vision.test_picture_sources import zipped
from tests.core.waiting import wait_until
from tests.ui.catalogues import write_catalogue
from ui.data.uploads import uploads_folder

MARKUP = "<b>**x**</b>"


def open_page(**query: str) -> AppTest:
    test = AppTest.from_file(str(PROJECT / "pages" / "data.py"), default_timeout=120)
    test.query_params.update(query)
    return test.run()


def shown_text(test: AppTest) -> str:
    elements = [*test.markdown, *test.caption, *test.info, *test.error, *test.warning]
    return "\n".join(element.value for element in elements).replace("\\", "")


def press(test: AppTest, label: str) -> AppTest:
    return next(b for b in test.button if b.label.replace("\\", "") == label).click().run()


def png(seed: int) -> bytes:
    buffer = io.BytesIO()
    pixels = np.random.default_rng(seed).integers(0, 255, (40, 30, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def pictures_zip(classes: tuple[str, ...] = ("boots", "hats")) -> bytes:
    files = {f"{name}/{i}.png": png(100 * c + i) for c, name in enumerate(classes) for i in range(6)}
    return zipped(files | {"boots/broken.png": b"x"})


def deletion_dialog() -> None:
    """The dialog alone: the test harness closes one with the next click."""
    from fashion_core.data.catalogue import catalogues_folder
    from ui.data.dataset_list import confirm_delete

    if (catalogues_folder() / "things").exists():
        confirm_delete("things", "things")


def wait_until_imported(name: str) -> None:
    wait_until(lambda: name not in [entry.name for entry in jobs.list_imports()])


def test_without_a_catalogue_the_page_shows_an_example_of_an_import() -> None:
    test = open_page()
    assert not test.exception
    assert "parka (60 pictures)" in shown_text(test)
    assert "of 10 classes" in shown_text(test)


@pytest.mark.slow
def test_an_uploaded_zip_becomes_the_chosen_data_set_and_its_upload_goes() -> None:
    test = open_page()
    test.file_uploader[0].set_value([("shoes.zip", pictures_zip(), "application/zip")]).run()
    press(test, "Start")
    assert not test.exception
    wait_until_imported("shoes")
    test.run()
    assert not test.exception
    assert "shoes holds 12 pictures of 2 classes" in shown_text(test)
    assert test.query_params["data"] in ("shoes", ["shoes"])
    assert list(uploads_folder().iterdir()) == []
    test.button_group[-1].set_value("Import report").run()
    assert "broken.png" in test.dataframe[1].value.to_string()


def test_start_without_files_or_with_a_wrong_path_says_what_is_missing() -> None:
    test = press(open_page(), "Start")
    assert "nothing to import yet" in shown_text(test)
    test.button_group[0].set_value("Path").run()
    for path in ("/nowhere/<b>", "~nobody/x", "/" + "x" * 300):
        test.text_input[0].set_value(path)
        press(test, "Start")
        assert not test.exception
        assert f"There is nothing at {path[:200]}" in shown_text(test)
    assert jobs.list_imports() == []


def test_a_title_that_is_taken_is_refused_before_anything_is_written() -> None:
    write_catalogue("shoes", 2, title="shoes")
    test = open_page()
    test.file_uploader[0].set_value([("shoes.zip", pictures_zip(), "application/zip")]).run()
    press(test, "Start")
    assert "There is a data set named shoes already" in shown_text(test)
    assert not uploads_folder().exists()


def test_an_import_under_way_is_shown_to_everybody_and_can_be_cancelled() -> None:
    job = Job(jobs.imports_folder() / "shoes")
    job.create_or_replace(JobSpec("fashion_core.none:none", {"title": MARKUP}, temporary=True))
    job.claim()
    job.report({"fraction": 0.5, "message": "preparing the pictures", "elapsed": 10.0})
    test = open_page()
    assert not test.exception
    assert len(test.file_uploader) == 0
    assert "can leave this page" in shown_text(test)
    job.end("failed", "The disk is full.")
    test.run()
    assert f"{MARKUP} was not imported. The disk is full." in shown_text(test)
    press(test, "Close")
    assert jobs.list_imports() == []
    assert len(test.file_uploader) == 1


def test_an_import_that_nothing_else_starts_is_started_by_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process of the import before it was killed, so it did not start the next one."""
    Job(jobs.imports_folder() / "shoes").create_or_replace(JobSpec("fashion_core.none:none", temporary=True))
    launched: list[str] = []
    monkeypatch.setattr(Job, "launch", lambda job: launched.append(job.folder.name))
    assert not open_page().exception
    assert set(launched) == {"shoes"}


def test_classes_are_renamed_merged_and_deleted_and_that_is_undone() -> None:
    write_catalogue("things", 3)
    test = open_page(data="things")
    test.multiselect[0].set_value(["Kind 0"]).run()
    test.text_input[-1].set_value(MARKUP)
    press(test, "Rename")
    assert find_catalogue("things").classes.names[0] == MARKUP
    press(test, "Undo: rename Kind 0")
    test.multiselect[0].set_value(["Kind 0", "Kind 2"]).run()
    press(test, "Merge 2 classes")
    assert find_catalogue("things").classes.names == ("Kind 0", "Kind 1")
    test.multiselect[0].set_value(["Kind 1"]).run()
    press(test, "Delete the class")
    assert find_catalogue("things").classes.names == ("Kind 0",)
    press(test, "Undo: delete Kind 1")
    press(test, "Undo: merge Kind 0, Kind 2")
    assert not test.exception
    assert find_catalogue("things").classes.names == ("Kind 0", "Kind 1", "Kind 2")


def test_a_name_that_is_taken_is_refused_in_one_sentence() -> None:
    write_catalogue("things", 2)
    test = open_page(data="things")
    test.multiselect[0].set_value(["Kind 0"]).run()
    test.text_input[-1].set_value("kind 1")
    press(test, "Rename")
    assert not test.exception
    assert "There is a class kind 1 already" in shown_text(test)


def mislabelled_catalogue() -> tuple[Catalogue, int]:
    """Two classes of patterns, and the row of a picture that is in the wrong one."""
    catalogue = write_catalogue("things", 2, repeats=4)
    return move_pictures(catalogue, [0], "Kind 1"), 0


def test_a_mislabelled_picture_is_moved_by_one_click() -> None:
    _, row = mislabelled_catalogue()
    test = open_page(data="things", section="What to fix")
    assert not test.exception
    assert "1 picture is most like those of another class" in shown_text(test)
    press(test, "Move to Kind 0")
    assert find_catalogue("things").labels.labels[row] == 0
    assert "No picture is most like those of another class" in shown_text(test)


def test_a_label_that_is_right_is_not_asked_about_again() -> None:
    mislabelled_catalogue()
    test = press(open_page(data="things", section="What to fix"), "It is right")
    assert "No picture is most like those of another class" in shown_text(test)
    assert find_catalogue("things").labels.labels[0] == 1


def test_quick_clicks_on_several_pictures_all_count() -> None:
    catalogue = move_pictures(write_catalogue("things", 2, repeats=6), [0, 1], "Kind 1")
    test = open_page(data="things", section="What to fix")
    kept, moved = (button for button in test.button if button.key in ("keep-0", "move-1"))
    kept.click()
    moved.click().run()  # the page answers to both at once
    assert not test.exception
    assert "No picture is most like those of another class" in shown_text(test)
    assert find_catalogue("things").labels.labels[:2].tolist() == [1, 0]
    assert catalogue.labels.labels[:2].tolist() == [1, 1]


def test_splitting_again_with_a_seed_changes_the_test_pictures() -> None:
    before = write_catalogue("things", 2, repeats=4).test_fingerprint
    test = open_page(data="things")
    test.number_input[0].set_value(7)
    press(test, "Split again")
    assert not test.exception
    assert find_catalogue("things").test_fingerprint != before


def test_deleting_asks_first() -> None:
    write_catalogue("things", 2, title=MARKUP)
    test = press(open_page(data="things"), "Delete")
    assert not test.exception
    assert (catalogues_folder() / "things").is_dir()
    assert f"{MARKUP}, its pictures and its labels are deleted" in shown_text(test)
    press(AppTest.from_function(deletion_dialog).run(), "Delete it")
    assert not (catalogues_folder() / "things").exists()


def test_a_catalogue_changed_or_deleted_elsewhere_breaks_nothing() -> None:
    catalogue = write_catalogue("things", 2)
    test = open_page(data="things")
    test.multiselect[0].set_value(["Kind 0"]).run()
    rename_class(catalogue, "Kind 0", "Hats")
    press(test, "Rename")
    assert not test.exception
    shutil.rmtree(catalogue.folder)
    test.run()
    assert not test.exception
    assert "There is no data set named 'things'" in shown_text(test)


def test_a_damaged_catalogue_says_so_and_can_be_deleted() -> None:
    folder = write_catalogue("things", 2).folder
    (folder / "dataset.json").write_text("{")
    test = open_page()
    assert "things has no readable dataset.json" in shown_text(test)
    press(test, "Delete")
    press(AppTest.from_function(deletion_dialog).run(), "Delete it")
    assert not folder.exists()


def test_the_sections_of_pictures_without_classes_work() -> None:
    write_catalogue("things", 1)
    for section in ("Classes", "What to fix", "Import report"):
        test = open_page(data="things", section=section)
        assert not test.exception
        assert "6 pictures without classes" in shown_text(test)
