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
from fashion_core.recognition.picture_sources import PictureSource
from fashion_core.recognition.recognizer import GarmentPrediction, Recognizer
from fashion_core.vision.decode import decode_picture
from fashion_core.vision.preparation import (
    DEFAULT_OPTIONS,
    PictureKind,
    PreparationOptions,
    PreparationStep,
    PreparedPicture,
    prepare_picture,
)

PICTURES_PER_BATCH = 16  # pictures that the networks are asked about at once
THUMBNAIL_SIDE = 64  # pixels of the longest side
CANNOT_PREPARE_MESSAGE = "This picture cannot be prepared. Save it anew, as a PNG or JPEG."


@dataclass(frozen=True)
class PictureResult:
    """What became of one picture.

    Either ``error`` says why there is no answer, or ``answer``, ``kind`` and ``result`` uint8 [28, 28] are there.
    ``thumbnail``: a JPEG, empty where the file is no picture. ``same_as``: the name of an earlier picture with the same
    content, or empty. ``steps``: how it was prepared, empty unless asked for.
    """

    name: str
    folders: tuple[str, ...]
    error: str = ""
    kind: PictureKind | None = None
    prediction: GarmentPrediction | None = None
    image: np.ndarray | None = None
    thumbnail: bytes = b""
    duplicate_of: str = ""
    steps: tuple[PreparationStep, ...] = ()


def drop_steps(result: PictureResult) -> PictureResult:
    """The same row, without the large pictures of how it was prepared."""
    return replace(result, steps=())


@dataclass(frozen=True)
class _LoadedPicture:
    """A picture on its way to the networks, or why it never gets there."""

    source: PictureSource
    digest: bytes = b""
    thumbnail: bytes = b""
    prepared: PreparedPicture | None = None
    error: str = ""


def predict_pictures(
    recognizer: Recognizer,
    sources: Sequence[PictureSource],
    options: PreparationOptions = DEFAULT_OPTIONS,
    *,
    apply_correction: bool = True,
    keep_steps: bool = False,
    n_threads: int | None = None,
    stop_event: Event | None = None,
) -> Iterator[PictureResult]:
    """A row a source, in order, as they come; a picture that cannot be read is a row, and the others go on.

    ``workers`` threads prepare (default: one a core; OpenCV and Pillow let them run side by side) while the caller's
    thread asks the networks. A few dozen pictures are held at a time, however many there are. Ends early once ``stop``
    is set or the iterator is closed.
    """
    n_threads = n_threads or os.cpu_count() or 1
    seen: dict[bytes, str] = {}
    waiting: deque[Future[_LoadedPicture]] = deque()
    ready: list[_LoadedPicture] = []
    coming = iter(sources)
    pool = ThreadPoolExecutor(n_threads, thread_name_prefix="prepare")
    try:
        while True:
            while len(waiting) < PICTURES_PER_BATCH + n_threads and (source := next(coming, None)) is not None:
                waiting.append(pool.submit(_load_picture, source, options))
            if waiting:
                ready.append(waiting.popleft().result())
            if stop_event is not None and stop_event.is_set():
                return
            if len(ready) == PICTURES_PER_BATCH or not waiting:
                yield from _predict_batch(recognizer, ready, apply_correction, keep_steps, seen)
                ready = []
                if not waiting:
                    return
    finally:
        pool.shutdown(cancel_futures=True)


def _load_picture(source: PictureSource, wishes: PreparationOptions) -> _LoadedPicture:
    import cv2

    digest = thumbnail = b""
    try:
        content = source.read()
        digest = hashlib.blake2b(content, digest_size=16).digest()
        rgb = decode_picture(content)
        thumbnail = _thumbnail(rgb)
        return _LoadedPicture(source, digest, thumbnail, prepare_picture(rgb, wishes))
    except PictureError as error:
        return _LoadedPicture(source, digest, thumbnail, error=str(error))
    except (cv2.error, ValueError, ArithmeticError, LookupError, MemoryError):  # told in the picture's row
        return _LoadedPicture(source, digest, thumbnail, error=CANNOT_PREPARE_MESSAGE)


def _thumbnail(rgb: np.ndarray) -> bytes:
    """A small JPEG of uint8 [h, w, 3]."""
    from PIL import Image

    image = Image.fromarray(rgb)
    image.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), reducing_gap=2)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=80)
    return buffer.getvalue()


def _predict_batch(
    recognizer: Recognizer, ready: list[_LoadedPicture], corrected: bool, keep_steps: bool, seen: dict[bytes, str]
) -> Iterator[PictureResult]:
    prepared = [picture.prepared for picture in ready if picture.prepared is not None]
    found = iter(recognizer.predict_many(prepared, apply_correction=corrected))
    for picture in ready:
        name, folders = picture.source.name, picture.source.folders
        same_as = seen.get(picture.digest, "")
        if picture.digest:
            seen.setdefault(picture.digest, name)
        if picture.prepared is None:
            yield PictureResult(name, folders, picture.error, thumbnail=picture.thumbnail, duplicate_of=same_as)
            continue
        yield PictureResult(
            name,
            folders,
            kind=picture.prepared.kind,
            prediction=next(found),
            image=picture.prepared.image,
            thumbnail=picture.thumbnail,
            duplicate_of=same_as,
            steps=picture.prepared.steps if keep_steps else (),
        )
