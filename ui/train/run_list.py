"""The user's runs: a table, buttons for the chosen one, repeats, curves of several, and the import."""

import pandas as pd
import streamlit as st

from fashion_core.charts import curves
from fashion_core.models.registry import get_model_spec
from fashion_core.runs import archive, queue
from fashion_core.runs.ensemble import create_ensemble
from fashion_core.runs.repeats import group_repeated_runs
from fashion_core.runs.store import RunEntry
from fashion_core.wording import training as wording
from fashion_core.wording.numbers import format_duration
from fashion_core.wording.runs import format_split
from fashion_core.wording.text import escape_markdown
from ui import caches, pickers, shell
from ui.train import form, run_view

HISTORY_COLUMN_BY_CURVE_TITLE = {
    "Validation accuracy": "val_accuracy",
    "Validation loss": "val_loss",
    "Training loss": "train_loss",
}


def list_user_runs() -> list[RunEntry]:
    """The user's runs on the current data set, newest first, and those that are damaged."""
    return [entry for entry in pickers.list_runs() if entry.origin == "mine"]


def show_run_table(runs: list[RunEntry]) -> RunEntry | None:
    """Show the runs as a table; returns the selected one."""
    frame = pd.DataFrame([_row(entry) for entry in runs])
    event = st.dataframe(
        frame,
        hide_index=True,
        placeholder=shell.MISSING_VALUE,
        on_select="rerun",
        selection_mode="single-row",
        key=f"runs-{len(runs)}",
        column_config={
            "Validation": st.column_config.NumberColumn(format="%.1f%%"),
            "Test": st.column_config.NumberColumn(format="%.1f%%"),
            "Parameters": st.column_config.NumberColumn(format="localized"),
        },
    )
    chosen = event.selection.rows
    return runs[chosen[0]] if chosen and chosen[0] < len(runs) else None


def _row(entry: RunEntry) -> dict[str, object]:
    record = entry.record
    if record is None:
        return {"Run": entry.id, "State": f"damaged: {entry.damage}"}
    progress = queue.run_progress(entry)
    return {
        "Run": pickers.run_label(entry),
        "State": progress.phase,
        "Epochs": record.config.epochs,
        "Seed": record.config.seed,
        "Validation": 100 * progress.epochs["val_accuracy"].max() if not progress.epochs.empty else None,
        "Test": 100 * record.metrics["accuracy"] if record.metrics else None,
        "Parameters": record.n_parameters or None,
        "Trained in": format_duration(record.seconds) if record.seconds else None,
        "Tag": record.tag,
        "Note": record.note,
    }


def show_run_actions(entry: RunEntry) -> None:
    """Buttons to watch, resume, duplicate, rename, export or delete the run."""
    with st.container(horizontal=True):
        if st.button("Show its curves", icon=":material/monitoring:"):
            st.session_state[run_view.WATCHED_RUN_KEY] = entry.id
            st.rerun()
        if entry.record is not None:
            if queue.run_phase(entry) in queue.RESUMABLE_PHASES and st.button("Resume it", icon=":material/resume:"):
                queue.resume_run(caches.run_store(), entry, caches.current_dataset())
                st.session_state[run_view.WATCHED_RUN_KEY] = entry.id
                st.rerun()
            is_trainable = get_model_spec(entry.record.model).is_trainable
            if is_trainable and st.button("Duplicate with changes", icon=":material/content_copy:"):
                st.session_state[form.TEMPLATE_KEY] = entry.id
                st.rerun()
            if st.button("Name and note", icon=":material/edit:"):
                _rename(entry)
        if entry.has_predictions:
            st.download_button(
                "Export as zip",
                lambda: archive.export_zip(entry),
                f"{entry.id}.zip",
                "application/zip",
                on_click="ignore",
                icon=":material/download:",
            )
        if st.button("Delete", icon=":material/delete:", disabled=run_view.is_waiting_or_training(entry)):
            _confirm_delete(entry)


def show_ensemble(runs: list[RunEntry]) -> None:
    """Save two or more runs on the same test pictures as one run."""
    members = {run.id: run for run in runs if run.has_predictions and run.record and not run.record.members}
    if len(members) < 2:
        return
    with st.expander("Save runs as an ensemble"):
        left, right = st.columns([3, 1], vertical_alignment="bottom")
        chosen = left.multiselect(
            "Runs that answer together",
            list(members),
            format_func=lambda run_id: pickers.run_label(members[run_id]),
            help="Their log probabilities are averaged. Runs of different kinds, such as Improved CNN and Pretrained, "
            "gain most.",
        )
        if right.button("Save the ensemble", disabled=len(chosen) < 2):
            with shell.show_errors():
                create_ensemble(caches.run_store(), [members[run_id] for run_id in chosen])
                st.rerun()


@st.dialog("Name and note")
def _rename(entry: RunEntry) -> None:
    record = entry.record
    assert record is not None
    title = st.text_input("Name", record.title, max_chars=80)
    note = st.text_area("Note", record.note, max_chars=900)
    if st.button("Save", type="primary"):
        with shell.show_errors():
            queue.set_run_title_and_note(caches.run_store(), entry, title=title, note=note)
            st.rerun()


@st.dialog("Delete this run?")
def _confirm_delete(entry: RunEntry) -> None:
    st.markdown(f"{escape_markdown(entry.title)} and its weights are deleted for good.")
    if st.button("Delete it", type="primary"):
        with shell.show_errors():
            queue.delete_run(caches.run_store(), entry)
            st.session_state.pop(run_view.WATCHED_RUN_KEY, None)
            st.rerun()


def show_metrics_over_seeds(runs: list[RunEntry]) -> None:
    """Runs with the same settings on several seeds: mean and standard deviation of each metric."""
    records = [entry.record for entry in runs if entry.record is not None]
    groups = group_repeated_runs(records)
    if not groups:
        return
    st.subheader("Repeats", anchor=False)
    rows = []
    for group in groups:
        config = group.records[0].config
        row: dict[str, object] = {
            "Settings": f"{wording.format_model_with_failure_cause(config)}, {wording.format_epoch_count(config)}",
            "n": len(group.records),
        }
        for name in ("accuracy", "macro_precision", "macro_recall"):
            mean, deviation = group.mean_and_deviation(name)
            row[name.removeprefix("macro_").capitalize()] = f"{100 * mean:.1f} ± {100 * deviation:.1f} %"
        seeds = ", ".join(str(record.config.seed) for record in group.records)
        rows.append(row | {"Seeds": seeds, "Data": format_split(group.records[0].data, "test")})
    st.dataframe(pd.DataFrame(rows), hide_index=True)
    shell.show_provenance("mean ± standard deviation over the seeds, on test", "the same settings except for the seed")


def show_curve_overlay(runs: list[RunEntry]) -> None:
    """Curves of several runs in one chart."""
    with_curves = {run.id: run for run in runs if run.record is not None and not run_view.load_epoch_history(run).empty}
    if len(with_curves) < 2:
        return
    st.subheader("Several runs", anchor=False)
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    chosen = left.multiselect(
        "Runs",
        list(with_curves),
        list(with_curves)[:2],
        format_func=lambda run_id: pickers.run_label(with_curves[run_id]),
        max_selections=10,
    )
    curve = right.segmented_control(
        "Curve", list(HISTORY_COLUMN_BY_CURVE_TITLE), default="Validation accuracy", required=True, wrap=True
    )
    if chosen:
        epochs = {
            pickers.run_label(with_curves[run_id]): run_view.load_epoch_history(with_curves[run_id])
            for run_id in chosen
        }
        st.plotly_chart(
            curves.run_histories_chart(epochs, HISTORY_COLUMN_BY_CURVE_TITLE[curve], curve),
            key="overlay",
            config=run_view.HIDE_TOOLBAR,
            alt=f"{curve} of runs",
        )


def show_import() -> None:
    """Import a run that was exported here or elsewhere."""
    with st.expander("Import a run", key="part-import"):
        file = st.file_uploader("A zip that was exported on this page", type="zip", key="import")
        if file is None:
            return
        if st.session_state.get("imported") == file.file_id:
            st.success("The run is in the list above.")
            return
        archive.import_zip(caches.run_store(), file.getvalue())
        st.session_state["imported"] = file.file_id
        st.rerun()
