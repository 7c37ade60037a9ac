"""Predictions as a table, and as CSV that is safe to open in a spreadsheet."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from fashion_core.data.classes import NONE_OF_THESE_LABEL, ClassList
from fashion_core.recognition.batch import PictureResult
from fashion_core.recognition.labelled_folder import rank_classes

FORMULA_PREFIXES = "=+-@＝＋－＠"  # a spreadsheet takes a cell that begins with one of these for a formula
RESULT_COLUMNS = [
    "name", "class", "confidence", "second", "second_confidence", "warning", "kind", "same_as", "problem",
]  # fmt: skip


def escape_spreadsheet_formula(text: str) -> str:
    """``text`` with an apostrophe in front if a spreadsheet would take it for a formula (OWASP, "CSV Injection")."""
    return f"'{text}" if text.lstrip().startswith(tuple(FORMULA_PREFIXES)) else text


def frame_to_csv(frame: pd.DataFrame) -> bytes:
    """``frame`` as a CSV file, without its index and without formulas, in an encoding that spreadsheets recognise."""

    def escape(cell: Any) -> Any:
        return escape_spreadsheet_formula(cell) if isinstance(cell, str) else cell

    return frame.map(escape).rename(columns=escape).to_csv(index=False).encode("utf-8-sig")


def results_to_frame(
    results: Sequence[PictureResult], classes: ClassList, labels: np.ndarray | None = None
) -> pd.DataFrame:
    """One row per picture, with its prediction.

    The columns are name, class, confidence, second, second_confidence (percent), warning, kind, same_as and problem.
    With ``labels`` int64 [n] (see ``labels_from_folders``) also true_class and right, which is missing for pictures of
    none of the classes. All names are passed through ``escape_spreadsheet_formula``.
    """
    frame = pd.DataFrame([_result_to_dict(result, classes) for result in results], columns=RESULT_COLUMNS)
    if labels is not None:
        names = [_label_name(int(c), classes) for c in labels]
        is_correct = [None if c < 0 else bool(rank_classes(r)[0] == c) for r, c in zip(results, labels, strict=True)]
        frame.insert(1, "true_class", names)
        frame.insert(2, "right", pd.Series(is_correct, dtype="boolean"))
    return frame


def _label_name(label: int, classes: ClassList) -> str:
    if label >= 0:
        return escape_spreadsheet_formula(classes[label].name)
    return f"none of the {classes.count_word}" if label == NONE_OF_THESE_LABEL else ""


def _result_to_dict(result: PictureResult, classes: ClassList) -> dict[str, object]:
    row: dict[str, object] = {
        "name": escape_spreadsheet_formula(result.name),
        "class": "",
        "confidence": np.nan,
        "second": "",
        "second_confidence": np.nan,
        "warning": "",
        "kind": result.kind or "",
        "same_as": escape_spreadsheet_formula(result.duplicate_of),
        "problem": result.error or result.notice,
    }
    if result.prediction is not None:
        first, second = rank_classes(result)[:2]
        p = result.prediction.probabilities
        row |= {
            "class": _label_name(first, classes),
            "confidence": round(100 * float(p[first]), 1),
            "second": _label_name(second, classes),
            "second_confidence": round(100 * float(p[second]), 1),
            "warning": f"probably none of the {classes.count_word}" if result.prediction.is_out_of_distribution else "",
        }
    return row
