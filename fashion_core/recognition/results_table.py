"""Answered pictures as a table, and as CSV that a spreadsheet can be trusted with."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from fashion_core.data.classes import CLASS_NAMES
from fashion_core.recognition.batch import PictureResult
from fashion_core.recognition.labelled_folder import NO_KNOWN_CLASS, rank_classes

FORMULA_PREFIXES = "=+-@＝＋－＠"  # what a spreadsheet takes for the beginning of a formula
NONE_OF_THESE_WARNING = "probably none of these"


def escape_formula(text: str) -> str:
    """``text`` behind an apostrophe where a spreadsheet would calculate with it (OWASP, "CSV Injection")."""
    return f"'{text}" if text.lstrip().startswith(tuple(FORMULA_PREFIXES)) else text


def results_to_frame(results: Sequence[PictureResult], labels: np.ndarray | None = None) -> pd.DataFrame:
    """A line a picture: name, class, confidence, second, second_confidence (percent), warning, kind, same_as, problem.

    With ``truth`` int64 [n], as ``labelled.truths`` tells it, also true_class and right (None for no class). Names are
    ``harmless``.
    """
    lines = [_result_to_dict(row) for row in results]
    found = pd.DataFrame(lines, columns=list(_result_to_dict(PictureResult("", ()))))
    if labels is not None:
        names = [CLASS_NAMES[c] if c >= 0 else "none of these" if c == NO_KNOWN_CLASS else "" for c in labels]
        found.insert(1, "true_class", names)
        right = [None if c < 0 else bool(rank_classes(row)[0] == c) for row, c in zip(results, labels, strict=True)]
        found.insert(2, "right", pd.Series(right, dtype="boolean"))
    return found


def _result_to_dict(row: PictureResult) -> dict[str, object]:
    line: dict[str, object] = {
        "name": escape_formula(row.name),
        "class": "",
        "confidence": np.nan,
        "second": "",
        "second_confidence": np.nan,
        "warning": "",
        "kind": row.kind or "",
        "same_as": escape_formula(row.duplicate_of),
        "problem": row.error,
    }
    if row.prediction is not None:
        first, second = rank_classes(row)[:2]
        p = row.prediction.probabilities
        line |= {
            "class": CLASS_NAMES[first],
            "confidence": round(100 * float(p[first]), 1),
            "second": CLASS_NAMES[second],
            "second_confidence": round(100 * float(p[second]), 1),
            "warning": NONE_OF_THESE_WARNING if row.prediction.is_out_of_distribution else "",
        }
    return line
