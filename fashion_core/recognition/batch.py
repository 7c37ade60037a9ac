"""Predict many pictures: threads prepare them, and the networks compute several at a time."""

import hashlib
import io
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from threading import Event

import numpy as np

from fashion_core.errors import PictureError
from fashion_core.jobs.process import count_cores
from fashion_core.recognition.recognizer import GarmentPrediction, Recognizer
from fashion_core.vision.decode import MAX_PICTURE_BYTES, decode_picture
from fashion_core.vision.parallel import map_in_order, preparation_errors
from fashion_core.vision.picture_sources import PictureSource
from fashion_core.vision.preparation import (
    DEFAULT_PREPARATION_OPTIONS,
    PictureKind,
    PreparationOptions,
    PreparationStep,
    PreparedPicture,
    prepare_picture,
)

PICTURES_PER_BATCH = 16  # that each network computes at once
THUMBNAIL_SIDE = 64  # pixels of the longest side


@dataclass(frozen=True)
class PictureResult:
    """The prediction for one picture, or the ``error`` that says why there is none. ``notice``: a sentence about the
    file, such as that its end is missing, or empty.

    ``image`` uint8 [28, 28]: what the networks see. ``thumbnail``: a JPEG, empty if the file can't be decoded.
    ``sha256``: of the file's content, hexadecimal; empty if it can't be read or is larger than a picture may be.
    ``duplicate_of``: the name of an earlier picture with the same content, or empty. ``steps``: of the preparation,
    empty unless asked for.
    """

    name: str
    folders: tuple[str, ...]
    error: str = ""
    notice: str = ""
    kind: PictureKind | None = None
    prediction: GarmentPrediction | None = None
    image: np.ndarray | None = None
    thumbnail: bytes = b""
    sha256: str = ""
    duplicate_of: str = ""
    steps: tuple[PreparationStep, ...] = ()


def drop_preparation_steps(result: PictureResult) -> PictureResult:
    """The same result without the images of its preparation, which take most of the memory."""
    return replace(result, steps=())


# a result that still lacks its prediction, and the prepared picture unless there is an error
_LoadedPicture = tuple[PictureResult, PreparedPicture | None]


def predict_sources(
    recognizer: Recognizer,
    sources: Iterable[PictureSource],
    options: PreparationOptions = DEFAULT_PREPARATION_OPTIONS,
    *,
    keep_steps: bool = False,
    n_threads: int | None = None,
    thumbnail_side: int = THUMBNAIL_SIDE,
    find_duplicates: bool = True,
    stop_event: Event | None = None,
) -> Generator[PictureResult, None, None]:
    """Yield a result for each source, in order. A picture that can't be read gets a result with an error.

    ``n_threads`` prepare pictures (default: one for each core) while the caller's thread runs the networks; ``sources``
    are taken one by one in that thread too. ``thumbnail_side``: pixels of the longest side of the results' thumbnails;
    0 for none. A few dozen pictures are in memory at a time and, to
    ``find_duplicates``, the name and the hash of every picture. Ends early once ``stop_event`` is set or the iterator
    is closed.
    """
    import cv2

    cv2.setNumThreads(1)  # several pictures at once use the cores better than several threads for one
    n_threads = n_threads or count_cores()
    name_by_hash: dict[str, str] | None = {} if find_duplicates else None
    ready: list[_LoadedPicture] = []
    load = partial(_load_picture, options=options, keep_steps=keep_steps, thumbnail_side=thumbnail_side)
    with closing(map_in_order(load, sources, n_threads=n_threads, n_ahead=PICTURES_PER_BATCH + n_threads)) as loaded:
        for picture in loaded:
            if stop_event is not None and stop_event.is_set():
                return
            ready.append(picture)
            if len(ready) == PICTURES_PER_BATCH:
                yield from _predict_batch(recognizer, ready, name_by_hash)
                ready = []
        if ready:
            yield from _predict_batch(recognizer, ready, name_by_hash)


def _load_picture(
    source: PictureSource, *, options: PreparationOptions, keep_steps: bool, thumbnail_side: int
) -> _LoadedPicture:
    result = PictureResult(source.name, source.folders)
    try:
        with preparation_errors():
            content = source.read()
            if len(content) <= MAX_PICTURE_BYTES:  # otherwise this is only the beginning of the file
                result = replace(result, sha256=hashlib.sha256(content).hexdigest())
            picture = decode_picture(content)
            thumbnail = _thumbnail(picture.rgb, thumbnail_side) if thumbnail_side else b""
            result = replace(result, notice=picture.notice, thumbnail=thumbnail)
            prepared = prepare_picture(picture, options)
            result = replace(result, notice=" ".join(filter(None, (picture.notice, prepared.notice))))
    except PictureError as error:
        return replace(result, error=str(error)), None
    steps = prepared.steps if keep_steps else ()
    return replace(result, kind=prepared.kind, image=prepared.image, steps=steps), prepared


def read_thumbnail(source: PictureSource, side: int) -> bytes:
    """A JPEG with at most ``side`` pixels a side; empty if the file can't be read."""
    try:
        return _thumbnail(decode_picture(source.read()).rgb, side)
    except PictureError:
        return b""


def _thumbnail(rgb: np.ndarray, side: int) -> bytes:
    """A JPEG of uint8 [h, w, 3] with at most ``side`` pixels a side."""
    from PIL import Image

    image = Image.fromarray(rgb)
    image.thumbnail((side, side), reducing_gap=2)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=80)
    return buffer.getvalue()


def _predict_batch(
    recognizer: Recognizer, pictures: list[_LoadedPicture], name_by_hash: dict[str, str] | None
) -> Iterator[PictureResult]:
    all_prepared = [prepared for _, prepared in pictures if prepared is not None]
    predictions = iter(recognizer.predict_many(all_prepared))
    for result, prepared in pictures:
        duplicate_of = ""
        if name_by_hash is not None and result.sha256:
            duplicate_of = name_by_hash.get(result.sha256, "")
            name_by_hash.setdefault(result.sha256, result.name)
        prediction = None if prepared is None else next(predictions)
        yield replace(result, prediction=prediction, duplicate_of=duplicate_of)
