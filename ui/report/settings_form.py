"""The form for title, author, logo, runs and sections, and the settings file."""

import dataclasses
from typing import Any

import streamlit as st

from fashion_core.report.content import section_titles
from fashion_core.report.settings import (
    MAX_REPORT_RUNS,
    MAX_TITLE_OR_AUTHOR_CHARACTERS,
    ReportSettings,
    default_report_settings,
)
from fashion_core.runs.store import RunEntry
from ui import caches, pickers, shell

SETTINGS_KEY = "report-settings"  # session key, followed by the name of the data set
OPENED_FILE_KEY = "report-opened"  # session key of the file last opened, which the browser sends on every rerun


def settings_key() -> str:
    """Session key of the settings of the report about the current data set."""
    return f"{SETTINGS_KEY}-{caches.current_dataset_name()}"


def get_report_settings() -> ReportSettings:
    """The settings of this session's report about the current data set.

    Raises ``RunError`` when there is nothing to report.
    """
    settings: ReportSettings | None = st.session_state.get(settings_key())
    return settings or default_report_settings(caches.run_store(), caches.current_dataset())


def show_settings_form(runs: list[RunEntry]) -> None:
    """The settings, applied together, with buttons to save and open them as a file."""
    settings, titles = get_report_settings(), section_titles(caches.current_dataset())
    labels = {run.id: pickers.run_label(run) for run in runs}
    with st.form("report-form", border=False):
        changes: dict[str, Any] = {
            "title": st.text_input("Title", settings.title, max_chars=MAX_TITLE_OR_AUTHOR_CHARACTERS),
            "author": st.text_input("Author", settings.author, max_chars=MAX_TITLE_OR_AUTHOR_CHARACTERS),
        }
        available = [run for run in settings.runs if run in labels]
        changes["runs"] = tuple(
            st.multiselect(
                "Runs",
                list(labels),
                available,
                format_func=labels.__getitem__,
                max_selections=MAX_REPORT_RUNS,
                key=f"report-runs-{'-'.join(available)}",  # a run that ends meanwhile doesn't undo the choice
            )
        )
        chosen = [key for key in settings.sections if key in titles]
        changes["sections"] = tuple(st.multiselect("Sections", list(titles), chosen, format_func=titles.__getitem__))
        picture = st.file_uploader("Logo", ["png", "jpg", "jpeg", "gif", "webp", "bmp"], max_upload_size=5)
        removes_logo = st.checkbox("Remove the logo") if settings.logo else False
        submitted = st.form_submit_button("Build the report", type="primary")
    if submitted:
        if removes_logo:
            changes["logo"] = b""
        elif picture is not None:
            changes["logo"] = picture.getvalue()
        with shell.show_errors():
            _apply_settings(dataclasses.replace(settings, **changes))
    _show_settings_file(settings)


def _show_settings_file(settings: ReportSettings) -> None:
    st.download_button(
        "Save these settings", settings.to_json, "report-settings.json", "application/json", on_click="ignore",
        icon=":material/download:",
    )  # fmt: skip
    file = st.file_uploader("Open saved settings", ["json"], max_upload_size=5)
    if file is not None and st.session_state.get(OPENED_FILE_KEY) != file.file_id:
        with shell.show_errors():
            opened = ReportSettings.from_json(file.getvalue())
            st.session_state[OPENED_FILE_KEY] = file.file_id
            _apply_settings(opened)


def _apply_settings(settings: ReportSettings) -> None:
    st.session_state[settings_key()] = settings
    st.rerun()
