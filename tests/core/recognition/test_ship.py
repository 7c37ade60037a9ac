"""Trained recognition networks replace the shipped ones."""

import dataclasses
import shutil
from pathlib import Path

import pytest

from fashion_core.errors import RunError
from fashion_core.recognition import ship
from fashion_core.runs.store import RunStore
from fashion_core.runs.summary import RECOGNITION_RUN_IDS


@pytest.fixture
def stores(tmp_path: Path) -> tuple[RunStore, RunStore]:
    """Runs that are finished, and a program whose shipped runs are others."""
    for run_id in RECOGNITION_RUN_IDS:
        shutil.copytree(RunStore().zoo_folder / run_id, tmp_path / "runs" / run_id)
        (tmp_path / "runs" / run_id / "log.txt").write_text("epochs")
        shutil.copytree(RunStore().zoo_folder / "improved_cnn", tmp_path / "zoo" / run_id)
    return RunStore(tmp_path / "runs", tmp_path / "none"), RunStore(tmp_path / "none", tmp_path / "zoo")


@pytest.fixture
def rebuilt(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What was made again, without the minutes it takes."""
    done: list[object] = []
    monkeypatch.setattr(ship, "fit_thresholds", done.append)
    monkeypatch.setattr(ship, "build_shipped_results", done.append)
    return done


def test_the_program_gets_the_runs_and_everything_made_from_them(stores, rebuilt) -> None:
    runs, program = stores
    ship.ship_recognition_networks(runs, [Path("photographs")], program)
    for run_id in RECOGNITION_RUN_IDS:
        copied, own = (
            {path.name: path.read_bytes() for path in (folder / run_id).iterdir() if path.name != "run.json"}
            for folder in (program.zoo_folder, RunStore().zoo_folder)
        )
        assert copied == own
        record, replaced = program.get(run_id).record, RunStore().get(run_id).record
        assert record is not None
        assert record == dataclasses.replace(replaced, title="Improved CNN")  # type: ignore[type-var]
    assert rebuilt == [[Path("photographs")], *ship.KINDS_OF_NETWORKS]


def test_an_unfinished_run_replaces_nothing(stores, rebuilt) -> None:
    runs, program = stores
    before = (program.zoo_folder / RECOGNITION_RUN_IDS[0] / "weights.safetensors").read_bytes()
    RunStore.update_record(runs.get(RECOGNITION_RUN_IDS[1]).path, state="cancelled")
    with pytest.raises(RunError, match="not finished"):
        ship.ship_recognition_networks(runs, [], program)
    assert (program.zoo_folder / RECOGNITION_RUN_IDS[0] / "weights.safetensors").read_bytes() == before
    assert rebuilt == []


def test_a_run_takes_the_place_and_name_of_a_shipped_one(stores) -> None:
    runs, program = stores
    source = runs.get(RECOGNITION_RUN_IDS[0])
    RunStore.update_record(source.path, tag="repeats-1", note="mine")
    ship.ship_run(runs.get(source.id), program, RECOGNITION_RUN_IDS[1])
    shipped = program.get(RECOGNITION_RUN_IDS[1])
    assert shipped.record is not None
    assert (shipped.record.id, shipped.record.title) == (RECOGNITION_RUN_IDS[1], "Improved CNN")
    assert (shipped.record.tag, shipped.record.note) == ("", "")
    with pytest.raises(RunError, match="run of mlp"):
        ship.ship_run(RunStore().get("mlp"), program, RECOGNITION_RUN_IDS[1])
    assert (shipped.path / "weights.safetensors").read_bytes() == (source.path / "weights.safetensors").read_bytes()
