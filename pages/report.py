"""Report: a preview, and files to hand over."""

from functools import partial

import streamlit as st

from fashion_core.report import html, pdf, slideshow
from fashion_core.wording.text import escape_markdown
from ui import pickers, shell
from ui.report import files, settings_form

PAPER_SIZES: dict[str, html.PaperSize] = {"A4 pages": "a4", "One A1 poster": "a1"}
PREVIEW_HEIGHT = 860  # pixels


def show_pdf_controls(built: files.BuiltReport) -> None:
    """Make the PDF when somebody asks for it, then offer it to be saved."""
    if pdf.find_chromium() is None:
        st.markdown(escape_markdown(pdf.CHROMIUM_MISSING_MESSAGE))
        return
    paper = st.radio("Paper", list(PAPER_SIZES), horizontal=True)
    if st.button("Make the PDF"):
        st.download_button(
            "Save the PDF", files.make_pdf(built, PAPER_SIZES[paper]), "clothing-report.pdf", "application/pdf",
            on_click="ignore", icon=":material/download:", type="primary",
        )  # fmt: skip


with shell.page_frame("Report", "Is it feasible to sort clothing pictures automatically?"):
    runs = pickers.list_runs_with_test_predictions()
    if not runs:
        shell.show_train_link("There is no finished run to report. Train one on the page Train.")
        st.stop()
    row = st.container(horizontal=True, vertical_alignment="center")
    with row.popover("Edit the report", icon=":material/tune:", width="content"):
        settings_form.show_settings_form(runs)
    built = files.get_built_report(settings_form.get_report_settings())
    with row:
        st.link_button(
            "Present", built.slideshow_address, icon=":material/slideshow:",
            disabled=not slideshow.build_slideshow_steps(built.report),
            help="Opens a slideshow in a new window. Move with the arrow keys; press N for the notes.",
        )  # fmt: skip
        st.download_button(
            "HTML", built.html.encode, "clothing-report.html", "text/html", on_click="ignore",
            icon=":material/download:", type="primary",
        )  # fmt: skip
        with st.popover("PDF", icon=":material/print:", width="content"), shell.show_errors():
            show_pdf_controls(built)
        st.download_button(
            "PowerPoint", partial(files.make_powerpoint, built), "clothing-report.pptx",
            "application/vnd.openxmlformats-officedocument.presentationml.presentation", on_click="ignore",
            icon=":material/download:",
        )  # fmt: skip
    for omission in built.report.omissions:
        st.warning(escape_markdown(omission))
    with st.container(border=True):
        st.iframe(built.html_address, height=PREVIEW_HEIGHT, alt="Preview of the report")
    shell.show_provenance(
        f"HTML file of {len(built.html) / 1e6:.1f} MB. It works offline. "
        "Select a cell of a confusion matrix to see its images."
    )
