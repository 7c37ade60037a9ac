"""The panel beside the tabs: the run in training, whichever it is, or the runs that were selected in the table."""

from dataclasses import dataclass
from typing import Literal

import streamlit as st

from fashion_core.charts import curves
from fashion_core.runs import queue
from fashion_core.runs.store import RunEntry
from ui import caches, hosting, pickers, shell
from ui.train import failure_demo, run_list, run_view

FOLLOWED_RUN_KEY = "watched-run"  # session key: the run that was started or resumed last
STATUS_POLL_SECONDS = 1.0
FAST_STATUS_POLL_SECONDS = 0.3  # until the first epoch is done, and while the run is being cancelled
CHART_REDRAW_SECONDS = 3.0
EXAMPLE_RUNS = ("mlp", "mlp-poster")
MAX_OVERLAID_RUNS = 10
HISTORY_COLUMN_BY_CURVE_TITLE = {
    "Validation accuracy": "val_accuracy",
    "Validation loss": "val_loss",
    "Training loss": "train_loss",
}


def follow_run(run_id: str) -> None:
    """Show this run and, once it has ended, the next one that trains."""
    st.session_state[FOLLOWED_RUN_KEY] = run_id
    st.session_state[run_list.SELECTED_RUNS_KEY] = []


def find_shown_runs(runs: list[RunEntry]) -> list[RunEntry]:
    """Which of ``runs`` the panel shows: those selected; else the followed one, or after its end one in training;
    else the newest that is finished."""
    if selected := [run for run in runs if run.id in st.session_state.get(run_list.SELECTED_RUNS_KEY, ())]:
        return selected
    followed = next((run for run in runs if run.id == st.session_state.get(FOLLOWED_RUN_KEY)), None)
    if followed is None or not run_view.is_waiting_or_training(followed):
        live = [run for run in reversed(runs) if run_view.is_waiting_or_training(run)]
        live.sort(key=lambda run: not queue.has_process(run))
        newest = next((run for run in runs if run.record is not None and run.has_predictions), None)
        followed = live[0] if live else followed or newest
    if followed is None:
        return []
    st.session_state[FOLLOWED_RUN_KEY] = followed.id  # its end is shown here, too
    return [followed]


def show_panel(runs: list[RunEntry]) -> None:
    """Follow the run in training until none trains; the curves, which cost most, are drawn less often."""
    shown = find_shown_runs(runs)
    if not shown:
        _show_example()
        return
    state = _panel_state(runs)
    interval = FAST_STATUS_POLL_SECONDS if state.changes_soon else STATUS_POLL_SECONDS
    with st.container(key="live-panel" if state.live else "panel"):  # a live one is above the form on a phone
        if state.layout == "run":
            st.fragment(_status, run_every=interval if state.live else None)(state)
            st.fragment(_curves, run_every=CHART_REDRAW_SECONDS if state.live else None)(state)
        elif state.layout == "failure":
            st.fragment(_failure, run_every=STATUS_POLL_SECONDS if state.live else None)(state)
        else:
            st.fragment(_overlay, run_every=CHART_REDRAW_SECONDS if state.live else None)()


@dataclass(frozen=True)
class _PanelState:
    """What the whole page depends on; when it changes, the page runs again."""

    live: bool
    changes_soon: bool
    layout: Literal["run", "several", "failure"]


def _panel_state(runs: list[RunEntry]) -> _PanelState:
    shown = find_shown_runs(runs)
    if len(shown) > 1:
        layout: Literal["run", "several", "failure"] = "several"
    else:
        layout = "failure" if shown and failure_demo.is_demo_run(shown[0]) else "run"
    live = any(run_view.is_waiting_or_training(run) for run in runs)
    return _PanelState(live, layout == "run" and bool(shown) and run_view.changes_soon(shown[0]), layout)


def _shown_run(state: _PanelState) -> RunEntry:
    """The run to show now; runs the page again where it needs more than another run in the same place."""
    runs = run_list.list_user_runs()
    shown = find_shown_runs(runs)
    if not shown or _panel_state(runs).layout != state.layout:
        st.rerun()
    return shown[0]


def _status(state: _PanelState) -> None:
    with shell.show_errors():  # a fragment's own reruns do not pass through the page
        run_view.show_status(_shown_run(state), follow_run)
        # after the buttons: a rerun before them would swallow the click that came with this one
        if _panel_state(run_list.list_user_runs()) != state:
            st.rerun()


def _curves(state: _PanelState) -> None:
    with shell.show_errors():
        run_view.show_curves(_shown_run(state))


def _failure(state: _PanelState) -> None:
    with shell.show_errors():
        run = _shown_run(state)
        assert run.record is not None
        failure_demo.show_failure(
            [each for each in run_list.list_user_runs() if each.record and each.record.tag == run.record.tag]
        )
        if _panel_state(run_list.list_user_runs()) != state:
            st.rerun()


def _overlay() -> None:
    """Curves of the selected runs in one chart."""
    with shell.show_errors():
        runs = find_shown_runs(run_list.list_user_runs())
        histories = {pickers.run_label(run): run_view.load_epoch_history(run) for run in runs if run.record is not None}
        histories = {label: history for label, history in histories.items() if not history.empty}
        names = list(HISTORY_COLUMN_BY_CURVE_TITLE)
        curve = st.segmented_control("Curve", names, default=names[0], required=True, wrap=True)
        if not histories:
            st.caption("None of these runs has finished an epoch.")
            return
        shown = dict(list(histories.items())[:MAX_OVERLAID_RUNS])
        st.plotly_chart(
            curves.run_histories_chart(shown, HISTORY_COLUMN_BY_CURVE_TITLE[curve], curve),
            key="overlay",
            config=run_view.HIDE_TOOLBAR,
            alt=f"{curve} of runs",
        )
        if len(shown) < len(histories):
            st.caption(f"The first {len(shown)} of {len(histories)} runs.")


def _show_example() -> None:
    """Included runs, until there is a run: how one learned, and which classes the poster's network loses."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.badge("Example", color="gray")
        start = " Press Start training to see yours here as it learns." if hosting.may_change() else ""
        st.caption(f"Included runs.{start}", width="content")
    runs = [run for run in map(caches.find_run, EXAMPLE_RUNS) if run is not None and run.has_predictions]
    if not runs:
        st.caption("The included runs are missing.")
        return
    record = runs[0].record
    assert record is not None
    run_view.show_accuracy_and_loss(record, run_view.load_epoch_history(runs[0]))
    failure_demo.show_test_recall(runs)
    shell.show_provenance(*run_view.describe_curves_source(record, runs[0].id))
