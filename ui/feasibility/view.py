"""What the Feasibility page shows, as one value."""

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from fashion_core.analysis.feasibility_costs import (
    DEFAULT_MANUAL_CHECK_COST,
    HUMAN_ACCURACY,
    MISTAKE_COST_PRESETS,
    CostModel,
)
from fashion_core.data.classes import N_CLASSES
from fashion_core.errors import ConfigError
from ui.page_state import PageState

DETAIL_VIEWS = ("Prices", "What would flip it", "By run", "Speed and size", "Garments", "Your catalogue")
SAFETY_MARGINS = ("95% sure", "Even odds")
COMPUTE_COST_AXES = ("Multiply-adds", "Parameters", "Size on disk", "One picture", "1,000 pictures", "Training time")
ALLOWED_VALUES = {
    "look": DETAIL_VIEWS,
    "sure": SAFETY_MARGINS,
    "preset": tuple(MISTAKE_COST_PRESETS),
    "axis": COMPUTE_COST_AXES,
}
MIN_TARGET, MAX_TARGET = 50.0, 99.9  # percent
MAX_GARMENTS_PER_DAY = 10_000_000  # a day
PRICE_CELL_PATTERN = re.compile(r"(\d)(\d):([0-9.e+-]+)")


@dataclass(frozen=True)
class FeasibilityView:
    """Every field is one parameter of the address, there only when it is not the standard one.

    ``run`` is the one judged, ``runs`` those beside it, separated by commas. ``target`` and ``people`` are percentages
    right. ``prices``: what differs from ``preset``, such as ``60:0.3,06:0.5``, class taken, class said and price;
    ``check`` the price of a look by a person; ``volume`` garments a day.
    """

    run: str = "improved_cnn"
    target: float = 99.0
    sure: str = SAFETY_MARGINS[0]
    preset: str = next(iter(MISTAKE_COST_PRESETS))
    look: str = DETAIL_VIEWS[0]
    runs: str = "kmeans,mlp,cnn,improved_cnn"
    prices: str = ""
    check: float = DEFAULT_MANUAL_CHECK_COST
    people: float = 100 * HUMAN_ACCURACY
    volume: int = 10_000
    axis: str = COMPUTE_COST_AXES[0]

    def __post_init__(self) -> None:
        for name, choices in ALLOWED_VALUES.items():
            if getattr(self, name) not in choices:
                raise ConfigError(f"{name} is {getattr(self, name)!r}; it can be {', '.join(choices)}.")
        if not MIN_TARGET <= self.target <= MAX_TARGET:
            raise ConfigError(f"The target is {self.target:g}%; choose {MIN_TARGET:g}% to {MAX_TARGET:g}%.")
        if not 1 <= self.volume <= MAX_GARMENTS_PER_DAY:
            raise ConfigError(f"{self.volume:,} garments a day cannot be; choose 1 to {MAX_GARMENTS_PER_DAY:,}.")
        CostModel(self.mistake_costs, self.check, self.people / 100)

    @property
    def guaranteed(self) -> bool:
        """Whether the target has to hold for garments to come."""
        return self.sure == SAFETY_MARGINS[0]

    @property
    def mistake_costs(self) -> np.ndarray:
        """Prices of mistakes, float64 [10, 10]; raises ``ConfigError`` when they cannot be read."""
        found = MISTAKE_COST_PRESETS[self.preset].copy()
        for cell in filter(None, self.prices.split(",")):
            parts = PRICE_CELL_PATTERN.fullmatch(cell)
            if parts is None:
                raise ConfigError("The prices cannot be read from the address.")
            try:
                found[int(parts[1]), int(parts[2])] = float(parts[3])
            except ValueError as error:
                raise ConfigError("The prices cannot be read from the address.") from error
        return found

    @property
    def cost_model(self) -> CostModel:
        """Everything that costs are computed with."""
        return CostModel(self.mistake_costs, self.check, self.people / 100)


def format_price_changes(matrix: np.ndarray, preset: str) -> str:
    """What of ``matrix`` differs from ``preset``, for the address."""
    standard = MISTAKE_COST_PRESETS[preset]
    cells = [(i, j) for i in range(N_CLASSES) for j in range(N_CLASSES) if matrix[i, j] != standard[i, j]]
    return ",".join(f"{i}{j}:{matrix[i, j]:.10g}" for i, j in cells)


def _reset_prices(view: FeasibilityView, fields: dict[str, Any]) -> dict[str, Any]:
    """Another preset is taken as it is."""
    return {"prices": ""} | fields if "preset" in fields else fields


FEASIBILITY_STATE = PageState("feasibility", FeasibilityView(), _reset_prices)
