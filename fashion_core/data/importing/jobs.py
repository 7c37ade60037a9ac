"""Import in a process of its own, one import at a time; see ``fashion_core.jobs``."""

import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fashion_core.data.catalogue import Catalogue
from fashion_core.data.catalogue_list import check_title, make_catalogue_name
from fashion_core.data.dataset import SPLIT_SEED
from fashion_core.data.importing.build import ProgressCallback, import_catalogue
from fashion_core.data.importing.prepare import CatalogueKind
from fashion_core.errors import DataError, FashionError
from fashion_core.jobs.job import Job, JobSpec, JobStatus, launch_waiting_jobs, list_jobs
from fashion_core.jobs.worker import RunningJob, run_job
from fashion_core.storage.access import check_change
from fashion_core.storage.files import delete_folder
from fashion_core.storage.folder import user_data_folder


@dataclass(frozen=True)
class ImportJob:
    """An import that waits, runs or has ended otherwise than well: the ``name`` and ``title`` of its catalogue."""

    name: str
    title: str
    job: Job


def queue_import(source: Path, title: str, *, kind: CatalogueKind = "auto", delete_source: bool = False) -> ImportJob:
    """Have ``source`` imported in the background as a catalogue called ``title``.

    ``delete_source``: delete that file or folder once the import has ended, as for an upload. Raises ``DataError``
    when there is such a catalogue, or such an import waits or runs already, and ``StorageError`` when the folder can't
    be written, and ``AccessError`` when the visitor may not import.
    """
    check_change(pictures=1, megabytes=1)
    arguments: dict[str, Any] = {
        "source": str(source.resolve()),
        "title": check_title(title),
        "kind": kind,
        "delete_source": delete_source,
    }
    job = _create_job(title, JobSpec(f"{__name__}:run_import", arguments, temporary=True))
    start_next_waiting_import()
    return ImportJob(job.folder.name, check_title(title), job)


def import_in_foreground(
    source: Path, title: str, *, kind: CatalogueKind = "auto", seed: int = SPLIT_SEED, report: ProgressCallback
) -> Catalogue:
    """Import ``source`` in this process, so that it can't be started twice.

    Raises ``DataError`` and ``StorageError``; then nothing is left.
    """
    job = _create_job(title, JobSpec(arguments={"title": check_title(title)}))
    try:
        with run_job(job):
            return import_catalogue(source, title, kind=kind, seed=seed, report=report, work_folder=job.folder)
    finally:
        job.delete()


def start_next_waiting_import() -> None:
    """Start the import that has waited longest, unless one is running."""
    jobs = list_jobs(imports_folder())
    with Job(imports_folder() / "any").lock():
        waiting = sorted((job for job in jobs if job.is_waiting_for_process()), key=Job.created_at)
        launch_waiting_jobs(waiting, 1 - sum(job.is_working() for job in jobs))


def list_imports() -> list[ImportJob]:
    """Every import that waits, runs, or failed and wasn't discarded, the oldest first."""
    try:
        folders = [path for path in imports_folder().iterdir() if path.is_dir() and not path.name.startswith(".")]
    except OSError:
        return []
    jobs = sorted(map(Job, folders), key=Job.created_at)
    return [ImportJob(job.folder.name, _title(job), job) for job in jobs]


def import_status(entry: ImportJob) -> JobStatus:
    """What has become of an import; ``absent`` once it has finished, and the catalogue is there."""
    status = entry.job.status()
    if status.state == "waiting":  # for a process that was killed, and so didn't start the next one
        start_next_waiting_import()
    return status


def cancel_import(entry: ImportJob) -> None:
    """Stop an import; nothing of it is left. Raises ``JobError`` when its process cannot be ended."""
    check_change()
    entry.job.cancel()
    discard_import(entry)


def discard_import(entry: ImportJob) -> None:
    """Forget an import that failed, was cancelled or interrupted, with what it left. Raises ``StorageError``."""
    check_change()
    _delete_upload(entry.job)
    with entry.job.lock():
        entry.job.delete()
    start_next_waiting_import()


def run_import(running: RunningJob) -> None:
    """Import what the job asks for; the catalogue appears whole."""
    import cv2

    cv2.setNumThreads(1)  # several pictures at once use the cores better than several threads for one
    running.on_end = start_next_waiting_import
    values = running.spec.arguments
    import_catalogue(
        Path(values["source"]),
        values["title"],
        kind=values["kind"],
        report=running.report,
        work_folder=running.job.folder,
    )
    _delete_upload(running.job)


def imports_folder() -> Path:
    """Where the jobs of imports are; each holds the unfinished catalogue, so that it goes with its job."""
    return user_data_folder() / "imports"


def _create_job(title: str, spec: JobSpec) -> Job:
    """The job of an import, which replaces one that ended otherwise than well."""
    name = make_catalogue_name(title)
    job = Job(imports_folder() / name)
    for entry in list_imports():
        if not entry.job.status().is_active:  # its process was killed
            for unfinished in entry.job.folder.glob(".new-*"):
                delete_folder(unfinished)
    with job.lock():
        if job.status().is_active:
            raise DataError(f"{_title(job)} is being imported already. Wait until that has ended, or cancel it.")
        _delete_upload(job)
        job.delete()
        job.create_or_replace(spec)
    return job


def _title(job: Job) -> str:
    try:
        return str(job.read_spec().arguments.get("title", job.folder.name))
    except FashionError:
        return job.folder.name


def _delete_upload(job: Job) -> None:
    """Delete the file or folder that an import was started with, if it was uploaded for that."""
    try:
        values = job.read_spec().arguments
    except FashionError:
        return
    if values.get("delete_source"):
        source = Path(values["source"])
        with suppress(OSError):
            shutil.rmtree(source) if source.is_dir() else source.unlink()
            source.parent.rmdir()  # a file that was uploaded has a folder of its own
