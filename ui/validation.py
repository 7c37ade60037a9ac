"""Runs' predictions on the validation images, on which temperatures and thresholds are chosen."""

import streamlit as st

from fashion_core.analysis.predictions import Predictions
from fashion_core.computed import validation
from fashion_core.computed.validation import ValidationPredictions
from fashion_core.runs.store import RunEntry
from fashion_core.wording.numbers import format_count
from ui import caches, computations, pickers


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs={RunEntry: caches.weights_cache_key})
def current_validation_computation(run: RunEntry) -> ValidationPredictions:
    """The computation for a run's current weights, which are read again only when they change."""
    return validation.validation_computation(run)


def cached_validation_predictions(run: RunEntry) -> Predictions | None:
    """The predictions; None when they are not computed yet."""
    arrays = computations.cached_result(current_validation_computation(run), pickers.data_fingerprint(run))
    return None if arrays is None else validation.validation_predictions_from_arrays(arrays)


def compute_missing_validation_predictions(missing: list[RunEntry]) -> None:
    """Compute the first run's predictions and show the progress; the next run follows."""
    run = missing[0]
    dataset, computation = pickers.dataset_of_run(run), current_validation_computation(run)
    computations.start_computation_once(computation, dataset)
    more = f" {format_count(len(missing) - 1, 'more run')} will follow." if len(missing) > 1 else ""
    computations.show_missing_result_controls(
        f"The predictions of {pickers.run_label(run)} on the validation images",
        computation,
        pickers.data_fingerprint(run),
        dataset,
        meanwhile=f"Its curve appears when they are ready.{more}",
    )
