"""The garments that you saved, with their predictions and your corrections.

Nothing is written, not even an empty file, before the first ``GarmentStore.save``.
"""

import hashlib
import io
import json
import math
import sqlite3
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from PIL import Image

from fashion_core.data.classes import N_CLASSES, NONE_OF_THESE_LABEL
from fashion_core.errors import DamagedGarmentsError, SavedGarmentsError
from fashion_core.recognition.garment_database import GarmentDatabase
from fashion_core.recognition.recognizer import GarmentPrediction
from fashion_core.recognition.saved_garment import FeedbackAccuracy, ModelPrediction, SavedGarment
from fashion_core.storage.access import check_change
from fashion_core.storage.folder import user_data_folder
from fashion_core.vision.preparation import PREPARATION_KINDS, PreparedPicture

DATABASE_FILE_NAME = "garments.sqlite3"
MAX_SAVED_SIDE = 320  # pixels of the longest side of a saved picture
LOCK_TIMEOUT_SECONDS = 3.0  # to wait for another window
SAVED_AT_TIME_FORMAT = "%Y-%m-%d %H:%M:%S.%f"
FEEDBACK_ACCURACY_SQL = """
SELECT count(correction),
       count(*) FILTER (WHERE correction = label),
       count(*) FILTER (WHERE correction = ?1),
       count(*) FILTER (WHERE correction = ?1 AND strangeness > 1)
FROM garments
"""


def garment_fingerprint(prepared: PreparedPicture, prediction: GarmentPrediction) -> str:
    """Identifies a saved garment: a hash of its preparation steps and its predicted class."""
    digest = hashlib.blake2b(f"{prepared.kind} {prediction.probabilities.argmax()}".encode(), digest_size=16)
    for step in prepared.steps:
        digest.update(repr(step.image.shape).encode())
        digest.update(np.ascontiguousarray(step.image).tobytes())
    return digest.hexdigest()


class GarmentStore:
    """Saved garments in the SQLite file ``path``, by default ``garments.sqlite3`` in the per-user folder.

    ``lock_timeout``: seconds to wait for another window that is writing. Every operation raises ``SavedGarmentsError``
    when the file is in use, read-only, from a newer version or the disk is full, and ``DamagedGarmentsError`` when the
    file is damaged; nothing has changed then.
    """

    def __init__(self, path: Path | None = None, *, lock_timeout: float = LOCK_TIMEOUT_SECONDS) -> None:
        self.path = path or user_data_folder() / DATABASE_FILE_NAME
        self._database = GarmentDatabase(self.path, lock_timeout)

    def save(
        self,
        picture: np.ndarray,
        prepared: PreparedPicture,
        prediction: GarmentPrediction,
        model_probabilities: Mapping[str, np.ndarray],
    ) -> SavedGarment:
        """Save ``picture`` uint8 [h, w, 3] with its prediction and the probabilities float32 [10] of models by title.

        If a garment with the same fingerprint is saved already, that one is returned instead.
        """
        check_change(megabytes=1)
        models = {
            title: {"class": int(p.argmax()), "probability": min(1.0, float(p.max()))}
            for title, p in model_probabilities.items()
        }
        values = {
            "fingerprint": garment_fingerprint(prepared, prediction),
            "kept_at": datetime.now(UTC).strftime(SAVED_AT_TIME_FORMAT),
            "kind": prepared.kind,
            "label": int(prediction.probabilities.argmax()),
            "confidence": min(1.0, float(prediction.probabilities.max())),
            "strangeness": prediction.ood_score if math.isfinite(prediction.ood_score) else None,
            "models": json.dumps(models),
            "result": _encode_png(Image.fromarray(prepared.image)),
            "picture": _encode_png(_shrink_picture(picture)),
        }
        insert = f"INSERT INTO garments ({', '.join(values)}) VALUES (:{', :'.join(values)})"
        with self._database.transaction(writes=True) as connection:
            connection.execute(f"{insert} ON CONFLICT (fingerprint) DO NOTHING", values)
            row = connection.execute("SELECT * FROM garments WHERE fingerprint = :fingerprint", values).fetchone()
            return self._read_row(row)

    def find_by_fingerprint(self, fingerprint: str) -> SavedGarment | None:
        """The garment with this ``fingerprint``; None when it isn't saved."""
        rows = list(self._select("SELECT * FROM garments WHERE fingerprint = ?", fingerprint))
        return self._read_row(rows[0]) if rows else None

    def set_user_correction(self, garment_id: int, label: int | None) -> None:
        """Store what you say the garment is: a class, ``NONE_OF_THESE_LABEL``, or None to remove the correction."""
        if label is not None and label not in range(NONE_OF_THESE_LABEL, N_CLASSES):
            raise ValueError("a correction is one of the ten classes or none of these")
        if not self._write("UPDATE garments SET correction = ? WHERE id = ?", label, garment_id):
            raise SavedGarmentsError("This garment has been deleted. Save it again to correct it.")

    def count(self) -> int:
        """Number of saved garments."""
        return sum(n for (n,) in self._select("SELECT count(*) FROM garments"))

    def load_page(self, number: int, size: int) -> list[SavedGarment]:
        """Page ``number``, from 1, of ``size`` garments, newest first."""
        if number < 1 or size < 1:
            raise ValueError("page numbers and sizes begin at 1")
        rows = self._select("SELECT * FROM garments ORDER BY id DESC LIMIT ? OFFSET ?", size, (number - 1) * size)
        return [self._read_row(row) for row in rows]

    def compute_accuracy(self) -> FeedbackAccuracy:
        """How often the prediction was correct, among garments with a correction."""
        rows = list(self._select(FEEDBACK_ACCURACY_SQL, NONE_OF_THESE_LABEL))
        n, n_same_class, n_none_of_these, n_warned = rows[0] if rows else (0, 0, 0, 0)
        return FeedbackAccuracy(n, n_same_class + n_warned, n_none_of_these, n_warned)

    def delete(self, garment_id: int) -> None:
        """Delete one garment, if it is still there, and overwrite its picture."""
        if self._write("DELETE FROM garments WHERE id = ?", garment_id) is not None:
            self._database.erase_deleted(vacuum=False)

    def delete_all(self) -> None:
        """Delete all garments and shrink the file, so that no picture remains in it."""
        if self._write("DELETE FROM garments") is not None:
            self._database.erase_deleted(vacuum=True)

    def iterate_garments(self) -> Iterator[SavedGarment]:
        """All garments, oldest first, one at a time in memory."""
        for row in self._select("SELECT * FROM garments ORDER BY id"):
            yield self._read_row(row)

    def rename_if_damaged(self) -> Path | None:
        """Rename a damaged file, so that the next garment starts a new one; its new path, or None if undamaged."""
        try:
            self._database.check_integrity()
            for _ in self.iterate_garments():
                pass
        except DamagedGarmentsError:
            return self._database.rename(f"garments-damaged-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}.sqlite3")
        return None

    def _is_empty(self) -> bool:
        """Whether nothing was ever saved; then there is no file to open."""
        try:
            return self.path.stat().st_size == 0
        except FileNotFoundError:
            return True
        except OSError as error:
            raise SavedGarmentsError(
                f"{self.path} cannot be read ({error.strerror}). Set FASHION_HOME to a folder that can."
            ) from error

    def _select(self, sql: str, *parameters: object) -> Iterator[sqlite3.Row]:
        if not self._is_empty():
            with self._database.transaction() as connection:
                yield from connection.execute(sql, parameters)

    def _write(self, sql: str, *parameters: object) -> int | None:
        """The number of rows changed; None if nothing was ever saved."""
        if self._is_empty():
            return None
        with self._database.transaction(writes=True) as connection:
            return connection.execute(sql, parameters).rowcount

    def _read_row(self, row: sqlite3.Row) -> SavedGarment:
        try:
            return SavedGarment(
                id=row["id"],
                saved_at=datetime.strptime(row["kept_at"], SAVED_AT_TIME_FORMAT).replace(tzinfo=UTC),
                picture=row["picture"],
                image=row["result"],
                kind=PREPARATION_KINDS[PREPARATION_KINDS.index(row["kind"])],
                label=row["label"],
                confidence=row["confidence"],
                ood_score=math.nan if row["strangeness"] is None else row["strangeness"],
                model_predictions={
                    str(title): ModelPrediction(int(values["class"]), float(values["probability"]))
                    for title, values in json.loads(row["models"]).items()
                },
                correction=row["correction"],
            )
        except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
            raise DamagedGarmentsError(
                f"{self.path} contains a garment that cannot be read; nothing was changed. "
                "Replace it with a backup, or set it aside to start a new one."
            ) from error


def _shrink_picture(picture: np.ndarray) -> Image.Image:
    """At most 320 pixels on the longest side. Only pixels of uint8 [h, w, 3] remain, no metadata of the file."""
    image = Image.fromarray(picture)
    image.thumbnail((MAX_SAVED_SIDE, MAX_SAVED_SIDE))
    return image


def _encode_png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()
