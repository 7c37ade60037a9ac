"""The run that the visitor watches: its state and its curves."""

from dataclasses import dataclass

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from fashion_core.analysis import history
from fashion_core.charts import curves
from fashion_core.errors import RunError
from fashion_core.jobs.job import LOG_FILE
from fashion_core.models import registry
from fashion_core.runs import estimate, queue
from fashion_core.runs.capacity import cluster_address
from fashion_core.runs.record import RunRecord
from fashion_core.runs.store import RunEntry
from fashion_core.wording import run_phases as wording
from fashion_core.wording.numbers import format_duration
from fashion_core.wording.runs import format_split
from fashion_core.wording.text import escape_markdown
from ui import caches, shell

WATCHED_RUN_KEY = "watched-run"  # session key: the run whose curves are shown
STATUS_POLL_SECONDS = 1.0
FAST_STATUS_POLL_SECONDS = 0.3  # until the first epoch is done, and while the run is being cancelled
CANCEL_WAIT_SECONDS = 0.9  # how long a click on Cancel waits for the run to end
CHART_REDRAW_SECONDS = (3.0, 20.0)  # at least and at most
HIDE_TOOLBAR = {"displayModeBar": False}
MAX_LOG_LINES = 200


def is_waiting_or_training(entry: RunEntry) -> bool:
    """Whether the run waits or trains."""
    return entry.record is not None and queue.run_phase(entry) in queue.LIVE_PHASES


def show_run(entry: RunEntry) -> None:
    """Show a run until it ends; the curves, which cost most, are drawn about once an epoch."""
    if entry.record is None:
        st.warning(escape_markdown(f"The run {entry.id} is damaged. {entry.damage}"))
        return
    live = is_waiting_or_training(entry)
    epochs = load_epoch_history(entry)
    before = _page_state(entry, queue.run_progress(entry))
    interval = FAST_STATUS_POLL_SECONDS if before.changes_soon else STATUS_POLL_SECONDS
    st.fragment(_status, run_every=interval if live else None)(entry.id, before)
    if not epochs.empty:
        pace = min(max(float(epochs["seconds"].median()), CHART_REDRAW_SECONDS[0]), CHART_REDRAW_SECONDS[1])
        st.fragment(_curves, run_every=pace if live else None)(entry.id)
    _log(entry)


@dataclass(frozen=True)
class _PageState:
    """What the whole page depends on; when it changes, the page runs again."""

    live: bool
    any_epoch: bool
    changes_soon: bool


def _page_state(entry: RunEntry, progress: queue.RunProgress) -> _PageState:
    live = progress.phase in queue.LIVE_PHASES
    # a run that waits for its turn, or for a node of a cluster, may wait for long
    is_starting = progress.epochs.empty and queue.has_process(entry) and not cluster_address()
    return _PageState(live, not progress.epochs.empty, live and (is_starting or queue.is_cancel_requested(entry)))


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


def _status(run_id: str, before: _PageState) -> None:
    with shell.show_errors():  # a fragment's own reruns do not pass through the page
        entry = caches.run_store().get(run_id)
        progress = _progress(entry)
        if entry.record is None or progress is None:
            st.warning(escape_markdown(f"The run {entry.id} is damaged. {entry.damage}"))
            return
        line = st.empty()
        line.markdown(_line(entry, progress))
        if entry.record.note:
            st.caption(escape_markdown(entry.record.note))
        if progress.phase in queue.LIVE_PHASES:
            _figures(entry.record, progress, wording.describe_epochs_done(entry, progress))
            _cancel_button(entry, progress, line)
        elif progress.phase in queue.RESUMABLE_PHASES and st.button(
            "Resume", key=f"resume-{run_id}", icon=":material/resume:", type="primary"
        ):
            queue.resume_run(caches.run_store(), entry, caches.current_dataset())
            st.rerun()
        # after the buttons: a rerun before them would swallow the click that came with this one
        if _page_state(entry, progress) != before:
            st.rerun()


def _progress(entry: RunEntry) -> queue.RunProgress | None:
    """What the run has reported; the time left comes from past runs at first."""
    if entry.record is None:
        return None
    progress = queue.run_progress(entry)
    if progress.phase in queue.LIVE_PHASES and progress.epochs.empty:
        return queue.run_progress(entry, seconds_per_epoch=_seconds_per_epoch(entry.record))
    return progress


def _seconds_per_epoch(record: RunRecord) -> float | None:
    """As past runs of the model took."""
    records = [entry.record for entry in caches.list_runs() if entry.origin == "mine" and entry.record is not None]
    fingerprint = record.data.fingerprint
    past = estimate.estimate_epoch(record.config, fingerprint, records, any_machine=bool(cluster_address()))
    return None if past is None else past.seconds_per_epoch


def _cancel_button(entry: RunEntry, progress: queue.RunProgress, line: DeltaGenerator) -> None:
    is_cancelling = queue.is_cancel_requested(entry)
    if st.button("Cancel", key=f"cancel-{entry.id}", icon=":material/stop:", disabled=is_cancelling):
        queue.cancel_run(caches.run_store(), entry)
        line.markdown(_line(entry, progress))
        entry = queue.wait_for_run(entry, caches.run_store(), CANCEL_WAIT_SECONDS)
        line.markdown(_line(entry, queue.run_progress(entry)))  # before the whole page, which takes a moment
        st.rerun()


def _line(entry: RunEntry, progress: queue.RunProgress) -> str:
    return f"**{escape_markdown(entry.title)}**: {escape_markdown(wording.describe_phase(entry, progress))}"


def _figures(record: RunRecord, progress: queue.RunProgress, epochs_done: str) -> None:
    st.progress(min(progress.fraction, 1.0), text=epochs_done)
    time_left = "Estimating…" if progress.seconds_left is None else format_duration(progress.seconds_left)
    if progress.epochs.empty:
        end = "" if progress.seconds_left is None else "."
        st.caption(f"Time left: {time_left}{end} The first figures appear after the first pass over the images.")
        return
    last = progress.epochs.iloc[-1]
    best = history.find_best_epoch(record.model, progress.epochs)
    accuracy = progress.epochs.set_index("epoch")["val_accuracy"][best]
    columns = st.columns([4, 3, 3, 3])
    columns[0].metric("Time left", time_left)
    word = registry.get_model_spec(record.model).epoch_word.removesuffix("s")
    columns[1].metric("Validation, best", f"{accuracy:.1%}", help=f"In {word} {best}")
    columns[2].metric("Learning rate", f"{last['learning_rate']:.2g}" if last["learning_rate"] else "–")
    columns[3].metric("Images a second", f"{last.get('images_per_second', 0):,.0f}")


def _curves(run_id: str) -> None:
    with shell.show_errors():
        entry = caches.run_store().get(run_id)
        if entry.record is not None:
            _draw(entry, load_epoch_history(entry))


def _draw(entry: RunEntry, epochs: pd.DataFrame) -> None:
    record = entry.record
    assert record is not None
    word = registry.get_model_spec(record.model).epoch_word
    best = history.find_best_epoch(record.model, epochs)
    one, two = st.columns(2)
    one.plotly_chart(
        curves.accuracy_chart(epochs, best_epoch=best, epoch_word=word),
        key=f"a-{entry.id}",
        config=HIDE_TOOLBAR,
        alt="Training and validation: accuracy over epochs",
    )
    two.plotly_chart(
        curves.loss_chart(epochs, epoch_word=word),
        key=f"l-{entry.id}",
        config=HIDE_TOOLBAR,
        alt="Training and validation: loss over epochs",
    )
    if "recall" in epochs:
        st.plotly_chart(
            curves.recall_by_class_chart(epochs, record.data.class_list, epoch_word=word),
            key=f"r-{entry.id}",
            config=HIDE_TOOLBAR,
            alt="Validation: recall of each class over epochs",
        )
        if lost := wording.describe_lost_classes(epochs, record.data.class_list):
            shell.show_finding(lost)
        if dead := wording.describe_dead_units(epochs, record.data.class_list):
            st.markdown(escape_markdown(dead))
    shell.show_provenance(
        f"run {entry.id}, seed {record.config.seed}",
        format_split(record.data, "train"),
        format_split(record.data, "validation"),
    )


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
