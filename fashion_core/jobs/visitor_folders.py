"""The folders of a classroom's visitors: when each was here last, and deleting one with all its work."""

import time
from dataclasses import dataclass
from pathlib import Path

from fashion_core.errors import FashionError
from fashion_core.jobs.job import Job
from fashion_core.storage.files import delete_folder
from fashion_core.storage.folder import VISITORS_FOLDER, shared_data_folder, user_data_folder
from fashion_core.storage.visitors import VISITOR_NAME_PATTERN, current_visitor

VISIT_FILE = ".last-visit"
VISIT_NOTE_SECONDS = 600.0  # a visit is noted at most this often
FOLDERS_OF_JOBS = ("runs", "imports", "computed/jobs")


@dataclass(frozen=True)
class VisitorFolder:
    """What a visitor has made; ``last_visit`` in seconds since the epoch."""

    name: str
    path: Path
    last_visit: float


def list_visitor_folders() -> list[VisitorFolder]:
    """Of every visitor who has made something, the latest visit first."""
    paths = (shared_data_folder() / VISITORS_FOLDER).glob("*")
    folders = [VisitorFolder(p.name, p, _last_visit(p)) for p in paths if VISITOR_NAME_PATTERN.fullmatch(p.name)]
    return sorted(folders, key=lambda folder: -folder.last_visit)


def note_visit() -> bool:
    """Note that the visitor who asks is here, if there is something to keep; returns whether it was noted now."""
    folder = user_data_folder()
    if not current_visitor().name or not folder.is_dir() or time.time() - _last_visit(folder) < VISIT_NOTE_SECONDS:
        return False
    try:
        (folder / VISIT_FILE).touch()
    except OSError:  # the folder is read-only; nothing new can be made in it either
        return False
    return True


def delete_visitor_folder(name: str) -> None:
    """Stop what the visitor called ``name`` has started, and delete everything that they made.

    Raises ``JobError`` when a process can't be ended, and ``StorageError`` when the folder can't be deleted.
    """
    folder = shared_data_folder() / VISITORS_FOLDER / name
    jobs = [Job(path) for kind in FOLDERS_OF_JOBS for path in folder.glob(f"{kind}/*") if path.is_dir()]
    for job in jobs:  # also those that wait, or one would start when another ends
        job.request_cancel()
    for job in jobs:
        if job.has_live_process():
            job.cancel()
    delete_folder(folder)


def delete_expired_visitor_folders(max_age_seconds: float) -> list[str]:
    """Delete what visitors have made who were not here for longer than that; returns their names."""
    expired = [f.name for f in list_visitor_folders() if time.time() - f.last_visit > max_age_seconds]
    deleted = []
    for name in expired:
        try:
            delete_visitor_folder(name)
        except FashionError:  # the next time
            continue
        deleted.append(name)
    return deleted


def _last_visit(folder: Path) -> float:
    for path in (folder / VISIT_FILE, folder):
        try:
            return path.stat().st_mtime
        except OSError:
            continue
    return time.time()
