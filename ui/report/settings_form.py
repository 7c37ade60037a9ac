"""What the report is about: title, author, logo, runs and sections; saved as a file and opened again."""

import dataclasses
from typing import Any

import streamlit as st

from fashion_core.errors import FashionError
from fashion_core.report import logo
from fashion_core.report.settings import MAX_RUNS, MAX_TEXT_LENGTH, SECTION_TITLES, ReportSettings
from fashion_core.runs.store import RunEntry
from ui import pickers, shell

SETTINGS_KEY = "report-settings"  # session key
OPENED_FILE_KEY = "report-opened"  # session key of the file last opened, which the browser goes on sending


def get_report_settings() -> ReportSettings:
    """The settings of this visitor's report."""
    settings: ReportSettings = st.session_state.setdefault(SETTINGS_KEY, ReportSettings())
    return settings


def show_settings_form(runs: list[RunEntry]) -> None:
    """The settings, to be changed all at once, and the file of them."""
    settings = get_report_settings()
    labels = {run.id: pickers.run_label(run) for run in runs}
    with st.form("report-form", border=False):
        changes: dict[str, Any] = {
            "title": st.text_input("Title", settings.title, max_chars=MAX_TEXT_LENGTH),
            "author": st.text_input("Author", settings.author, max_chars=MAX_TEXT_LENGTH),
        }
        chosen = [run for run in settings.runs if run in labels]
        changes["runs"] = tuple(
            st.multiselect("Runs", list(labels), chosen, format_func=labels.__getitem__, max_selections=MAX_RUNS)
        )
        changes["sections"] = tuple(
            st.multiselect(
                "Sections", list(SECTION_TITLES), list(settings.sections), format_func=SECTION_TITLES.__getitem__
            )
        )
        picture = st.file_uploader("Logo", ["png", "jpg", "jpeg", "gif", "webp", "bmp"], max_upload_size=5)
        without = st.checkbox("Without a logo") if settings.logo else False
        asked = st.form_submit_button("Build the report", type="primary")
    if asked:
        try:
            if without:
                changes["logo"] = b""
            elif picture is not None:
                changes["logo"] = logo.convert_logo_to_png(picture.getvalue())
            _keep(dataclasses.replace(settings, **changes))
        except FashionError as error:
            st.error(shell.escape_markdown(str(error)))
    _file(settings)


def _file(settings: ReportSettings) -> None:
    st.download_button(
        "Save these settings", settings.to_json, "report-settings.json", "application/json", on_click="ignore",
        icon=":material/download:",
    )  # fmt: skip
    opened = st.file_uploader("Open saved settings", ["json"], max_upload_size=5)
    if opened is None or st.session_state.get(OPENED_FILE_KEY) == opened.file_id:
        return
    try:
        found = ReportSettings.from_json(opened.getvalue())
    except FashionError as error:
        st.error(shell.escape_markdown(str(error)))
        return
    st.session_state[OPENED_FILE_KEY] = opened.file_id
    _keep(found)


def _keep(settings: ReportSettings) -> None:
    st.session_state[SETTINGS_KEY] = settings
    st.rerun()
