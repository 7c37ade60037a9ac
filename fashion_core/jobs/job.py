"""A job: background work with one folder, in which everything about it is written.

    job.json        what to do: a function of this package, its arguments, the number of threads
    process.json    the process that does it, by number and start time; gone once the work has ended
    progress.jsonl  what it reports, a JSON object a line
    cancel          there once it was asked to stop
    end.json        how it ended, and why
    log.txt         both outputs of its process

All of it survives a restart of the server: nothing about a job is kept in memory.
"""

import dataclasses
import json
import time
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from fashion_core.errors import FashionError, JobError, StorageError
from fashion_core.jobs.process import ProcessIdentity, start_detached_python_module, this_process
from fashion_core.jobs.progress import Progress, progress_line, read_progress
from fashion_core.storage.files import delete_folder, write_atomically
from fashion_core.storage.folder import counterparts, shared_counterpart
from fashion_core.storage.locks import FILE_LOCK_TIMEOUT_SECONDS, lock

JOB_FILE, PROCESS_FILE, PROGRESS_FILE, CANCEL_FILE, END_FILE, LOG_FILE = (
    "job.json", "process.json", "progress.jsonl", "cancel", "end.json", "log.txt",
)  # fmt: skip
WORKER_MODULE = "fashion_core.jobs.worker"
JOB_START_LOCK_FILE = ".queue"
CANCEL_KILL_TIMEOUT_SECONDS = 10.0  # seconds after which the process of a cancelled job is killed
MIN_FRACTION, MIN_SECONDS = 0.02, 1.0  # of the work done, until the time left can be estimated from it

EndState = Literal["finished", "failed", "cancelled"]
JobState = Literal["absent", "waiting", "running", "interrupted", "finished", "failed", "cancelled"]


@dataclass(frozen=True)
class JobSpec:
    """What a job does: ``target``, written "package.module:function", is called in a process of its own on
    ``threads`` threads (0: as many as it likes). Without a target, the process that created the job does the work.

    ``arguments`` are plain JSON values. The folder of a ``temporary`` job is deleted once it has finished.
    """

    target: str = ""
    arguments: dict[str, Any] = field(default_factory=dict)
    threads: int = 0
    temporary: bool = False

    def to_json(self) -> bytes:
        """The content of ``job.json``."""
        return json.dumps(dataclasses.asdict(self)).encode()


@dataclass(frozen=True)
class JobStatus:
    """How far a job is: the ``fraction`` done, 0 to 1; ``message`` says what is being done, or why it failed;
    ``seconds_left`` is None until it can be estimated."""

    state: JobState
    fraction: float = 0.0
    message: str = ""
    seconds_left: float | None = None

    @property
    def is_active(self) -> bool:
        """Whether the job waits or runs."""
        return self.state in ("waiting", "running")


@dataclass(frozen=True)
class Job:
    """The job in ``folder``, which need not exist."""

    folder: Path

    def create_or_replace(self, spec: JobSpec) -> None:
        """Write what is to be done; a job that was here before is forgotten. Raises ``StorageError``."""
        try:
            for name in (PROCESS_FILE, CANCEL_FILE, END_FILE):
                (self.folder / name).unlink(missing_ok=True)
        except OSError as error:
            raise StorageError(f"{self.folder} cannot be written ({error.strerror}).") from error
        write_atomically(self.folder / JOB_FILE, spec.to_json())

    def read_spec(self) -> JobSpec:
        """What is to be done; raises ``JobError`` when the job file is missing, damaged or of another version."""
        try:
            values = json.loads((self.folder / JOB_FILE).read_text(encoding="utf-8"))
            spec = JobSpec(**values)
            if not isinstance(spec.arguments, dict) or not isinstance(spec.threads, int) or spec.threads < 0:
                raise TypeError("a field of another type")
            return spec
        except (OSError, ValueError, TypeError, RecursionError) as error:
            raise JobError("Its job file is damaged or of another version. Start it again.") from error

    def launch(self) -> None:
        """Start a process that does the job; raises ``JobError`` when the job is damaged or no process starts."""
        spec = self.read_spec()
        arguments = [str(self.folder.resolve())]
        identity = start_detached_python_module(WORKER_MODULE, arguments, self.folder / LOG_FILE, threads=spec.threads)
        self._write_process(identity, waiting=False)

    def claim(self, *, waiting: bool = False) -> None:
        """Note that this process does the job, or waits for its turn to.

        Raises ``JobError`` when another process is at it. Call it with the lock held under which jobs are started.
        """
        process = self.process()
        if process is not None and process.is_running() and not process.is_this_process():
            raise JobError("Another process is at this job already.")
        self._write_process(this_process(), waiting=waiting)

    def release(self) -> None:
        """Note that this process does not do the job any longer."""
        if (process := self.process()) is not None and process.is_this_process():
            (self.folder / PROCESS_FILE).unlink(missing_ok=True)

    def lock(self, timeout: float = FILE_LOCK_TIMEOUT_SECONDS) -> AbstractContextManager[None]:
        """The lock under which the jobs beside this one, of all visitors, are started and cancelled, one after the
        other."""
        return lock(shared_counterpart(self.folder.parent) / JOB_START_LOCK_FILE, timeout=timeout)

    def process(self) -> ProcessIdentity | None:
        """The process that does the job or did until it died; None if there is none."""
        return self._read_process()[0]

    def has_live_process(self) -> bool:
        """Whether a process does the job, or waits for its turn to."""
        process = self.process()
        return process is not None and process.is_running()

    def is_working(self) -> bool:
        """Whether a process does the job now."""
        process, waiting = self._read_process()
        return process is not None and not waiting and process.is_running()

    def is_waiting_for_process(self) -> bool:
        """Whether no process was started for the job yet."""
        names = (JOB_FILE, PROCESS_FILE, END_FILE, CANCEL_FILE)
        return {name for name in names if (self.folder / name).exists()} == {JOB_FILE}

    def created_at(self) -> float:
        """When the job was created, in seconds since the epoch; 0 when it has no job file."""
        return _modification_time(self.folder / JOB_FILE)

    def ended_at(self) -> float:
        """When the job ended, in seconds since the epoch; 0 when it has not."""
        return _modification_time(self.folder / END_FILE)

    def progress(self) -> Progress:
        """What the job has reported."""
        return read_progress(self.folder / PROGRESS_FILE)

    def report(self, values: dict[str, Any]) -> None:
        """Append a line to the progress file."""
        with (self.folder / PROGRESS_FILE).open("a", encoding="utf-8") as file:
            file.write(progress_line(values))

    def end(self, state: EndState, reason: str = "") -> None:
        """Write down how the job ended, and release it."""
        write_atomically(self.folder / END_FILE, json.dumps({"state": state, "reason": reason}).encode())
        self.release()

    def status(self) -> JobStatus:
        """What has become of the job; a damaged job file makes it a failed one."""
        if not self.folder.exists():
            return JobStatus("absent")
        if (self.folder / END_FILE).exists():
            values = _read_json(self.folder / END_FILE)
            state: EndState = values["state"] if values.get("state") in get_args(EndState) else "failed"
            return JobStatus(state, message=str(values.get("reason", "")))
        if self.is_waiting_for_process():
            try:
                self.read_spec()
            except JobError as error:
                return JobStatus("failed", message=str(error))
            return JobStatus("waiting", message="waiting for another to end")
        update = self.progress().update
        numbers = [update.get(name) for name in ("fraction", "elapsed")]
        fraction, elapsed = (number if isinstance(number, int | float) else 0.0 for number in numbers)
        if self.has_live_process():
            left = estimate_seconds_left(fraction, elapsed)
            return JobStatus("running", fraction, str(update.get("message", "starting")), left)
        if self.is_cancel_requested():
            return JobStatus("cancelled")
        return JobStatus("interrupted", fraction, "Its process ended before it was done.")

    def is_cancel_requested(self) -> bool:
        """Whether the job was asked to stop."""
        return (self.folder / CANCEL_FILE).exists()

    def request_cancel(self) -> None:
        """Ask the job to stop, which takes a fraction of a second. Raises ``StorageError`` if that can't be written."""
        try:
            (self.folder / CANCEL_FILE).touch()
        except FileNotFoundError:
            pass  # it has ended, and its folder is gone
        except OSError as error:
            raise StorageError(f"{self.folder} cannot be written ({error.strerror}): the job goes on.") from error

    def cancel(self, timeout: float = CANCEL_KILL_TIMEOUT_SECONDS) -> None:
        """Ask the job to stop and wait until it has; its process is killed after ``timeout`` seconds."""
        self.request_cancel()
        deadline = time.monotonic() + timeout
        while self.has_live_process() and time.monotonic() < deadline:
            time.sleep(0.03)
        if (process := self.process()) is not None:
            process.kill()

    def kill_if_stuck(self) -> None:
        """Kill the process of a job that was asked to stop more than ``CANCEL_KILL_TIMEOUT_SECONDS`` seconds ago."""
        try:
            age = time.time() - (self.folder / CANCEL_FILE).stat().st_mtime
        except OSError:
            return
        if age > CANCEL_KILL_TIMEOUT_SECONDS and (process := self.process()) is not None:
            process.kill()

    def delete(self) -> None:
        """Delete the folder; raises ``StorageError`` when that isn't possible."""
        delete_folder(self.folder)

    def _write_process(self, identity: ProcessIdentity, *, waiting: bool) -> None:
        write_atomically(self.folder / PROCESS_FILE, process_to_json(identity, waiting=waiting))

    def _read_process(self) -> tuple[ProcessIdentity | None, bool]:
        values = _read_json(self.folder / PROCESS_FILE)
        try:
            identity = ProcessIdentity(int(values["pid"]), float(values["started"]), str(values.get("boot", "")))
            return identity, bool(values["waiting"])
        except (ValueError, TypeError, KeyError, OverflowError):
            return None, False


def estimate_seconds_left(fraction: float, elapsed: float) -> float | None:
    """Seconds until the work is done if it goes on as in the ``elapsed`` ones; None while it is too early to say."""
    if fraction < MIN_FRACTION or elapsed < MIN_SECONDS:
        return None
    return elapsed * (1 - fraction) / fraction


def _modification_time(path: Path) -> float:
    """In seconds since the epoch; 0 when it is missing."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _read_json(path: Path) -> dict[str, Any]:
    """The object in a JSON file; empty when it is missing or damaged."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return values if isinstance(values, dict) else {}


def process_to_json(identity: ProcessIdentity, *, waiting: bool) -> bytes:
    """The content of ``process.json``."""
    return json.dumps({**dataclasses.asdict(identity), "waiting": waiting}).encode()


def list_jobs(folder: Path) -> list[Job]:
    """The jobs in ``folder``, of all visitors."""
    paths = (path for counterpart in counterparts(folder) for path in counterpart.iterdir())
    return [Job(path) for path in paths if path.is_dir() and not path.name.startswith(".")]


def launch_waiting_jobs(jobs: Iterable[Job], n_free: int) -> list[Job]:
    """Start the first ``n_free`` of the ``jobs`` that wait; call it with their lock held.

    Returns those that could not be started, such as damaged ones. They have failed, and the next ones took their turn.
    """
    failed = []
    for job in jobs:
        if n_free <= 0:
            break
        if not job.is_waiting_for_process():
            continue
        try:
            job.launch()
            n_free -= 1
        except FashionError as error:
            job.end("failed", str(error))
            failed.append(job)
    return failed
