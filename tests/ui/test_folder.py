"""The folder tab without a browser: choosing, watching, leaving, cancelling, and what the answers look like."""

import gc
import io
import threading
from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from fashion_core.computed.store import find_result
from fashion_core.computed.validation import validation_computation
from fashion_core.data.catalogue_edits import split_again
from fashion_core.data.classes import CLASS_FOLDER_NAMES
from fashion_core.data.sample_data import generate_sample_images
from fashion_core.errors import RunError
from fashion_core.jobs.worker import UNEXPECTED_ERROR
from fashion_core.recognition.recognizer import GarmentPrediction, Recognizer
from fashion_core.runs.store import RunStore
from fashion_core.sorting.known_folders import list_sorted_folders
from fashion_core.vision.picture_sources import UploadedFile
from fashion_core.vision.preparation import DEFAULT_PREPARATION_OPTIONS
from tests.core.sorting.folders import read_table
from tests.core.vision.test_picture_sources import zipped
from tests.ui.catalogues import save_run, write_catalogue
from ui import caches
from ui.try_it import folder, folder_results
from ui.try_it.job import RecognitionJob


def page() -> None:
    from ui.try_it import folder

    folder.show_folder_recognition()


def opened(job: RecognitionJob | None = None) -> AppTest:
    test = AppTest.from_function(page, default_timeout=120)
    if job is not None:
        test.session_state[folder.FOLDER_JOB_KEY] = job
    return test.run()


def texts(test: AppTest) -> str:
    return "\n".join(element.value for element in [*test.markdown, *test.caption]).replace("\\", "")


@pytest.fixture(scope="module")
def recognizer() -> Recognizer:
    """A quick one."""
    store = RunStore()
    return Recognizer([store.load_classifier(store.get("mlp"))])


def pictures(each: int = 3) -> dict[str, bytes]:
    """Stand-in pictures by path, in a folder a class."""
    images, labels = generate_sample_images(each, 5)
    found = {}
    for i, (image, label) in enumerate(zip(images, labels, strict=True)):
        buffer = io.BytesIO()
        Image.fromarray(image).save(buffer, "PNG")
        found[f"mine/{CLASS_FOLDER_NAMES[label]}/{i}.png"] = buffer.getvalue()
    return found


def uploads(content: dict[str, bytes]) -> list[UploadedFile]:
    return [UploadedFile(name, io.BytesIO(data)) for name, data in content.items()]


def finished(recognizer: Recognizer, content: dict[str, bytes]) -> RecognitionJob:
    job = RecognitionJob(recognizer, uploads(content), DEFAULT_PREPARATION_OPTIONS)
    job.wait(60)
    return job


class Waiting(Recognizer):
    """Answers once it is let go."""

    def __init__(self) -> None:
        super().__init__([])
        self.go = threading.Event()
        self.n_answered = 0

    def predict_many(self, prepared):  # type: ignore[no-untyped-def]
        assert self.go.wait(60)
        self.n_answered += len(prepared)
        return [GarmentPrediction(np.full(10, 0.1, np.float32), 0.0) for _ in prepared]


def test_uploaded_files_are_predicted_and_shown() -> None:
    test = opened()
    assert not test.exception
    start = next(button for button in test.button if button.label == "Start")
    assert start.disabled
    zip_of_all = zipped(pictures(1) | {"mine/coat/broken.png": b"x"})
    test.file_uploader[0].set_value([("a.zip", zip_of_all, "application/zip"), ("odd", b"x", "text/plain")])
    test.run()
    next(button for button in test.button if button.label == "Start").click().run()
    test.session_state[folder.FOLDER_JOB_KEY].wait(60)
    test.run()
    assert not test.exception
    assert "of 11 pictures are classified correctly" in texts(test)
    assert "2 could not be read" in texts(test)
    assert "1 outside any folder" in texts(test)
    assert len(test.dataframe[1].value) == 12
    assert {"a.zip/mine/coat/broken.png", "odd"} <= set(test.dataframe[1].value["name"])


def test_the_table_says_how_often_the_warning_is_wrong_for_its_kinds(
    recognizer: Recognizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    thresholds = {
        kind: SimpleNamespace(false_alarm_rate=0.025, n_known=120, source=f"{kind}s of a test")
        for kind in ("sample", "drawing")
    }
    monkeypatch.setattr(caches, "cached_recognizer", lambda: SimpleNamespace(ood_thresholds=thresholds))
    shown = texts(opened(finished(recognizer, pictures(1))))
    assert "false alarms: 2.5% of 120 garments (samples of a test)" in shown
    assert "drawings of a test" not in shown


def test_pictures_outside_class_folders_have_no_score(recognizer: Recognizer) -> None:
    job = finished(recognizer, {name.rsplit("/")[-1]: content for name, content in pictures().items()})
    test = opened(job)
    assert not test.exception
    assert "are predicted as" in texts(test)
    assert "correctly" not in texts(test)
    assert len(test.dataframe) == 1


def test_the_table_can_be_filtered(recognizer: Recognizer) -> None:
    test = opened(finished(recognizer, pictures() | {"mine/bag/broken.png": b"x"}))
    table = test.dataframe[1].value
    class_name = table["class"].mode()[0]
    test.selectbox[0].set_value(class_name).run()
    assert set(test.dataframe[1].value["class"]) == {class_name}
    test.selectbox[0].set_value(folder_results.ALL_CLASSES)
    test.button_group[0].set_value("Unreadable").run()
    assert test.dataframe[1].value["name"].tolist() == ["mine/bag/broken.png"]
    test.button_group[0].set_value("Wrong").run()
    wrong = table[~table["right"].astype(bool)]
    assert len(test.dataframe[1].value) == len(wrong)
    test.button_group[0].set_value("With a warning").run()  # this recognizer knows no strangers
    assert not test.exception
    assert "No picture matches" in texts(test)


def test_a_selected_cell_shows_its_pictures(recognizer: Recognizer) -> None:
    job = finished(recognizer, pictures())
    job.selected_cell = (8, 8)
    test = opened(job)
    assert not test.exception
    assert set(test.dataframe[1].value["true_class"]) == {"Bag"}
    next(button for button in test.button if "show all again" in button.label).click().run()
    assert len(test.dataframe[1].value) == 30


def test_names_are_shown_as_text_and_formulas_are_escaped(recognizer: Recognizer) -> None:
    [content] = list(pictures(1).values())[:1]
    test = opened(finished(recognizer, {"=HYPERLINK(1).png": content, "<b>**x**</b>.png": content}))
    assert not test.exception
    assert test.dataframe[0].value["name"].tolist() == ["'=HYPERLINK(1).png", "<b>**x**</b>.png"]
    assert "1 is a copy of another" in texts(test)


def test_a_thousand_pictures_are_shown_by_one_table(recognizer: Recognizer) -> None:
    content = pictures(100)
    test = opened(finished(recognizer, content))
    assert not test.exception
    assert len(test.dataframe[1].value) == len(content) == 1000


def test_more_pictures_than_the_page_can_show_are_refused_also_in_zips(
    recognizer: Recognizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.try_it.job.MAX_FOLDER_FILES", 9)
    job = finished(recognizer, {"a.zip": zipped(pictures(1))})
    assert (job.state, job.results) == ("failed", [])
    test = opened(job)
    assert not test.exception
    assert "10 pictures" in test.error[0].value


def test_finished_pictures_are_sorted_into_folders_without_a_second_prediction(
    recognizer: Recognizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = pictures(2) | {"mine/bag/broken.png": b"x"}
    job = finished(recognizer, content)
    test = opened(job)
    assert "the validation images of Fashion-MNIST" in texts(test)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Recognizer, "predict_many", None)
        next(button for button in test.button if button.label == "Sort into folders").click().run()
        test.run()  # another click meanwhile doesn't cut it off
        assert job.sorting_task is not None
        job.sorting_task.thread.join(60)
        test.run()
    assert not test.exception
    folder = job.sorted_folder
    assert folder is not None
    assert str(folder) in test.success[0].value.replace("\\", "")
    assert list_sorted_folders() == [folder]
    rows = read_table(folder)
    assert Counter(row["decision"] for row in rows)["unreadable"] == 1
    sorted_files = [path.read_bytes() for path in folder.glob("[!.]*/*")]
    assert sorted(sorted_files) == sorted(data for name, data in content.items() if "broken" not in name)
    assert "A zip may have" not in texts(test)
    job.fits_into_zip = False
    assert "A zip may have" in texts(test.run())


def test_the_promise_of_a_cross_validated_run_comes_from_its_folds() -> None:
    catalogue = split_again(write_catalogue("mine", 2, repeats=10), 0)
    run = save_run(catalogue, "run-of-mine", 0.9)
    stored = find_result(validation_computation(run), catalogue.fingerprint)
    assert stored is not None
    stored.unlink()
    recognizer = Recognizer([RunStore().load_classifier(run)])
    job = RecognitionJob(recognizer, uploads(pictures(1)), DEFAULT_PREPARATION_OPTIONS, run)
    job.wait(60)
    test = opened(job)
    assert not test.exception
    assert "not computed yet" not in texts(test)
    assert "images of Catalogue mine" in texts(test)


def test_who_may_change_nothing_cannot_sort(recognizer: Recognizer, monkeypatch: pytest.MonkeyPatch) -> None:
    job = finished(recognizer, pictures(1))
    monkeypatch.setenv("FASHION_MODE", "presentation")
    assert "Sort into folders" not in [button.label for button in opened(job).button]


def test_a_visit_elsewhere_loses_nothing_and_cancelling_keeps_results() -> None:
    slow = Waiting()
    job = RecognitionJob(slow, uploads(pictures(10)), DEFAULT_PREPARATION_OPTIONS)
    test = opened(job)
    assert [button.label for button in test.button] == ["Cancel"]
    assert "can leave this page" in texts(test)
    test.button[0].click().run()
    slow.go.set()
    job.wait(60)
    assert job.state == "cancelled"
    test.run()
    assert not test.exception
    assert "Cancelled after" in test.info[0].value
    next(button for button in test.button if button.label == "Other pictures").click().run()
    assert [button.label for button in test.button] == ["Start"]


def test_progress_and_time_left_are_shown() -> None:
    slow = Waiting()
    job = RecognitionJob(slow, uploads(pictures(10)), DEFAULT_PREPARATION_OPTIONS)
    assert job.seconds_left is None
    slow.go.set()
    job.wait(60)
    assert (job.state, job.n_pictures, job.fraction) == ("finished", 100, 1.0)
    assert job.seconds_left == 0


def test_a_failing_recognizer_gives_an_error() -> None:
    class Broken(Recognizer):
        def predict_many(self, prepared):  # type: ignore[no-untyped-def]
            raise RunError("The weights are gone. Install the program again.")

    job = finished(Broken([]), pictures(1))
    assert job.state == "failed"
    assert "weights are gone" in opened(job).error[0].value.replace("\\", "")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")  # it is to reach the server's log
def test_an_unexpected_error_fails_the_job() -> None:
    class Odd(Recognizer):
        def predict_many(self, prepared):  # type: ignore[no-untyped-def]
            raise ZeroDivisionError

    job = finished(Odd([]), pictures(1))
    assert (job.state, job.failure_reason) == ("failed", UNEXPECTED_ERROR)


def test_a_session_that_ends_cancels_its_job() -> None:
    slow = Waiting()
    job = RecognitionJob(slow, uploads(pictures(10)), DEFAULT_PREPARATION_OPTIONS)
    thread = job.thread
    del job
    gc.collect()
    slow.go.set()
    thread.join(60)
    assert not thread.is_alive()
    assert slow.n_answered < 100
