"""Watch one MLP fail: the poster's MLP with and without a ReLU on its outputs, class by class."""

import secrets

import streamlit as st

from fashion_core.analysis.history import find_death_epoch_by_unit
from fashion_core.analysis.metrics import classification_metrics
from fashion_core.charts.recall_bars import RecallSnapshot, recall_bars_chart
from fashion_core.runs import poster_experiment, queue
from fashion_core.runs.store import RunEntry
from fashion_core.wording import training as wording
from fashion_core.wording.run_phases import describe_dead_units, describe_epochs_done, format_phase
from fashion_core.wording.runs import format_run_source, format_split
from fashion_core.wording.text import join_with_and
from ui import caches, hosting, shell
from ui.train import run_view


def is_demo_run(entry: RunEntry) -> bool:
    """Whether the run is one of the two."""
    return entry.record is not None and entry.record.tag.startswith(poster_experiment.DEMO_TAG_PREFIX)


def start_demo() -> str:
    """Queue both runs; returns the id of the first."""
    tag = f"{poster_experiment.DEMO_TAG_PREFIX}{secrets.token_hex(3)}"
    configs = [
        (config, wording.format_model_with_failure_cause(config)) for config in poster_experiment.make_demo_configs()
    ]
    return queue.queue_runs(caches.run_store(), configs, caches.current_dataset(), tag=tag)[0].id


def show_failure(runs: list[RunEntry]) -> None:
    """Recall of each class of both ``runs`` after the last epoch, side by side."""
    records = {run.id: run.record for run in runs if run.record is not None}
    runs = sorted((run for run in runs if run.id in records), key=lambda run: records[run.id].config.output_activation)
    epochs = {run.id: run_view.load_epoch_history(run) for run in runs}
    classes = records[runs[0].id].data.class_list
    st.markdown("**One MLP, without and with a ReLU on its ten outputs**")
    for run in runs:
        progress = queue.run_progress(run)
        title = shell.escape_markdown(wording.format_model_with_failure_cause(records[run.id].config))
        done = f"{title}: {format_phase(progress.phase)}, {describe_epochs_done(run, progress)}"
        st.progress(min(progress.fraction, 1.0), text=done)
    live = [run for run in runs if run_view.is_waiting_or_training(run)]
    with st.container(height=42, border=False):
        if live and hosting.change_button("Cancel", icon=":material/stop:", key="cancel-demo"):
            queue.cancel_runs(caches.run_store(), live)
            st.rerun()
    snapshots = [
        RecallSnapshot(
            wording.format_model_with_failure_cause(records[run.id].config),
            epochs[run.id]["recall"].iloc[-1] if "recall" in epochs[run.id] else (),
            find_death_epoch_by_unit(epochs[run.id]),
        )
        for run in runs
    ]
    st.plotly_chart(
        recall_bars_chart(snapshots, classes),
        key="failure",
        config=run_view.HIDE_TOOLBAR,
        alt="Validation: recall of each class, without and with a ReLU on the outputs",
    )
    for run in runs:
        if not epochs[run.id].empty and (dead := describe_dead_units(epochs[run.id], classes)):
            shell.show_finding(dead)
    first = records[runs[0].id]
    shell.show_provenance(f"tag {first.tag}, seed {first.config.seed}", format_split(first.data, "validation"))


def show_test_recall(runs: list[RunEntry]) -> None:
    """Recall of each class of finished ``runs`` on test, side by side."""
    snapshots, records = [], [run.record for run in runs if run.record is not None]
    for run, record in zip(runs, records, strict=True):
        predictions = caches.cached_test_predictions(run)
        scores = classification_metrics(predictions.labels, predictions.predicted, predictions.n_classes)
        snapshots.append(RecallSnapshot(run.title, scores.recall.tolist(), dict.fromkeys(record.never_predicted, 0)))
    classes = records[0].data.class_list
    lost = {run.title: record.never_predicted for run, record in zip(runs, records, strict=True)}
    shell.show_finding(f"{wording.describe_test_recall(lost, classes)}.")
    st.plotly_chart(
        recall_bars_chart(snapshots, classes),
        key="test-recall",
        config=run_view.HIDE_TOOLBAR,
        alt=f"Test: recall of each class of {join_with_and([run.title for run in runs])}",
    )
    shell.show_provenance(format_run_source(*runs))
