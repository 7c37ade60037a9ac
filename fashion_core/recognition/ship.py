"""Put networks into the program in place of the shipped ones, and make again what the program ships for them."""

import dataclasses
import shutil
from collections.abc import Sequence
from pathlib import Path

from fashion_core.computed.build import build_shipped_results
from fashion_core.errors import RunError
from fashion_core.recognition.fit_thresholds import fit_thresholds
from fashion_core.runs.store import EXPORTED_FILES, RunEntry, RunStore
from fashion_core.runs.summary import RECOGNITION_RUN_IDS

KINDS_OF_NETWORKS = ("graph", "network", "reference", "validation")  # the shipped results that depend on a network


def ship_run(entry: RunEntry, shipped: RunStore, run_id: str) -> None:
    """Copy a run to the zoo of ``shipped`` in place of the run ``run_id``, under the name and title of that.

    Raises ``RunError``, and copies nothing, unless it is a finished run of the same model.
    """
    replaced = shipped.get(run_id)
    if replaced.record is None:
        raise RunError(f"The shipped run {run_id} is damaged. {replaced.damage}")
    if entry.record is None or not entry.has_predictions:
        raise RunError(f"{entry.id} is not finished. Train it first.")
    if entry.record.model != replaced.record.model:
        raise RunError(f"{entry.id} is a run of {entry.record.model}. Choose one of {replaced.record.model}.")
    for name in EXPORTED_FILES:
        if name != "run.json":
            shutil.copyfile(entry.path / name, replaced.path / name)
    record = dataclasses.replace(entry.record, id=run_id, title=replaced.record.title, tag="", note="")
    shipped.save_record(replaced.path, record)


def ship_recognition_networks(runs: RunStore, folders: Sequence[Path], shipped: RunStore) -> None:
    """Copy the runs of ``RECOGNITION_RUN_IDS`` from ``runs`` to the zoo of ``shipped``, then rebuild.

    Chooses the thresholds on the labelled pictures in ``folders``. Raises ``RunError``, and copies nothing, unless each
    run is finished.
    """
    entries = [runs.get(run_id) for run_id in RECOGNITION_RUN_IDS]
    for entry in entries:
        if not entry.has_predictions:
            raise RunError(f"{entry.id} is not finished. Train it first.")
    for entry in entries:
        ship_run(entry, shipped, entry.id)
    fit_thresholds(folders)
    for kind in KINDS_OF_NETWORKS:
        build_shipped_results(kind)
