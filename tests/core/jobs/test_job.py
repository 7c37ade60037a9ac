"""Jobs, really started, watched, cancelled and killed, and what is left of them in their folders."""

import dataclasses
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from fashion_core.errors import JobCancelled, JobError, StorageError
from fashion_core.jobs import job as job_module
from fashion_core.jobs.job import CANCEL_FILE, JOB_FILE, LOG_FILE, PROCESS_FILE, Job, JobSpec, launch_waiting_jobs
from fashion_core.jobs.process import BOOT_FILE, ProcessIdentity, this_process
from fashion_core.jobs.worker import UNEXPECTED_ERROR, run_job
from tests.core.waiting import wait_until

WORKER = "tests.core.jobs.worker_of_tests"


def spec(function: str, *, temporary: bool = False, **arguments: object) -> JobSpec:
    return JobSpec(f"{WORKER}:{function}", arguments, threads=1, temporary=temporary)


@pytest.fixture(autouse=True)
def _functions_of_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_module, "WORKER_MODULE", WORKER)


@pytest.fixture
def job(tmp_path: Path) -> Iterator[Job]:
    job = Job(tmp_path / "jobs" / "one")
    yield job
    if process := job.process():
        process.kill()


@pytest.fixture
def sleeping(job: Job) -> Job:
    """A job in the middle of ten minutes' sleep."""
    job.create_or_replace(spec("sleep", seconds=600))
    job.launch()
    wait_until(lambda: job.status().message == "sleeping")
    return job


def ended(job: Job) -> Job:
    wait_until(lambda: not job.status().is_active)
    return job


def test_a_job_goes_from_waiting_to_finished(job: Job) -> None:
    assert job.status().state == "absent"
    job.create_or_replace(spec("sleep", seconds=0))
    assert job.status().state == "waiting"
    job.launch()
    assert job.status().state == "running"
    assert ended(job).status().state == "finished"
    wait_until(lambda: not job.has_live_process())


def test_a_temporary_job_leaves_no_folder(job: Job) -> None:
    job.create_or_replace(spec("sleep", seconds=0, temporary=True))
    job.launch()
    assert ended(job).status().state == "absent"


@pytest.mark.parametrize(("known", "message"), [(True, "The data are gone. Fetch them."), (False, UNEXPECTED_ERROR)])
def test_a_failure_is_a_sentence_and_its_cause_is_in_the_log(job: Job, known: bool, message: str) -> None:
    job.create_or_replace(spec("fail", known=known))
    job.launch()
    status = ended(job).status()
    assert (status.state, status.message) == ("failed", message)
    wait_until(lambda: "Traceback" in (job.folder / LOG_FILE).read_text())


def test_a_job_is_cancelled_whatever_it_computes(sleeping: Job) -> None:
    process = sleeping.process()
    assert process is not None
    begin = time.monotonic()
    sleeping.cancel()
    assert sleeping.status().state == "cancelled"
    assert time.monotonic() - begin < 60  # long before it would have ended
    wait_until(lambda: not process.is_running())


def test_a_stopped_process_is_killed_when_it_does_not_react_to_a_cancel(sleeping: Job) -> None:
    process = sleeping.process()
    assert process is not None
    os.kill(process.pid, signal.SIGSTOP)
    sleeping.cancel(timeout=0.2)
    wait_until(lambda: not process.is_running())
    assert sleeping.status().state == "cancelled"


def test_what_belongs_together_is_written_before_a_cancelled_process_ends(job: Job, tmp_path: Path) -> None:
    path = tmp_path / "file"
    job.create_or_replace(spec("commit", path=str(path)))
    job.launch()
    wait_until(lambda: job.status().message == "half")
    job.cancel()
    assert path.read_text() == "whole"


def test_a_killed_process_is_noticed_and_the_job_can_be_started_again(sleeping: Job) -> None:
    process = sleeping.process()
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)
    wait_until(lambda: sleeping.status().state == "interrupted")
    sleeping.create_or_replace(spec("sleep", seconds=0))
    assert sleeping.status().state == "waiting"
    sleeping.launch()
    assert ended(sleeping).status().state == "finished"


def test_a_job_survives_the_server_that_started_it(job: Job) -> None:
    job.create_or_replace(spec("sleep", seconds=600))
    code = "import sys; from pathlib import Path; from fashion_core.jobs import job\n"
    code += f"job.WORKER_MODULE = {WORKER!r}; job.Job(Path(sys.argv[1])).launch()"
    subprocess.run([sys.executable, "-c", code, str(job.folder)], check=True)
    wait_until(lambda: job.status().message == "sleeping")
    job.cancel()
    assert job.status().state == "cancelled"


def test_a_reused_process_number_is_recognised_and_never_signalled(job: Job) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as stranger:
        started = psutil.Process(stranger.pid).create_time()
        job.create_or_replace(spec("sleep", seconds=600))
        identity = {"pid": stranger.pid, "started": started - 60, "waiting": False}
        (job.folder / PROCESS_FILE).write_text(json.dumps(identity))
        assert job.status().state == "interrupted"
        job.cancel(timeout=0.1)
        (job.folder / CANCEL_FILE).touch()
        os.utime(job.folder / CANCEL_FILE, (0, 0))
        job.kill_if_stuck()
        with pytest.raises(subprocess.TimeoutExpired):
            stranger.wait(0.3)
        (job.folder / PROCESS_FILE).write_text(json.dumps(identity | {"started": started}))
        assert job.has_live_process()  # with its own start time it is the process
        job.kill_if_stuck()
        assert stranger.wait(10) == -signal.SIGKILL


@pytest.mark.skipif(not BOOT_FILE.exists(), reason="start times of this system don't follow its clock")
@pytest.mark.parametrize("seconds", [-86400, 86400])
def test_a_job_still_runs_when_the_clock_is_set(sleeping: Job, seconds: int, monkeypatch: pytest.MonkeyPatch) -> None:
    boot_time, create_time = psutil.boot_time, psutil.Process.create_time
    monkeypatch.setattr(psutil, "boot_time", lambda: boot_time() + seconds)  # as Linux derives them from the clock
    monkeypatch.setattr(psutil.Process, "create_time", lambda process: create_time(process) + seconds)
    assert sleeping.status().state == "running"
    assert sleeping.created_at() > 0


def test_a_process_of_another_boot_with_the_same_number_and_start_is_not_the_same() -> None:
    assert this_process().is_running()
    assert not dataclasses.replace(this_process(), boot="another").is_running()


@pytest.mark.slow
def test_looking_whether_a_job_runs_never_makes_it_look_so(sleeping: Job, tmp_path: Path) -> None:
    free = Job(tmp_path / "jobs" / "free")
    free.create_or_replace(spec("sleep", seconds=0))
    wrong: list[str] = []

    def look() -> None:
        for _ in range(1000):
            if free.has_live_process() or free.is_working() or not free.is_waiting_for_process():
                wrong.append("free")
            if not sleeping.has_live_process():
                wrong.append("held")

    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for _ in range(200):  # taking the lock is never held up by those who look
        with free.lock():
            pass
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.parametrize("content", ["", "{", "[]", '{"target": 1, "arguments": []}', '{"kind": "facts"}', "\udcff"])
def test_a_damaged_job_file_is_a_failed_job_and_the_next_one_takes_its_turn(
    job: Job, tmp_path: Path, content: str
) -> None:
    job.create_or_replace(spec("sleep", seconds=0))
    (job.folder / JOB_FILE).write_bytes(content.encode(errors="surrogateescape"))
    assert job.status().state == "failed"
    following = Job(tmp_path / "jobs" / "two")
    following.create_or_replace(spec("sleep", seconds=0))
    with job.lock():
        assert launch_waiting_jobs([job, following], 1) == [job]
    assert ended(following).status().state == "finished"
    assert job.status().state == "failed"


@pytest.mark.parametrize("name", [PROCESS_FILE, "end.json", "progress.jsonl"])
@pytest.mark.parametrize(
    "content", [b"", b"{", b"[1]", b'{"pid": "x"}', b'{"pid": -5, "started": 1, "waiting": 0}', b'{"elapsed": []}\n']
)
def test_no_damaged_file_breaks_a_look_at_a_job(job: Job, name: str, content: bytes) -> None:
    job.create_or_replace(spec("sleep", seconds=0))
    (job.folder / name).write_bytes(content)
    assert job.status().state in ("waiting", "interrupted", "failed")


def test_a_job_of_another_package_is_not_done(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_module, "WORKER_MODULE", "fashion_core.jobs.worker")
    job.create_or_replace(JobSpec("antigravity:fly"))
    job.launch()
    status = ended(job).status()
    assert (status.state, "another version" in status.message) == ("failed", True)


def test_two_processes_do_not_do_the_same_job(sleeping: Job) -> None:
    with pytest.raises(JobError, match="Another process"), run_job(sleeping):
        pass


def test_a_job_done_here_waits_until_it_claims_its_turn(job: Job) -> None:
    job.create_or_replace(JobSpec())
    with run_job(job, waiting=True):
        assert job.process() == this_process()
        assert (job.has_live_process(), job.is_working()) == (True, False)
        job.claim()
        assert job.is_working()
    assert job.status().state == "finished"
    job.create_or_replace(JobSpec())
    job.request_cancel()
    with pytest.raises(JobCancelled), run_job(job) as running:
        running.raise_if_cancelled()
    assert job.status().state == "cancelled"


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    job = Job(tmp_path / "file" / "job")
    with pytest.raises(StorageError, match="cannot be written"):
        job.create_or_replace(spec("sleep", seconds=0))
    assert job.status().state == "absent"


def test_a_process_that_has_ended_does_not_run() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    identity = ProcessIdentity(process.pid, psutil.Process(process.pid).create_time())
    wait_until(lambda: not identity.is_running())  # as nobody has waited for it, its number is not free yet
    process.wait()
    identity.kill()
