"""Who may change nothing is refused by every call that starts, changes or deletes something."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from fashion_core.computed import background
from fashion_core.computed.clustering import KMeansClustering
from fashion_core.config.train_config import TrainConfig
from fashion_core.data import catalogue_edits, download
from fashion_core.data.catalogue import Catalogue
from fashion_core.data.catalogue_list import delete_catalogue, find_catalogue
from fashion_core.data.importing import jobs
from fashion_core.data.importing.growing import NewPicture, add_pictures
from fashion_core.data.label_corrections import save_label_decisions
from fashion_core.errors import AccessError
from fashion_core.recognition.garment_store import GarmentStore
from fashion_core.runs import archive, queue
from fashion_core.runs.ensemble import create_ensemble
from fashion_core.runs.store import RunEntry, RunStore
from fashion_core.sorting.journal import open_journal
from fashion_core.sorting.promise import SortingPromise
from fashion_core.sorting.review import open_review
from fashion_core.sorting.uploads import delete_sorted_uploads, sort_uploads
from fashion_core.storage.folder import user_data_folder
from fashion_core.storage.visitors import Visitor, acting_as
from tests.core.recognition import garments
from tests.ui.catalogues import save_run, write_catalogue
from ui import computations
from ui.data.uploads import save_uploads

CONFIG = TrainConfig("mlp", 1)
PROMISE = SortingPromise("mlp", 0.9, 1.0, 0.8, 100, 60, 59, "pictures of a test")


def run() -> RunEntry:
    return RunStore().get("first")


def both_runs() -> list[RunEntry]:
    return [RunStore().get(name) for name in ("first", "second")]


def open_sorted_folder() -> None:
    folder = user_data_folder() / "sorted"
    with open_review(folder):
        pass


def shoes() -> Catalogue:
    return find_catalogue("shoes")


def picture() -> NewPicture:
    return NewPicture((shoes().folder / "pictures" / "000000.jpg").read_bytes, "Kind 0")


def upload() -> io.BytesIO:
    file = io.BytesIO(b"x")
    file.name, file.size = "x.png", 1  # type: ignore[attr-defined]
    return file


CHANGES: dict[str, Callable[[], object]] = {
    "train": lambda: queue.queue_run(RunStore(), CONFIG, shoes()),
    "resume": lambda: queue.resume_run(RunStore(), run(), shoes()),
    "cancel": lambda: queue.cancel_run(RunStore(), run()),
    "rename": lambda: queue.set_run_title_and_note(RunStore(), run(), title="Other", note=""),
    "delete run": lambda: queue.delete_run(RunStore(), run()),
    "import run": lambda: archive.import_zip(RunStore(), archive.export_zip(run())),
    "ensemble": lambda: create_ensemble(RunStore(), both_runs()),
    "rename class": lambda: catalogue_edits.rename_class(shoes(), "Kind 0", "Boot"),
    "merge classes": lambda: catalogue_edits.merge_classes(shoes(), ["Kind 0", "Kind 1"], "Both"),
    "delete class": lambda: catalogue_edits.delete_class(shoes(), "Kind 0"),
    "move pictures": lambda: catalogue_edits.move_pictures(shoes(), [0], "Kind 1"),
    "split again": lambda: catalogue_edits.split_again(shoes(), 1),
    "apply corrections": lambda: catalogue_edits.apply_label_corrections(shoes()),
    "correct label": lambda: save_label_decisions(shoes().test_fingerprint, 6, 3, {1: 1}),
    "undo": lambda: catalogue_edits.undo(shoes()),
    "add pictures": lambda: add_pictures(shoes(), [picture()]),
    "delete catalogue": lambda: delete_catalogue("shoes"),
    "upload": lambda: save_uploads([upload()]),
    "import pictures": lambda: jobs.queue_import(shoes().folder, "Copy"),
    "cancel import": lambda: [jobs.cancel_import(entry) for entry in jobs.list_imports()],
    "discard import": lambda: [jobs.discard_import(entry) for entry in jobs.list_imports()],
    "download": download.start_background_download,
    "review": open_sorted_folder,
    "delete sorted uploads": lambda: delete_sorted_uploads(user_data_folder() / "sorted" / "some"),
    "sort uploads": lambda: sort_uploads([], [], shoes().classes, PROMISE),
    "compute": lambda: background.queue_computation(KMeansClustering(k=2), shoes()),
    "cancel computation": lambda: background.cancel_computation(KMeansClustering(k=2), shoes().fingerprint),
    "discard computation": lambda: background.discard_computation(KMeansClustering(k=2), shoes().fingerprint),
    "delete result": lambda: computations.delete_result(KMeansClustering(k=2), shoes().fingerprint),
    "save garment": lambda: garments.save(GarmentStore(), 1),
    "correct garment": lambda: GarmentStore().set_user_correction(1, 3),
    "delete garment": lambda: GarmentStore().delete(1),
    "delete garments": lambda: GarmentStore().delete_all(),
}


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Path:
    """What a user has: a catalogue with two runs, an import that waits, and a garment."""
    monkeypatch.setattr("fashion_core.jobs.job.Job.launch", lambda job: None)
    catalogue = write_catalogue("shoes", 3)
    save_label_decisions(catalogue.test_fingerprint, 6, 3, {0: 1})
    save_run(catalogue, "first", 0.8)
    save_run(catalogue, "second", 0.7, seed=1)
    jobs.queue_import(catalogue.folder, "Waiting")
    garments.save(GarmentStore())
    (user_data_folder() / "sorted").mkdir()
    with open_journal(user_data_folder() / "sorted"):
        pass
    return user_data_folder()


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.endswith((".lock", ".queue", "-shm"))
    }


@pytest.mark.parametrize("name", CHANGES)
def test_who_may_change_nothing_is_refused(name: str, home: Path) -> None:
    before = contents(home)
    with acting_as(Visitor(may_change=False)), pytest.raises(AccessError, match="nothing can be started or changed"):
        CHANGES[name]()
    assert contents(home) == before


def test_who_may_change_nothing_sees_everything(home: Path) -> None:
    with acting_as(Visitor(may_change=False)):
        assert {"first", "second"} < {entry.id for entry in RunStore().entries()}
        assert RunStore().load_predictions(run()).labels.size
        assert shoes().labels.labels.size
        assert archive.export_zip(run())
        assert GarmentStore().count() == 1
