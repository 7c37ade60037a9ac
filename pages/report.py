"""Report: a preview, and files to hand over."""

from functools import partial

import streamlit as st

from fashion_core.report import pdf
from fashion_core.wording.text import escape_markdown
from ui import pickers, shell
from ui.report import files, settings_form

PREVIEW_HEIGHT = 530  # pixels: what a window of 720 leaves
POWERPOINT_TYPE = "application/vnd.openxmlformats-officedocument.presentationml.presentation"


def show_download_buttons(report: files.ReportFiles) -> None:
    """A file in each format, built when it is asked for."""
    has_chromium = pdf.find_chromium() is not None
    explanation = None if has_chromium else pdf.CHROMIUM_MISSING_MESSAGE
    for label, content, name, media_type, enabled in (
        ("PDF", partial(report.pdf, "a4"), "clothing-report.pdf", "application/pdf", has_chromium),
        ("PowerPoint", report.powerpoint, "clothing-report.pptx", POWERPOINT_TYPE, True),
        ("HTML", lambda: report.html().encode(), "clothing-report.html", "text/html", True),
        ("A1 poster", partial(report.pdf, "a1"), "clothing-poster.pdf", "application/pdf", has_chromium),
    ):
        st.download_button(
            label, content, name, media_type, on_click="ignore", icon=":material/download:", disabled=not enabled,
            help=None if enabled else explanation,
        )  # fmt: skip


with shell.page_frame("Report", "Is it feasible to sort clothing pictures automatically?"):
    runs = pickers.list_runs_with_test_predictions()
    if not runs:
        shell.show_train_link(
            "There is no finished run to report yet. Once a run has finished, this page is a report on it: its "
            "accuracy, its mistakes and how much it could automate, as slides, PDF, PowerPoint and HTML."
        )
        st.stop()
    row = st.container(horizontal=True, vertical_alignment="center", gap="small")
    present = row.empty()
    downloads = row.container(horizontal=True, gap="small", width="content")
    with row.popover("Customise", icon=":material/tune:", width="content"):
        settings_form.show_settings_form(runs)
    report = files.get_report_files(settings_form.get_report_settings())
    present.link_button(
        "Present", report.publish_slideshow(), icon=":material/slideshow:", type="primary",
        disabled=not report.has_slideshow,
        help="Opens a slideshow in a new window. Move with the arrow keys; press N for the notes.",
    )  # fmt: skip
    with downloads:
        show_download_buttons(report)
    with st.container(key="report-preview"):
        theme = "#dark" if st.context.theme.type == "dark" else ""  # of the preview alone
        st.iframe(f"{report.publish_html()}{theme}", height=PREVIEW_HEIGHT, alt="Preview of the report")
    shell.show_provenance("It works offline. Select a cell of a confusion matrix to see its images.")
    for omission in report.report().omissions:
        st.warning(escape_markdown(omission))
