"""Kept garments as a zip: a table, and the pictures in a folder for what the visitor said they are."""

import csv
import io
import json
import math
import zipfile
from collections.abc import Iterable
from typing import BinaryIO

from fashion_core.data.labels import FOLDERS, NAMES
from fashion_core.recognition.kept_garment import NONE_OF_THESE, Garment

COLUMNS = (
    "id", "kept_at", "file", "prepared", "kind", "answer", "confidence", "strangeness", "warned", "said", "right",
    "models",
)  # fmt: skip


def write_zip(garments: Iterable[Garment], into: BinaryIO) -> int:
    """Write ``garments.csv``, ``labelled/<class>/<id>.png``, ``not-said/<id>.png`` and ``prepared/<id>.png`` (28 x 28).

    ``labelled`` is in the form that ``predict DIR --labelled`` reads. No name or cell begins with what a visitor or
    another program has chosen: titles of models stand inside JSON. Returns how many garments there are.
    """
    table = io.StringIO()
    rows = csv.DictWriter(table, COLUMNS, lineterminator="\n")
    rows.writeheader()
    n = 0
    with zipfile.ZipFile(into, "w", zipfile.ZIP_STORED) as archive:  # a PNG is compressed already
        for garment in garments:
            cells = _cells(garment)
            archive.writestr(cells["file"], garment.picture)
            archive.writestr(cells["prepared"], garment.result)
            rows.writerow(cells)
            n += 1
        archive.writestr("garments.csv", table.getvalue(), zipfile.ZIP_DEFLATED)
    return n


def folder(correction: int | None) -> str:
    """Where in the zip a garment's picture lies."""
    if correction is None:
        return "not-said"
    return f"labelled/{'none-of-these' if correction == NONE_OF_THESE else FOLDERS[correction]}"


def _cells(garment: Garment) -> dict[str, str]:
    correction = garment.correction
    said = "" if correction is None else "none of these" if correction == NONE_OF_THESE else NAMES[correction]
    return {
        "id": str(garment.id),
        "kept_at": garment.kept_at.isoformat(timespec="seconds"),
        "file": f"{folder(correction)}/{garment.id:06d}.png",
        "prepared": f"prepared/{garment.id:06d}.png",
        "kind": garment.kind,
        "answer": NAMES[garment.label],
        "confidence": f"{garment.confidence:.4f}",
        "strangeness": "" if math.isnan(garment.strangeness) else f"{garment.strangeness:.4f}",
        "warned": "yes" if garment.warned else "no",
        "said": said,
        "right": {None: "", True: "yes", False: "no"}[garment.right],
        "models": json.dumps(
            {t: {"class": NAMES[m.label], "probability": round(m.probability, 4)} for t, m in garment.models.items()},
            ensure_ascii=False,
        ),
    }
