"""Sort a folder: predict its pictures, decide, and put each into its folder."""

import os
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from threading import Event

from fashion_core.data.classes import ClassList
from fashion_core.errors import ConfigError, PictureError, StorageError
from fashion_core.recognition.batch import PictureResult, predict_sources
from fashion_core.recognition.recognizer import Recognizer
from fashion_core.sorting.decision import decide
from fashion_core.sorting.journal import Journal
from fashion_core.sorting.known_folders import note_sorted_folder
from fashion_core.sorting.listing import list_pictures, refuse_zip
from fashion_core.sorting.output import finish_interrupted, open_output, transfer_all
from fashion_core.sorting.promise import SortingPromise
from fashion_core.sorting.table import write_tables
from fashion_core.sorting.transfer import Mode, hash_file
from fashion_core.vision.picture_sources import PictureSource, make_file_source
from fashion_core.vision.preparation import PreparationOptions

PICTURES_PER_COMMIT = 64  # between two writes to the journal; at most so many are predicted twice after a kill


@dataclass
class SortProgress:
    """How many of ``n`` pictures are handled: ``n_known`` earlier, the others now, by decision. ``n_failed`` of the
    unreadable ones disappeared or changed meanwhile, or cannot be removed."""

    n: int = 0
    n_known: int = 0
    n_resumed: int = 0
    n_failed: int = 0
    decisions: Counter[str] = field(default_factory=Counter)

    @property
    def n_handled(self) -> int:
        """Pictures that are behind it."""
        return self.n_known + self.decisions.total()


@dataclass(frozen=True)
class SortingModel:
    """What decides: networks, their classes, how pictures are prepared for them, and the promise."""

    recognizer: Recognizer
    classes: ClassList
    options: PreparationOptions
    promise: SortingPromise


def sort_folder(
    model: SortingModel,
    source: Path,
    output: Path,
    *,
    mode: Mode = "copy",
    parquet: bool = False,
    report: Callable[[SortProgress], None] = lambda progress: None,
    stop_event: Event | None = None,
) -> SortProgress:
    """Sort the pictures below ``source`` into ``output`` and write its table; ``report`` is called for each batch.

    Pictures that are sorted already, by path and content, are skipped, and what an interrupted call left is finished
    first. Raises ``ConfigError`` for folders that don't fit each other, ``StorageError`` when one cannot be used: then
    what is done is done, and the next call continues.
    """
    source, output = Path(os.path.abspath(source)), Path(os.path.abspath(output))
    _check_folders(source, output, mode)
    with open_output(output) as journal:
        note_sorted_folder(output)
        progress = SortProgress()
        try:
            resumed = finish_interrupted(journal)
            progress.n_resumed, progress.n_failed = resumed.n, resumed.n_failed
            progress.n = journal.list_paths(list_pictures(source, output, must_be_writable=mode == "move"))
            if not progress.n and not journal.has_pictures():
                raise PictureError(f"There are no pictures in {source}. Give another folder.")
            _sort_listed(journal, model, mode, progress, report, stop_event)
        finally:  # also after an error
            write_tables(journal, parquet=parquet)
        return progress


def _sort_listed(
    journal: Journal,
    model: SortingModel,
    mode: Mode,
    progress: SortProgress,
    report: Callable[[SortProgress], None],
    stop_event: Event | None,
) -> None:
    promise_id = journal.add_promise(model.promise, model.classes)
    paths: deque[Path] = deque()
    sources = _new_sources(journal, mode, progress, paths)
    results = predict_sources(
        model.recognizer, sources, model.options, thumbnail_side=0, find_duplicates=False, stop_event=stop_event
    )
    with closing(results):  # ends its threads, also after an error
        while batch := list(islice(results, PICTURES_PER_COMMIT)):
            batch_paths = [paths.popleft() for _ in batch]
            sort_batch(journal, batch, batch_paths, model.classes, model.promise, promise_id, mode, progress)
            report(progress)


def _check_folders(source: Path, output: Path, mode: Mode) -> None:
    if not source.exists():
        raise StorageError(f"There is no folder {source}. Give another.")
    if os.path.realpath(source) == os.path.realpath(output):
        raise ConfigError("The pictures cannot be sorted into the folder that they lie in. Give another with --out.")
    if mode == "link":
        existing = next(folder for folder in (output, *output.parents) if folder.exists())
        if existing.stat().st_dev != source.stat().st_dev:
            raise ConfigError(f"{source} and {output} are on different disks, so use --mode copy or --mode move.")


def _new_sources(journal: Journal, mode: Mode, progress: SortProgress, paths: deque[Path]) -> Iterator[PictureSource]:
    """The listed pictures that are not sorted yet; their paths are appended to ``paths`` in the same order."""
    for path in journal.listed_paths():
        if _is_known(path, journal.known_hashes(path, mode)):
            progress.n_known += 1
            continue
        paths.append(path)
        source = make_file_source(path)
        is_zip = path.suffix.lower() == ".zip"
        yield PictureSource(source.name, (), refuse_zip) if is_zip else source


def _is_known(path: Path, hashes: list[str]) -> bool:
    try:
        return bool(hashes) and hash_file(path) in hashes
    except OSError:
        return False  # reading it as a picture says why


def sort_batch(
    journal: Journal,
    batch: Sequence[PictureResult],
    paths: Sequence[Path],
    classes: ClassList,
    promise: SortingPromise,
    promise_id: int,
    mode: Mode,
    progress: SortProgress,
) -> None:
    """Decide on the pictures at ``paths`` and transfer their files; ``progress`` counts them."""
    decided = decide(batch, classes, promise)
    pictures = [(path, r.sha256, d) for path, r, d in zip(paths, batch, decided, strict=True)]
    planned = journal.plan(pictures, promise_id, mode)
    progress.decisions.update(d.decision for d in decided)
    progress.n_failed += transfer_all(journal, planned).n_failed
