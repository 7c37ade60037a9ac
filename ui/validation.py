"""Runs' answers on the validation images: what temperatures and thresholds are chosen on."""

from pathlib import Path

import streamlit as st

from fashion_core.analysis.predictions import Predictions
from fashion_core.computed import validation
from fashion_core.computed.validation import Validation
from fashion_core.runs.store import RunEntry, weights_digest
from ui import caches, pickers, results


def wanted(run: RunEntry) -> Validation:
    """What computes a run's answers on validation, as it is now."""
    return Validation(digest(run.path), run.id)


def digest(folder: Path) -> str:
    """The name of a run's weights; read again only when they change."""
    return _digest(folder, caches.stamp(folder / "weights.safetensors"))


@st.cache_data(max_entries=64, show_spinner=False)
def _digest(folder: Path, stamp: float) -> str:
    return weights_digest(folder)


def kept(run: RunEntry) -> Predictions | None:
    """The answers; None when they are not computed yet."""
    assert run.record is not None
    arrays = results.ready(wanted(run), run.record.data.fingerprint)
    return None if arrays is None else validation.predictions(arrays)


def box(missing: list[RunEntry]) -> None:
    """Computes the first run's answers, and with them leads to the next run."""
    run = missing[0]
    assert run.record is not None
    data = pickers.pictures_of(run)
    results.begin_once(wanted(run), data)
    what = f"The answers of {pickers.run_label(run)} on the validation images"
    more = f" {len(missing) - 1:,} more after that." if len(missing) > 1 else ""
    results.box(what, wanted(run), run.record.data.fingerprint, data, meanwhile=f"Its curve needs them.{more}")
