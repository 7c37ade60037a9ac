"""Overview: our figures beside the poster's, the findings, and where to go next."""

import numpy as np
import streamlit as st

from fashion_core.data import Dataset
from fashion_core.runs import summary
from fashion_core.wording.numbers import format_duration
from fashion_core.wording.runs import describe_best_run, format_run_source
from ui import caches, findings, gallery, pickers, shell
from ui.catalogue_overview import show_catalogue_overview

TABLE_HEIGHT = 215  # pixels: a header, four rows and a scroll bar
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"


def comparison_table(rows: list[summary.RunSummary]) -> str:
    """The comparison in percent as a Markdown table, which is fast and accessible."""
    lines = [
        "| Method | Poster: P / R | Ours: P / R | Accuracy | 95% interval | Parameters | Trained in |".replace(
            " ", NO_BREAK_SPACE
        ),
        "|:---|" + "---:|" * 6,
    ]
    for row in rows:
        low, high = row.accuracy_interval
        cells = (
            shell.escape_markdown(row.method),
            " / ".join(map(str, row.poster_figures)),
            f"{100 * row.metrics.macro_precision:.1f} / {100 * row.metrics.macro_recall:.1f}",
            f"**{100 * row.metrics.accuracy:.1f}**",
            f"{100 * low:.1f} to {100 * high:.1f}",
            f"{row.n_parameters:,}",
            format_duration(row.training_seconds),
        )
        lines.append("| " + " | ".join(cell.replace(" ", NO_BREAK_SPACE) for cell in cells) + " |")
    return "\n".join(lines)


def show_shipped_runs() -> list[summary.RunSummary]:
    """The figures of the shipped runs beside the poster's."""
    rows = pickers.shipped_summary_rows(summary.MAIN_RUN_IDS)
    if rows:
        best = max(rows, key=lambda row: row.metrics.accuracy)
        shell.show_finding(describe_best_run(best))
        with st.container(height=TABLE_HEIGHT, border=False):  # with a fixed height it scrolls sideways
            st.markdown(comparison_table(rows))
        shell.show_provenance(
            format_run_source(*(row.run for row in rows)),
            "in percent; P / R: mean precision and recall over the ten classes",
        )
    return rows


def show_shipped_findings(data: Dataset) -> None:
    """The whole page about Fashion-MNIST."""
    rows = show_shipped_runs()
    test = data.split("test")
    firsts = [int(np.flatnonzero(test.labels == c.index)[0]) for c in data.classes]
    gallery.image_gallery(test.images[firsts], data.classes.short_names)
    shell.show_provenance(f"The first test picture of each class, {data.title}")

    st.subheader("What the runs show", anchor=False)
    failed = pickers.shipped_summary_rows(summary.POSTER_RUN_IDS)
    for column, card in zip(st.columns(3), findings.finding_cards(rows, failed), strict=True):
        with column, st.container(border=True, height="stretch"):
            card()


with shell.page_frame("Overview", "Can clothing pictures be sorted automatically, and how do we know?"):
    data = caches.current_dataset()
    if data.has_shipped_runs:
        show_shipped_findings(data)
    else:
        show_catalogue_overview(data)
