"""The runs that the page judges, with their answers on validation and on test."""

from dataclasses import dataclass

import streamlit as st

from fashion_core.analysis import feasibility
from fashion_core.analysis.feasibility import Answers, Assessment
from fashion_core.analysis.feasibility_costs import Plan, Prices, plan
from fashion_core.analysis.predictions import Predictions
from fashion_core.runs.store import RunEntry
from ui import caches, pickers, validation
from ui.feasibility.view import View

MOST_RUNS = 8  # beside each other


@dataclass(frozen=True)
class Judged:
    """One run: its title, unlike every other's, and its calibrated answers on validation and on test."""

    run: RunEntry
    title: str
    chosen_on: Answers
    tried_on: Answers
    temperature: float
    key: str  # of all that, for caches

    def assess(self, view: View) -> Assessment:
        """What it can take over at the target of ``view``."""
        return feasibility.judge(
            self.chosen_on, self.tried_on, view.target / 100, assured=view.assured, title=self.title,
            temperature=self.temperature,
        )  # fmt: skip

    def plan(self, prices: Prices) -> Plan:
        """The cheapest way to use it."""
        return _plan(self.key, prices.mistakes.tobytes(), prices.check, prices.people, self, prices)


@st.cache_data(max_entries=200, show_spinner=False)
def _plan(run: str, mistakes: bytes, check: float, people: float, _judged: Judged, _prices: Prices) -> Plan:
    return plan(_judged.title, _judged.chosen_on, _judged.tried_on, _prices)


@dataclass(frozen=True)
class Table:
    """The run that is judged, and all runs beside it, that one among them; ``missing`` have no answers on validation
    yet."""

    chosen: Judged
    runs: list[Judged]
    missing: list[RunEntry]

    @property
    def source(self) -> str:
        """Provenance of the chosen run."""
        return pickers.source_line(self.chosen.run)


def judged(run: RunEntry) -> Judged | None:
    """A run with its answers; None when those on validation are not computed yet."""
    test, kept = caches.predictions(run), validation.kept(run)
    if kept is None:
        return None
    key = f"{validation.wanted(run)} {run.path} {caches.stamp(run.path / 'test.npz')}"
    chosen_on, tried_on, temperature = _calibrated(key, kept, test)
    return Judged(run, pickers.run_label(run), chosen_on, tried_on, temperature, key)


@st.cache_resource(max_entries=24, show_spinner=False)
def _calibrated(key: str, _kept: Predictions, _test: Predictions) -> tuple[Answers, Answers, float]:
    return feasibility.calibrated(_kept, _test)
