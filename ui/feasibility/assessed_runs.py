"""The runs that the page judges, with their answers on validation and on test."""

from dataclasses import dataclass

import streamlit as st

from fashion_core.analysis import feasibility
from fashion_core.analysis.feasibility import AutomationAssessment, CalibratedPredictions
from fashion_core.analysis.feasibility_costs import CostModel, DeferralPolicy, choose_deferral_policy
from fashion_core.analysis.predictions import Predictions
from fashion_core.runs.store import RunEntry
from ui import caches, pickers, validation
from ui.feasibility.view import FeasibilityView

MAX_RUNS = 8  # beside each other


@dataclass(frozen=True)
class AssessedRun:
    """One run: its title, unlike every other's, and its calibrated answers on validation and on test."""

    run: RunEntry
    title: str
    validation: CalibratedPredictions
    test: CalibratedPredictions
    temperature: float
    cache_key: str  # of all that, for caches

    def assess(self, view: FeasibilityView) -> AutomationAssessment:
        """What it can take over at the target of ``view``."""
        return feasibility.assess_calibrated(
            self.validation, self.test, view.target / 100, guaranteed=view.guaranteed, title=self.title,
            temperature=self.temperature,
        )  # fmt: skip

    def cheapest_policy(self, cost_model: CostModel) -> DeferralPolicy:
        """The cheapest way to use it."""
        return _plan(
            self.cache_key,
            cost_model.mistake_costs.tobytes(),
            cost_model.manual_check_cost,
            cost_model.human_accuracy,
            self,
            cost_model,
        )


@st.cache_data(max_entries=200, show_spinner=False)
def _plan(
    run: str, mistakes: bytes, check: float, people: float, _judged: AssessedRun, _prices: CostModel
) -> DeferralPolicy:
    return choose_deferral_policy(_judged.title, _judged.validation, _judged.test, _prices)


@dataclass(frozen=True)
class RunComparison:
    """The run that is judged, and all runs beside it, that one among them; ``missing`` have no answers on validation
    yet."""

    selected: AssessedRun
    runs: list[AssessedRun]
    missing: list[RunEntry]

    @property
    def provenance(self) -> str:
        """Provenance of the chosen run."""
        return pickers.format_run_source(self.selected.run)


def load_assessed_run(run: RunEntry) -> AssessedRun | None:
    """A run with its answers; None when those on validation are not computed yet."""
    test, kept = caches.cached_test_predictions(run), validation.cached_validation_predictions(run)
    if kept is None:
        return None
    key = (
        f"{validation.current_validation_computation(run)} {run.path} {caches.modification_time(run.path / 'test.npz')}"
    )
    chosen_on, tried_on, temperature = _calibrated(key, kept, test)
    return AssessedRun(run, pickers.run_label(run), chosen_on, tried_on, temperature, key)


@st.cache_resource(max_entries=24, show_spinner=False)
def _calibrated(
    key: str, _kept: Predictions, _test: Predictions
) -> tuple[CalibratedPredictions, CalibratedPredictions, float]:
    return feasibility.calibrate_predictions(_kept, _test)
