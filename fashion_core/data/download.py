"""Download Fashion-MNIST from two mirrors, with checksums; broken transfers are resumed."""

import errno
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fashion_core.data import fashion_mnist
from fashion_core.data.fashion_mnist import PublishedFile
from fashion_core.errors import DataError
from fashion_core.jobs.job import Job, JobSpec, JobStatus, launch_waiting_jobs
from fashion_core.jobs.worker import RunningJob
from fashion_core.storage.folder import user_data_folder

MIRRORS = (
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
)
ATTEMPTS_PER_MIRROR = 3  # each resumes where the last one broke off
STALL_TIMEOUT = 15.0  # seconds without a byte until a server counts as stalled
CHUNK_BYTES = 1 << 16


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
    timeout: float = STALL_TIMEOUT,
) -> Path:
    """Download the four files into ``folder`` (default: the per-user one) and return it.

    Correct files are not downloaded again. A file appears only whole and with the published checksum. Raises
    ``DataError`` when no mirror delivers or nothing can be written.
    """
    folder = folder if folder is not None else fashion_mnist.download_folder()
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
                _fetch_file(folder, published, report, mirrors, timeout)
        except OSError as error:
            raise _unwritable(folder, error) from error
        before += published.gzip_bytes
        report(published.gzip_bytes)
    return folder


def start_download() -> None:
    """Download into the per-user folder in the background, unless that is under way already."""
    job = _download_job()
    with job.lock():
        if not job.is_running():
            job.create(JobSpec(f"{__name__}:run_download", temporary=True))
            launch_waiting_jobs([job], 1)


def download_status() -> JobStatus:
    """How far the background download is; ``absent`` before it starts and once it has finished."""
    job = _download_job()
    if job.is_waiting():  # the server that was about to start it was killed
        with job.lock():
            launch_waiting_jobs([job], 1)
    return job.status()


def run_download(running: RunningJob) -> None:
    """Download as the job asks for."""
    download_fashion_mnist(
        on_progress=lambda progress: running.report(progress.bytes_done / progress.bytes_total, progress.file_name)
    )


def _download_job() -> Job:
    return Job(user_data_folder() / "jobs" / "download")


def _fetch_file(
    folder: Path, published: PublishedFile, report: Callable[[int], None], mirrors: Sequence[str], timeout: float
) -> None:
    import pooch
    import requests

    pooch.get_logger().setLevel(logging.ERROR)
    download = _ResumingDownloader(folder / f"{published.name}.part", published.gzip_bytes, report, timeout)
    reasons: list[str] = []
    for mirror in mirrors:
        for _ in range(ATTEMPTS_PER_MIRROR):
            try:
                pooch.retrieve(
                    mirror + published.name,
                    known_hash=f"sha256:{published.gzip_sha256}",
                    fname=published.name,
                    path=folder,
                    downloader=download,
                )
            except requests.HTTPError as error:
                reasons.append(f"refused ({error})")
                break  # asking the same server again gives the same answer
            except requests.RequestException as error:
                reasons.append(_reason(error))
            except ValueError as error:
                wrong = "hash" in str(error)  # pooch's word for it
                reasons.append("sent a file with a wrong checksum" if wrong else f"could not be asked ({error})")
            else:
                return
    problems = " and ".join(dict.fromkeys(reasons))
    raise DataError(
        f"{published.name} could not be downloaded: the servers {problems}. Check the network and try again, or put the "
        f"four published files into {folder} by hand."
    )


def _reason(error: Exception) -> str:
    import requests

    if isinstance(error, requests.Timeout):
        return "stalled"
    known = isinstance(error, requests.ConnectionError | requests.exceptions.ChunkedEncodingError)
    return "did not answer" if known else f"could not be asked ({type(error).__name__})"


class _ResumingDownloader:
    """A downloader for pooch that keeps what arrived in a ``.part`` file and asks for the rest next time."""

    def __init__(self, part: Path, size: int, report: Callable[[int], None], timeout: float) -> None:
        self.part, self.size, self.report, self.timeout = part, size, report, timeout

    def __call__(self, url: str, output_file: str, pooch: Any) -> None:
        import requests

        have = self.part.stat().st_size if self.part.exists() else 0
        if have >= self.size:
            self.part.unlink()
            have = 0
        headers = {"Range": f"bytes={have}-"} if have else {}
        with requests.get(url, stream=True, timeout=self.timeout, headers=headers) as response:
            response.raise_for_status()
            if response.status_code != 206:
                have = 0  # the server sends the whole file
            with self.part.open("ab" if have else "wb") as file:
                for chunk in response.iter_content(CHUNK_BYTES):
                    have += len(chunk)
                    if have > self.size:
                        break  # not the published file, as the checksum will show
                    file.write(chunk)
                    self.report(have)
        if have < self.size:
            raise requests.ConnectionError(f"{url} broke off after {have:,} of {self.size:,} bytes")
        self.part.replace(output_file)


def _is_correct(path: Path, published: PublishedFile) -> bool:
    import pooch

    return path.is_file() and pooch.file_hash(str(path)) == published.gzip_sha256


def _unwritable(folder: Path, error: OSError) -> DataError:
    if error.errno == errno.ENOSPC:
        return DataError(f"The disk of {folder} is full. Free 31 MB and try again.")
    reason = error.strerror or "permission denied"  # pooch raises a PermissionError of its own without one
    return DataError(
        f"{folder} cannot be read and written ({reason}). Set FASHION_HOME to a folder that can, or use --data."
    )
