"""Answered pictures as a table, and as CSV that a spreadsheet can be trusted with."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from fashion_core.data.labels import NAMES
from fashion_core.recognition.batch import Row
from fashion_core.recognition.labelled import UNKNOWN, ranking

FORMULA = "=+-@＝＋－＠"  # what a spreadsheet takes for the beginning of a formula
WARNING = "probably none of these"


def harmless(text: str) -> str:
    """``text`` behind an apostrophe where a spreadsheet would calculate with it (OWASP, "CSV Injection")."""
    return f"'{text}" if text.lstrip().startswith(tuple(FORMULA)) else text


def frame(rows: Sequence[Row], truth: np.ndarray | None = None) -> pd.DataFrame:
    """A line a picture: name, class, confidence, second, second_confidence (percent), warning, kind, same_as, problem.

    With ``truth`` int64 [n], as ``labelled.truths`` tells it, also true_class and right (None for no class). Names are
    ``harmless``.
    """
    lines = [_line(row) for row in rows]
    found = pd.DataFrame(lines, columns=list(_line(Row("", ()))))
    if truth is not None:
        names = [NAMES[c] if c >= 0 else "none of these" if c == UNKNOWN else "" for c in truth]
        found.insert(1, "true_class", names)
        right = [None if c < 0 else bool(ranking(row)[0] == c) for row, c in zip(rows, truth, strict=True)]
        found.insert(2, "right", pd.Series(right, dtype="boolean"))
    return found


def _line(row: Row) -> dict[str, object]:
    line: dict[str, object] = {
        "name": harmless(row.name),
        "class": "",
        "confidence": np.nan,
        "second": "",
        "second_confidence": np.nan,
        "warning": "",
        "kind": row.kind or "",
        "same_as": harmless(row.same_as),
        "problem": row.error,
    }
    if row.answer is not None:
        first, second = ranking(row)[:2]
        p = row.answer.probabilities
        line |= {
            "class": NAMES[first],
            "confidence": round(100 * float(p[first]), 1),
            "second": NAMES[second],
            "second_confidence": round(100 * float(p[second]), 1),
            "warning": WARNING if row.answer.is_strange else "",
        }
    return line
