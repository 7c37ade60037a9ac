"""One run in the panel: its state and its curves."""

from collections.abc import Callable

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from fashion_core.analysis import history
from fashion_core.charts import curves
from fashion_core.charts.recall_bars import RecallSnapshot, recall_bars_chart
from fashion_core.errors import RunError
from fashion_core.jobs.job import LOG_FILE
from fashion_core.models import registry
from fashion_core.runs import estimate, queue
from fashion_core.runs.capacity import cluster_address
from fashion_core.runs.history_file import HISTORY_COLUMNS
from fashion_core.runs.record import RunRecord
from fashion_core.runs.store import RunEntry
from fashion_core.wording import run_phases as wording
from fashion_core.wording.numbers import format_percent
from fashion_core.wording.runs import format_split
from fashion_core.wording.text import escape_markdown
from ui import caches, hosting, pickers, shell

CANCEL_WAIT_SECONDS = 0.9  # how long a click on Cancel waits for the run to end
HIDE_TOOLBAR = {"displayModeBar": False}
MAX_LOG_LINES = 200


def is_waiting_or_training(entry: RunEntry) -> bool:
    """Whether the run waits or trains."""
    return entry.record is not None and queue.run_phase(entry) in queue.LIVE_PHASES


def changes_soon(entry: RunEntry) -> bool:
    """Whether the run is about to begin its first epoch, or to be cancelled."""
    if not is_waiting_or_training(entry):
        return False
    # a run that waits for its turn, or for a node of a cluster, may wait for long
    is_starting = queue.run_progress(entry).epochs.empty and queue.has_process(entry) and not cluster_address()
    return is_starting or queue.is_cancel_requested(entry)


def load_epoch_history(entry: RunEntry) -> pd.DataFrame:
    """One row an epoch: what the run reported or, if it was imported, its history."""
    epochs = queue.run_progress(entry).epochs
    if not epochs.empty or not entry.has_predictions:
        return epochs
    try:
        return caches.run_store().load_history(entry)
    except RunError as error:
        st.warning(escape_markdown(str(error)))
        return epochs


def show_status(entry: RunEntry, follow_run: Callable[[str], None]) -> None:
    """What the run is doing, how far it is, and what can be done. ``follow_run`` gets the id of a run that resumes."""
    if entry.record is None:
        st.warning(escape_markdown(f"The run {entry.id} is damaged. {entry.damage}"))
        return
    progress = _progress(entry)
    live = progress.phase in queue.LIVE_PHASES
    with st.container(gap="xxsmall"):  # so that the charts below fit a laptop's screen
        st.markdown(f"**{escape_markdown(entry.title)}**")
        line = st.empty()
        line.caption(_line(entry, progress))
        done = wording.describe_epochs_done(entry, progress)
        time_left = f". {wording.describe_time_left(progress)}" if live else ""
        st.progress(min(progress.fraction, 1.0), text=f"{done}{time_left}")
        st.caption(escape_markdown(wording.describe_epochs(entry.record, load_epoch_history(entry))))
    with st.container(horizontal=True, vertical_alignment="center", height=42, border=False):
        if live:
            _cancel_buttons(entry, progress, line)
        elif progress.phase in queue.RESUMABLE_PHASES:
            if hosting.change_button("Resume", key=f"resume-{entry.id}", icon=":material/resume:", type="primary"):
                queue.resume_run(caches.run_store(), entry, caches.current_dataset())
                follow_run(entry.id)
                st.rerun()
        elif other := _most_accurate_other(entry):
            runs = {"a": other.id, "b": entry.id}
            st.page_link(
                shell.find_page("compare"), label=f"Compare with {escape_markdown(other.title)}", query_params=runs
            )


def _most_accurate_other(entry: RunEntry) -> RunEntry | None:
    """The most accurate other run that was scored on the same pictures."""
    if not entry.has_predictions:
        return None
    runs = pickers.list_runs_with_test_predictions(lambda run: pickers.scored_on_same_data(run, entry))
    others = [run for run in runs if run.id != entry.id]
    return max(others, key=lambda run: run.record.metrics["accuracy"] if run.record else 0.0, default=None)


def _progress(entry: RunEntry) -> queue.RunProgress:
    """What the run has reported; the time left comes from past runs at first."""
    progress = queue.run_progress(entry)
    if progress.phase in queue.LIVE_PHASES and progress.epochs.empty:
        assert entry.record is not None
        return queue.run_progress(entry, seconds_per_epoch=_seconds_per_epoch(entry.record))
    return progress


def _seconds_per_epoch(record: RunRecord) -> float | None:
    """As past runs of the model took."""
    records = [entry.record for entry in caches.list_runs() if entry.origin == "mine" and entry.record is not None]
    fingerprint = record.data.fingerprint
    past = estimate.estimate_epoch(record.config, fingerprint, records, any_machine=bool(cluster_address()))
    return None if past is None else past.seconds_per_epoch


def _cancel_buttons(entry: RunEntry, progress: queue.RunProgress, line: DeltaGenerator) -> None:
    if not hosting.may_change():
        return
    is_cancelling = queue.is_cancel_requested(entry)
    if st.button("Cancel", key=f"cancel-{entry.id}", icon=":material/stop:", disabled=is_cancelling):
        queue.cancel_run(caches.run_store(), entry)
        line.caption(_line(entry, progress))
        entry = queue.wait_for_run(entry, caches.run_store(), CANCEL_WAIT_SECONDS)
        line.caption(_line(entry, queue.run_progress(entry)))  # before the whole page, which takes a moment
        st.rerun()
    tag = entry.record.tag if entry.record is not None else ""
    batch = [each for each in caches.list_runs() if tag and each.record is not None and each.record.tag == tag]
    live = [each for each in batch if is_waiting_or_training(each)]
    if len(live) > 1 and st.button(f"Cancel all {len(live)}", key=f"cancel-{tag}"):
        queue.cancel_runs(caches.run_store(), live)
        st.rerun()


def _line(entry: RunEntry, progress: queue.RunProgress) -> str:
    text = wording.describe_phase(entry, progress)
    return escape_markdown(text[:1].upper() + text[1:])


def show_curves(entry: RunEntry) -> None:
    """Accuracy, loss and, where the run reports it, recall by class over the epochs; then the note and the log."""
    record = entry.record
    if record is None:
        return
    epochs = load_epoch_history(entry)
    if len(epochs) == 1 and not is_waiting_or_training(entry):
        _show_single_epoch(record, epochs)
    else:
        if epochs.empty:
            epochs = pd.DataFrame(columns=[*HISTORY_COLUMNS, "recall"])  # axes from the start, so that nothing jumps
        show_accuracy_and_loss(record, epochs)
        if "recall" in epochs:
            _show_recall(record, epochs)
    shell.show_provenance(*describe_curves_source(record, entry.id))
    if record.note:
        st.caption(escape_markdown(record.note))
    _log(entry)


def show_accuracy_and_loss(record: RunRecord, epochs: pd.DataFrame) -> None:
    """Both over ``epochs``, of training and validation."""
    word = registry.get_model_spec(record.model).epoch_word
    kept = record.find_kept_epoch(epochs)
    one, two = st.columns(2)
    one.plotly_chart(
        curves.accuracy_chart(epochs, kept_epoch=kept, epoch_word=word),
        key="accuracy",
        config=HIDE_TOOLBAR,
        alt="Training and validation: accuracy over epochs",
    )
    two.plotly_chart(
        curves.loss_chart(epochs, epoch_word=word),
        key="loss",
        config=HIDE_TOOLBAR,
        alt="Training and validation: loss over epochs",
    )


def describe_curves_source(record: RunRecord, run_id: str) -> tuple[str, ...]:
    """Provenance of a run's curves."""
    return (
        f"run {run_id}, seed {record.config.seed}",
        format_split(record.data, "train"),
        format_split(record.data, "validation"),
    )


def _show_recall(record: RunRecord, epochs: pd.DataFrame) -> None:
    word = registry.get_model_spec(record.model).epoch_word
    st.plotly_chart(
        curves.recall_by_class_chart(epochs, record.data.class_list, epoch_word=word),
        key="recall",
        config=HIDE_TOOLBAR,
        alt="Validation: recall of each class over epochs",
    )
    _show_lost_classes(record, epochs)


def _show_single_epoch(record: RunRecord, epochs: pd.DataFrame) -> None:
    """Numbers and bars instead of curves of one dot."""
    last = epochs.iloc[0]
    with st.container(horizontal=True):
        st.metric("Train accuracy", format_percent(last["train_accuracy"]))
        st.metric("Validation accuracy", format_percent(last["val_accuracy"]))
        st.metric("Train loss", f"{last['train_loss']:.3g}")
        st.metric("Validation loss", f"{last['val_loss']:.3g}")
    if "recall" not in epochs:
        return
    snapshot = RecallSnapshot("Validation", last["recall"], history.find_death_epoch_by_unit(epochs))
    st.plotly_chart(
        recall_bars_chart([snapshot], record.data.class_list),
        key="recall-bars",
        config=HIDE_TOOLBAR,
        alt="Validation: recall of each class",
    )
    _show_lost_classes(record, epochs)


def _show_lost_classes(record: RunRecord, epochs: pd.DataFrame) -> None:
    if epochs.empty:
        return
    if lost := wording.describe_lost_classes(epochs, record.data.class_list):
        shell.show_finding(lost)
    if dead := wording.describe_dead_units(epochs, record.data.class_list):
        st.markdown(escape_markdown(dead))


def _log(entry: RunEntry) -> None:
    path = entry.path / LOG_FILE
    if path.is_file():
        with st.expander("Log", key="log"):
            try:
                lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
            except OSError as error:
                st.caption(escape_markdown(f"It cannot be read ({error.strerror})."))
                return
            st.code("\n".join(lines[-MAX_LOG_LINES:]) or "Nothing yet.", language=None, wrap_lines=True, height=300)
