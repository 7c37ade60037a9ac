"""Whether the runs' confidence means what it says."""

import numpy as np
import streamlit as st

from fashion_core.analysis import calibration
from fashion_core.analysis.predictions import Predictions
from fashion_core.computed import store
from ui import pickers, shell, validation
from ui.compare.comparison import ComparedRun, RunComparison
from ui.compare.view import COMPARE_PAGE


def show_confidence(pair: RunComparison) -> None:
    """Reliability, calibration error and confidence of right and wrong answers, before and after a temperature."""
    from fashion_core.charts import confidence as charts

    view = COMPARE_PAGE.current_view()
    st.session_state["compare-tempered"] = view.tempered == "yes"
    st.toggle(
        "With a temperature fitted on validation", key="compare-tempered",
        on_change=lambda: COMPARE_PAGE.update(tempered="yes" if st.session_state["compare-tempered"] else "no"),
    )  # fmt: skip
    for column, s in zip(st.columns(2), pair.runs, strict=True):
        with column:
            before = calibration.reliability_curve(s.predictions.probabilities, pair.labels)
            shown, probabilities, note = before, s.predictions.probabilities, ""
            if view.tempered == "yes":
                temperature = _temperature(s)
                if temperature is None:
                    st.caption("A temperature needs the validation images. Download Fashion-MNIST to fit one.")
                else:
                    probabilities = calibration.apply_temperature(probabilities, temperature)
                    shown = calibration.reliability_curve(probabilities, pair.labels)
                    note = f", {before.expected_calibration_error:.1%} before the temperature {temperature:.2f}"
            lean = np.nansum((shown.confidence - shown.accuracy) * shown.counts)
            shell.show_finding(
                f"{s.letter} is {'too sure' if lean > 0 else 'not sure enough'}: expected calibration error "
                f"{shown.expected_calibration_error:.1%}{note}"
            )
            st.plotly_chart(
                charts.reliability_diagram(shown), key=f"reliability-{s.letter}", config={"displayModeBar": "hover"},
                alt=f"Accuracy over confidence of run {s.run.id}",
            )  # fmt: skip
            st.plotly_chart(
                charts.confidence_histogram(probabilities.max(axis=1), s.correct), key=f"confidence-{s.letter}",
                config={"displayModeBar": "hover"}, alt=f"Confidence of right and wrong answers of run {s.run.id}",
            )  # fmt: skip
            shell.show_provenance(
                f"run {s.run.id}, test, n = {len(pair.labels):,}",
                f"{calibration.N_CONFIDENCE_BINS} bins of equal width",
            )


def _temperature(s: ComparedRun) -> float | None:
    """None when the answers on validation are not at hand and cannot be computed."""
    kept = validation.cached_validation_predictions(s.run)
    if kept is None and (data := pickers.dataset_of_run(s.run)) is not None:
        with st.spinner("Asking the run about the validation images"):
            store.load_or_compute(validation.current_validation_computation(s.run), data, lambda share, doing: None)
        kept = validation.cached_validation_predictions(s.run)
    return None if kept is None else _fitted(str(validation.current_validation_computation(s.run)), kept)


@st.cache_data(max_entries=24, show_spinner=False)
def _fitted(run: str, _kept: Predictions) -> float:
    return calibration.fit_temperature(_kept.probabilities, _kept.labels)
