"""Overview: the poster's table beside ours, the findings, and where to go next."""

import numpy as np
import streamlit as st

from fashion_core.data.labels import N_CLASSES, SHORT_NAMES
from fashion_core.runs import summary
from ui import caches, findings, gallery, pickers, shell

TABLE_HEIGHT = 215  # pixels: a head, four rows and a scroll bar
NO_BREAK = "\N{NO-BREAK SPACE}"


def table(rows: list[summary.Row]) -> str:
    """The comparison as a Markdown table, which a browser draws at once and a screen reader reads; in percent."""
    lines = [
        "| Method | Poster: P / R | Ours: P / R | Accuracy | 95% interval | Parameters | Trained in |".replace(
            " ", NO_BREAK
        ),
        "|:---|" + "---:|" * 6,
    ]
    for row in rows:
        low, high = row.interval
        cells = (
            shell.plain(row.method),
            f"{row.poster[0]} / {row.poster[1]}",
            f"{100 * row.scored.macro_precision:.1f} / {100 * row.scored.macro_recall:.1f}",
            f"**{100 * row.scored.accuracy:.1f}**",
            f"{100 * low:.1f} to {100 * high:.1f}",
            f"{row.parameters:,}",
            summary.duration(row.seconds),
        )
        lines.append("| " + " | ".join(cell.replace(" ", NO_BREAK) for cell in cells) + " |")
    return "\n".join(lines)


with shell.page("Overview", "Can clothing pictures be sorted automatically, and how would we know?"):
    rows = pickers.shipped_rows(summary.SHIPPED)
    if rows:
        best = max(rows, key=lambda row: row.scored.accuracy)
        shell.finding(summary.headline(best))
        with st.container(height=TABLE_HEIGHT, border=False):  # a height of its own lets it scroll sideways inside
            st.markdown(table(rows))
        shell.provenance(
            pickers.sources_line(rows), "in percent; P / R: precision and recall, means over the ten classes"
        )

    data = caches.dataset()
    test = data.split("test")
    firsts = [int(np.flatnonzero(test.labels == c)[0]) for c in range(N_CLASSES)]
    gallery.gallery(test.images[firsts], SHORT_NAMES)
    shell.provenance(f"The first test picture of each class, {data.title}")

    st.subheader("What the runs show", anchor=False)
    failed = pickers.shipped_rows(summary.POSTER_RUNS)
    for column, card in zip(st.columns(3), findings.cards(rows, failed), strict=True):
        with column, st.container(border=True, height="stretch"):
            card()
