"""A visitor's pictures being answered in a thread of their own, while pages come and go."""

import threading
import time
import weakref
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from fashion_core.errors import FashionError
from fashion_core.recognition import batch
from fashion_core.recognition.batch import Row
from fashion_core.recognition.recognizer import Recognizer
from fashion_core.recognition.sources import Upload, gather
from fashion_core.vision.pipeline import Wishes

State = Literal["running", "done", "cancelled", "failed"]
UNEXPECTED = "The work ended unexpectedly. The server's log says why; start it again."


@dataclass
class _Work:
    """What the thread and the page both see; the thread alone writes."""

    state: State = "running"
    reason: str = ""
    total: int | None = None  # not known until folders and zips have been listed
    rows: list[Row] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)
    seconds: float = 0.0


class Job:
    """Starts answering ``uploads`` at once. When nothing holds the job any more, as when its visitor's session has
    ended, the thread stops too."""

    def __init__(self, recognizer: Recognizer, uploads: Sequence[Upload], wishes: Wishes, *, corrected: bool) -> None:
        self.corrected = corrected
        self._work = _Work()
        self._stop = threading.Event()
        weakref.finalize(self, self._stop.set)
        self._thread = threading.Thread(
            target=_run, args=(self._work, self._stop, recognizer, uploads, wishes, corrected), daemon=True
        )
        self._thread.start()

    @property
    def state(self) -> State:
        return self._work.state

    @property
    def reason(self) -> str:
        """Why it failed, for the visitor."""
        return self._work.reason

    @property
    def rows(self) -> list[Row]:
        """The pictures answered so far."""
        return list(self._work.rows)

    @property
    def total(self) -> int | None:
        """Number of pictures, None while they are being found."""
        return self._work.total

    @property
    def share(self) -> float:
        """How much is done, 0 to 1."""
        return len(self._work.rows) / self._work.total if self._work.total else 0.0

    @property
    def seconds(self) -> float:
        """How long it has taken."""
        return time.monotonic() - self._work.started if self.state == "running" else self._work.seconds

    @property
    def seconds_left(self) -> float | None:
        """As it goes now; None before the first answers."""
        share = self.share
        return self.seconds * (1 - share) / share if share else None

    def cancel(self) -> None:
        """Stop soon; what is answered stays."""
        self._stop.set()

    def wait(self, timeout: float) -> None:
        """Until it has ended, at most ``timeout`` seconds."""
        self._thread.join(timeout)


def _run(
    work: _Work, stop: threading.Event, recognizer: Recognizer, uploads: Sequence[Upload], wishes: Wishes,
    corrected: bool,
) -> None:  # fmt: skip
    ended: State = "failed"
    work.reason = UNEXPECTED  # what is not foreseen ends the thread, and goes to the server's log
    try:
        with gather(uploads) as sources:
            work.total = len(sources)
            for row in batch.answers(recognizer, sources, wishes, corrected=corrected, stop=stop):
                work.rows.append(row)
        ended = "cancelled" if stop.is_set() and len(work.rows) < work.total else "done"
        work.reason = ""
    except FashionError as error:
        work.reason = str(error)
    finally:
        work.seconds = time.monotonic() - work.started
        work.state = ended
