"""Report: what the reader gets, as it will look, and as files to hand over."""

import streamlit as st

from fashion_core.report import html, pdf, slideshow
from ui import pickers, shell
from ui.report import files, settings_form

PAPER_SIZES: dict[str, html.PaperSize] = {"A4 pages": "a4", "One A1 poster": "a1"}
PREVIEW_HEIGHT = 860  # pixels of the preview


def show_pdf_controls(found: files.BuiltReport) -> None:
    """The PDF: made when it is asked for, then saved."""
    if pdf.find_chromium() is None:
        st.markdown(
            shell.escape_markdown(
                f"A PDF needs Chromium, and none was found on this machine. {pdf.INSTALL_BROWSER_HINT}"
            )
        )
        return
    paper = st.radio("Paper", list(PAPER_SIZES), horizontal=True)
    if st.button("Make the PDF"):
        st.download_button(
            "Save the PDF", files.make_pdf(found, PAPER_SIZES[paper]), "clothing-report.pdf", "application/pdf",
            on_click="ignore", icon=":material/download:", type="primary",
        )  # fmt: skip


with shell.page_frame("Report", "Is it feasible to sort clothing pictures automatically?"):
    row = st.container(horizontal=True, vertical_alignment="center")
    with row.popover("Choose what it holds", icon=":material/tune:", width="content"):
        settings_form.show_settings_form(pickers.finished_runs())
    found = files.get_built_report(settings_form.get_report_settings())
    with row:
        st.link_button(
            "Present", found.slideshow_address, icon=":material/slideshow:", disabled=not slideshow.build_slideshow_steps(found.report),
            help="One step a screen, in a window of its own. Arrow keys move on and back, N opens the notes.",
        )  # fmt: skip
        st.download_button(
            "HTML", found.html.encode, "clothing-report.html", "text/html", on_click="ignore",
            icon=":material/download:", type="primary",
        )  # fmt: skip
        with st.popover("PDF", icon=":material/print:", width="content"), shell.show_errors():
            show_pdf_controls(found)
        st.download_button(
            "PowerPoint", files.make_powerpoint(found), "clothing-report.pptx",
            "application/vnd.openxmlformats-officedocument.presentationml.presentation", on_click="ignore",
            icon=":material/download:",
        )  # fmt: skip
    for remark in found.report.omissions:
        st.warning(shell.escape_markdown(remark))
    with st.container(border=True):
        st.iframe(found.html_address, height=PREVIEW_HEIGHT, alt="The report as its reader sees it")
    shell.show_provenance(
        f"The HTML file, {len(found.html) / 1e6:.1f} MB: it needs no network, and a click on a cell of a confusion "
        "matrix shows its garments"
    )
