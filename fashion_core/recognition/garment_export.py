"""Export saved garments as a zip: a table, and the pictures in one folder for each corrected class."""

import csv
import io
import json
import math
import zipfile
from collections.abc import Iterable
from typing import BinaryIO

from fashion_core.data.classes import CLASS_FOLDER_NAMES, CLASS_NAMES, NONE_OF_THESE_LABEL
from fashion_core.recognition.labelled_folder import NONE_OF_THESE_FOLDER
from fashion_core.recognition.saved_garment import SavedGarment

GARMENT_CSV_COLUMNS = (
    "id", "kept_at", "file", "prepared", "kind", "answer", "confidence", "strangeness", "warned", "said", "right",
    "models",
)  # fmt: skip


def write_garments_zip(garments: Iterable[SavedGarment], file: BinaryIO) -> int:
    """Write ``garments.csv``, ``labelled/<class>/<id>.png``, ``not-said/<id>.png`` and ``prepared/<id>.png`` (28 x 28).

    ``predict DIR --labelled`` reads the folder ``labelled``. No file name or cell begins with text that a user chose,
    as titles of models are inside JSON. Returns the number of garments.
    """
    table = io.StringIO()
    rows = csv.DictWriter(table, GARMENT_CSV_COLUMNS, lineterminator="\n")
    rows.writeheader()
    n = 0
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:  # PNGs are already compressed
        for garment in garments:
            cells = _csv_row(garment)
            archive.writestr(cells["file"], garment.picture)
            archive.writestr(cells["prepared"], garment.image)
            rows.writerow(cells)
            n += 1
        archive.writestr("garments.csv", table.getvalue(), zipfile.ZIP_DEFLATED)
    return n


def _zip_folder(correction: int | None) -> str:
    """The folder in the zip for a garment's picture."""
    if correction is None:
        return "not-said"
    return f"labelled/{NONE_OF_THESE_FOLDER if correction == NONE_OF_THESE_LABEL else CLASS_FOLDER_NAMES[correction]}"


def _csv_row(garment: SavedGarment) -> dict[str, str]:
    correction = garment.correction
    named = "none of these" if correction == NONE_OF_THESE_LABEL else CLASS_NAMES[correction or 0]
    return {
        "id": str(garment.id),
        "kept_at": garment.saved_at.isoformat(timespec="seconds"),
        "file": f"{_zip_folder(correction)}/{garment.id:06d}.png",
        "prepared": f"prepared/{garment.id:06d}.png",
        "kind": garment.kind,
        "answer": CLASS_NAMES[garment.label],
        "confidence": f"{garment.confidence:.4f}",
        "strangeness": "" if math.isnan(garment.ood_score) else f"{garment.ood_score:.4f}",
        "warned": "yes" if garment.has_warning else "no",
        "said": "" if correction is None else named,
        "right": {None: "", True: "yes", False: "no"}[garment.is_correct],
        "models": json.dumps(
            {
                t: {"class": CLASS_NAMES[m.label], "probability": round(m.probability, 4)}
                for t, m in garment.model_predictions.items()
            },
            ensure_ascii=False,
        ),
    }
