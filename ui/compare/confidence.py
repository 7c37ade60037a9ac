"""Whether the runs' confidence matches their accuracy."""

import numpy as np
import streamlit as st

from fashion_core.analysis import calibration
from fashion_core.analysis.predictions import Predictions
from fashion_core.computed import store
from fashion_core.computed.validation import ValidationPredictions, validation_predictions_from_arrays
from fashion_core.data import Dataset
from fashion_core.data.label_corrections import LabelCorrections
from fashion_core.wording.comparison import NO_CONFIDENCE_TEXT, describe_calibration
from ui import caches, label_corrections, pickers, shell, validation
from ui.compare.comparison import ComparedRun, RunComparison
from ui.compare.view import COMPARE_PAGE_STATE
from ui.page_state import set_widget_value

TEMPERATURE_SCALING_KEY = "compare-tempered"


def show_calibration_of_both_runs(comparison: RunComparison) -> None:
    """Calibration of both runs, optionally after temperature scaling; of k-means, why it has none."""
    if not any(compared.has_confidence for compared in comparison.runs):
        st.info(NO_CONFIDENCE_TEXT)
        return
    use_temperature = COMPARE_PAGE_STATE.current_view().tempered == "yes"
    set_widget_value(TEMPERATURE_SCALING_KEY, use_temperature)
    st.toggle(
        "Scale with a temperature fitted on validation", key=TEMPERATURE_SCALING_KEY,
        on_change=lambda: COMPARE_PAGE_STATE.update(
            tempered="yes" if st.session_state[TEMPERATURE_SCALING_KEY] else "no"
        ),
    )  # fmt: skip
    for column, compared in zip(st.columns(2), comparison.runs, strict=True):
        with column:
            if not compared.has_confidence:
                st.info(f"{compared.letter}: {NO_CONFIDENCE_TEXT}")
                continue
            temperature = _load_temperature(compared, comparison.corrections) if use_temperature else None
            if use_temperature and temperature is None:
                reason = pickers.explain_missing_pictures(compared.run)
                st.caption(f"A temperature is fitted on the validation images. {reason}")
            _show_calibration(compared, temperature)


def _show_calibration(compared: ComparedRun, temperature: float | None) -> None:
    """Reliability diagram and histogram of the confidence."""
    from fashion_core.charts.confidence import confidence_histogram_by_correctness, reliability_diagram

    run_id, predictions = compared.run.id, compared.predictions
    if temperature is not None and predictions.chooses_threshold is not None:
        predictions = predictions.select(~predictions.chooses_threshold)
    labels, probabilities = predictions.labels, predictions.probabilities
    curve = calibration.reliability_curve(probabilities, labels)
    error_before = None
    if temperature is not None:
        error_before = curve.expected_calibration_error
        probabilities = calibration.apply_temperature(probabilities, temperature)
        curve = calibration.reliability_curve(probabilities, labels)
    shell.show_finding(
        describe_calibration(compared.letter, curve.mean_overconfidence, curve.expected_calibration_error, error_before)
    )
    st.plotly_chart(
        reliability_diagram(curve), key=f"reliability-{compared.letter}", config={"displayModeBar": "hover"},
        alt=f"Accuracy over confidence of run {run_id}",
    )  # fmt: skip
    st.plotly_chart(
        confidence_histogram_by_correctness(probabilities.max(axis=1), predictions.is_correct),
        key=f"confidence-{compared.letter}", config={"displayModeBar": "hover"},
        alt=f"Confidence of correct and wrong predictions of run {run_id}",
    )  # fmt: skip
    shell.show_provenance(
        f"run {run_id}, test, n = {len(labels):,}",
        f"{calibration.N_CONFIDENCE_BINS} bins of equal width",
        f"temperature {temperature:.2f}, fitted on validation" if temperature is not None else "",
    )


def _load_temperature(compared: ComparedRun, corrections: LabelCorrections | None) -> float | None:
    """None if the validation predictions are missing and can't be computed on this machine."""
    run = compared.run
    pooled = label_corrections.load_test_predictions(run, corrections)
    if pooled.chooses_threshold is not None:
        choosing = pooled.select(pooled.chooses_threshold)
        return _fit_temperature(str(caches.test_predictions_cache_key(run)), choosing.labels, choosing)
    computation = validation.current_validation_computation(run)
    predictions = validation.cached_validation_predictions(run)
    if predictions is None and (dataset := pickers.dataset_of_run(run)) is not None:
        predictions = _predict_validation(str(computation), dataset.fingerprint, computation, dataset)
    return None if predictions is None else _fit_temperature(str(computation), predictions.labels, predictions)


@st.cache_data(max_entries=24, show_spinner="Predicting the validation images")
def _predict_validation(
    cache_key: str, fingerprint: str, _computation: ValidationPredictions, _dataset: Dataset
) -> Predictions:
    """In memory too, as nothing can be saved at a presentation or where a quota is full."""
    return validation_predictions_from_arrays(
        store.load_or_compute(_computation, _dataset, lambda fraction, step: None)
    )


@st.cache_data(max_entries=24, show_spinner=False)
def _fit_temperature(cache_key: str, labels: np.ndarray, _predictions: Predictions) -> float:
    return calibration.fit_temperature(_predictions.probabilities, labels)
