"""Confusion matrices and figures by class."""

import numpy as np
import plotly.graph_objects as go

from fashion_core.labels import SHORT_NAMES

# one hue, light to dark, readable under dark and light numbers alike
SEQUENTIAL = ((0.0, "#f4f7fb"), (0.02, "#dbe7f4"), (0.2, "#8fb8e0"), (1.0, "#123d6e"))


def matrix(confusion: np.ndarray, *, by_row: bool, title: str = "") -> go.Figure:
    """Heatmap of int64 [10, 10], rows the true class; ``by_row`` shows each row's percentages instead of counts."""
    support = np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    shares = 100 * confusion / support
    shown = shares if by_row else confusion
    text = [[_cell(value, by_row) for value in row] for row in shown]
    figure = go.Figure(
        go.Heatmap(
            z=shares,
            text=text,
            texttemplate="%{text}",
            x=list(SHORT_NAMES),
            y=list(SHORT_NAMES),
            customdata=confusion,
            hovertemplate="%{y} taken for %{x}: %{customdata:,} (%{z:.1f} % of its row)<extra></extra>",
            colorscale=SEQUENTIAL,
            zmin=0,
            zmax=100,
            showscale=False,
            xgap=1,
            ygap=1,
        )
    )
    figure.update_yaxes(autorange="reversed", title="True class", fixedrange=True)
    figure.update_xaxes(title="Predicted class", tickangle=-45, fixedrange=True)
    figure.update_layout(title=title or None, height=470, margin={"l": 10, "r": 10, "t": 40 if title else 10, "b": 10})
    return figure


def _cell(value: float, by_row: bool) -> str:
    if by_row:
        return f"{value:.1f}" if value >= 0.05 else ""
    return f"{int(value):,}" if value else ""
