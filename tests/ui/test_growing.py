"""Correcting a run's answers, adding the pictures to the catalogue and training again, without a browser."""

import io
import shutil
from typing import Any

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from fashion_core.data.catalogue import Catalogue
from fashion_core.data.catalogue_edits import rename_class
from fashion_core.data.catalogue_labels import TEST
from fashion_core.data.catalogue_list import find_catalogue
from fashion_core.errors import StorageError
from fashion_core.recognition.recognizer import Recognizer
from fashion_core.runs import queue
from fashion_core.runs.store import RunEntry, RunStore
from fashion_core.vision.picture_sources import UploadedFile
from tests.conftest import PROJECT
from tests.ui.catalogues import save_run, train_run, write_catalogue
from ui.components.labelling import LEFT_OUT
from ui.try_it import folder, folder_growing
from ui.try_it.folder_growing import rows_least_certain_first
from ui.try_it.job import RecognitionJob


def png(seed: int) -> bytes:
    buffer = io.BytesIO()
    pixels = np.random.default_rng(seed).integers(0, 255, (60, 50, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def finished_job(catalogue: Catalogue, run: RunEntry, contents: list[bytes]) -> RecognitionJob:
    uploads = [UploadedFile(f"{i}.png", io.BytesIO(content)) for i, content in enumerate(contents)]
    recognizer = Recognizer([RunStore().load_classifier(run)])
    job = RecognitionJob(recognizer, uploads, catalogue.preparation, run)
    job.wait(60)
    return job


def open_page(job: RecognitionJob | None = None) -> AppTest:
    test = AppTest.from_file(str(PROJECT / "pages" / "try_it.py"), default_timeout=120)
    test.query_params.update({"data": "things", "source": "Folder"})
    if job is not None:
        test.session_state[f"{folder.FOLDER_JOB_KEY}-things"] = job
    return test.run()


def press(test: AppTest, label: str) -> AppTest:
    return next(button for button in test.button if button.label == label).click().run()


def add(test: AppTest, job: RecognitionJob, start: str) -> AppTest:
    """Press the button that adds pictures, and wait until they are added, or not."""
    next(button for button in test.button if button.label.startswith(start)).click().run()
    assert job.addition_task is not None
    job.addition_task.thread.join(60)
    return test.run()


def shown_text(test: AppTest) -> str:
    elements = [*test.markdown, *test.caption, *test.info, *test.success, *test.error]
    return "\n".join(element.value for element in elements).replace("\\", "")


@pytest.fixture
def catalogue() -> Catalogue:
    return write_catalogue("things", 2, title="<b>Things</b>")


@pytest.fixture
def run(catalogue: Catalogue) -> RunEntry:
    return train_run(catalogue, "before")


def test_without_a_run_the_tab_leads_to_training(catalogue: Catalogue) -> None:
    test = open_page()
    assert not test.exception
    assert "Train a model first" in shown_text(test)
    assert len(test.file_uploader) == 0


def test_uploaded_pictures_are_answered_by_the_run_in_the_classes_of_the_catalogue(run: RunEntry) -> None:
    test = open_page()
    test.file_uploader[0].set_value([("a.png", png(0), "image/png")]).run()
    press(test, "Start")
    test.session_state[f"{folder.FOLDER_JOB_KEY}-things"].wait(60)
    test.run()
    assert not test.exception
    assert "predicted as Kind" in shown_text(test)


def test_the_least_certain_pictures_come_first_and_copies_not_at_all(catalogue: Catalogue, run: RunEntry) -> None:
    job = finished_job(catalogue, run, [png(0), png(1), png(2), png(0), b"no picture"])
    rows = rows_least_certain_first(job)
    assert sorted(rows) == [0, 1, 2]
    certainty = [float(job.results[row].prediction.probabilities.max()) for row in rows]  # type: ignore[union-attr]
    assert certainty == sorted(certainty)


def test_checked_pictures_are_added_to_train_and_the_test_pictures_stay(catalogue: Catalogue, run: RunEntry) -> None:
    job = finished_job(catalogue, run, [png(0), png(1), png(2)])
    job.labels |= {0: 1, 1: LEFT_OUT}
    test = add(open_page(job), job, "Add 1 picture to \\<b\\>Things\\</b\\>")
    assert not test.exception
    grown = find_catalogue("things")
    assert grown.n_pictures == catalogue.n_pictures + 1
    assert grown.labels.labels[-1] == 1
    assert grown.labels.splits[-1] != TEST
    assert grown.test_fingerprint == catalogue.test_fingerprint
    assert "1 picture was added to <b>Things</b>" in shown_text(test)
    assert test.dataframe[0].value["yours"].tolist() == ["Kind 1", "left out", ""]


def test_pictures_that_nobody_checked_are_added_only_when_asked_for(catalogue: Catalogue, run: RunEntry) -> None:
    job = finished_job(catalogue, run, [png(0), png(1)])
    test = open_page(job)
    assert next(b for b in test.button if b.label.startswith("Add 0 pictures")).disabled
    next(toggle for toggle in test.toggle if toggle.label.startswith("Also 2 pictures")).set_value(True).run()
    add(test, job, "Add 2 pictures")
    assert not test.exception
    assert find_catalogue("things").n_pictures == catalogue.n_pictures + 2


def test_why_pictures_could_not_be_added_is_said(
    catalogue: Catalogue, run: RunEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise StorageError("The disk is full. Free some space.")

    monkeypatch.setattr(folder_growing, "add_pictures", fail)
    job = finished_job(catalogue, run, [png(0)])
    job.labels[0] = 0
    test = add(open_page(job), job, "Add 1 picture")
    assert not test.exception
    assert "The disk is full" in test.error[0].value
    assert any(button.label.startswith("Add 1 picture") for button in test.button)


def test_the_run_is_trained_again_and_compared_on_the_same_pictures(
    catalogue: Catalogue, run: RunEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    queued: list[Any] = []

    def queue_run(store: RunStore, config: object, dataset: Catalogue, *, title: str) -> RunEntry:
        queued.append((config, dataset.n_pictures))
        return save_run(dataset, "after", 0.75, title=title)

    monkeypatch.setattr(queue, "queue_run", queue_run)
    assert run.record is not None
    job = finished_job(catalogue, run, [png(0)])
    job.labels[0] = 0
    test = add(open_page(job), job, "Add 1 picture")
    press(test, "Train again")
    assert not test.exception
    assert queued == [(run.record.config, catalogue.n_pictures + 1)]
    assert "of the same 4 test pictures" in shown_text(test)


def test_classes_that_changed_in_the_meantime_are_refused(catalogue: Catalogue, run: RunEntry) -> None:
    job = finished_job(catalogue, run, [png(0)])
    rename_class(catalogue, "Kind 0", "Hats")
    test = open_page(job)
    assert not test.exception
    assert "classes of the data set have changed" in shown_text(test)


def test_a_catalogue_deleted_in_the_meantime_is_said(catalogue: Catalogue, run: RunEntry) -> None:
    job = finished_job(catalogue, run, [png(0)])
    test = open_page(job)
    shutil.rmtree(catalogue.folder)
    test.run()
    assert not test.exception
    [warning] = test.warning
    assert "no data set named 'things'" in warning.value
