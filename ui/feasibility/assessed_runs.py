"""The runs that the page assesses, with their calibrated predictions on validation and on test."""

import hashlib
import math
from dataclasses import dataclass

import numpy as np
import streamlit as st

from fashion_core.analysis import feasibility
from fashion_core.analysis.feasibility import AutomationAssessment, CalibratedPredictions
from fashion_core.analysis.feasibility_costs import (
    CostModel,
    DeferralPolicy,
    choose_deferral_policy,
    measure_deferral_policy,
)
from fashion_core.analysis.predictions import Predictions
from fashion_core.data.classes import ClassList
from fashion_core.data.label_corrections import LabelCorrections
from fashion_core.runs.store import RunEntry
from fashion_core.wording.label_errors import format_label_choice
from fashion_core.wording.runs import format_run_source
from ui import caches, label_corrections, pickers, validation
from ui.feasibility.view import LOWEST_COST, FeasibilityView

MAX_RUNS_BESIDE_SELECTED = 8  # beside the selected one


@dataclass(frozen=True)
class AssessedRun:
    """One run: its title, unlike every other's, and its calibrated predictions. ``cache_key`` names all of that.

    ``test_indices`` int64 [n] are the images of ``test`` among the test images: all of them without cross-validation,
    where ``n_folds`` is 0.
    """

    run: RunEntry
    title: str
    validation: CalibratedPredictions
    test: CalibratedPredictions
    cache_key: str
    test_indices: np.ndarray
    n_folds: int

    def assess(self, view: FeasibilityView) -> AutomationAssessment:
        """What it can automate at the target of ``view``."""
        return feasibility.assess_automation_from_calibrated(
            self.validation,
            self.test,
            view.target / 100,
            guaranteed=view.requires_target_on_new_garments,
            title=self.title,
        )

    def cheapest_policy(self, cost_model: CostModel) -> DeferralPolicy:
        """The cheapest way to use it."""
        return _cheapest_policy(self.cache_key, self, cost_model)

    def chosen_policy(self, view: FeasibilityView, cost_model: CostModel) -> DeferralPolicy:
        """The way to use it that serves the goal of ``view``; nothing is automated where the target can't be met."""
        if view.goal == LOWEST_COST:
            return self.cheapest_policy(cost_model)
        threshold = self.assess(view).threshold
        return self.measure_policy(math.inf if threshold is None else threshold, cost_model)

    def measure_policy(self, threshold: float, cost_model: CostModel) -> DeferralPolicy:
        """What it costs to automate from ``threshold`` on."""
        return _measured_policy(self.cache_key, self, threshold, cost_model)


def _cost_model_cache_key(model: CostModel) -> tuple[bytes, float, float]:
    """Of the costs of one run's classes; Streamlit takes long to hash them itself."""
    return model.mistake_costs.tobytes(), model.manual_check_cost, model.human_accuracy


@st.cache_data(max_entries=200, show_spinner=False, hash_funcs={CostModel: _cost_model_cache_key})
def _cheapest_policy(cache_key: str, _run: AssessedRun, cost_model: CostModel) -> DeferralPolicy:
    return choose_deferral_policy(_run.title, _run.validation, _run.test, cost_model)


@st.cache_data(max_entries=400, show_spinner=False, hash_funcs={CostModel: _cost_model_cache_key})
def _measured_policy(cache_key: str, _run: AssessedRun, threshold: float, cost_model: CostModel) -> DeferralPolicy:
    return measure_deferral_policy(_run.title, threshold, _run.validation, _run.test, cost_model)


@dataclass(frozen=True)
class AssessedRuns:
    """The selected run, and all runs beside each other, that one among them. The answers of ``missing`` on validation
    are not computed yet. ``corrections`` of the test labels, if figures are computed with these."""

    selected: AssessedRun
    runs: list[AssessedRun]
    missing: list[RunEntry]
    corrections: LabelCorrections | None = None

    @property
    def classes(self) -> ClassList:
        """The classes of the data on which all runs were scored."""
        assert self.selected.run.record is not None
        return self.selected.run.record.data.class_list

    @property
    def has_measured_human_accuracy(self) -> bool:
        """Whether it is known how accurate people are on the data on which all runs were scored."""
        assert self.selected.run.record is not None
        return self.selected.run.record.data.source == "fashion-mnist"

    @property
    def provenance(self) -> str:
        """Where the figures of the selected run come from."""
        return f"{format_run_source(self.selected.run)}, {self.label_choice}"

    @property
    def label_choice(self) -> str:
        """Which test labels all figures are computed with."""
        return format_label_choice(label_corrections.count_changed_labels(self.selected.run, self.corrections))


def load_assessed_run(run: RunEntry, corrections: LabelCorrections | None = None) -> AssessedRun | None:
    """A run with its predictions, and original test labels without ``corrections``; None when those on validation are
    not computed yet."""
    on_test = label_corrections.load_test_predictions(run, corrections)
    on_validation, indices = None, np.arange(len(on_test.labels))
    if on_test.chooses_threshold is not None:
        indices = indices[~on_test.chooses_threshold]
    elif (on_validation := validation.cached_validation_predictions(run)) is None:
        return None
    key = f"{validation.current_validation_computation(run)} {caches.test_predictions_cache_key(run)}"
    if corrections is not None:
        key += f" {hashlib.sha256(on_test.labels.tobytes()).hexdigest()}"
    calibrated = _calibrated(key, on_validation, on_test)
    return AssessedRun(run, pickers.run_label(run), *calibrated, key, indices, on_test.n_folds)


@st.cache_resource(max_entries=24, show_spinner=False)
def _calibrated(
    key: str, _validation: Predictions | None, _test: Predictions
) -> tuple[CalibratedPredictions, CalibratedPredictions]:
    return feasibility.calibrate_predictions_on_validation(_validation, _test)
