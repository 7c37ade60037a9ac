"""Download Fashion-MNIST from two mirrors, with checksums; broken transfers are resumed."""

import errno
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from fashion_core.data import fashion_mnist
from fashion_core.data.fashion_mnist import PublishedFile
from fashion_core.errors import DataError
from fashion_core.jobs.job import Job, JobSpec, JobStatus, launch_waiting_jobs
from fashion_core.jobs.worker import RunningJob
from fashion_core.storage.access import check_change
from fashion_core.storage.folder import shared_data_folder
from fashion_core.storage.locks import lock

MIRRORS = (
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
)
ATTEMPTS_PER_MIRROR = 3  # each resumes where the last one broke off
STALL_TIMEOUT_SECONDS = 15.0  # seconds without a byte until a server counts as stalled
CHUNK_BYTES = 1 << 16
LOCK_NAME = ".download.lock"
LOCK_TIMEOUT_SECONDS = 600.0  # seconds to wait for another download into the same folder


@dataclass(frozen=True)
class DownloadProgress:
    """Bytes done and in all, over all files; ``file_name`` is the current one."""

    file_name: str
    bytes_done: int
    bytes_total: int


def download_fashion_mnist(
    folder: Path | None = None,
    *,
    on_progress: Callable[[DownloadProgress], None] = lambda progress: None,
    mirrors: Sequence[str] = MIRRORS,
    timeout: float = STALL_TIMEOUT_SECONDS,
) -> Path:
    """Download the four files into ``folder`` (default: the per-user one) and return it.

    Correct files are not downloaded again. A file appears only whole and with the published checksum. Raises
    ``DataError`` when no mirror delivers or nothing can be written, and ``StorageError`` when the folder cannot be
    locked.
    """
    folder = folder if folder is not None else fashion_mnist.get_fashion_mnist_download_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, error) from error
    files = list(fashion_mnist.PUBLISHED_FILES.values())
    total, before = sum(f.gzip_bytes for f in files), 0
    for published in files:
        begin = before

        def report(done: int, name: str = published.name, begin: int = begin) -> None:
            on_progress(DownloadProgress(name, begin + done, total))

        try:
            if not _is_correct(folder / published.name, published):
                with lock(folder / LOCK_NAME, timeout=LOCK_TIMEOUT_SECONDS):
                    if not _is_correct(folder / published.name, published):  # another download may just have ended
                        _download_file(folder, published, report, mirrors, timeout)
        except OSError as error:
            raise _unwritable(folder, error) from error
        before += published.gzip_bytes
        report(published.gzip_bytes)
    return folder


def start_background_download() -> None:
    """Download into the per-user folder in the background, unless that is running already."""
    check_change(shared=True)
    job = _download_job()
    with job.lock():
        if not job.status().is_active:
            job.create_or_replace(JobSpec(f"{__name__}:run_download", temporary=True))
            launch_waiting_jobs([job], 1)


def background_download_status() -> JobStatus:
    """How far the background download is; ``absent`` before it starts and once it has finished."""
    job = _download_job()
    if job.is_waiting_for_process():  # the server that was about to start it was killed
        with job.lock():
            launch_waiting_jobs([job], 1)
    return job.status()


def run_download(running: RunningJob) -> None:
    """Download as the job asks for."""
    download_fashion_mnist(
        on_progress=lambda progress: running.report(progress.bytes_done / progress.bytes_total, progress.file_name)
    )


def _download_job() -> Job:
    return Job(shared_data_folder() / "jobs" / "download")


def _download_file(
    folder: Path, published: PublishedFile, report: Callable[[int], None], mirrors: Sequence[str], timeout: float
) -> None:
    import requests

    part = folder / f"{published.name}.part"
    problems: list[str] = []
    for mirror in mirrors:
        for _ in range(ATTEMPTS_PER_MIRROR):
            try:
                _transfer(mirror + published.name, part, published.gzip_bytes, report, timeout)
            except requests.RequestException as error:
                problems.append(_describe_problem(error))
                if isinstance(error, requests.HTTPError):
                    break  # asking the same server again gives the same answer
                continue
            if _is_correct(part, published):
                part.replace(folder / published.name)
                return
            part.unlink()
            problems.append("sent a file with a wrong checksum")
    raise DataError(
        f"{published.name} could not be downloaded: the servers {' and '.join(dict.fromkeys(problems))}. Check the "
        f"network and try again, put the four published files into {folder} by hand, or install Debian's package "
        "dataset-fashion-mnist."
    )


def _transfer(url: str, part: Path, size: int, report: Callable[[int], None], timeout: float) -> None:
    """Write what the server sends to ``part``, going on where the last attempt broke off."""
    import requests

    done = part.stat().st_size if part.exists() else 0
    if done >= size:
        done = 0
    headers = {"Range": f"bytes={done}-"} if done else {}
    with requests.get(url, stream=True, timeout=timeout, headers=headers) as response:
        response.raise_for_status()
        if response.status_code != 206:
            done = 0  # the server sends the whole file
        with part.open("ab" if done else "wb") as file:
            for chunk in response.iter_content(CHUNK_BYTES):
                done += len(chunk)
                if done > size:
                    break  # not the published file, as the checksum will show
                file.write(chunk)
                report(done)
    if done < size:
        raise requests.ConnectionError(f"{url} broke off after {done:,} of {size:,} bytes")


def _describe_problem(error: Exception) -> str:
    import requests

    if isinstance(error, requests.HTTPError):
        return f"refused ({error})"
    if isinstance(error, requests.Timeout):
        return "stalled"
    known = isinstance(error, requests.ConnectionError | requests.exceptions.ChunkedEncodingError)
    return "did not answer" if known else f"could not be asked ({type(error).__name__})"


def _is_correct(path: Path, published: PublishedFile) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == published.gzip_sha256


def _unwritable(folder: Path, error: OSError) -> DataError:
    if error.errno == errno.ENOSPC:
        return DataError(f"The disk of {folder} is full. Free 31 MB and try again.")
    return DataError(
        f"{folder} cannot be read and written ({error.strerror}). Set FASHION_HOME to a folder that can, or use --data."
    )
