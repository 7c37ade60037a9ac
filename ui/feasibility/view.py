"""What the Feasibility page shows, as one value."""

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from fashion_core.analysis.feasibility_costs import CHECK, PEOPLE, PRESETS, Prices
from fashion_core.data.labels import N_CLASSES
from fashion_core.errors import ConfigError
from ui.address import Page

LOOKS = ("Prices", "What would flip it", "By run", "Speed and size", "Garments", "Your catalogue")
SURE = ("95% sure", "Even odds")
AXES = ("Multiply-adds", "Parameters", "Size on disk", "One picture", "1,000 pictures", "Training time")
CHOICES = {"look": LOOKS, "sure": SURE, "preset": tuple(PRESETS), "axis": AXES}
LEAST_TARGET, GREATEST_TARGET = 50.0, 99.9  # percent
MOST_GARMENTS = 10_000_000  # a day
CELL = re.compile(r"(\d)(\d):([0-9.e+-]+)")


@dataclass(frozen=True)
class View:
    """Every field is one parameter of the address, there only when it is not the standard one.

    ``run`` is the one judged, ``runs`` those beside it, separated by commas. ``target`` and ``people`` are percentages
    right. ``prices``: what differs from ``preset``, such as ``60:0.3,06:0.5``, class taken, class said and price;
    ``check`` the price of a look by a person; ``volume`` garments a day.
    """

    run: str = "improved_cnn"
    target: float = 99.0
    sure: str = SURE[0]
    preset: str = next(iter(PRESETS))
    look: str = LOOKS[0]
    runs: str = "kmeans,mlp,cnn,improved_cnn"
    prices: str = ""
    check: float = CHECK
    people: float = 100 * PEOPLE
    volume: int = 10_000
    axis: str = AXES[0]

    def __post_init__(self) -> None:
        for name, choices in CHOICES.items():
            if getattr(self, name) not in choices:
                raise ConfigError(f"{name} is {getattr(self, name)!r}; it can be {', '.join(choices)}.")
        if not LEAST_TARGET <= self.target <= GREATEST_TARGET:
            raise ConfigError(f"The target is {self.target:g}%; choose {LEAST_TARGET:g}% to {GREATEST_TARGET:g}%.")
        if not 1 <= self.volume <= MOST_GARMENTS:
            raise ConfigError(f"{self.volume:,} garments a day cannot be; choose 1 to {MOST_GARMENTS:,}.")
        Prices(self.matrix, self.check, self.people / 100)

    @property
    def assured(self) -> bool:
        """Whether the target has to hold for garments to come."""
        return self.sure == SURE[0]

    @property
    def matrix(self) -> np.ndarray:
        """Prices of mistakes, float64 [10, 10]; raises ``ConfigError`` when they cannot be read."""
        found = PRESETS[self.preset].copy()
        for cell in filter(None, self.prices.split(",")):
            parts = CELL.fullmatch(cell)
            if parts is None:
                raise ConfigError("The prices cannot be read from the address.")
            try:
                found[int(parts[1]), int(parts[2])] = float(parts[3])
            except ValueError as error:
                raise ConfigError("The prices cannot be read from the address.") from error
        return found

    @property
    def costs(self) -> Prices:
        """Everything that costs are computed with."""
        return Prices(self.matrix, self.check, self.people / 100)


def prices_text(matrix: np.ndarray, preset: str) -> str:
    """What of ``matrix`` differs from ``preset``, for the address."""
    standard = PRESETS[preset]
    cells = [(i, j) for i in range(N_CLASSES) for j in range(N_CLASSES) if matrix[i, j] != standard[i, j]]
    return ",".join(f"{i}{j}:{matrix[i, j]:.10g}" for i, j in cells)


def _also(view: View, fields: dict[str, Any]) -> dict[str, Any]:
    """Another preset is taken as it is."""
    return {"prices": ""} | fields if "preset" in fields else fields


PAGE = Page("feasibility", View(), _also)
