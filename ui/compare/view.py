"""What the Compare page shows, as one value that the address holds."""

import dataclasses
import re
from dataclasses import dataclass
from typing import Any

from fashion_core.errors import ConfigError
from ui import caches, pickers
from ui.components.matrices import MatrixSelection
from ui.label_corrections import LABEL_CHOICES, ORIGINAL
from ui.page_state import CLASS_NUMBERS_PATTERN, PageState, check_choices

CELL_UNITS = ("Counts", "% of row", "% of column")
CLASS_ORDERS = ("As published", "By similarity")
COMPARE_SECTIONS = ("Matrices", "By class", "Is it real?", "Agreement", "Confidence", "Inside", "Data health")
EXCLUSION_TITLES = {
    "Nothing": "Nothing",
    "Copies": "Near duplicates",
    "Contested": "Suspected label errors",
    "Both": "Both",
}
EXCLUSIONS = tuple(EXCLUSION_TITLES)
COMPARE_VIEW_ALLOWED_VALUES = {
    "cells": CELL_UNITS,
    "order": CLASS_ORDERS,
    "look": COMPARE_SECTIONS,
    "tempered": ("no", "yes"),
    "leave": EXCLUSIONS,
    "labels": LABEL_CHOICES,
}
SELECTION_ADDRESS_PATTERN = re.compile(r"(A|B|D)\.(-1|\d{0,3})\.(-1|\d{0,3})|P\.([01]+)")
MAX_AGREEING_RUNS = 4  # of a catalogue, that are shown unless others are chosen
MAX_TEST_PICTURES = 10_000_000
MIN_SHOWN_CLASSES, MAX_SHOWN_CLASSES = 2, 30  # of a data set with more than fit in a matrix


@dataclass(frozen=True)
class CompareView:
    """Every field is a parameter of the address, left out when it has its default.

    ``a``, ``b``: ids of runs. ``pick``: what is selected: ``A.6.0`` a cell of A's matrix, ``D.6.`` a row of the
    difference, ``B..0`` a column, ``A.12.-1`` what is predicted as a class that the matrix doesn't show, ``P.101``
    which of ``runs`` (ids separated by commas) are correct. ``classes``: numbers of the classes that the matrices of a
    data set with many classes show; by default the ``shown`` most confused ones.
    """

    a: str = "cnn"
    b: str = "improved_cnn"
    cells: str = "Counts"
    order: str = "As published"
    look: str = "Matrices"
    pick: str = ""
    runs: str = "kmeans,mlp,cnn,improved_cnn"
    tempered: str = "no"
    leave: str = "Nothing"
    labels: str = ORIGINAL
    garment: int = 0
    shown: int = 8
    classes: str = ""

    def __post_init__(self) -> None:
        check_choices(self, COMPARE_VIEW_ALLOWED_VALUES)
        if not 0 <= self.garment < MAX_TEST_PICTURES:
            raise ConfigError(f"There is no test picture {self.garment}.")
        if not MIN_SHOWN_CLASSES <= self.shown <= MAX_SHOWN_CLASSES:
            raise ConfigError(
                f"The matrices can't show {self.shown} classes; choose {MIN_SHOWN_CLASSES} to {MAX_SHOWN_CLASSES}."
            )
        if not CLASS_NUMBERS_PATTERN.fullmatch(self.classes):
            raise ConfigError("The classes in the address can't be read.")
        if self.pick and (not SELECTION_ADDRESS_PATTERN.fullmatch(self.pick) or self.pick.endswith("..")):
            raise ConfigError("The selection in the address can't be read.")

    @property
    def selected_cell(self) -> MatrixSelection | None:
        """The selected cell, row or column."""
        match = SELECTION_ADDRESS_PATTERN.fullmatch(self.pick)
        if match is None or not match[1]:
            return None
        row, column = (int(number) if number else None for number in (match[2], match[3]))
        return MatrixSelection(match[1], row, column)

    @property
    def chosen_classes(self) -> list[int]:
        """Numbers of the classes that the matrices show; empty for the most confused ones."""
        return [int(number) for number in self.classes.split(",") if number]

    @property
    def selected_correctness_pattern(self) -> tuple[bool, ...] | None:
        """The selected pattern of correct and wrong runs."""
        match = SELECTION_ADDRESS_PATTERN.fullmatch(self.pick)
        return tuple(bit == "1" for bit in match[4]) if match is not None and match[4] else None


def clear_selection_if_runs_change(view: CompareView, fields: dict[str, Any]) -> dict[str, Any]:
    """``fields``, and no selection if the runs change."""
    return {"pick": ""} | fields if {"a", "b", "runs"} & set(fields) else fields


def cell_to_address(cell: MatrixSelection) -> str:
    """The value of ``pick`` for a cell, row or column."""
    row, column = ("" if index is None else str(index) for index in (cell.row, cell.column))
    return f"{cell.name}.{row}.{column}"


def correctness_pattern_to_address(pattern: tuple[bool, ...]) -> str:
    """The value of ``pick`` for a pattern of correct and wrong runs."""
    return "P." + "".join("01"[is_correct] for is_correct in pattern)


def adapt_to_dataset(default: CompareView) -> CompareView:
    """The default where the shipped runs don't apply: the two most accurate runs, B the better one."""
    if caches.current_dataset().has_shipped_runs:
        return default
    best = [run.id for run in pickers.most_accurate_comparable_runs(pickers.list_runs_with_test_predictions())]
    b, a = (*best, "", "")[:2]
    return dataclasses.replace(default, a=a, b=b, runs=",".join(best[:MAX_AGREEING_RUNS]))


COMPARE_PAGE_STATE = PageState("compare", CompareView(), clear_selection_if_runs_change, adapt_to_dataset)
