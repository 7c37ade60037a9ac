"""Buttons for the runs that are selected in the table."""

import streamlit as st

from fashion_core.errors import RunError
from fashion_core.export.card import check_exportable
from fashion_core.export.folder import make_zip
from fashion_core.export.run_files import export_files
from fashion_core.models.registry import get_model_spec
from fashion_core.runs import archive, queue
from fashion_core.runs.ensemble import create_ensemble
from fashion_core.runs.store import RunEntry
from fashion_core.wording.numbers import format_count
from fashion_core.wording.text import escape_markdown, join_with_and
from ui import caches, hosting, shell
from ui.train import form, run_view
from ui.train.view import NEW_RUN, TRAIN_PAGE_STATE

# session key: the run exported last, and the zip; the buttons are drawn again every two seconds while a run trains
ONNX_KEY = "onnx-export"
ONNX_HELP = "A folder that works without this program: the network, a model card, and an example in Python."


def show_actions(selected: list[RunEntry]) -> None:
    """Cancel or resume, duplicate, rename, export, save as an ensemble or delete; greyed out where impossible.
    A visitor who may change nothing can export."""
    if not hosting.may_change():
        _show_export(selected)
        return
    with st.container(horizontal=True, gap="xsmall"):
        live = [run for run in selected if run_view.is_waiting_or_training(run)]
        if live:
            if st.button("Cancel", key="cancel-selected"):
                queue.cancel_runs(caches.run_store(), live)
                st.rerun()
        else:
            _resume_button(selected)
        one = selected[0] if len(selected) == 1 else None
        is_trainable = one is not None and one.record is not None and get_model_spec(one.record.model).is_trainable
        if st.button(
            "Duplicate",
            disabled=not is_trainable,
            help="Start a new run from this one's settings.",
            on_click=_duplicate,
            args=(one,),
        ):
            st.rerun()
        selection = "-".join(run.id for run in selected)  # a popover of other runs is another one, and closed
        with st.popover("More", disabled=not selected, key=f"more-{selection}"):
            _show_more(selected)
        with st.popover(":red[Delete]", disabled=not selected or bool(live), key=f"delete-{selection}"):
            _show_delete(selected)
    if not selected:
        st.caption("Select runs to see their curves beside the table, one or several.")
    else:
        st.caption(f"{format_count(len(selected), 'run')} selected.")


def _resume_button(selected: list[RunEntry]) -> None:
    resumable = [run for run in selected if run.record is not None and queue.run_phase(run) in queue.RESUMABLE_PHASES]
    if st.button("Resume", key="resume-selected", disabled=not resumable):
        for run in resumable:
            queue.resume_run(caches.run_store(), run, caches.current_dataset())
        st.rerun()


def _duplicate(run: RunEntry) -> None:
    st.session_state[form.TEMPLATE_KEY] = run.id
    TRAIN_PAGE_STATE.update(tab=NEW_RUN)


def _show_more(selected: list[RunEntry]) -> None:
    members = [run for run in selected if run.has_predictions and run.record is not None and not run.record.members]
    if len(selected) == 1 and selected[0].record is not None:
        _show_name_and_note(selected[0])
    _show_export(selected)
    if len(selected) > 1:
        st.caption(
            "An ensemble answers with the average of its runs' log probabilities. Runs of different kinds, such as "
            "Improved CNN and Pretrained, gain most."
        )
        if st.button("Save as an ensemble", disabled=len(members) < 2):
            create_ensemble(caches.run_store(), members)
            st.rerun()


def _show_export(selected: list[RunEntry]) -> None:
    if len(selected) == 1 and selected[0].has_predictions:
        st.download_button(
            "Export as zip",
            lambda: archive.export_zip(selected[0]),
            f"{selected[0].id}.zip",
            "application/zip",
            on_click="ignore",
            icon=":material/download:",
        )
        _show_onnx_export(selected[0])


def _show_onnx_export(run: RunEntry) -> None:
    """The folder of ``fashion export`` as a zip; greyed out, with the reason, for a run that is no network."""
    reason = ""
    try:
        check_exportable(run)
    except RunError as error:
        reason = str(error)
    if st.button(
        "Export as ONNX",
        icon=":material/deployed_code:",
        disabled=bool(reason),
        help=escape_markdown(reason) or ONNX_HELP,
    ):
        with shell.show_errors(), st.spinner("Exporting…"):
            st.session_state[ONNX_KEY] = run.id, make_zip(run.id, export_files(caches.run_store(), run))
    exported, content = st.session_state.get(ONNX_KEY, ("", b""))
    if exported == run.id:
        st.download_button(
            "Download the folder",
            content,
            f"{run.id}-onnx.zip",
            "application/zip",
            on_click="ignore",
            icon=":material/download:",
        )


def _show_name_and_note(run: RunEntry) -> None:
    assert run.record is not None
    title = st.text_input("Name", run.record.title, max_chars=80, key=f"name-{run.id}")
    note = st.text_area("Note", run.record.note, max_chars=900, key=f"note-{run.id}")
    if st.button("Save", type="primary"):
        queue.set_run_title_and_note(caches.run_store(), run, title=title, note=note)
        st.rerun()


def _show_delete(selected: list[RunEntry]) -> None:
    names = escape_markdown(join_with_and([run.title for run in selected]))
    st.markdown(f"Deleted for good, with the weights: {names}.")
    if st.button(f":red[Delete {format_count(len(selected), 'run')}]", key="delete-selected"):
        for run in selected:
            queue.delete_run(caches.run_store(), run)
        st.rerun()
