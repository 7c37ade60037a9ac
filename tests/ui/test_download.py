import time

import pytest

from fashion_core.data import download
from fashion_core.errors import DataError
from ui.download import Downloader


def ended(downloader: Downloader) -> Downloader:
    deadline = time.monotonic() + 10
    while downloader.state == "running" and time.monotonic() < deadline:
        time.sleep(0.01)
    return downloader


def test_a_failed_download_says_why_and_can_be_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(**options: object) -> None:
        raise DataError("No network here. Try again.")

    monkeypatch.setattr(download, "download_fashion_mnist", fails)
    downloader = Downloader()
    downloader.start()
    assert ended(downloader).state == "failed"
    assert downloader.reason == "No network here. Try again."

    def works(*, on_progress) -> None:
        on_progress(download.DownloadProgress("one", 50, 100))

    monkeypatch.setattr(download, "download_fashion_mnist", works)
    downloader.start()
    assert ended(downloader).state == "done"
    assert downloader.share == 0.5


def test_a_second_start_does_not_begin_a_second_download(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def slow(**options: object) -> None:
        calls.append(1)
        time.sleep(0.3)

    monkeypatch.setattr(download, "download_fashion_mnist", slow)
    downloader = Downloader()
    downloader.start()
    downloader.start()
    ended(downloader)
    assert calls == [1]
