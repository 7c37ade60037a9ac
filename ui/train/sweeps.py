"""Sweeps: what runs that were queued together show so far."""

import pandas as pd
import streamlit as st

from fashion_core.charts import parallel
from fashion_core.config.train_config import HYPERPARAMETERS
from fashion_core.data import Dataset
from fashion_core.models import registry
from fashion_core.runs import queue
from fashion_core.runs import trials as analysis
from fashion_core.runs.record import RunRecord
from fashion_core.runs.store import RunEntry
from fashion_core.wording import training as wording
from fashion_core.wording.numbers import to_percent
from fashion_core.wording.run_phases import format_phase_counts
from fashion_core.wording.runs import format_split
from ui import caches, hosting, shell
from ui.csv_download import csv_button
from ui.train import run_view, sweep_form
from ui.train.view import NEW_RUN, TRAIN_PAGE_STATE

SWEEP_POLL_SECONDS = 5.0  # while its runs go on


def show_sweeps(data: Dataset, runs: list[RunEntry]) -> None:
    """A picker of the sweeps among the user's ``runs`` on ``data``, and the results of the selected one."""
    records = [entry.record for entry in runs if entry.record is not None]
    tags = analysis.list_sweep_tags(records)
    if not tags:
        st.caption("None yet. A sweep trains a run with each combination of settings, and shows which come out best.")
        hosting.change_button("Set up a sweep", on_click=_open_form)
        return
    titles = {tag: _title(tag, [record for record in records if record.tag == tag]) for tag in tags}
    tag = st.selectbox("Sweep", tags, format_func=lambda tag: titles.get(tag, tag), key="sweep-shown")
    unfinished = any(queue.run_phase(entry) in queue.LIVE_PHASES for entry in _runs(tag, runs))
    st.fragment(_outcome, run_every=SWEEP_POLL_SECONDS if unfinished else None)(tag, unfinished)


def _open_form() -> None:
    st.session_state[sweep_form.SWEEP_EXPANDER_KEY] = True
    TRAIN_PAGE_STATE.update(tab=NEW_RUN)


def _title(tag: str, records: list[RunRecord]) -> str:
    varied = ", ".join(HYPERPARAMETERS[field].label.lower() for field in analysis.find_varied_fields(records))
    first = min(records, key=lambda record: record.created)
    when = f"{first.created[:10]} {first.created[11:16]}"
    return f"{registry.get_model_spec(first.model).title}: {varied or 'nothing'}, {len(records)} runs, {when} ({tag})"


def _runs(tag: str, runs: list[RunEntry]) -> list[RunEntry]:
    """The runs of the sweep, in the order in which they were queued."""
    return [entry for entry in reversed(runs) if entry.record is not None and entry.record.tag == tag]


def _outcome(tag: str, was_unfinished: bool) -> None:
    with shell.show_errors():
        entries = _runs(tag, caches.list_runs())
        trials = [
            analysis.make_trial(entry.record, queue.run_phase(entry), run_view.load_epoch_history(entry))
            for entry in entries
            if entry.record is not None
        ]
        unfinished = [trial for trial in trials if trial.phase in queue.LIVE_PHASES]
        records = [trial.record for trial in trials]
        varied = analysis.find_varied_fields(records)
        points = analysis.group_trials(trials, varied)
        st.caption(f"{len(trials)} runs: {format_phase_counts([trial.phase for trial in trials])}.")
        if points:
            n = records[0].data.n_validation
            if comparison := analysis.compare_settings(points, n):
                shell.show_finding(wording.describe_best_settings(comparison, varied))
            if effect := analysis.find_strongest_effect(points, varied):
                st.markdown(wording.describe_strongest_effect(effect))
        frame = analysis.trials_to_frame(trials, varied)
        _chart(frame[[trial.is_finished for trial in trials]], varied)
        _table(frame, varied)
        _provenance(tag, records)
        _actions(tag, frame, entries)
        if was_unfinished and not unfinished:
            st.rerun()


def _axes(frame: pd.DataFrame, varied: tuple[str, ...]) -> list[str]:
    return [*varied, *(["seed"] if "seed" not in varied and frame["seed"].nunique() > 1 else [])]


def _chart(frame: pd.DataFrame, varied: tuple[str, ...]) -> None:
    if len(frame) < 2:
        return
    labels = {field: HYPERPARAMETERS[field].label for field in _axes(frame, varied)}
    figure = parallel.parallel_coordinates_chart(
        frame,
        labels,
        analysis.VALIDATION_COLUMN,
        "Validation, %",
        logarithmic=[name for name, each in HYPERPARAMETERS.items() if each.log_scale],
    )
    st.plotly_chart(
        figure,
        key="sweep-chart",
        config=run_view.HIDE_TOOLBAR,
        alt="One line a run, through its settings to its validation accuracy; the table below shows the same",
    )


def _table(frame: pd.DataFrame, varied: tuple[str, ...]) -> None:
    shown = frame.assign(**{analysis.VALIDATION_COLUMN: frame[analysis.VALIDATION_COLUMN].map(to_percent)})
    shown = shown.sort_values(analysis.VALIDATION_COLUMN, ascending=False, kind="stable")
    columns = {field: HYPERPARAMETERS[field].label for field in _axes(frame, varied)}
    names = columns | {analysis.VALIDATION_COLUMN: "Validation", "state": "State", "run": "Run"}
    numbers = {
        columns[field]: st.column_config.NumberColumn(format="%g") for field in columns if frame[field].dtype == float
    }
    percent = st.column_config.NumberColumn(format="%.1f%%", help="In the epoch whose weights are kept")
    st.dataframe(
        shown[list(names)].rename(columns=names),
        hide_index=True,
        placeholder=shell.MISSING_VALUE,
        column_config={"Validation": percent, **numbers},
    )


def _provenance(tag: str, records: list[RunRecord]) -> None:
    data = records[0].data
    seeds = ", ".join(map(str, sorted({record.config.seed for record in records})))
    shell.show_provenance(
        f"tag {tag}, seed {seeds}",
        format_split(data, "validation"),
        "accuracy in the epoch whose weights are kept; the test images are not used",
    )


def _actions(tag: str, frame: pd.DataFrame, entries: list[RunEntry]) -> None:
    with st.container(horizontal=True):
        csv_button(lambda: frame, f"{tag}.csv", "Export as CSV")
        waiting = [entry for entry in entries if queue.run_phase(entry) == "queued" and not queue.has_process(entry)]
        label = f"Cancel all waiting ({len(waiting)})"
        if waiting and hosting.change_button(label, key="cancel-sweep", icon=":material/stop:"):
            queue.cancel_runs(caches.run_store(), waiting)
            st.rerun()
