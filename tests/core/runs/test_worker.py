"""What a run's folder holds when its training is interrupted, goes on, diverges or finds no space."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from fashion_core.config.train_config import TrainConfig
from fashion_core.data.sample_data import SampleDataset
from fashion_core.errors import RunError
from fashion_core.jobs.job import END_FILE
from fashion_core.runs import checkpoint, queue, worker
from fashion_core.runs.execute import new_run_record
from fashion_core.runs.record import RunRecord
from fashion_core.runs.store import RunEntry, RunStore
from fashion_core.training.trainer import EpochResult
from tests.core.datasets import ToyDataset

CONFIG = TrainConfig("mlp", 4, batch_size=55, ema_decay=0.9)


class Killed(BaseException):
    """As a kill: nothing after it is done."""


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs")


def begun(store: RunStore, name: str, **changes: object) -> RunEntry:
    return store.create_run(new_run_record(dataclasses.replace(CONFIG, **changes), ToyDataset(), run_id=name))  # type: ignore[arg-type]


def trained(store: RunStore, name: str) -> RunRecord:
    return worker.train_in_foreground(store.get(name), ToyDataset())


def resumed(store: RunStore, name: str) -> RunRecord:
    queue.resume_run(store, store.get(name), ToyDataset(), foreground=True)
    return trained(store, name)


def killed_after(store: RunStore, name: str, epoch: int) -> None:
    def kill(result: EpochResult) -> None:
        if result.epoch == epoch:
            raise Killed

    with pytest.raises(Killed):
        worker.train_in_foreground(store.get(name), ToyDataset(), on_epoch=kill)


@pytest.mark.slow
def test_a_killed_run_goes_on_to_the_same_weights_and_a_history_without_gaps(store: RunStore) -> None:
    begun(store, "whole")
    begun(store, "broken")
    trained(store, "whole")
    for epoch in (1, 3):
        killed_after(store, "broken", epoch)
        assert queue.run_phase(store.get("broken")) == "interrupted"
        with (store.get("broken").path / "progress.jsonl").open("a") as file:
            file.write('{"epoch": 99, "recall": []}\n{"step": 9')  # as a kill in the middle of a line leaves it
    record = trained(store, "broken")
    assert record.state == "finished"
    whole, broken = store.get("whole"), store.get("broken")
    assert (broken.path / "weights.safetensors").read_bytes() == (whole.path / "weights.safetensors").read_bytes()
    np.testing.assert_array_equal(
        store.load_predictions(broken).probabilities, store.load_predictions(whole).probabilities
    )
    assert list(store.load_history(broken)["epoch"]) == list(queue.run_progress(broken).epochs["epoch"]) == [1, 2, 3, 4]
    assert not (broken.path / "checkpoint").exists()
    assert whole.record is not None
    assert record.metrics == whole.record.metrics


def test_who_waits_for_another_run_is_told_once(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*arguments: object, **more: object) -> None:
        raise KeyboardInterrupt

    n_allowed = iter([0, 0, 1])
    monkeypatch.setattr(worker, "max_parallel_runs", lambda: next(n_allowed))
    monkeypatch.setattr(worker, "TURN_POLL_SECONDS", 0.0)
    monkeypatch.setattr(worker, "train_and_score_run", stop)
    begun(store, "mine")
    waits: list[str] = []
    worker.train_in_foreground(store.get("mine"), ToyDataset(), on_wait=lambda: waits.append("mine"))
    assert waits == ["mine"]
    assert next(n_allowed, None) is None


def test_a_run_killed_between_its_results_and_its_record_is_finished_from_its_checkpoint(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun(store, "mine")
    with monkeypatch.context() as patched:

        def kill(*arguments: object) -> None:
            raise Killed

        patched.setattr(RunStore, "save_predictions", kill)
        with pytest.raises(Killed):
            trained(store, "mine")
    assert queue.run_phase(store.get("mine")) == "interrupted"
    assert trained(store, "mine").state == "finished"
    assert list(store.load_history(store.get("mine"))["epoch"]) == [1, 2, 3, 4]


def test_a_diverging_run_says_why_and_keeps_its_last_good_weights(store: RunStore) -> None:
    entry = begun(store, "wild")
    killed_after(store, "wild", 1)
    kept = checkpoint.load_checkpoint(entry.path)
    assert kept is not None
    poisoned = {n: a * np.nan if n.endswith("exp_avg") else a for n, a in kept.snapshot.arrays.items()}
    snapshot = dataclasses.replace(kept.snapshot, arrays=poisoned)
    checkpoint.save_checkpoint(entry.path, dataclasses.replace(kept, snapshot=snapshot))
    record = trained(store, "wild")
    assert record.state == "diverged"
    assert "in epoch 2" in record.reason
    assert not (entry.path / "checkpoint").exists()
    assert list(store.load_history(store.get("wild"))["epoch"]) == [1]
    best = kept.snapshot.get_arrays("best")
    for name, array in store.load_classifier(store.get("wild")).state_dict().items():
        np.testing.assert_array_equal(array, best[name])


def test_no_space_for_a_checkpoint_stops_the_run_with_a_sentence_and_loses_nothing(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun(store, "whole")
    trained(store, "whole")
    begun(store, "mine")
    with monkeypatch.context() as patched:
        save, seen = checkpoint.save_checkpoint, []

        def full(folder: Path, kept: checkpoint.Checkpoint) -> None:
            seen.append(kept)
            if len(seen) == 3:
                raise RunError(f"{folder} cannot be written (No space left on device). Free some space.")
            save(folder, kept)

        patched.setattr(checkpoint, "save_checkpoint", full)
        record = trained(store, "mine")
    assert record.state == "failed"
    assert "Free some space" in record.reason
    assert list(queue.run_progress(store.get("mine")).epochs["epoch"]) == [1, 2]
    assert resumed(store, "mine").state == "finished"
    one, other = (store.get(name).path / "weights.safetensors" for name in ("mine", "whole"))
    assert one.read_bytes() == other.read_bytes()


def test_a_damaged_checkpoint_fails_the_run_with_a_sentence(store: RunStore) -> None:
    entry = begun(store, "mine")
    killed_after(store, "mine", 1)
    (entry.path / "checkpoint" / "epoch.safetensors").write_bytes(b"nothing")
    record = trained(store, "mine")
    assert (record.state, "damaged" in record.reason) == ("failed", True)


def test_a_run_that_has_ended_is_not_trained_again(store: RunStore) -> None:
    begun(store, "mine", epochs=1)
    record = trained(store, "mine")
    with pytest.raises(RunError, match="is finished"):
        trained(store, "mine")
    with pytest.raises(RunError, match="nothing to resume"):
        queue.resume_run(store, store.get("mine"), ToyDataset())
    assert store.get("mine").record == record


def test_a_checkpoint_left_by_a_kill_in_the_last_step_is_cleared_away(store: RunStore) -> None:
    entry = begun(store, "mine", epochs=1)
    trained(store, "mine")
    (entry.path / END_FILE).unlink()  # which would have been next
    (entry.path / "checkpoint").mkdir()
    (entry.path / "checkpoint" / "epoch.safetensors").write_bytes(b"")
    queue.start_waiting_runs(store)
    assert not (entry.path / "checkpoint").exists()


def test_no_run_is_resumed_on_other_data(store: RunStore) -> None:
    begun(store, "mine")
    killed_after(store, "mine", 1)
    with pytest.raises(RunError, match="other data"):
        queue.resume_run(store, store.get("mine"), SampleDataset())
