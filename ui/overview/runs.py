"""The runs beside each other: a chart, and the figures in a table."""

from collections.abc import Sequence

import streamlit as st

from fashion_core.runs.summary import RunSummary
from fashion_core.wording.numbers import NO_BREAK_SPACE, format_duration, format_percent, format_range, to_percent
from fashion_core.wording.runs import format_run_source
from ui import shell


def show_runs(rows: Sequence[RunSummary], names: Sequence[str]) -> None:
    """The accuracy of each run, with the poster's figures where it has some."""
    from fashion_core.charts.accuracy import accuracy_by_run_chart

    described = (f"{name} {format_percent(row.metrics.accuracy)}" for name, row in zip(names, rows, strict=True))
    st.plotly_chart(
        accuracy_by_run_chart(rows, names), key="overview-runs", config={"displayModeBar": False},
        alt=f"Accuracy of each run: {', '.join(described)}",
    )  # fmt: skip
    has_poster = any(row.poster_figures for row in rows)
    shell.show_provenance(
        format_run_source(*(row.run for row in rows)),
        "accuracy with 95% Wilson intervals",
        "poster: mean recall" if has_poster else "",
    )
    with st.expander("All figures"):
        st.markdown(runs_table(rows, names))
        if has_poster:
            st.caption("In percent. P / R: precision and recall, averaged over the classes.")


def runs_table(rows: Sequence[RunSummary], names: Sequence[str]) -> str:
    """The figures in percent as a Markdown table, which is fast and accessible."""
    has_poster = any(row.poster_figures for row in rows)
    columns = ["Run", *(["Poster: P / R"] if has_poster else []), "P / R", "Accuracy", "95% interval", "Parameters"]
    lines = ["| " + " | ".join([*columns, "Trained in"]) + " |", "|:---|" + "---:|" * len(columns)]
    for row, name in zip(rows, names, strict=True):
        low, high = row.accuracy_interval
        cells = (
            shell.escape_markdown(name),
            *([" / ".join(map(str, row.poster_figures))] if has_poster else []),
            f"{to_percent(row.metrics.macro_precision):.1f} / {to_percent(row.metrics.macro_recall):.1f}",
            f"**{to_percent(row.metrics.accuracy):.1f}**",
            format_range(to_percent(low), to_percent(high)),
            f"{row.n_parameters:,}",
            format_duration(row.training_seconds),
        )
        lines.append("| " + " | ".join(cells) + " |")
    head, *rest = lines
    return "\n".join(
        line
        if line.startswith("|:")
        else line.replace(" ", NO_BREAK_SPACE).replace(f"{NO_BREAK_SPACE}|", " |").replace(f"|{NO_BREAK_SPACE}", "| ")
        for line in [head, *rest]
    )
