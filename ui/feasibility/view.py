"""What the Feasibility page shows, as one value."""

import dataclasses
import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from fashion_core.analysis.feasibility_costs import (
    DEFAULT_MANUAL_CHECK_COST,
    EQUAL_COSTS_PRESET,
    FASHION_MISTAKE_COST_PRESETS,
    HUMAN_ACCURACY,
    CostModel,
    default_human_accuracy,
    equal_mistake_costs,
    mistake_cost_presets,
)
from fashion_core.data.classes import ClassList
from fashion_core.errors import ConfigError
from ui import caches, pickers
from ui.label_corrections import LABEL_CHOICES, ORIGINAL
from ui.page_state import PageState, check_choices

OWN_CATALOGUE = "Your catalogue"
MEET_TARGET, LOWEST_COST = GOALS = ("Meet a target", "Lowest cost")
CURRENCIES = ("", "€", "$", "£", "CHF", "¥")
# values in the address, and what the page calls them
DETAIL_VIEWS = {
    "Prices": "Advanced costs",
    "What would flip it": "What would change the answer",
    "By class": "By class",
    "Advice": "What to do next",
    "By run": "By run",
    "Speed and size": "Speed and size",
    "Garments": "Garments",
    OWN_CATALOGUE: "Your catalogue",
}
COST_DETAIL_VIEWS = ("Prices", "What would flip it")  # that need enough test pictures
SAFETY_MARGINS = {"95% sure": "Cautious (95%)", "Even odds": "None"}
COMPUTE_COST_AXES = ("Multiply-adds", "Parameters", "Size on disk", "One picture", "1,000 pictures", "Training time")
FEASIBILITY_VIEW_ALLOWED_VALUES = {
    "look": DETAIL_VIEWS, "sure": SAFETY_MARGINS, "preset": FASHION_MISTAKE_COST_PRESETS, "axis": COMPUTE_COST_AXES,
    "goal": GOALS, "currency": CURRENCIES, "labels": LABEL_CHOICES,
}  # fmt: skip
MIN_TARGET, MAX_TARGET = 50.0, 99.9  # percent
MAX_RUNS_AT_FIRST = 4  # of a catalogue, beside each other
MAX_GARMENTS_PER_DAY = 10_000_000
PRICE_CELL_PATTERN = re.compile(r"(\d{1,3}?)\.?(\d{1,3}):([0-9.e+-]+)")


@dataclass(frozen=True)
class FeasibilityView:
    """Every field is a parameter of the address, left out when it has its default value.

    ``run`` is the selected run, ``runs`` are those beside it, separated by commas. ``goal``: what its threshold is
    chosen for. ``target`` and ``people`` are percentages of correct answers. ``mistake`` and ``check``: costs of one
    mistake and of one manual check; ``preset``: which mistakes cost less. ``prices``: what differs from those, such as
    ``60:0.3,12.103:0.5`` (true class, predicted class, cost). ``volume``: garments a day.
    """

    run: str = "improved_cnn"
    goal: str = MEET_TARGET
    target: float = 99.0
    sure: str = "95% sure"
    preset: str = EQUAL_COSTS_PRESET
    look: str = "Prices"
    runs: str = "kmeans,mlp,cnn,improved_cnn"
    prices: str = ""
    mistake: float = 1.0
    check: float = DEFAULT_MANUAL_CHECK_COST
    people: float = 100 * HUMAN_ACCURACY
    volume: int = 10_000
    currency: str = ""
    axis: str = COMPUTE_COST_AXES[0]
    labels: str = ORIGINAL

    def __post_init__(self) -> None:
        check_choices(self, FEASIBILITY_VIEW_ALLOWED_VALUES)
        if not MIN_TARGET <= self.target <= MAX_TARGET:
            raise ConfigError(f"The target is {self.target:g}%; choose {MIN_TARGET:g}% to {MAX_TARGET:g}%.")
        if not 1 <= self.volume <= MAX_GARMENTS_PER_DAY:
            raise ConfigError(f"The volume is {self.volume:,} garments a day; choose 1 to {MAX_GARMENTS_PER_DAY:,}.")
        with np.errstate(invalid="ignore"):  # infinite costs, which CostModel refuses
            CostModel(self.mistake * equal_mistake_costs(10), self.check, self.people / 100)  # raises ConfigError
        parse_price_changes(self.prices)  # raises ConfigError

    @property
    def requires_target_on_new_garments(self) -> bool:
        """Whether the target has to hold for new garments."""
        return self.sure == "95% sure"

    def unedited_mistake_costs(self, classes: ClassList) -> np.ndarray:
        """Cost of each mistake by ``mistake`` and ``preset`` alone, float64 [classes, classes]."""
        return self.mistake * find_preset_costs(self.preset, classes)

    def mistake_costs(self, classes: ClassList) -> np.ndarray:
        """Cost of each mistake, float64 [classes, classes]; raises ``ConfigError`` for a class that isn't there."""
        costs = self.unedited_mistake_costs(classes)
        for true, predicted, cost in parse_price_changes(self.prices):
            if max(true, predicted) >= len(classes):
                raise ConfigError("The costs in the address are those of other classes.")
            costs[true, predicted] = cost
        return costs

    def cost_model(self, classes: ClassList) -> CostModel:
        """Everything that costs are computed with; raises ``ConfigError`` when a cost can't be."""
        return CostModel(self.mistake_costs(classes), self.check, self.people / 100, classes)


def find_preset_costs(preset: str, classes: ClassList) -> np.ndarray:
    """The costs of a preset, float64 [classes, classes]; of a data set that doesn't have it, 1 for each mistake."""
    presets = mistake_cost_presets(classes)
    return presets.get(preset, presets[EQUAL_COSTS_PRESET]).copy()


def parse_price_changes(prices: str) -> list[tuple[int, int, float]]:
    """True class, predicted class and cost of each mistake in ``FeasibilityView.prices``.

    Raises ``ConfigError`` when they can't be read.
    """
    changes = []
    for cell in filter(None, prices.split(",")):
        try:
            true, predicted, cost = PRICE_CELL_PATTERN.fullmatch(cell).groups()  # type: ignore[union-attr]
            changes.append((int(true), int(predicted), float(cost)))
        except (AttributeError, ValueError) as error:
            raise ConfigError("The costs in the address can't be read.") from error
    return changes


def format_price_changes(mistake_costs: np.ndarray, view: FeasibilityView, classes: ClassList) -> str:
    """What differs from the unedited costs of ``view``, for the address."""
    cells = []
    for true, predicted in np.argwhere(mistake_costs != view.unedited_mistake_costs(classes)):
        dot = "." if max(true, predicted) > 9 else ""
        cells.append(f"{true}{dot}{predicted}:{mistake_costs[true, predicted]:.10g}")
    return ",".join(cells)


def _reset_prices(view: FeasibilityView, fields: dict[str, Any]) -> dict[str, Any]:
    """Another preset, or another cost of a mistake, replaces the costs that were edited."""
    return {"prices": ""} | fields if {"preset", "mistake"} & set(fields) else fields


def _complete_changes(view: FeasibilityView, fields: dict[str, Any]) -> dict[str, Any]:
    """A target that was moved is also the one to meet."""
    return _reset_prices(view, {"goal": MEET_TARGET} | fields if "target" in fields else fields)


def adapt_to_dataset(default: FeasibilityView) -> FeasibilityView:
    """The default for a catalogue: its most accurate runs, and people whose accuracy nobody has measured."""
    dataset = caches.current_dataset()
    if dataset.has_shipped_runs:
        return default
    runs = pickers.most_accurate_comparable_runs(pickers.list_runs_with_test_predictions(), min_runs=1)
    best = [run.id for run in runs[:MAX_RUNS_AT_FIRST]]
    people = 100 * default_human_accuracy(dataset.source)
    return dataclasses.replace(default, run="".join(best[:1]), runs=",".join(best), people=people)


FEASIBILITY_STATE = PageState("feasibility", FeasibilityView(), _complete_changes, adapt_to_dataset)
