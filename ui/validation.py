"""Runs' answers on the validation images: what temperatures and thresholds are chosen on."""

from pathlib import Path

import streamlit as st

from fashion_core.analysis.predictions import Predictions
from fashion_core.computed import validation
from fashion_core.computed.validation import ValidationPredictions
from fashion_core.runs.store import RunEntry, hash_weights
from ui import caches, computations, pickers


def current_validation_computation(run: RunEntry) -> ValidationPredictions:
    """What computes a run's answers on validation, as it is now."""
    return ValidationPredictions(cached_weights_digest(run.path), run.id)


def cached_weights_digest(folder: Path) -> str:
    """The name of a run's weights; read again only when they change."""
    return _digest(folder, caches.modification_time(folder / "weights.safetensors"))


@st.cache_data(max_entries=64, show_spinner=False)
def _digest(folder: Path, stamp: float) -> str:
    return hash_weights(folder)


def cached_validation_predictions(run: RunEntry) -> Predictions | None:
    """The answers; None when they are not computed yet."""
    assert run.record is not None
    arrays = computations.cached_result(current_validation_computation(run), run.record.data.fingerprint)
    return None if arrays is None else validation.predictions_from_arrays(arrays)


def show_validation_progress(missing: list[RunEntry]) -> None:
    """Computes the first run's answers, and with them leads to the next run."""
    run = missing[0]
    assert run.record is not None
    data = pickers.dataset_of_run(run)
    computations.start_once(current_validation_computation(run), data)
    what = f"The answers of {pickers.run_label(run)} on the validation images"
    more = f" {len(missing) - 1:,} more after that." if len(missing) > 1 else ""
    computations.show_computation(
        what,
        current_validation_computation(run),
        run.record.data.fingerprint,
        data,
        meanwhile=f"Its curve needs them.{more}",
    )
