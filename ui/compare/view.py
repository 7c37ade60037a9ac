"""What the Compare page shows, as one value."""

import re
from dataclasses import dataclass
from typing import Any

from fashion_core.errors import ConfigError
from ui.components.matrices import MatrixSelection
from ui.page_state import PageState

CELL_UNITS = ("Counts", "% of row", "% of column")
CLASS_ORDERS = ("As published", "By similarity")
COMPARE_SECTIONS = ("By class", "Is it real?", "Agreement", "Confidence", "Inside", "Data health")
EXCLUSIONS = ("Nothing", "Copies", "Contested", "Both")
COMPARE_CHOICES = {
    "cells": CELL_UNITS,
    "order": CLASS_ORDERS,
    "look": COMPARE_SECTIONS,
    "tempered": ("no", "yes"),
    "leave": EXCLUSIONS,
}
PICK_PATTERN = re.compile(r"(A|B|D)\.(\d?)\.(\d?)|P\.([01]+)")


@dataclass(frozen=True)
class CompareView:
    """Every field is one parameter of the address, there only when it is not the standard one.

    ``a``, ``b`` name runs; ``pick`` is what was clicked: ``A.6.0`` a cell of A's matrix, ``D.6.`` a row and ``B..0`` a
    column, ``P.101`` a pattern of right and wrong among ``runs``, which are separated by commas.
    """

    a: str = "cnn"
    b: str = "improved_cnn"
    cells: str = "Counts"
    order: str = "As published"
    look: str = "By class"
    pick: str = ""
    runs: str = "kmeans,mlp,cnn,improved_cnn"
    tempered: str = "no"
    leave: str = "Nothing"
    garment: int = 0

    def __post_init__(self) -> None:
        for name, choices in COMPARE_CHOICES.items():
            if getattr(self, name) not in choices:
                raise ConfigError(f"{name} is {getattr(self, name)!r}; it can be {', '.join(choices)}.")
        if not 0 <= self.garment < 10_000:
            raise ConfigError(f"There is no test picture {self.garment}.")
        if self.pick and (not PICK_PATTERN.fullmatch(self.pick) or self.pick.endswith("..")):
            raise ConfigError("What was clicked cannot be read from the address.")

    @property
    def selected_cell(self) -> MatrixSelection | None:
        """The cell, row or column that was clicked."""
        found = PICK_PATTERN.fullmatch(self.pick)
        if found is None or not found[1]:
            return None
        row, column = (int(digit) if digit else None for digit in (found[2], found[3]))
        return MatrixSelection(found[1], row, column)

    @property
    def selected_pattern(self) -> tuple[bool, ...] | None:
        """The pattern of right and wrong that was clicked."""
        found = PICK_PATTERN.fullmatch(self.pick)
        return tuple(bit == "1" for bit in found[4]) if found is not None and found[4] else None


def _also(view: CompareView, fields: dict[str, Any]) -> dict[str, Any]:
    """Other runs have other garments in their cells."""
    return {"pick": ""} | fields if {"a", "b", "runs"} & set(fields) else fields


def cell_to_address(pick: MatrixSelection) -> str:
    """Short text for the address."""
    row, column = ("" if place is None else str(place) for place in (pick.row, pick.column))
    return f"{pick.name}.{row}.{column}"


COMPARE_PAGE = PageState("compare", CompareView(), _also)
