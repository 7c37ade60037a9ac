"""A visitor's pictures being answered in a thread of their own, while pages come and go."""

import threading
import time
import weakref
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from fashion_core.errors import FashionError
from fashion_core.recognition import batch
from fashion_core.recognition.batch import PictureResult
from fashion_core.recognition.picture_sources import UploadedFile, list_picture_sources
from fashion_core.recognition.recognizer import Recognizer
from fashion_core.vision.preparation import PreparationOptions

RecognitionState = Literal["running", "done", "cancelled", "failed"]
UNEXPECTED_ERROR = "The work ended unexpectedly. The server's log says why; start it again."


@dataclass
class _Work:
    """What the thread and the page both see; the thread alone writes."""

    state: RecognitionState = "running"
    reason: str = ""
    total: int | None = None  # not known until folders and zips have been listed
    rows: list[PictureResult] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)
    seconds: float = 0.0


class RecognitionJob:
    """Starts answering ``uploads`` at once. When nothing holds the job any more, as when its visitor's session has
    ended, the thread stops too."""

    def __init__(
        self, recognizer: Recognizer, uploads: Sequence[UploadedFile], wishes: PreparationOptions, *, corrected: bool
    ) -> None:
        self.corrected = corrected
        self._work = _Work()
        self._stop = threading.Event()
        weakref.finalize(self, self._stop.set)
        self._thread = threading.Thread(
            target=_run, args=(self._work, self._stop, recognizer, uploads, wishes, corrected), daemon=True
        )
        self._thread.start()

    @property
    def state(self) -> RecognitionState:
        return self._work.state

    @property
    def reason(self) -> str:
        """Why it failed, for the visitor."""
        return self._work.reason

    @property
    def rows(self) -> list[PictureResult]:
        """The pictures answered so far."""
        return list(self._work.rows)

    @property
    def n_pictures(self) -> int | None:
        """Number of pictures, None while they are being found."""
        return self._work.total

    @property
    def fraction(self) -> float:
        """How much is done, 0 to 1."""
        return len(self._work.rows) / self._work.total if self._work.total else 0.0

    @property
    def seconds(self) -> float:
        """How long it has taken."""
        return time.monotonic() - self._work.started if self.state == "running" else self._work.seconds

    @property
    def seconds_left(self) -> float | None:
        """As it goes now; None before the first answers."""
        share = self.fraction
        return self.seconds * (1 - share) / share if share else None

    def cancel(self) -> None:
        """Stop soon; what is answered stays."""
        self._stop.set()

    def wait(self, timeout: float) -> None:
        """Until it has ended, at most ``timeout`` seconds."""
        self._thread.join(timeout)


def _run(
    work: _Work, stop: threading.Event, recognizer: Recognizer, uploads: Sequence[UploadedFile], wishes: PreparationOptions,
    corrected: bool,
) -> None:  # fmt: skip
    ended: RecognitionState = "failed"
    work.reason = UNEXPECTED_ERROR  # what is not foreseen ends the thread, and goes to the server's log
    try:
        with list_picture_sources(uploads) as sources:
            work.total = len(sources)
            for row in batch.predict_pictures(recognizer, sources, wishes, apply_correction=corrected, stop_event=stop):
                work.rows.append(row)
        ended = "cancelled" if stop.is_set() and len(work.rows) < work.total else "done"
        work.reason = ""
    except FashionError as error:
        work.reason = str(error)
    finally:
        work.seconds = time.monotonic() - work.started
        work.state = ended
