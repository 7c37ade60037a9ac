"""Report: what the reader gets, as it will look, and as files to hand over."""

import streamlit as st

from fashion_core.report import html, pdf, slides
from ui import pickers, shell
from ui.report import choices, files

PAPERS: dict[str, html.Paper] = {"A4 pages": "a4", "One A1 poster": "a1"}
HEIGHT = 860  # pixels of the preview


def print_box(found: files.Built) -> None:
    """The PDF: made when it is asked for, then saved."""
    if pdf.chromium() is None:
        st.markdown(shell.plain(f"A PDF needs Chromium, and none was found on this machine. {pdf.HOW}"))
        return
    paper = st.radio("Paper", list(PAPERS), horizontal=True)
    if st.button("Make the PDF"):
        st.download_button(
            "Save the PDF", files.as_pdf(found, PAPERS[paper]), "clothing-report.pdf", "application/pdf",
            on_click="ignore", icon=":material/download:", type="primary",
        )  # fmt: skip


with shell.page("Report", "Is it feasible to sort clothing pictures automatically?"):
    row = st.container(horizontal=True, vertical_alignment="center")
    with row.popover("Choose what it holds", icon=":material/tune:", width="content"):
        choices.ask(pickers.finished_runs())
    found = files.built(choices.current())
    with row:
        st.link_button(
            "Present", found.slides_address, icon=":material/slideshow:", disabled=not slides.steps(found.document),
            help="One step a screen, in a window of its own. Arrow keys move on and back, N opens the notes.",
        )  # fmt: skip
        st.download_button(
            "HTML", found.page.encode, "clothing-report.html", "text/html", on_click="ignore",
            icon=":material/download:", type="primary",
        )  # fmt: skip
        with st.popover("PDF", icon=":material/print:", width="content"), shell.errors_told():
            print_box(found)
        st.download_button(
            "PowerPoint", files.as_powerpoint(found), "clothing-report.pptx",
            "application/vnd.openxmlformats-officedocument.presentationml.presentation", on_click="ignore",
            icon=":material/download:",
        )  # fmt: skip
    for remark in found.document.remarks:
        st.warning(shell.plain(remark))
    with st.container(border=True):
        st.iframe(found.address, height=HEIGHT, alt="The report as its reader sees it")
    shell.provenance(
        f"The HTML file, {len(found.page) / 1e6:.1f} MB: it needs no network, and a click on a cell of a confusion "
        "matrix shows its garments"
    )
