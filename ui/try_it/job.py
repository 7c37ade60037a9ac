"""Predict uploaded pictures in the background, while you visit other pages."""

import threading
import time
import weakref
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fashion_core.data.classes import FASHION_CLASSES, ClassList
from fashion_core.errors import JobCancelled, PictureError
from fashion_core.jobs.job import JobState
from fashion_core.recognition import batch
from fashion_core.recognition.batch import PictureResult
from fashion_core.recognition.recognizer import Recognizer
from fashion_core.runs.store import RunEntry
from fashion_core.vision.picture_sources import UploadedFile, open_picture_sources
from fashion_core.vision.preparation import PreparationOptions
from ui.try_it.task import PictureTask, Report

MAX_FOLDER_FILES = 5_000  # that a table on the page can show, also of zips
LABELLING_SIDE = 160  # pixels of pictures that are to be labelled


@dataclass
class _Progress:
    """Shared by the thread, which writes it, and the page."""

    stop_event: threading.Event = field(default_factory=threading.Event)
    n_pictures: int | None = None  # not known until folders and zips have been listed
    results: list[PictureResult] = field(default_factory=list)
    start: float = field(default_factory=time.monotonic)
    end: float | None = None


class RecognitionJob:
    """Starts to predict ``uploads`` at once, in a thread of the server; pictures and results stay in memory.

    ``run``: the run on a catalogue that answers, instead of the shipped ones; ``classes`` are its classes.

    The thread stops when nothing refers to the job any more, for example when the session has ended.
    """

    def __init__(
        self,
        recognizer: Recognizer,
        uploads: Sequence[UploadedFile],
        options: PreparationOptions,
        run: RunEntry | None = None,
    ) -> None:
        self.uploads, self.run = uploads, run
        self.promise_labels: dict[int, int] = {}  # by row: the class or LEFT_OUT, for a new promise
        self.promise_thumbnails: dict[int, bytes] = {}  # by row: the JPEGs to label
        self.labels: dict[int, int] = {}  # by row of the results: the class that you chose, or LEFT_OUT
        self.added_rows: set[int] = set()  # that are in the catalogue now
        self.addition_task: PictureTask | None = None  # that adds pictures to the catalogue
        self.addition = ""  # what the last addition to the catalogue did, as a sentence
        self.sorting_task: PictureTask | None = None
        self.sorted_folder: Path | None = None  # where the pictures were sorted to
        self.fits_into_zip = False  # the sorted folder
        self.sorting = ""  # what was sorted, as a sentence
        self.selected_cell: tuple[int | None, int | None] | None = None  # true and predicted class in the matrix
        self.next_run_id = ""  # the run that was trained again with what was added
        self.classes: ClassList = FASHION_CLASSES if run is None or run.record is None else run.record.data.class_list
        self._progress = progress = _Progress()
        side = batch.THUMBNAIL_SIDE if run is None else LABELLING_SIDE

        def work(_: Report) -> None:
            try:
                with open_picture_sources(uploads) as sources:
                    if len(sources) > MAX_FOLDER_FILES:
                        raise PictureError(
                            f"These are {len(sources):,} pictures; the limit is {MAX_FOLDER_FILES:,}. Choose fewer."
                        )
                    progress.n_pictures = len(sources)
                    for result in batch.predict_sources(
                        recognizer, sources, options, thumbnail_side=side, stop_event=progress.stop_event
                    ):
                        progress.results.append(result)
                if len(progress.results) < progress.n_pictures:
                    raise JobCancelled("Cancelled.")
            finally:
                progress.end = time.monotonic()

        self._task = PictureTask(work)
        self.thread = self._task.thread
        weakref.finalize(self, progress.stop_event.set)

    @property
    def state(self) -> JobState:
        return self._task.status.state

    @property
    def failure_reason(self) -> str:
        """Why it failed, for the visitor."""
        return self._task.status.message

    @property
    def results(self) -> list[PictureResult]:
        """The results so far."""
        return list(self._progress.results)

    @property
    def n_pictures(self) -> int | None:
        """Number of pictures; None until they have been listed."""
        return self._progress.n_pictures

    @property
    def fraction(self) -> float:
        """How much is done, 0 to 1."""
        return len(self._progress.results) / self._progress.n_pictures if self._progress.n_pictures else 0.0

    @property
    def elapsed_seconds(self) -> float:
        """How long it has taken."""
        end = time.monotonic() if self._progress.end is None else self._progress.end
        return end - self._progress.start

    @property
    def seconds_left(self) -> float | None:
        """Estimated from the pictures done so far; None before the first."""
        return self.elapsed_seconds * (1 - self.fraction) / self.fraction if self.fraction else None

    def cancel(self) -> None:
        """Stop soon; the results so far stay."""
        self._progress.stop_event.set()

    def wait(self, timeout: float) -> None:
        """Until it has ended, at most ``timeout`` seconds."""
        self.thread.join(timeout)
