"""What the Feasibility page shows, as one value."""

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from fashion_core.analysis.feasibility_costs import (
    DEFAULT_MANUAL_CHECK_COST,
    FASHION_MISTAKE_COST_PRESETS,
    HUMAN_ACCURACY,
    CostModel,
)
from fashion_core.errors import ConfigError
from ui.page_state import PageState, check_choices

# values in the address, and what the page calls them
DETAIL_VIEWS = {
    "Prices": "Costs",
    "What would flip it": "What would change the answer",
    "By run": "By run",
    "Speed and size": "Speed and size",
    "Garments": "Garments",
    "Your catalogue": "Your catalogue",
}
SAFETY_MARGINS = {"95% sure": "Cautious (95%)", "Even odds": "None"}
COMPUTE_COST_AXES = ("Multiply-adds", "Parameters", "Size on disk", "One picture", "1,000 pictures", "Training time")
FEASIBILITY_VIEW_ALLOWED_VALUES = {
    "look": DETAIL_VIEWS, "sure": SAFETY_MARGINS, "preset": FASHION_MISTAKE_COST_PRESETS, "axis": COMPUTE_COST_AXES,
}  # fmt: skip
MIN_TARGET, MAX_TARGET = 50.0, 99.9  # percent
MAX_GARMENTS_PER_DAY = 10_000_000
PRICE_CELL_PATTERN = re.compile(r"(\d)(\d):([0-9.e+-]+)")


@dataclass(frozen=True)
class FeasibilityView:
    """Every field is a parameter of the address, left out when it has its default value.

    ``run`` is the selected run, ``runs`` are those beside it, separated by commas. ``target`` and ``people`` are
    percentages of correct answers. ``prices``: what differs from ``preset``, such as ``60:0.3,06:0.5`` (true class,
    predicted class, cost); ``check``: cost of one manual check; ``volume``: garments a day.
    """

    run: str = "improved_cnn"
    target: float = 99.0
    sure: str = "95% sure"
    preset: str = "Any mistake 1"
    look: str = "Prices"
    runs: str = "kmeans,mlp,cnn,improved_cnn"
    prices: str = ""
    check: float = DEFAULT_MANUAL_CHECK_COST
    people: float = 100 * HUMAN_ACCURACY
    volume: int = 10_000
    axis: str = COMPUTE_COST_AXES[0]

    def __post_init__(self) -> None:
        check_choices(self, FEASIBILITY_VIEW_ALLOWED_VALUES)
        if not MIN_TARGET <= self.target <= MAX_TARGET:
            raise ConfigError(f"The target is {self.target:g}%; choose {MIN_TARGET:g}% to {MAX_TARGET:g}%.")
        if not 1 <= self.volume <= MAX_GARMENTS_PER_DAY:
            raise ConfigError(f"The volume is {self.volume:,} garments a day; choose 1 to {MAX_GARMENTS_PER_DAY:,}.")
        _ = self.cost_model  # raises ConfigError

    @property
    def requires_target_on_new_garments(self) -> bool:
        """Whether the target has to hold for new garments."""
        return self.sure == "95% sure"

    @property
    def mistake_costs(self) -> np.ndarray:
        """Cost of each mistake, float64 [10, 10]; raises ``ConfigError`` when ``prices`` cannot be read."""
        costs = FASHION_MISTAKE_COST_PRESETS[self.preset].copy()
        for cell in filter(None, self.prices.split(",")):
            try:
                true, predicted, cost = PRICE_CELL_PATTERN.fullmatch(cell).groups()  # type: ignore[union-attr]
                costs[int(true), int(predicted)] = float(cost)
            except (AttributeError, ValueError) as error:
                raise ConfigError("The costs in the address can't be read.") from error
        return costs

    @property
    def cost_model(self) -> CostModel:
        """Everything that costs are computed with."""
        return CostModel(self.mistake_costs, self.check, self.people / 100)


def format_price_changes(mistake_costs: np.ndarray, preset: str) -> str:
    """What differs from ``preset``, for the address."""
    changed = np.argwhere(mistake_costs != FASHION_MISTAKE_COST_PRESETS[preset])
    return ",".join(f"{true}{predicted}:{mistake_costs[true, predicted]:.10g}" for true, predicted in changed)


def _reset_prices(view: FeasibilityView, fields: dict[str, Any]) -> dict[str, Any]:
    """Another preset replaces the costs that were edited."""
    return {"prices": ""} | fields if "preset" in fields else fields


FEASIBILITY_STATE = PageState("feasibility", FeasibilityView(), _reset_prices)
