"""Visitors of a classroom: none finds what another made, and what they have is limited, and goes in time."""

import os
import time
from pathlib import Path

import pytest

from fashion_core.computed import store as results
from fashion_core.config.train_config import TrainConfig
from fashion_core.data.catalogue_list import find_catalogue, list_catalogues
from fashion_core.data.importing import jobs
from fashion_core.errors import AccessError, ConfigError, DataError, RunError
from fashion_core.jobs import visitor_folders
from fashion_core.jobs.job import Job
from fashion_core.recognition.garment_store import GarmentStore
from fashion_core.runs import queue
from fashion_core.runs.store import RunStore
from fashion_core.storage import access
from fashion_core.storage.folder import counterparts, shared_data_folder, user_data_folder, visitor_name_of
from fashion_core.storage.visitors import USER, Amounts, Visitor, acting_as
from tests.core.datasets import ToyDataset
from tests.core.recognition import garments
from tests.ui.catalogues import save_run, write_catalogue

ANNA, BEN = Visitor("a" * 20), Visitor("b" * 20)
CONFIG = TrainConfig("mlp", 1)


@pytest.fixture
def launched(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Folders of the jobs that a process would have been started for; this process is said to do them."""
    folders: list[Path] = []
    monkeypatch.setattr(Job, "launch", lambda job: (folders.append(job.folder), job.claim()))
    return folders


def ids() -> set[str]:
    return {entry.id for entry in RunStore().own_entries()}


def test_no_visitor_finds_what_another_made() -> None:
    with acting_as(ANNA):
        catalogue = write_catalogue("shoes", 2)
        save_run(catalogue, "mine", 0.9)
        garments.save(GarmentStore())
        assert (ids(), GarmentStore().count(), len(list_catalogues())) == ({"mine"}, 1, 1)
        computed = len(list(results.results_folder().iterdir()))
    for visitor in (BEN, USER):
        with acting_as(visitor):
            assert (ids(), GarmentStore().count(), len(list_catalogues())) == (set(), 0, 0)
            with pytest.raises(RunError):
                RunStore().get("mine")
            with pytest.raises(DataError):
                find_catalogue("shoes")
            assert not results.results_folder().exists()
    assert computed == 1


def test_what_the_owner_computed_is_found_by_visitors() -> None:
    from fashion_core.computed.image_statistics import ImageStatistics

    arrays = results.load_or_compute(ImageStatistics(), ToyDataset(), lambda fraction, message: None)
    with acting_as(ANNA):
        found = results.load_result(ImageStatistics(), ToyDataset().fingerprint)
        assert found is not None
        assert found.keys() == arrays.keys()
        assert not results.results_folder().exists()


def test_visitors_take_turns(launched: list[Path]) -> None:
    with acting_as(ANNA):
        queue.queue_runs(RunStore(), [(CONFIG, f"anna {n}") for n in range(3)], ToyDataset())
    with acting_as(BEN):
        queue.queue_runs(RunStore(), [(CONFIG, f"ben {n}") for n in range(2)], ToyDataset())
    order = []
    for _ in range(5):
        assert len(launched) == 1  # one at a time, whoever's it is
        folder = launched.pop()
        order.append(RunStore(folder.parent).get(folder.name).title)
        RunStore.update_record(folder, state="cancelled")
        Job(folder).end("cancelled")
        queue.start_waiting_runs(RunStore())
    assert order == ["anna 0", "ben 0", "anna 1", "ben 1", "anna 2"]


def test_imports_of_all_visitors_take_turns(launched: list[Path]) -> None:
    source = write_catalogue("shoes", 2).folder
    for visitor in (ANNA, BEN):
        with acting_as(visitor):
            jobs.queue_import(source, "Copy")
    assert [visitor_name_of(folder) for folder in launched] == [ANNA.name]
    Job(launched[0]).end("failed")
    with acting_as(ANNA):
        jobs.start_next_waiting_import()
    assert [visitor_name_of(folder) for folder in launched] == [ANNA.name, BEN.name]


def test_a_folder_has_counterparts_only_in_the_user_s(tmp_path: Path) -> None:
    with acting_as(ANNA):
        own = user_data_folder() / "runs"
        own.mkdir(parents=True)
    shared = shared_data_folder() / "runs"
    assert counterparts(own) == counterparts(shared) == [own]
    shared.mkdir()
    assert counterparts(own) == counterparts(shared) == [shared, own]
    assert counterparts(tmp_path) == [tmp_path]


def test_a_home_behind_a_link_has_the_counterparts_of_the_folder_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with acting_as(ANNA):
        own = user_data_folder() / "runs"
        own.mkdir(parents=True)
    (tmp_path / "link").symlink_to(shared_data_folder())
    shared = shared_data_folder() / "runs"
    shared.mkdir()
    monkeypatch.setenv("FASHION_HOME", str(tmp_path / "link"))
    assert counterparts(shared) == counterparts(shared_data_folder() / "runs") == [shared, own]


@pytest.mark.parametrize(
    ("quota", "word"),
    [(Amounts(1, 9, 99, 99), "runs"), (Amounts(9, 1, 99, 99), "minutes"), (Amounts(9, 9, 99, 1), "megabytes")],
)
def test_a_visitor_with_a_full_quota_is_refused_but_may_delete(quota: Amounts, word: str) -> None:
    with acting_as(ANNA):
        save_run(write_catalogue("shoes", 2), "mine", 0.9)
        access.add_training_seconds(45)
        (user_data_folder() / "large").write_bytes(bytes(2**20))
    with acting_as(Visitor(ANNA.name, quota=quota)):
        with pytest.raises(AccessError, match=word):
            queue.queue_run(RunStore(), CONFIG, ToyDataset())
        assert ids() == {"mine"}
        queue.delete_run(RunStore(), RunStore().get("mine"))
        assert access.measure_used_amounts().runs == 0
        assert access.measure_used_amounts().minutes == 0.75  # deleting a run gives no time back


def test_more_pictures_than_the_quota_are_refused() -> None:
    with acting_as(ANNA):
        source = write_catalogue("shoes", 2).folder
        assert access.measure_used_amounts().pictures == 12
    with acting_as(Visitor(ANNA.name, quota=Amounts(9, 9, 20, 99))):
        with pytest.raises(AccessError, match="24 pictures"):
            jobs.import_in_foreground(source, "Copy", report=lambda fraction, message: None)
        assert len(list_catalogues()) == 1


def test_everything_of_a_visitor_is_deleted_and_nothing_else(launched: list[Path]) -> None:
    for visitor in (ANNA, BEN, USER):
        with acting_as(visitor):
            save_run(write_catalogue("shoes", 2), "mine", 0.9)
            garments.save(GarmentStore())
    visitor_folders.delete_visitor_folder(ANNA.name)
    with acting_as(ANNA):
        assert not user_data_folder().exists()
    for visitor in (BEN, USER):
        with acting_as(visitor):
            assert (ids(), GarmentStore().count(), len(list_catalogues())) == ({"mine"}, 1, 1)


def test_nothing_that_waits_starts_while_a_visitor_s_things_are_deleted(launched: list[Path]) -> None:
    with acting_as(ANNA):
        queue.queue_runs(RunStore(), [(CONFIG, f"anna {n}") for n in range(3)], ToyDataset())
        waiting = [Job(entry.path) for entry in RunStore().own_entries() if entry.path not in launched]
    assert [job.is_waiting_for_process() for job in waiting] == [True, True]
    seen: list[bool] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Job, "cancel", lambda job: seen.extend(each.is_waiting_for_process() for each in waiting))
        visitor_folders.delete_visitor_folder(ANNA.name)
    assert seen == [False, False]


def test_who_was_not_here_for_long_is_forgotten() -> None:
    for visitor in (ANNA, BEN):
        with acting_as(visitor):
            garments.save(GarmentStore())
            assert not visitor_folders.note_visit()  # the folder is as new as the visit
            os.utime(user_data_folder(), (time.time() - 10_000,) * 2)
    with acting_as(BEN):
        assert visitor_folders.note_visit()
    assert [folder.name for folder in visitor_folders.list_visitor_folders()] == [BEN.name, ANNA.name]
    assert visitor_folders.delete_expired_visitor_folders(20_000) == []
    assert visitor_folders.delete_expired_visitor_folders(5_000) == [ANNA.name]
    assert [folder.name for folder in visitor_folders.list_visitor_folders()] == [BEN.name]


def test_the_quota_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert access.quota_from_environment() == access.DEFAULT_QUOTA
    monkeypatch.setenv("FASHION_QUOTA", "runs=3, minutes=5")
    assert access.quota_from_environment() == Amounts(3, 5, 2_000, 500)
    for wrong in ("runs", "runs=many", "runs=-1", "wishes=3"):
        monkeypatch.setenv("FASHION_QUOTA", wrong)
        with pytest.raises(ConfigError, match="runs=20"):
            access.quota_from_environment()
