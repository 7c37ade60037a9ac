"""Which sorted folder the page Review shows, and in which order. Back undoes each choice."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from fashion_core.sorting.review import Order
from ui.page_state import PageState, check_choices

ORDERS: dict[str, str] = {"uncertain": "Least certain first", "grouped": "By likely class"}


@dataclass(frozen=True)
class ReviewView:
    """Both fields are parameters of the address. ``folder``: as ``folder_key`` names it; the latest if it is empty."""

    folder: str = ""
    order: str = "uncertain"

    def __post_init__(self) -> None:
        check_choices(self, {"order": get_args(Order)})


def folder_key(folder: Path) -> str:
    """A name for addresses, which doesn't tell where the folder lies."""
    return hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]


REVIEW_STATE = PageState("review", ReviewView())
