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

from fashion_core.data.classes import N_CLASSES
from fashion_core.errors import DamagedGarmentsError, SavedGarmentsError
from fashion_core.recognition.kept_garment import NONE_OF_THESE, FeedbackAccuracy, ModelPrediction, SavedGarment
from fashion_core.recognition.recognizer import GarmentPrediction
from fashion_core.storage.folder import user_data_folder
from fashion_core.vision.preparation import PICTURE_KINDS, PreparedPicture

if TYPE_CHECKING:  # SQLAlchemy takes half a second to import, and most visitors keep nothing
    from fashion_core.recognition.garment_database import GarmentDatabase, GarmentRow

DATABASE_FILE_NAME = "garments.sqlite3"
MAX_SAVED_SIDE = 320  # pixels of a kept picture: enough to recognize one's garment by
LOCK_TIMEOUT_SECONDS = 3.0  # seconds to wait for another window


def garment_fingerprint(prepared: PreparedPicture, prediction: GarmentPrediction) -> str:
    """By what a kept garment is found again: all steps of its preparation, and the class that was answered."""
    digest = hashlib.blake2b(f"{prepared.kind} {prediction.probabilities.argmax()}".encode(), digest_size=16)
    for step in prepared.steps:
        digest.update(repr(step.image.shape).encode())
        digest.update(np.ascontiguousarray(step.image).tobytes())
    return digest.hexdigest()


class GarmentStore:
    """The kept garments in the SQLite file ``path``, ``garments.sqlite3`` in the per-user folder unless given.

    ``patience``: seconds to wait for another window that is writing. Every operation raises ``GarmentsError`` saying
    what to do when the file is in use, read-only, from a newer version or on a full disk, and ``DamagedGarments`` when
    it is damaged; nothing has changed then.
    """

    def __init__(self, path: Path | None = None, *, patience: float = LOCK_TIMEOUT_SECONDS) -> None:
        self.path = path or user_data_folder() / DATABASE_FILE_NAME
        self._patience = patience

    @cached_property
    def _file(self) -> "GarmentDatabase":
        from fashion_core.recognition.garment_database import GarmentDatabase

        return GarmentDatabase(self.path, self._patience)

    def _is_empty(self) -> bool:
        """Whether nothing was ever kept: then SQLAlchemy is not needed."""
        try:
            return self.path.stat().st_size == 0
        except FileNotFoundError:
            return True
        except OSError as error:
            raise SavedGarmentsError(
                f"{self.path} cannot be read ({error.strerror}). Set FASHION_HOME to a folder that can."
            ) from error

    def save(
        self,
        picture: np.ndarray,
        prepared: PreparedPicture,
        prediction: GarmentPrediction,
        model_probabilities: Mapping[str, np.ndarray],
    ) -> SavedGarment:
        """Keep ``picture`` uint8 [h, w, 3] with its answers; ``models``: probabilities float32 [10] by title.

        A garment that is there already, prepared and answered alike, is returned as it is instead.
        """
        from fashion_core.recognition.garment_database import GarmentRow

        row = GarmentRow(
            fingerprint=garment_fingerprint(prepared, prediction),
            kept_at=datetime.now(UTC).replace(tzinfo=None),
            kind=prepared.kind,
            label=int(prediction.probabilities.argmax()),
            confidence=min(1.0, float(prediction.probabilities.max())),
            strangeness=prediction.ood_score if math.isfinite(prediction.ood_score) else None,
            models={
                title: {"class": int(p.argmax()), "probability": min(1.0, float(p.max()))}
                for title, p in model_probabilities.items()
            },
            result=_encode_png(Image.fromarray(prepared.image)),
            picture=_encode_png(_shrink_picture(picture)),
        )
        with self._file.write_session() as session:
            kept = next(self._read_rows(session.query(GarmentRow).filter_by(fingerprint=row.fingerprint)), None)
            if kept is None:
                session.add(row)
                session.flush()  # gives it its number
                kept = self._read_row(row)
        return kept

    def find_by_fingerprint(self, fingerprint: str) -> SavedGarment | None:
        """The garment with this ``fingerprint``; None when it is not kept."""
        if self._is_empty():
            return None
        from fashion_core.recognition.garment_database import GarmentRow

        with self._file.read_session() as session:
            return next(self._read_rows(session.query(GarmentRow).filter_by(fingerprint=fingerprint)), None)

    def set_correction(self, garment_id: int, label: int | None) -> None:
        """Note what the visitor says it is: a class, ``NONE_OF_THESE``, or None to take it back."""
        if label is not None and label not in range(NONE_OF_THESE, N_CLASSES):
            raise ValueError("a correction is one of the ten classes or none of these")
        if self._is_empty():
            raise self._deleted_error()
        from fashion_core.recognition.garment_database import GarmentRow

        with self._file.write_session() as session:
            if not session.query(GarmentRow).filter_by(id=garment_id).update({GarmentRow.correction: label}):
                raise self._deleted_error()

    def count(self) -> int:
        """How many garments are kept."""
        if self._is_empty():
            return 0
        from fashion_core.recognition.garment_database import GarmentRow

        with self._file.read_session() as session:
            return session.query(GarmentRow).count()

    def load_page(self, number: int, size: int) -> list[SavedGarment]:
        """The ``number``-th page from 1, newest first, of ``size`` garments."""
        if number < 1 or size < 1:
            raise ValueError("pages begin at 1 and hold something")
        if self._is_empty():
            return []
        from fashion_core.recognition.garment_database import GarmentRow

        with self._file.read_session() as session:
            rows = session.query(GarmentRow).order_by(GarmentRow.id.desc()).offset((number - 1) * size).limit(size)
            return list(self._read_rows(rows))

    def compute_accuracy(self) -> FeedbackAccuracy:
        """How often the answer was right so far."""
        if self._is_empty():
            return FeedbackAccuracy(0, 0, 0, 0)
        from sqlalchemy import func

        from fashion_core.recognition.garment_database import GarmentRow

        outside, warned = GarmentRow.correction == NONE_OF_THESE, GarmentRow.strangeness > 1
        with self._file.read_session() as session:
            counts = session.query(
                func.count(GarmentRow.correction),
                func.count().filter(GarmentRow.correction == GarmentRow.label),
                func.count().filter(outside),
                func.count().filter(outside, warned),
            ).one()
        n, named, none_of_these, warned_of = map(int, counts)
        return FeedbackAccuracy(n, named + warned_of, none_of_these, warned_of)

    def delete(self, garment_id: int) -> None:
        """Delete one garment, if it is still there; its picture is overwritten."""
        if self._is_empty():
            return
        from fashion_core.recognition.garment_database import GarmentRow

        with self._file.write_session() as session:
            session.query(GarmentRow).filter_by(id=garment_id).delete()
        self._file.erase_deleted(vacuum=False)

    def delete_all(self) -> None:
        """Delete every garment and shrink the file, so that no picture is left in it."""
        if self._is_empty():
            return
        from fashion_core.recognition.garment_database import GarmentRow

        with self._file.write_session() as session:
            session.query(GarmentRow).delete()
        self._file.erase_deleted(vacuum=True)

    def export(self, into: BinaryIO) -> int:
        """Write all garments to ``into`` as ``export.write_zip`` does, oldest first; returns how many."""
        from fashion_core.recognition.garment_export import write_garments_zip

        if self._is_empty():
            return write_garments_zip([], into)
        from fashion_core.recognition.garment_database import GarmentRow

        with self._file.read_session() as session:
            rows = session.query(GarmentRow).order_by(GarmentRow.id).yield_per(50)
            return write_garments_zip(self._read_rows(rows), into)

    def rename_if_damaged(self) -> Path | None:
        """Rename a damaged file so that a new one can begin; where it is now, or None when it is sound."""
        try:
            self._file.check_integrity()
            self.export(io.BytesIO())  # reads every garment
        except DamagedGarmentsError:
            return self._file.rename(f"garments-damaged-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}.sqlite3")
        return None

    def _read_rows(self, rows: Any) -> Iterator[SavedGarment]:
        try:
            for row in rows:
                yield self._read_row(row)
        except (ValueError, TypeError) as error:  # text that is no JSON or no time
            raise self._unreadable_error() from error

    def _read_row(self, row: "GarmentRow") -> SavedGarment:
        try:
            return SavedGarment(
                id=row.id,
                saved_at=row.kept_at.replace(tzinfo=UTC),
                picture=row.picture,
                image=row.result,
                kind=PICTURE_KINDS[PICTURE_KINDS.index(row.kind)],
                label=row.label,
                confidence=row.confidence,
                ood_score=math.nan if row.strangeness is None else row.strangeness,
                model_predictions={
                    str(title): ModelPrediction(int(said["class"]), float(said["probability"]))
                    for title, said in row.models.items()
                },
                correction=row.correction,
            )
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise self._unreadable_error() from error

    def _unreadable_error(self) -> DamagedGarmentsError:
        return DamagedGarmentsError(
            f"{self.path} holds a garment that cannot be read, and is left as it is. "
            "Put a copy of it in its place, or set it aside so that a new one begins."
        )

    def _deleted_error(self) -> SavedGarmentsError:
        return SavedGarmentsError("This garment is no longer kept: it was deleted. Keep it again to say what it is.")


def _shrink_picture(picture: np.ndarray) -> Image.Image:
    """uint8 [h, w, 3] at most 320 pixels long; nothing of the file that it came from is left."""
    image = Image.fromarray(picture)
    image.thumbnail((MAX_SAVED_SIDE, MAX_SAVED_SIDE))
    return image


def _encode_png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()
