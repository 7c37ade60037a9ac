import dataclasses
import json
from pathlib import Path

import pytest

from fashion_core.computed.accuracy_evidence import collect_seeds, load_accuracy_evidence, save_seed_results
from fashion_core.runs.record import RunRecord
from fashion_core.runs.store import RunStore


@pytest.fixture
def shipped() -> RunRecord:
    record = RunStore().get("improved_cnn").record
    assert record is not None
    return record


def repeat(shipped: RunRecord, seed: int, **changes: object) -> RunRecord:
    config = dataclasses.replace(shipped.config, seed=seed)
    run = dataclasses.replace(shipped, id=f"best-{seed}", config=config, metrics=shipped.metrics | {"accuracy": 0.5})
    return dataclasses.replace(run, **changes)  # type: ignore[arg-type]


def test_the_stored_seeds_hold_the_shipped_run(shipped: RunRecord) -> None:
    evidence = load_accuracy_evidence(RunStore())
    (own,) = (each for each in evidence.seeds if each.seed == shipped.config.seed)
    assert own.accuracy == shipped.metrics["accuracy"] == pytest.approx(evidence.all_images.accuracy)
    assert evidence.all_images.n == 10_000
    assert evidence.distinct_images.n == 9_988


def test_only_finished_runs_with_the_same_settings_are_seeds(shipped: RunRecord) -> None:
    other = repeat(shipped, 3, config=dataclasses.replace(shipped.config, seed=3, erase=0.1))
    records = [repeat(shipped, 1), repeat(shipped, 2, state="cancelled"), other]
    assert [(each.seed, each.accuracy) for each in collect_seeds(records, shipped)] == [
        (0, shipped.metrics["accuracy"]),
        (1, 0.5),
    ]


@pytest.mark.parametrize(("seconds", "kept"), [(None, [0, 4]), (1.0, [0])])
def test_stored_seeds_stay_as_long_as_the_same_run_is_shipped(
    shipped: RunRecord, tmp_path: Path, seconds: float | None, kept: list[int]
) -> None:
    path, own = tmp_path / "seeds.json", shipped.seconds if seconds is None else seconds
    stored = [{"seed": 0, "accuracy": 0.5, "seconds": own}, {"seed": 4, "accuracy": 0.6, "seconds": 2.0}]
    path.write_text(json.dumps(stored))
    save_seed_results(RunStore(tmp_path / "runs"), path)
    saved = json.loads(path.read_text())
    assert [each["seed"] for each in saved] == kept
    assert saved[0]["accuracy"] == shipped.metrics["accuracy"]
