"""Export a run as one zip file, and import it again."""

import dataclasses
import io
import zipfile
from pathlib import PurePosixPath

from fashion_core.errors import RunError
from fashion_core.runs.record import RunRecord
from fashion_core.runs.store import EXPORTED_FILES, MAX_FILE_BYTES, RunEntry, RunStore
from fashion_core.storage.arrays import READ_ERRORS
from fashion_core.storage.files import unfinished_folder, write_atomically


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

    Only the four known files are read, each up to a size limit, and all are checked before the run appears. Raises
    ``RunError`` or ``StorageError``; then nothing is imported.
    """
    files = _files(content)
    record = RunRecord.from_json(files["run.json"].decode("utf-8", errors="replace"))
    if record.state != "finished":
        raise RunError(f"The run in this zip is {record.state}; only finished runs can be imported.")
    with unfinished_folder(store.runs_folder) as unfinished:
        existing = {p.name for p in store.runs_folder.iterdir()} | {p.name for p in store.zoo_folder.iterdir()}
        run_id, number = record.id, 2
        while run_id in existing:
            run_id, number = f"{record.id[:76]}-{number}", number + 1
        record = dataclasses.replace(record, id=run_id)
        for name, data in files.items():
            write_atomically(unfinished / name, data)
        store.save_record(unfinished, record)
        imported = RunEntry(run_id, unfinished, "mine", record)
        store.load_predictions(imported)
        store.load_history(imported)
        store.load_classifier(imported)
        try:
            unfinished.rename(store.runs_folder / run_id)
        except OSError as error:
            raise RunError(f"The run cannot be written ({error.strerror}). Try again.") from error
    return store.get(run_id)


def _files(content: bytes) -> dict[str, bytes]:
    """The four files of a run from a zip, by name."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if len(archive.infolist()) > 20:
                raise RunError("This zip holds more than a run. Choose one that was exported here.")
            members = {PurePosixPath(i.filename).name: i for i in archive.infolist() if not i.is_dir()}
            if missing := [name for name in EXPORTED_FILES if name not in members]:
                raise RunError(f"This zip is not an exported run: {missing[0]} is missing.")
            files = {}
            for name in EXPORTED_FILES:
                with archive.open(members[name]) as member:
                    files[name] = member.read(MAX_FILE_BYTES + 1)
                if len(files[name]) > MAX_FILE_BYTES:
                    raise RunError(f"{name} in this zip is larger than {MAX_FILE_BYTES // 2**20} MB.")
            return files
    except READ_ERRORS as error:
        raise RunError("This file is not a readable zip. Choose one that was exported here.") from error
