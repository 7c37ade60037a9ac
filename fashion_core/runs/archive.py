"""Export a run as one zip file, and import it again."""

import dataclasses
import io
import zipfile
from contextlib import suppress
from pathlib import Path, PurePosixPath

import numpy as np

from fashion_core.data.catalogue_list import find_catalogue
from fashion_core.errors import DataError, RunError, StorageError
from fashion_core.runs.record import METRIC_NAMES, DataInfo, RunRecord
from fashion_core.runs.store import (
    EXPORTED_FILES,
    MAX_FILE_BYTES,
    MAX_TEXT_BYTES,
    RunEntry,
    RunStore,
    build_classifier_of_run,
    max_predictions_bytes,
)
from fashion_core.runs.summary import summarize_run
from fashion_core.storage.access import check_change
from fashion_core.storage.files import unfinished_folder, write_atomically
from fashion_core.storage.zips import ZIP_ERRORS, open_bounded_zip, read_zip_member

MAX_MEMBERS = 20  # of a zip
MAX_ZIP_BYTES = 2 * MAX_FILE_BYTES
MAX_RUNS_OF_ONE_NAME = 1000
MORE_THAN_A_RUN = "This zip holds more than a run. Choose one that was exported here."


def export_zip(entry: RunEntry) -> bytes:
    """The finished run's folder as a zip; raises ``RunError`` for a run that is damaged or not finished."""
    if entry.record is None or entry.record.state != "finished":
        raise RunError(f"The run {entry.id} is not finished, or damaged, and cannot be exported.")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in EXPORTED_FILES:
            archive.writestr(f"{entry.id}/{name}", (entry.path / name).read_bytes())
    return buffer.getvalue()


def import_zip(store: RunStore, content: bytes) -> RunEntry:
    """Import an exported run under its own name or, if there is such a run already, with a number added.

    Only the four known files are read, each up to the size that it can have, and all are checked before the run
    appears. Its labels have to be those of its data set, as far as that is known here; its metrics are computed anew
    from its predictions, and it is marked as imported. Raises ``RunError``, ``StorageError`` or ``AccessError``; then
    nothing is imported.
    """
    check_change(runs=1, megabytes=len(content) / 2**20)
    files, record = _read_run(content)
    with unfinished_folder(store.runs_folder) as unfinished:
        for name, data in files.items():
            write_atomically(unfinished / name, data)
        store.save_record(unfinished, record)
        imported = RunEntry(record.id, unfinished, "mine", record)
        predictions = store.load_predictions(imported)
        _check_labels(store, record.data, predictions.labels)
        scored = summarize_run(imported, predictions).metrics
        store.load_history(imported)
        store.load_classifier(imported)
        metrics = {name: getattr(scored, name) for name in METRIC_NAMES}
        record = dataclasses.replace(record, metrics=metrics, never_predicted=scored.never_predicted, is_imported=True)
        return _move_under_free_name(store, unfinished, record)


def _check_labels(store: RunStore, data: DataInfo, labels: np.ndarray) -> None:
    """Raise ``RunError`` when a catalogue here, or a run that was trained here and tested on the same pictures, has
    other labels."""
    if data.source == "catalogue" and not data.n_folds:
        with suppress(DataError):
            catalogue = find_catalogue(data.name)
            is_same = catalogue.test_fingerprint == data.test_fingerprint
            if is_same and not np.array_equal(catalogue.split("test").labels, labels):
                raise RunError(f"The labels in this zip are not those of {catalogue.title}. Export the run again.")
    for entry in store.entries():
        known = entry.record
        if known is None or known.is_imported or known.state != "finished":
            continue
        if known.data.test_fingerprint != data.test_fingerprint or known.data.n_folds != data.n_folds:
            continue
        try:
            known_labels = store.load_predictions(entry).labels
        except RunError:  # it is damaged, and says nothing about this one
            continue
        if known.data.classes != data.classes or not np.array_equal(known_labels, labels):
            raise RunError(f"The labels in this zip are not those of {known.data.title}. Export the run again.")
        return


def _move_under_free_name(store: RunStore, unfinished: Path, record: RunRecord) -> RunEntry:
    """Rename the folder to the run's name or, where that is taken, also by an import at the same time, to another."""
    for number in range(1, MAX_RUNS_OF_ONE_NAME):
        run_id = record.id if number == 1 else f"{record.id[:76]}-{number}"
        folder = store.runs_folder / run_id
        if folder.exists() or (store.zoo_folder / run_id).exists():
            continue
        store.save_record(unfinished, dataclasses.replace(record, id=run_id))
        try:
            unfinished.rename(folder)
            return store.get(run_id)
        except OSError as error:
            if not folder.exists():
                raise RunError(f"The run cannot be written ({error.strerror}). Try again.") from error
    raise RunError(f"There are too many runs named {record.id!r}. Delete some.")


def _read_run(content: bytes) -> tuple[dict[str, bytes], RunRecord]:
    """The four files of a run in a zip, by name, and its record; a file is unpacked once its size is checked."""
    try:
        with open_bounded_zip(io.BytesIO(content)) as archive:
            members = _find_members(archive)
            text = _read_file(archive, members, "run.json", MAX_TEXT_BYTES).decode("utf-8", errors="replace")
            record = RunRecord.from_json(text)
            if record.state != "finished":
                raise RunError(f"The run in this zip is {record.state}; only finished runs can be imported.")
            most = {
                "run.json": MAX_TEXT_BYTES,
                "history.csv": MAX_TEXT_BYTES,
                "test.npz": max_predictions_bytes(record.data),
                "weights.safetensors": _max_weights_bytes(record),
            }
            return {name: _read_file(archive, members, name, most[name]) for name in EXPORTED_FILES}, record
    except StorageError as error:  # of the list of its files
        raise RunError(MORE_THAN_A_RUN) from error
    except ZIP_ERRORS as error:
        raise RunError("This file is not a readable zip. Choose one that was exported here.") from error


def _find_members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    if len(archive.infolist()) > MAX_MEMBERS:
        raise RunError(MORE_THAN_A_RUN)
    members = {PurePosixPath(i.filename).name: i for i in archive.infolist() if not i.is_dir()}
    if missing := [name for name in EXPORTED_FILES if name not in members]:
        raise RunError(f"This zip is not an exported run: {missing[0]} is missing.")
    return members


def _read_file(archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], name: str, most: int) -> bytes:
    try:
        return read_zip_member(archive, members[name], most)
    except StorageError as error:
        raise RunError(f"{name} in this zip cannot be used. {error}") from error


def _max_weights_bytes(record: RunRecord) -> int:
    """The most bytes of the run's weights: twice those of its model, as earlier versions saved more arrays."""
    n_bytes = sum(array.nbytes for array in build_classifier_of_run(record).state_dict().values())
    return min(MAX_FILE_BYTES, 2 * n_bytes + MAX_TEXT_BYTES)
