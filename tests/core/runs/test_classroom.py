"""What a classroom's visitor starts is done by processes that work for this visitor, and that count and limit it."""

import pytest

from fashion_core.computed import background
from fashion_core.computed import store as results
from fashion_core.computed.image_statistics import ImageStatistics
from fashion_core.config.train_config import TrainConfig
from fashion_core.data.catalogue import catalogues_folder
from fashion_core.data.catalogue_list import find_catalogue
from fashion_core.data.importing import jobs
from fashion_core.jobs.job import Job
from fashion_core.runs import queue
from fashion_core.runs.store import RunStore
from fashion_core.runs.worker import TRAINING_TIME_USED_UP
from fashion_core.storage import access
from fashion_core.storage.folder import user_data_folder
from fashion_core.storage.visitors import USER, Visitor, acting_as
from tests.core.waiting import wait_until
from tests.ui.catalogues import write_catalogue

ANNA = Visitor("a" * 20)


@pytest.mark.slow
def test_processes_work_in_the_visitor_s_folder() -> None:
    source = write_catalogue("shoes", 2).folder
    with acting_as(ANNA):
        jobs.queue_import(source, "Copy")
        wait_until(lambda: (catalogues_folder() / "copy").is_dir())
        copy = find_catalogue("copy")
        run = queue.queue_run(RunStore(), TrainConfig("mlp", 1, batch_size=4), copy)
        background.queue_computation(ImageStatistics(), copy)
        assert queue.wait_for_run(run, RunStore(), 90).has_predictions
        wait_until(lambda: results.find_result(ImageStatistics(), copy.fingerprint))
        assert results.find_result(ImageStatistics(), copy.fingerprint).is_relative_to(user_data_folder())
        wait_until(lambda: access.measure_used_amounts().minutes > 0)
    with acting_as(USER):
        assert RunStore().own_entries() == []
        assert not (catalogues_folder() / "copy").exists()
        assert access.measure_used_amounts().minutes == 0


@pytest.mark.slow
def test_a_training_ends_when_the_visitor_s_minutes_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASHION_QUOTA", "minutes=0.001")
    with acting_as(ANNA):
        catalogue = write_catalogue("shoes", 2)
        run = queue.queue_run(RunStore(), TrainConfig("mlp", 1000, batch_size=4), catalogue)
        record = queue.wait_for_run(run, RunStore(), 90).record
        assert (record.state, record.reason) == ("cancelled", TRAINING_TIME_USED_UP)


@pytest.mark.exhaustive
@pytest.mark.slow
def test_runs_that_train_at_the_same_time_share_the_visitor_s_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASHION_QUOTA", "minutes=0.5")
    monkeypatch.setenv("FASHION_WORKERS", "2")
    with acting_as(ANNA):
        catalogue = write_catalogue("shoes", 2)
        configs = [(TrainConfig("mlp", 1000, batch_size=4, seed=seed), "") for seed in range(2)]
        runs = queue.queue_runs(RunStore(), configs, catalogue)
        ended = [queue.wait_for_run(run, RunStore(), 90).record for run in runs]
        assert {record.reason for record in ended} == {TRAINING_TIME_USED_UP}
        wait_until(lambda: not any(Job(run.path).has_live_process() for run in runs))  # then the time is counted
        used = access.measure_used_amounts().minutes
    assert 0.5 <= used < 0.9  # counted one by one, they would have trained for a minute
