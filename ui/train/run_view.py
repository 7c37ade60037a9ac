"""The run being watched: where it stands, and its curves."""

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from fashion_core.analysis import history
from fashion_core.charts import curves
from fashion_core.data.classes import CLASS_NAMES
from fashion_core.data.dataset import DATASET_TITLES
from fashion_core.errors import RunError
from fashion_core.jobs.job import LOG_FILE
from fashion_core.models import registry
from fashion_core.runs import estimate, queue
from fashion_core.runs.capacity import cluster_address
from fashion_core.runs.record import RunRecord
from fashion_core.runs.store import RunEntry
from fashion_core.wording.numbers import format_duration
from ui import caches, shell

WATCHED_RUN_KEY = "watched-run"  # session key: the run whose curves are shown
STATUS_POLL_SECONDS = 1.0  # seconds between two looks at where it stands
FAST_STATUS_POLL_SECONDS = 0.3  # the same until the first progress, and while it is being cancelled
CANCEL_WAIT_SECONDS = 0.9  # seconds that a click on Cancel waits for the run to have ended
CHART_REDRAW_SECONDS = (3.0, 20.0)  # seconds between two drawings of the curves, at least and at most
HIDE_TOOLBAR = {"displayModeBar": False}
MAX_LOG_LINES = 200


def is_live(entry: RunEntry) -> bool:
    """Whether the run waits or trains."""
    return entry.record is not None and queue.run_phase(entry) in queue.LIVE_PHASES


def show_run(entry: RunEntry) -> None:
    """Show a run as it trains, until it ends; the curves are drawn about once an epoch, since that costs most."""
    record = entry.record
    if record is None:
        st.warning(shell.escape_markdown(f"The run {entry.id} is damaged. {entry.damage}"))
        return
    live = is_live(entry)
    epochs = _epochs(entry)
    before = _standing(entry, queue.run_progress(entry))
    interval = FAST_STATUS_POLL_SECONDS if before.changes_soon else STATUS_POLL_SECONDS
    st.fragment(_status, run_every=interval if live else None)(entry.id, before)
    if not epochs.empty:
        pace = min(max(float(epochs["seconds"].median()), CHART_REDRAW_SECONDS[0]), CHART_REDRAW_SECONDS[1])
        st.fragment(_curves, run_every=pace if live else None)(entry.id)
    _log(entry)


@dataclass(frozen=True)
class _Standing:
    """What the whole page depends on: when it changes, the list below and the pace of looking do."""

    live: bool
    any_epoch: bool
    changes_soon: bool


def _standing(entry: RunEntry, progress: queue.RunProgress) -> _Standing:
    live = progress.phase in queue.LIVE_PHASES
    # one that waits for its turn, or for a node of a cluster, may wait for long
    awaited = not progress.step and queue.has_process(entry) and not cluster_address()
    return _Standing(live, not progress.epochs.empty, live and (awaited or queue.is_cancel_requested(entry)))


def _epochs(entry: RunEntry) -> pd.DataFrame:
    """One row an epoch: what the run reported or, where that did not travel with it, its history."""
    epochs = queue.run_progress(entry).epochs
    if not epochs.empty or not entry.has_predictions:
        return epochs
    try:
        return caches.run_store().load_history(entry)
    except RunError as error:
        st.warning(shell.escape_markdown(str(error)))
        return epochs


def _status(run_id: str, before: _Standing) -> None:
    with shell.show_errors():  # a fragment's own reruns do not pass through the page
        entry = caches.run_store().get(run_id)
        record = entry.record
        if record is None:
            st.warning(shell.escape_markdown(f"The run {entry.id} is damaged. {entry.damage}"))
            return
        progress = queue.run_progress(entry)
        line = st.empty()
        line.markdown(_line(entry, progress))
        if record.note:
            st.caption(shell.escape_markdown(record.note))
        if progress.phase in queue.LIVE_PHASES:
            _figures(entry, progress)
            if st.button(
                "Cancel", key=f"cancel-{run_id}", icon=":material/stop:", disabled=queue.is_cancel_requested(entry)
            ):
                queue.cancel_run(caches.run_store(), entry)
                line.markdown(_line(entry, progress))
                entry = queue.wait_for_run(entry, caches.run_store(), CANCEL_WAIT_SECONDS)
                line.markdown(_line(entry, queue.run_progress(entry)))  # before the whole page, which takes a moment
                st.rerun()
        elif progress.phase in queue.RESUMABLE_PHASES and st.button(
            "Resume", key=f"resume-{run_id}", icon=":material/resume:", type="primary"
        ):
            queue.resume_run(caches.run_store(), entry, caches.current_dataset())
            st.rerun()
        # after the buttons: a rerun before them would swallow the click that came with this one
        if _standing(entry, progress) != before:
            st.rerun()  # the curves, the list below and the other pages know it now


def _figures(entry: RunEntry, progress: queue.RunProgress) -> None:
    record = entry.record
    assert record is not None
    word = registry.get_model_spec(record.model).epoch_word
    done, left = len(progress.epochs), progress.seconds_left
    st.progress(
        min(progress.fraction, 1.0), text=f"{done} of {record.config.epochs} {word} done{_under_way(progress, word)}"
    )
    if left is None and progress.epochs.empty:
        left = queue.run_progress(entry, seconds_per_epoch=_seconds_per_epoch(record)).seconds_left
    time_left = "Estimating…" if left is None else format_duration(left)
    if progress.epochs.empty:
        st.caption(f"Time left: {time_left}. The first figures appear after the first pass over the images.")
        return
    last = progress.epochs.iloc[-1]
    best = history.find_best_epoch(record.model, progress.epochs)
    accuracy = progress.epochs.set_index("epoch")["val_accuracy"][best]
    columns = st.columns([4, 3, 3, 3])
    columns[0].metric("Time left", time_left)
    columns[1].metric("Validation, best", f"{accuracy:.1%}", help=f"In number {best} of the {word}")
    columns[2].metric("Learning rate", f"{last['learning_rate']:.2g}" if last["learning_rate"] else "–")
    columns[3].metric("Images a second", f"{last.get('images_per_second', 0):,.0f}")


def _seconds_per_epoch(record: RunRecord) -> float | None:
    """As past runs of the model took."""
    records = [entry.record for entry in caches.list_runs() if entry.origin == "mine" and entry.record is not None]
    fingerprint = record.data.fingerprint
    found = estimate.estimate_epoch(record.config, fingerprint, records, anywhere=bool(cluster_address()))
    return None if found is None else found.seconds_per_epoch


def _under_way(progress: queue.RunProgress, word: str) -> str:
    """How far it is within the epoch; a restart of k-means does not tell."""
    if progress.phase != "running":
        return ""
    if word == "epochs":
        return f", step {progress.step:,} of {progress.n_steps:,}" if progress.step else ""
    return f", number {len(progress.epochs) + 1} under way"


def _line(entry: RunEntry, progress: queue.RunProgress) -> str:
    return f"**{shell.escape_markdown(entry.title)}**: {_sentence(entry, progress)}"


def _sentence(entry: RunEntry, progress: queue.RunProgress) -> str:
    record = entry.record
    assert record is not None
    if progress.phase == "finished":
        return (
            f"finished in {format_duration(record.seconds)}; test accuracy {record.metrics['accuracy']:.1%} "
            f"of {record.data.n_test:,} images."
        )
    word = registry.get_model_spec(record.model).epoch_word
    if progress.phase in queue.LIVE_PHASES and queue.is_cancel_requested(entry):
        return "cancelling."
    done = f" {len(progress.epochs)} of {record.config.epochs} {word} are kept; it can go on from there."
    return {
        "queued": _wait(entry),
        "running": "training. This page may be left; the run goes on.",
        "interrupted": "its process ended before it was finished." + done,
        "cancelled": "cancelled." + done,
        "failed": shell.escape_markdown(f"failed. {record.reason}"),
        "diverged": shell.escape_markdown(f"stopped. {record.reason} The best weights until then are kept."),
    }[progress.phase]


def _wait(entry: RunEntry) -> str:
    if not queue.has_process(entry):
        return "waiting for its turn."
    return "waiting for a free node of the cluster." if cluster_address() else "starting."


def _curves(run_id: str) -> None:
    with shell.show_errors():
        entry = caches.run_store().get(run_id)
        if entry.record is not None:
            _draw(entry, _epochs(entry))


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
            curves.recall_chart(epochs, epoch_word=word),
            key=f"r-{entry.id}",
            config=HIDE_TOOLBAR,
            alt="Validation: recall of each class over epochs",
        )
        _lost(epochs)
    data = DATASET_TITLES[record.data.source]
    shell.show_provenance(
        f"run {entry.id}, seed {record.config.seed}",
        f"{data}: train n = {record.data.n_train:,}, validation n = {record.data.n_validation:,}",
    )


def _lost(epochs: pd.DataFrame) -> None:
    """Classes that are not found any more, and output units that are 0 for every validation image."""
    lost = [name for name, recall in zip(CLASS_NAMES, epochs["recall"].iloc[-1], strict=True) if recall == 0]
    if lost:
        shell.show_finding(f"Not found in validation at the last look: {', '.join(lost)}.")
    died = history.find_unit_deaths(epochs)
    if died:
        told = ", ".join(f"{CLASS_NAMES[unit]} (epoch {epoch})" for unit, epoch in sorted(died.items()))
        st.markdown(f"Output units that are 0 for every validation image, and since when: {told}.")


def _log(entry: RunEntry) -> None:
    path = entry.path / LOG_FILE
    if path.is_file():
        with st.expander("Log", key="log"):
            try:
                lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
            except OSError as error:
                st.caption(shell.escape_markdown(f"It cannot be read ({error.strerror})."))
                return
            st.code("\n".join(lines[-MAX_LOG_LINES:]) or "Nothing yet.", language=None, wrap_lines=True, height=300)
