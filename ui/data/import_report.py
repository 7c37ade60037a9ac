"""What the import of a catalogue found: what was left out and why, duplicates, names that were changed."""

import pandas as pd
import streamlit as st

from fashion_core.data.catalogue import Catalogue
from fashion_core.data.importing.report import Findings, ImportReport, load_report
from fashion_core.recognition.results_table import escape_spreadsheet_formula
from fashion_core.wording import catalogue as wording
from fashion_core.wording.numbers import format_duration
from fashion_core.wording.text import escape_markdown
from ui import shell

MAX_TABLE_HEIGHT = 320  # pixels


def show_import_report(catalogue: Catalogue) -> None:
    """How many pictures came in, and what was left out and why; the classes may have changed since."""
    report = load_report(catalogue.folder)
    if report is None:
        st.info("There is no report of this import. Import the pictures again to see one.")
        return
    shell.show_finding(wording.describe_import(report))
    sentences = [wording.describe_split(report), *wording.describe_findings(report)]
    st.markdown("\n".join(f"- {escape_markdown(sentence)}" for sentence in sentences))
    for field, columns in wording.FINDING_TITLES.items():
        _show_findings(report, field, columns)
    shell.show_provenance(
        f"imported from {report.source}", f"in {format_duration(report.seconds)}", wording.describe_kinds(report)
    )


def _show_findings(report: ImportReport, field: str, columns: tuple[str, str]) -> None:
    findings: Findings = getattr(report, field)
    if not findings.n:
        return
    with st.expander(f"{columns[0]} – {columns[1]}: {findings.n:,}", key=f"report-{field}"):
        rows = [tuple(map(escape_spreadsheet_formula, pair)) for pair in findings.listed]
        height = min(MAX_TABLE_HEIGHT, 35 * (len(rows) + 1) + 3)
        st.dataframe(pd.DataFrame(rows, columns=list(columns)), hide_index=True, height=height)
        if len(rows) < findings.n:
            st.caption(f"The first {len(rows):,} are shown.")
