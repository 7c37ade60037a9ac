"""The garments that a visitor asked to keep, with what was answered and what they said it was.

Nothing is written, not even an empty file, before the first ``Memory.keep``.
"""

import hashlib
import io
import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from PIL import Image

from fashion_core.data.labels import N_CLASSES
from fashion_core.errors import DamagedGarments, GarmentsError
from fashion_core.recognition.kept_garment import NONE_OF_THESE, Accuracy, Garment, ModelAnswer
from fashion_core.recognition.recognizer import Answer
from fashion_core.storage.folder import home
from fashion_core.vision.pipeline import KINDS, Prepared

if TYPE_CHECKING:  # SQLAlchemy takes half a second to import, and most visitors keep nothing
    from fashion_core.recognition.garments_file import GarmentsFile, Row

NAME = "garments.sqlite3"
LONGEST_SIDE = 320  # pixels of a kept picture: enough to recognize one's garment by
PATIENCE = 3.0  # seconds to wait for another window


def fingerprint(prepared: Prepared, answer: Answer) -> str:
    """By what a kept garment is found again: all steps of its preparation, and the class that was answered."""
    digest = hashlib.blake2b(f"{prepared.kind} {answer.probabilities.argmax()}".encode(), digest_size=16)
    for step in prepared.steps:
        digest.update(repr(step.image.shape).encode())
        digest.update(np.ascontiguousarray(step.image).tobytes())
    return digest.hexdigest()


class Memory:
    """The kept garments in the SQLite file ``path``, ``garments.sqlite3`` in the per-user folder unless given.

    ``patience``: seconds to wait for another window that is writing. Every operation raises ``GarmentsError`` saying
    what to do when the file is in use, read-only, from a newer version or on a full disk, and ``DamagedGarments`` when
    it is damaged; nothing has changed then.
    """

    def __init__(self, path: Path | None = None, *, patience: float = PATIENCE) -> None:
        self.path = path or home() / NAME
        self._patience = patience

    @cached_property
    def _file(self) -> "GarmentsFile":
        from fashion_core.recognition.garments_file import GarmentsFile

        return GarmentsFile(self.path, self._patience)

    def _empty(self) -> bool:
        """Whether nothing was ever kept: then SQLAlchemy is not needed."""
        try:
            return self.path.stat().st_size == 0
        except FileNotFoundError:
            return True
        except OSError as error:
            raise GarmentsError(
                f"{self.path} cannot be read ({error.strerror}). Set FASHION_HOME to a folder that can."
            ) from error

    def keep(
        self, picture: np.ndarray, prepared: Prepared, answer: Answer, models: Mapping[str, np.ndarray]
    ) -> Garment:
        """Keep ``picture`` uint8 [h, w, 3] with its answers; ``models``: probabilities float32 [10] by title.

        A garment that is there already, prepared and answered alike, is returned as it is instead.
        """
        from fashion_core.recognition.garments_file import Row

        row = Row(
            fingerprint=fingerprint(prepared, answer),
            kept_at=datetime.now(UTC).replace(tzinfo=None),
            kind=prepared.kind,
            label=int(answer.probabilities.argmax()),
            confidence=min(1.0, float(answer.probabilities.max())),
            strangeness=answer.strangeness if math.isfinite(answer.strangeness) else None,
            models={
                title: {"class": int(p.argmax()), "probability": min(1.0, float(p.max()))}
                for title, p in models.items()
            },
            result=_png(Image.fromarray(prepared.result)),
            picture=_png(_small(picture)),
        )
        with self._file.writing() as session:
            kept = next(self._garments(session.query(Row).filter_by(fingerprint=row.fingerprint)), None)
            if kept is None:
                session.add(row)
                session.flush()  # gives it its number
                kept = self._garment(row)
        return kept

    def find(self, mark: str) -> Garment | None:
        """The garment with this ``fingerprint``; None when it is not kept."""
        if self._empty():
            return None
        from fashion_core.recognition.garments_file import Row

        with self._file.reading() as session:
            return next(self._garments(session.query(Row).filter_by(fingerprint=mark)), None)

    def correct(self, garment_id: int, label: int | None) -> None:
        """Note what the visitor says it is: a class, ``NONE_OF_THESE``, or None to take it back."""
        if label is not None and label not in range(NONE_OF_THESE, N_CLASSES):
            raise ValueError("a correction is one of the ten classes or none of these")
        if self._empty():
            raise self._gone()
        from fashion_core.recognition.garments_file import Row

        with self._file.writing() as session:
            if not session.query(Row).filter_by(id=garment_id).update({Row.correction: label}):
                raise self._gone()

    def count(self) -> int:
        """How many garments are kept."""
        if self._empty():
            return 0
        from fashion_core.recognition.garments_file import Row

        with self._file.reading() as session:
            return session.query(Row).count()

    def page(self, number: int, size: int) -> list[Garment]:
        """The ``number``-th page from 1, newest first, of ``size`` garments."""
        if number < 1 or size < 1:
            raise ValueError("pages begin at 1 and hold something")
        if self._empty():
            return []
        from fashion_core.recognition.garments_file import Row

        with self._file.reading() as session:
            rows = session.query(Row).order_by(Row.id.desc()).offset((number - 1) * size).limit(size)
            return list(self._garments(rows))

    def accuracy(self) -> Accuracy:
        """How often the answer was right so far."""
        if self._empty():
            return Accuracy(0, 0, 0, 0)
        from sqlalchemy import func

        from fashion_core.recognition.garments_file import Row

        outside, warned = Row.correction == NONE_OF_THESE, Row.strangeness > 1
        with self._file.reading() as session:
            counts = session.query(
                func.count(Row.correction),
                func.count().filter(Row.correction == Row.label),
                func.count().filter(outside),
                func.count().filter(outside, warned),
            ).one()
        n, named, none_of_these, warned_of = map(int, counts)
        return Accuracy(n, named + warned_of, none_of_these, warned_of)

    def delete(self, garment_id: int) -> None:
        """Delete one garment, if it is still there; its picture is overwritten."""
        if self._empty():
            return
        from fashion_core.recognition.garments_file import Row

        with self._file.writing() as session:
            session.query(Row).filter_by(id=garment_id).delete()
        self._file.wipe(shrink=False)

    def delete_all(self) -> None:
        """Delete every garment and shrink the file, so that no picture is left in it."""
        if self._empty():
            return
        from fashion_core.recognition.garments_file import Row

        with self._file.writing() as session:
            session.query(Row).delete()
        self._file.wipe(shrink=True)

    def export(self, into: BinaryIO) -> int:
        """Write all garments to ``into`` as ``export.write_zip`` does, oldest first; returns how many."""
        from fashion_core.recognition.export import write_zip

        if self._empty():
            return write_zip([], into)
        from fashion_core.recognition.garments_file import Row

        with self._file.reading() as session:
            rows = session.query(Row).order_by(Row.id).yield_per(50)
            return write_zip(self._garments(rows), into)

    def set_aside(self) -> Path | None:
        """Rename a damaged file so that a new one can begin; where it is now, or None when it is sound."""
        try:
            self._file.check()
            self.export(io.BytesIO())  # reads every garment
        except DamagedGarments:
            return self._file.rename(f"garments-damaged-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}.sqlite3")
        return None

    def _garments(self, rows: Any) -> Iterator[Garment]:
        try:
            for row in rows:
                yield self._garment(row)
        except (ValueError, TypeError) as error:  # text that is no JSON or no time
            raise self._unreadable() from error

    def _garment(self, row: "Row") -> Garment:
        try:
            return Garment(
                id=row.id,
                kept_at=row.kept_at.replace(tzinfo=UTC),
                picture=row.picture,
                result=row.result,
                kind=KINDS[KINDS.index(row.kind)],
                label=row.label,
                confidence=row.confidence,
                strangeness=math.nan if row.strangeness is None else row.strangeness,
                models={
                    str(title): ModelAnswer(int(said["class"]), float(said["probability"]))
                    for title, said in row.models.items()
                },
                correction=row.correction,
            )
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise self._unreadable() from error

    def _unreadable(self) -> DamagedGarments:
        return DamagedGarments(
            f"{self.path} holds a garment that cannot be read, and is left as it is. "
            "Put a copy of it in its place, or set it aside so that a new one begins."
        )

    def _gone(self) -> GarmentsError:
        return GarmentsError("This garment is no longer kept: it was deleted. Keep it again to say what it is.")


def _small(picture: np.ndarray) -> Image.Image:
    """uint8 [h, w, 3] at most 320 pixels long; nothing of the file that it came from is left."""
    image = Image.fromarray(picture)
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return image


def _png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()
