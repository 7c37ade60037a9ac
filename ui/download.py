"""One download of the data set for all visitors of this server."""

import threading
from typing import Literal

import streamlit as st

from fashion_core.data import download
from fashion_core.errors import DataError


class Downloader:
    """A download in a thread of its own. ``share`` is 0 to 1; ``reason`` says why it failed."""

    def __init__(self) -> None:
        self.state: Literal["idle", "running", "done", "failed"] = "idle"
        self.share = 0.0
        self.reason = ""
        self._lock = threading.Lock()

    def start(self) -> None:
        """Begin, unless a download is running already."""
        with self._lock:
            if self.state == "running":
                return
            self.state, self.share = "running", 0.0
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        try:
            download.download_fashion_mnist(on_progress=self._report)
        except DataError as error:
            self.state, self.reason = "failed", str(error)
        else:
            self.state = "done"

    def _report(self, progress: download.DownloadProgress) -> None:
        self.share = progress.bytes_done / progress.bytes_total


@st.cache_resource
def downloader() -> Downloader:
    """The server's one downloader."""
    return Downloader()
