"""Computing in a process of its own, one computation at a time; see ``fashion_core.jobs``."""

from pathlib import Path

from fashion_core.computed import store
from fashion_core.computed.computation import Computation
from fashion_core.computed.registry import computation_from_dict, computation_to_dict
from fashion_core.data import Dataset
from fashion_core.data.loading import dataset_location, load_dataset_from_location
from fashion_core.errors import DataError
from fashion_core.jobs.job import Job, JobSpec, JobStatus, launch_waiting_jobs, list_jobs
from fashion_core.jobs.worker import RunningJob
from fashion_core.storage.access import check_change


def queue_computation(computation: Computation, dataset: Dataset) -> None:
    """Have the computation done in the background, unless it waits or runs already.

    Raises ``StorageError`` when the folder cannot be written, and ``AccessError`` when the visitor may not.
    """
    check_change(megabytes=1)
    job = _job(computation, dataset.fingerprint)
    with job.lock():
        if job.status().is_active:
            return
        job.delete()
        values = {**computation_to_dict(computation), "fingerprint": dataset.fingerprint}
        spec = JobSpec(f"{__name__}:run_computation", values | {"data": dataset_location(dataset)}, temporary=True)
        job.create_or_replace(spec)
    start_next_waiting_computation()


def start_next_waiting_computation() -> None:
    """Start the computation that has waited longest, unless one is running."""
    folder = _jobs_folder()
    with Job(folder / "any").lock():
        jobs = list_jobs(folder)
        waiting = sorted((job for job in jobs if job.is_waiting_for_process()), key=Job.created_at)
        launch_waiting_jobs(waiting, 1 - sum(job.is_working() for job in jobs))


def computation_status(computation: Computation, fingerprint: str) -> JobStatus:
    """What has become of the computation; ``absent`` when there is no job (the result may be there)."""
    job = _job(computation, fingerprint)
    status = job.status()
    if status.state == "waiting":  # for a process that was killed, and so didn't start the next one
        start_next_waiting_computation()
    return status


def cancel_computation(computation: Computation, fingerprint: str) -> None:
    """Stop the computation; nothing half done is kept. Raises ``JobError`` when its process cannot be ended."""
    check_change()
    job = _job(computation, fingerprint)
    job.cancel()
    discard_computation(computation, fingerprint)
    start_next_waiting_computation()


def discard_computation(computation: Computation, fingerprint: str) -> None:
    """Forget a computation that failed, was cancelled or interrupted."""
    check_change()
    job = _job(computation, fingerprint)
    with job.lock():
        job.delete()


def run_computation(running: RunningJob) -> None:
    """Compute what the job asks for, and keep the result; raises ``AccessError`` when there is no room for it."""
    running.on_end = start_next_waiting_computation
    values = running.spec.arguments
    dataset = load_dataset_from_location(values["data"])
    if dataset.fingerprint != values["fingerprint"]:
        raise DataError("The data was replaced after this was started. Start it again.")
    computation = computation_from_dict(values)
    arrays = store.load_or_compute(computation, dataset, running.report)
    if store.find_result(computation, dataset.fingerprint) is None:  # it would be lost with this process
        store.save_result_if_allowed(computation, dataset.fingerprint, arrays)


def _jobs_folder() -> Path:
    return store.results_folder() / "jobs"


def _job(computation: Computation, fingerprint: str) -> Job:
    return Job(_jobs_folder() / computation.key(fingerprint))
