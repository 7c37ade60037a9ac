"""How a run's confidence relates to its being right."""

import numpy as np
import plotly.graph_objects as go

from fashion_core.analysis.calibration import Reliability

RIGHT, WRONG = "#5f86b8", "#e66100"


def reliability(found: Reliability) -> go.Figure:
    """Accuracy over confidence, by bin; on the diagonal confidence means what it says."""
    figure = go.Figure(
        go.Scatter(x=[0, 1], y=[0, 1], mode="lines", line={"dash": "dot", "color": "#8a8a8a"}, hoverinfo="skip")
    )
    figure.add_trace(
        go.Scatter(
            x=found.confidence,
            y=found.accuracy,
            mode="lines+markers",
            customdata=found.counts,
            marker={"size": 4 + 16 * np.sqrt(found.counts / max(int(found.counts.max()), 1)), "color": RIGHT},
            line={"color": RIGHT},
            hovertemplate="confidence %{x:.1%}: %{y:.1%} right of %{customdata:,}<extra></extra>",
        )
    )
    figure.update_layout(height=280, showlegend=False, margin={"l": 10, "r": 10, "t": 10, "b": 10})
    figure.update_xaxes(title="Confidence", range=[0, 1.02], tickformat=".0%")
    figure.update_yaxes(title="Accuracy", range=[0, 1.02], tickformat=".0%")
    return figure


def histogram(confidence: np.ndarray, right: np.ndarray) -> go.Figure:
    """How sure the right and the wrong answers are, each as shares of its own; float [n] and bool [n]."""
    edges = np.linspace(0, 1, 21)
    middles = (edges[:-1] + edges[1:]) / 2
    figure = go.Figure()
    for name, chosen, colour in (("right", right, RIGHT), ("wrong", ~right, WRONG)):
        counts = np.histogram(confidence[chosen], edges)[0]
        shares = counts / max(int(chosen.sum()), 1)
        figure.add_trace(go.Bar(x=middles, y=shares, name=f"{name}, n = {int(chosen.sum()):,}", marker_color=colour))
    figure.update_layout(
        height=240,
        bargap=0.05,
        margin={"l": 10, "r": 10, "t": 10, "b": 10},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"},
    )
    figure.update_xaxes(title="Confidence", range=[0, 1], tickformat=".0%")
    figure.update_yaxes(title="Share of the answers", tickformat=".0%")
    return figure
