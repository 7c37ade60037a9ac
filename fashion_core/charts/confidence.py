"""How a run's confidence relates to its being right."""

import numpy as np
import plotly.graph_objects as go

from fashion_core.analysis.calibration import ReliabilityCurve

CORRECT_COLOUR, WRONG_COLOUR = "#5f86b8", "#e66100"


def reliability_diagram(curve: ReliabilityCurve) -> go.Figure:
    """Accuracy over confidence, by bin; on the diagonal confidence means what it says."""
    figure = go.Figure(
        go.Scatter(x=[0, 1], y=[0, 1], mode="lines", line={"dash": "dot", "color": "#8a8a8a"}, hoverinfo="skip")
    )
    figure.add_trace(
        go.Scatter(
            x=curve.confidence,
            y=curve.accuracy,
            mode="lines+markers",
            customdata=curve.counts,
            marker={"size": 4 + 16 * np.sqrt(curve.counts / max(int(curve.counts.max()), 1)), "color": CORRECT_COLOUR},
            line={"color": CORRECT_COLOUR},
            hovertemplate="confidence %{x:.1%}: %{y:.1%} right of %{customdata:,}<extra></extra>",
        )
    )
    figure.update_layout(height=280, showlegend=False, margin={"l": 10, "r": 10, "t": 10, "b": 10})
    figure.update_xaxes(title="Confidence", range=[0, 1.02], tickformat=".0%")
    figure.update_yaxes(title="Accuracy", range=[0, 1.02], tickformat=".0%")
    return figure


def confidence_histogram(confidence: np.ndarray, correct: np.ndarray) -> go.Figure:
    """How sure the right and the wrong answers are, each as shares of its own; float [n] and bool [n]."""
    edges = np.linspace(0, 1, 21)
    middles = (edges[:-1] + edges[1:]) / 2
    figure = go.Figure()
    for name, chosen, colour in (("right", correct, CORRECT_COLOUR), ("wrong", ~correct, WRONG_COLOUR)):
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
