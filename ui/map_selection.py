"""What is selected on a pair of maps: a polygon, and one isolated group in each panel."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from fashion_core.analysis.polygon import Corner, points_in_polygon
from fashion_core.errors import ConfigError

CORNER_GRID = 16  # corners lie on every 16th unit
MAP_LONGER_SIDE_UNITS = 4095 * CORNER_GRID  # along the longer side; in the address, a corner is a number below 4096
MAX_CORNERS = 80
NO_ISOLATED_GROUP = -1
GROUPS_PATTERN = re.compile(r"(?:l(\d{1,3}))?(?:r(\d{1,3}))?")


@dataclass(frozen=True)
class MapSelection:
    """``polygon``: corners in map units, empty for none. ``isolated_groups``: of the left and right panel, -1 for none.

    ``revision`` rises with each change, so that a late message does not undo a newer change.
    """

    polygon: tuple[Corner, ...] = ()
    isolated_groups: tuple[int, int] = (NO_ISOLATED_GROUP, NO_ISOLATED_GROUP)
    revision: int = field(default=0, compare=False)

    def __bool__(self) -> bool:
        return bool(self.polygon) or self.isolated_groups != (NO_ISOLATED_GROUP, NO_ISOLATED_GROUP)

    def mask(self, positions: np.ndarray, groups: Sequence[np.ndarray]) -> np.ndarray:
        """Which of ``positions`` uint16 [n, 2] are selected, bool [n]; ``groups``: of each panel, uint8 [n]."""
        mask = points_in_polygon(positions, self.polygon) if self.polygon else np.ones(len(positions), bool)
        for group, only in zip(groups, self.isolated_groups, strict=True):
            if only != NO_ISOLATED_GROUP:
                mask &= group == only
        return mask

    def to_component_value(self) -> dict[str, Any]:
        """For the component; ``selection_from_component`` is the inverse."""
        return {
            "revision": self.revision,
            "polygon": [list(c) for c in self.polygon],
            "isolated": list(self.isolated_groups),
        }

    def to_address_text(self) -> str:
        """Corners in base 36, then the isolated groups: short text that ``selection_from_address`` reads."""
        corners = "-".join(
            f"{np.base_repr(x // CORNER_GRID, 36)}.{np.base_repr(y // CORNER_GRID, 36)}" for x, y in self.polygon
        )
        only = "".join(
            f"{side}{g}" for side, g in zip("lr", self.isolated_groups, strict=True) if g != NO_ISOLATED_GROUP
        )
        return f"{corners.lower()}~{only}" if self else ""


def selection_from_component(value: Any) -> MapSelection | None:
    """The selection that a browser sent; None when it is malformed."""
    try:
        corners = tuple(
            (_integer_in_range(x, MAP_LONGER_SIDE_UNITS), _integer_in_range(y, MAP_LONGER_SIDE_UNITS))
            for x, y in value["polygon"]
        )
        left, right = (-1 if g == -1 else _integer_in_range(g, 255) for g in value["isolated"])
        selection = MapSelection(corners, (left, right), _integer_in_range(value["revision"], 2**31))
    except (TypeError, KeyError, ValueError):
        return None
    return selection if len(corners) <= MAX_CORNERS else None


def selection_from_address(text: str) -> MapSelection:
    """The selection in an address; raises ``ConfigError`` when it can't be read."""
    try:
        corners, _, only = text.partition("~")
        polygon = tuple(
            (
                _integer_in_range(int(x, 36) * CORNER_GRID, MAP_LONGER_SIDE_UNITS),
                _integer_in_range(int(y, 36) * CORNER_GRID, MAP_LONGER_SIDE_UNITS),
            )
            for x, y in (corner.split(".") for corner in corners.split("-") if corner)
        )
        groups = GROUPS_PATTERN.fullmatch(only)
        if groups is None:
            raise ValueError(f"{only!r} names no groups")
        left, right = (
            NO_ISOLATED_GROUP if digits is None else _integer_in_range(int(digits), 255) for digits in groups.groups()
        )
        if len(polygon) > MAX_CORNERS:
            raise ValueError("too many corners")
    except ValueError as error:
        raise ConfigError("The selection in the address can't be read.") from error
    return MapSelection(polygon, (left, right), revision=1)


def _integer_in_range(value: Any, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise ValueError(f"{value!r} is out of range")
    return value
