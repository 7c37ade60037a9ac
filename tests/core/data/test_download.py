"""Faults of a server, injected by a real one on this machine."""

import gzip
import hashlib
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from fashion_core.data import download, fashion_mnist
from fashion_core.data.fashion_mnist import PublishedFile
from fashion_core.errors import DataError
from fashion_core.jobs.job import Job, JobSpec
from fashion_core.storage.folder import shared_data_folder
from tests.core.waiting import jobs_held_at_start, wait_until

CONTENT = gzip.compress(bytes(range(256)) * 3000, mtime=0) + bytes(200_000)
FILE = PublishedFile("one.gz", len(CONTENT), hashlib.sha256(CONTENT).hexdigest(), "", (1,))


class Server:
    """Serves ``CONTENT`` under any name, spoilt as ``faults`` says, one fault a request; then soundly."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.ranges: list[str | None] = []
        self.resumes = True
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.answer(self)

            def log_message(self, *args: object) -> None:
                """Keep the test's output quiet."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.http.serve_forever)
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}/"

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        fault = self.faults.pop(0) if self.faults else ""
        asked = request.headers.get("Range")
        self.ranges.append(asked)
        if fault == "refuse":
            request.send_error(404)
            return
        begin = int(asked.removeprefix("bytes=").rstrip("-")) if asked and self.resumes else 0
        body = CONTENT[begin:]
        request.send_response(206 if begin else 200)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        if fault == "corrupt":
            body = bytes(len(body))
        if fault in ("truncate", "stall"):
            body = body[:150_000]
        request.wfile.write(body)
        request.wfile.flush()
        if fault == "stall":
            time.sleep(1.0)
        request.close_connection = True

    def stop(self) -> None:
        self.http.shutdown()
        self.thread.join()
        self.http.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    started = Server()
    yield started
    started.stop()


@pytest.fixture(autouse=True)
def _one_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fashion_mnist, "PUBLISHED_FILES", {"train_images": FILE})


def fetch(folder: Path, *servers: Server, timeout: float = 10.0) -> list[download.DownloadProgress]:
    seen: list[download.DownloadProgress] = []
    download.download_fashion_mnist(folder, on_progress=seen.append, mirrors=[s.url for s in servers], timeout=timeout)
    return seen


def test_a_sound_transfer_arrives_whole_with_progress(server: Server, tmp_path: Path) -> None:
    seen = fetch(tmp_path, server)
    assert (tmp_path / FILE.name).read_bytes() == CONTENT
    assert [p.bytes_done for p in seen] == sorted(p.bytes_done for p in seen)
    assert seen[-1].bytes_done == seen[-1].bytes_total == len(CONTENT)
    assert [p.name for p in tmp_path.glob("[!.]*")] == [FILE.name]


def test_a_broken_transfer_is_resumed_where_it_broke(server: Server, tmp_path: Path) -> None:
    server.faults = ["truncate"]
    fetch(tmp_path, server)
    assert server.ranges == [None, f"bytes={2 * download.CHUNK_BYTES}-"]  # the last whole chunk that arrived
    assert (tmp_path / FILE.name).read_bytes() == CONTENT


def test_a_broken_transfer_is_begun_anew_where_the_server_cannot_resume(server: Server, tmp_path: Path) -> None:
    server.faults, server.resumes = ["truncate"], False
    fetch(tmp_path, server)
    assert (tmp_path / FILE.name).read_bytes() == CONTENT


def test_a_stalled_server_is_left_and_asked_again(server: Server, tmp_path: Path) -> None:
    server.faults = ["stall"]
    fetch(tmp_path, server, timeout=0.4)
    assert (tmp_path / FILE.name).read_bytes() == CONTENT
    assert server.ranges[1] == f"bytes={2 * download.CHUNK_BYTES}-"


def test_a_refusing_mirror_is_passed_over(server: Server, tmp_path: Path) -> None:
    second = Server()
    try:
        server.faults = ["refuse"]
        fetch(tmp_path, server, second)
    finally:
        second.stop()
    assert len(server.ranges) == 1
    assert (tmp_path / FILE.name).read_bytes() == CONTENT


def test_a_wrong_checksum_is_never_accepted(server: Server, tmp_path: Path) -> None:
    server.faults = ["corrupt"] * download.ATTEMPTS_PER_MIRROR
    with pytest.raises(DataError, match="wrong checksum"):
        fetch(tmp_path, server)
    assert list(tmp_path.glob("[!.]*")) == []


def test_a_second_download_at_once_waits_and_finds_the_file_there(server: Server, tmp_path: Path) -> None:
    server.faults = ["stall"]
    first = threading.Thread(target=fetch, args=(tmp_path, server))
    first.start()
    wait_until(lambda: server.ranges)
    fetch(tmp_path, server)
    first.join()
    assert server.ranges == [None, f"bytes={2 * download.CHUNK_BYTES}-"]  # of the first alone, which was stalled
    assert (tmp_path / FILE.name).read_bytes() == CONTENT


def test_a_wrong_checksum_is_tried_again(server: Server, tmp_path: Path) -> None:
    server.faults = ["corrupt"]
    fetch(tmp_path, server)
    assert (tmp_path / FILE.name).read_bytes() == CONTENT


def test_no_network_gives_a_sentence(server: Server, tmp_path: Path) -> None:
    server.stop()
    with pytest.raises(DataError, match=r"did not answer.*by hand"):
        fetch(tmp_path, server)


def test_a_file_that_is_there_and_right_is_not_fetched_again(server: Server, tmp_path: Path) -> None:
    (tmp_path / FILE.name).write_bytes(CONTENT)
    fetch(tmp_path, server)
    assert server.ranges == []


def test_a_file_that_is_there_and_wrong_is_replaced(server: Server, tmp_path: Path) -> None:
    (tmp_path / FILE.name).write_bytes(CONTENT[:-1])
    fetch(tmp_path, server)
    assert (tmp_path / FILE.name).read_bytes() == CONTENT


def test_a_folder_that_cannot_be_made_is_named(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DataError, match="FASHION_HOME"):
        fetch(tmp_path / "file" / "data", server)


def test_a_full_disk_is_named(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, *args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(DataError, match="full"):
        fetch(tmp_path, server)


@pytest.mark.parametrize("method", ["replace", "open"])
def test_a_read_only_folder_is_named(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    def refused(self: Path, *args: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, method, refused)
    with pytest.raises(DataError, match=r"Permission denied.*FASHION_HOME"):
        fetch(tmp_path, server)


def test_an_unreadable_file_in_the_way_is_named(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / FILE.name).write_bytes(CONTENT)

    def refused(*arguments: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("hashlib.file_digest", refused)
    with pytest.raises(DataError, match="Permission denied"):
        fetch(tmp_path, server)


def test_a_download_in_the_background_is_watched_fails_with_a_sentence_and_can_be_tried_again(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "fashion-mnist").write_text("in the way")
    assert download.background_download_status().state == "absent"
    for _ in range(2):
        with jobs_held_at_start():
            download.start_background_download()
            assert download.background_download_status().is_active
        wait_until(lambda: not download.background_download_status().is_active)
        assert "FASHION_HOME" in download.background_download_status().message


def test_a_download_whose_failed_process_is_still_ending_can_be_tried_again(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "fashion-mnist").write_text("in the way")
    job = Job(shared_data_folder() / "jobs" / "download")
    job.create_or_replace(JobSpec("any:any"))
    job.end("failed", "No network.")
    job.claim()  # by this process, which goes on
    with jobs_held_at_start():
        download.start_background_download()
        assert download.background_download_status().is_active
    wait_until(lambda: not download.background_download_status().is_active)
    assert "FASHION_HOME" in download.background_download_status().message
