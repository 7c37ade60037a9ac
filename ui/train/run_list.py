"""The user's runs: a table, what can be done with those selected, repeats, and the import."""

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from fashion_core.data import Dataset
from fashion_core.runs import archive, queue, trials
from fashion_core.runs.batches import group_into_batches
from fashion_core.runs.repeats import group_repeated_runs
from fashion_core.runs.store import RunEntry
from fashion_core.wording import training as wording
from fashion_core.wording.numbers import format_duration, to_percent
from fashion_core.wording.run_phases import format_phase_counts
from fashion_core.wording.runs import format_split
from ui import caches, hosting, pickers, shell
from ui.train import run_actions, run_view

TABLE_POLL_SECONDS = 2.0  # while a run waits or trains
SELECTED_RUNS_KEY = "selected-runs"  # session key: ids of the runs that are selected in the table
SELECTION_CHANGED_KEY = "selected-runs-changed"  # session key: a click that the rest of the page hasn't seen
IMPORTED_RUN_KEY = "imported"  # session key: the id of the uploaded file, and its run
TABLE_HEIGHT = 300
COLUMNS = (
    "Run", "Validation", "State", "Progress", "Test", "Epochs", "Seed", "Trained in", "Parameters", "Tag", "Note",
)  # fmt: skip


def list_user_runs() -> list[RunEntry]:
    """The user's runs on the current data set, newest first, and those that are damaged."""
    return [entry for entry in pickers.list_runs() if entry.origin == "mine"]


def show_runs(data: Dataset, runs: list[RunEntry]) -> None:
    """The table of ``runs`` with its buttons, the runs with several seeds, and the import."""
    if runs:
        live = any(run_view.is_waiting_or_training(run) for run in runs)
        st.fragment(_show_table, run_every=TABLE_POLL_SECONDS if live else None)(live)
        show_metrics_over_seeds(runs)
    else:
        st.caption("None yet. The other pages show the included runs." if data.has_shipped_runs else "None yet.")
    if hosting.may_change():
        with shell.show_errors():
            show_import(data)


def _show_table(live: bool) -> None:
    with shell.show_errors():
        runs = list_user_runs()
        batches = group_into_batches(runs)
        actions = st.container()  # above the table, so that they stay where they are
        if len(batches) < len(runs) and st.toggle("List every run of a batch", key="list-every-run"):
            batches = [[run] for run in runs]
        key = f"runs-{len(batches)}-{batches[0][0].id if batches else ''}"

        def store_selection() -> None:
            chosen = [run.id for row in st.session_state[key].selection.rows for run in batches[row]]
            st.session_state[SELECTED_RUNS_KEY], st.session_state[SELECTION_CHANGED_KEY] = chosen, True

        rows = [_row(batch) for batch in batches]
        st.dataframe(
            pd.DataFrame(rows),
            hide_index=True,
            placeholder=shell.MISSING_VALUE,
            on_select=store_selection,
            selection_mode="multi-row",
            key=key,
            height=min(TABLE_HEIGHT, 38 + 35 * len(batches)),
            column_config=_column_config(),
            # a bar for each run only while there is something to wait for
            column_order=[name for name in COLUMNS if live or name != "Progress"],
        )
        selected = st.session_state.get(SELECTED_RUNS_KEY, ())
        with actions:
            run_actions.show_actions([run for run in runs if run.id in selected])
        # after the buttons: a rerun before them would swallow the click that came with this one
        if st.session_state.pop(SELECTION_CHANGED_KEY, False):
            st.rerun()  # the panel shows what was selected


def _column_config() -> dict[str, Any]:
    """Widths with which the columns up to "Test" fit beside the panel."""
    return {
        "Run": st.column_config.TextColumn(width=118),
        "Validation": st.column_config.NumberColumn(
            format="%.1f%%", width=78, help="In the epoch whose weights are kept"
        ),
        "State": st.column_config.TextColumn(width=76),
        "Progress": st.column_config.ProgressColumn(min_value=0, max_value=100, format="%.0f%%", width=90),
        "Test": st.column_config.NumberColumn(format="%.1f%%", width=60),
        "Parameters": st.column_config.NumberColumn(format="localized"),
    }


def _row(batch: list[RunEntry]) -> dict[str, object]:
    records = [entry.record for entry in batch if entry.record is not None]
    if not records:
        return {"Run": batch[0].id, "State": f"damaged: {batch[0].damage}"}
    progress = [queue.run_progress(entry) for entry in batch if entry.record is not None]
    row: dict[str, object] = {
        "Run": pickers.run_label(batch[0]) if len(batch) == 1 else wording.format_batch_title(records),
        "State": format_phase_counts([each.phase for each in progress]),
        "Progress": 100 * np.mean([1.0 if each.phase == "finished" else each.fraction for each in progress]),
    }
    if len(batch) > 1:
        return row
    record = records[0]
    validation = trials.make_trial(record, progress[0].phase, run_view.load_epoch_history(batch[0])).validation_accuracy
    return row | {
        "Validation": None if validation is None else to_percent(validation),
        "Test": to_percent(record.metrics["accuracy"]) if record.metrics else None,
        "Epochs": record.config.epochs,
        "Seed": record.config.seed,
        "Trained in": format_duration(record.seconds) if record.seconds else None,
        "Parameters": record.n_parameters or None,
        "Tag": record.tag,
        "Note": record.note,
    }


def show_metrics_over_seeds(runs: list[RunEntry]) -> None:
    """Runs with the same settings on several seeds: mean and standard deviation of each metric."""
    records = [entry.record for entry in runs if entry.record is not None]
    groups = group_repeated_runs(records)
    if not groups:
        return
    rows = []
    for group in groups:
        config = group.records[0].config
        row: dict[str, object] = {
            "Settings": f"{wording.format_model_with_failure_cause(config)}, {wording.format_epoch_count(config)}",
            "n": len(group.records),
        }
        for name in ("accuracy", "macro_precision", "macro_recall"):
            mean, deviation = group.mean_and_deviation(name)
            row[name.removeprefix("macro_").capitalize()] = f"{to_percent(mean):.1f} ± {100 * deviation:.1f}%"
        seeds = ", ".join(str(record.config.seed) for record in group.records)
        rows.append(row | {"Seeds": seeds, "Data": format_split(group.records[0].data, "test")})
    with st.expander("Repeats on several seeds", key="part-repeats"):
        st.dataframe(pd.DataFrame(rows), hide_index=True)
        shell.show_provenance(
            "mean ± standard deviation over the seeds, on test", "the same settings except for the seed"
        )


def show_import(data: Dataset) -> None:
    """Import a run that was exported here or elsewhere."""
    with st.expander("Import a run", key="part-import"):
        file = st.file_uploader("A zip that was exported on this page", type="zip", key="import")
        if file is None:
            return
        imported: tuple[str, RunEntry] | None = st.session_state.get(IMPORTED_RUN_KEY)
        if imported is None or imported[0] != file.file_id:
            entry = archive.import_zip(caches.run_store(), file.getvalue())
            st.session_state[IMPORTED_RUN_KEY] = file.file_id, entry
            st.rerun()
        elif pickers.is_run_on(imported[1], data):
            st.success("The run is in the list above.")
        elif imported[1].record is not None:
            title = shell.escape_markdown(imported[1].record.data.title)
            st.success(
                f"The run is imported. It is in the list of the data set {title}: choose that in the sidebar, or "
                "import it on the page Data first."
            )
