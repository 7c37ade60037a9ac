"""Many pictures at once: prepared side by side on the machine's cores, answered several at a time."""

import hashlib
import io
import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from threading import Event

import numpy as np

from fashion_core.errors import PictureError
from fashion_core.recognition.recognizer import Answer, Recognizer
from fashion_core.recognition.sources import Source
from fashion_core.vision.opening import open_picture
from fashion_core.vision.pipeline import NO_WISHES, Kind, Prepared, Step, Wishes, prepare

TOGETHER = 16  # pictures that the networks are asked about at once
THUMBNAIL = 64  # pixels of the longest side
CANNOT_PREPARE = "This picture cannot be prepared. Save it anew, as a PNG or JPEG."


@dataclass(frozen=True)
class Row:
    """What became of one picture.

    Either ``error`` says why there is no answer, or ``answer``, ``kind`` and ``result`` uint8 [28, 28] are there.
    ``thumbnail``: a JPEG, empty where the file is no picture. ``same_as``: the name of an earlier picture with the same
    content, or empty. ``steps``: how it was prepared, empty unless asked for.
    """

    name: str
    folders: tuple[str, ...]
    error: str = ""
    kind: Kind | None = None
    answer: Answer | None = None
    result: np.ndarray | None = None
    thumbnail: bytes = b""
    same_as: str = ""
    steps: tuple[Step, ...] = ()


def without_steps(row: Row) -> Row:
    """The same row, without the large pictures of how it was prepared."""
    return replace(row, steps=())


@dataclass(frozen=True)
class _Ready:
    """A picture on its way to the networks, or why it never gets there."""

    source: Source
    digest: bytes = b""
    thumbnail: bytes = b""
    prepared: Prepared | None = None
    error: str = ""


def answers(
    recognizer: Recognizer,
    sources: Sequence[Source],
    wishes: Wishes = NO_WISHES,
    *,
    corrected: bool = True,
    keep_steps: bool = False,
    workers: int | None = None,
    stop: Event | None = None,
) -> Iterator[Row]:
    """A row a source, in order, as they come; a picture that cannot be read is a row, and the others go on.

    ``workers`` threads prepare (default: one a core; OpenCV and Pillow let them run side by side) while the caller's
    thread asks the networks. A few dozen pictures are held at a time, however many there are. Ends early once ``stop``
    is set or the iterator is closed.
    """
    workers = workers or os.cpu_count() or 1
    seen: dict[bytes, str] = {}
    waiting: deque[Future[_Ready]] = deque()
    ready: list[_Ready] = []
    coming = iter(sources)
    pool = ThreadPoolExecutor(workers, thread_name_prefix="prepare")
    try:
        while True:
            while len(waiting) < TOGETHER + workers and (source := next(coming, None)) is not None:
                waiting.append(pool.submit(_ready, source, wishes))
            if waiting:
                ready.append(waiting.popleft().result())
            if stop is not None and stop.is_set():
                return
            if len(ready) == TOGETHER or not waiting:
                yield from _rows(recognizer, ready, corrected, keep_steps, seen)
                ready = []
                if not waiting:
                    return
    finally:
        pool.shutdown(cancel_futures=True)


def _ready(source: Source, wishes: Wishes) -> _Ready:
    import cv2

    digest = thumbnail = b""
    try:
        content = source.read()
        digest = hashlib.blake2b(content, digest_size=16).digest()
        rgb = open_picture(content)
        thumbnail = _thumbnail(rgb)
        return _Ready(source, digest, thumbnail, prepare(rgb, wishes))
    except PictureError as error:
        return _Ready(source, digest, thumbnail, error=str(error))
    except (cv2.error, ValueError, ArithmeticError, LookupError, MemoryError):  # told in the picture's row
        return _Ready(source, digest, thumbnail, error=CANNOT_PREPARE)


def _thumbnail(rgb: np.ndarray) -> bytes:
    """A small JPEG of uint8 [h, w, 3]."""
    from PIL import Image

    image = Image.fromarray(rgb)
    image.thumbnail((THUMBNAIL, THUMBNAIL), reducing_gap=2)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=80)
    return buffer.getvalue()


def _rows(
    recognizer: Recognizer, ready: list[_Ready], corrected: bool, keep_steps: bool, seen: dict[bytes, str]
) -> Iterator[Row]:
    prepared = [picture.prepared for picture in ready if picture.prepared is not None]
    found = iter(recognizer.answers(prepared, corrected=corrected))
    for picture in ready:
        name, folders = picture.source.name, picture.source.folders
        same_as = seen.get(picture.digest, "")
        if picture.digest:
            seen.setdefault(picture.digest, name)
        if picture.prepared is None:
            yield Row(name, folders, picture.error, thumbnail=picture.thumbnail, same_as=same_as)
            continue
        yield Row(
            name,
            folders,
            kind=picture.prepared.kind,
            answer=next(found),
            result=picture.prepared.result,
            thumbnail=picture.thumbnail,
            same_as=same_as,
            steps=picture.prepared.steps if keep_steps else (),
        )
