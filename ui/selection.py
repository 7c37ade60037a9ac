"""What a visitor has selected on a pair of maps: a polygon, and one isolated group in either panel."""

import re
import string
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from fashion_core.analysis.selection import Corner, inside
from fashion_core.errors import ConfigError

GRID = 16  # a selection's corners lie on every 16th unit
SIZE = 4095 * GRID  # units along the longer side of a map; a corner is a number below 4096 in the address
MOST_CORNERS = 80
NONE = -1
ONLY = re.compile(r"(?:l(\d{1,3}))?(?:r(\d{1,3}))?")
DIGITS = string.digits + string.ascii_lowercase


@dataclass(frozen=True)
class Selection:
    """``polygon``: corners in a map's units, empty for none. ``only``: the isolated group of the left and the right
    panel, -1 for none. ``revision`` rises with each change, so that an old answer does not undo a new one."""

    polygon: tuple[Corner, ...] = ()
    only: tuple[int, int] = (NONE, NONE)
    revision: int = field(default=0, compare=False)

    def __bool__(self) -> bool:
        return bool(self.polygon) or self.only != (NONE, NONE)

    def mask(self, places: np.ndarray, groups: Sequence[np.ndarray]) -> np.ndarray:
        """Which of ``places`` uint16 [n, 2] are selected, bool [n]; ``groups``: each panel's, uint8 [n]."""
        found = inside(places, self.polygon) if self.polygon else np.ones(len(places), bool)
        for group, only in zip(groups, self.only, strict=True):
            if only != NONE:
                found &= group == only
        return found

    def to_browser(self) -> dict[str, Any]:
        """For the component; ``from_browser`` is the inverse."""
        return {"revision": self.revision, "polygon": [list(c) for c in self.polygon], "only": list(self.only)}

    def to_address(self) -> str:
        """Short text for a page's address: corners in base 36, then the isolated groups; ``from_address`` reads it."""
        corners = "-".join(f"{_base36(x // GRID)}.{_base36(y // GRID)}" for x, y in self.polygon)
        only = "".join(f"{side}{g}" for side, g in zip("lr", self.only, strict=True) if g != NONE)
        return f"{corners}~{only}" if self else ""

    def cleared(self) -> "Selection":
        """Nothing selected, as a new change."""
        return replace(Selection(), revision=self.revision + 1)


def from_browser(value: Any) -> Selection | None:
    """What a browser sent; None when it is no selection."""
    try:
        corners = tuple((_whole(x, SIZE), _whole(y, SIZE)) for x, y in value["polygon"])
        left, right = (-1 if g == -1 else _whole(g, 255) for g in value["only"])
        selection = Selection(corners, (left, right), _whole(value["revision"], 2**31))
    except (TypeError, KeyError, ValueError):
        return None
    return selection if len(corners) <= MOST_CORNERS else None


def from_address(text: str) -> Selection:
    """The selection that an address holds; raises ``ConfigError`` when it holds none that can be."""
    try:
        corners, _, only = text.partition("~")
        polygon = tuple(
            (_whole(int(x, 36) * GRID, SIZE), _whole(int(y, 36) * GRID, SIZE))
            for x, y in (corner.split(".") for corner in corners.split("-") if corner)
        )
        found = ONLY.fullmatch(only)
        if found is None:
            raise ValueError(f"{only!r} names no groups")
        left, right = (NONE if digits is None else _whole(int(digits), 255) for digits in found.groups())
        if len(polygon) > MOST_CORNERS:
            raise ValueError("too many corners")
    except ValueError as error:
        raise ConfigError("The selection in the address cannot be read.") from error
    return Selection(polygon, (left, right), revision=1)


def _whole(value: Any, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise ValueError(f"{value!r} is out of range")
    return value


def _base36(number: int) -> str:
    digits = ""
    while True:
        number, rest = divmod(number, 36)
        digits = DIGITS[rest] + digits
        if not number:
            return digits
