"""How long the runs of the form will take, before they are started."""

import streamlit as st

from fashion_core.config.train_config import TrainConfig
from fashion_core.data import Dataset
from fashion_core.runs.capacity import cluster_address
from fashion_core.runs.estimate import EpochEstimate, estimate_epoch
from fashion_core.runs.store import RunEntry
from fashion_core.wording.numbers import format_duration
from fashion_core.wording.training import format_epoch_counts
from ui import shell


def show_estimated_duration(configs: tuple[TrainConfig, ...], dataset: Dataset, runs: list[RunEntry]) -> None:
    """How long runs of ``configs`` take in turn, estimated from the user's past ``runs``."""
    records = [entry.record for entry in runs if entry.record is not None]
    anywhere = bool(cluster_address())
    estimates = [estimate_epoch(config, dataset.fingerprint, records, any_machine=anywhere) for config in configs]
    known = [estimate for estimate in estimates if estimate is not None]
    amount = format_epoch_counts(configs, len(dataset.fold_numbers))
    if len(known) < len(configs):
        st.caption(f"{amount}. The time left appears once training has begun.")
        return
    seconds = sum(config.epochs * estimate.seconds_per_epoch for config, estimate in zip(configs, known, strict=True))
    in_turn = ", one after another" if len(configs) > 1 else ""
    st.caption(f"{amount}: about {format_duration(seconds)}{in_turn}, {_why(known)}.")


def _why(estimates: list[EpochEstimate]) -> str:
    if len({estimate.run_id for estimate in estimates}) > 1:
        return "as past runs took"
    settings = "the same settings" if estimates[0].same_settings else "other settings"
    return f"as the run {shell.escape_markdown(estimates[0].run_id)} with {settings} took"
