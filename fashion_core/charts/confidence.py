"""How a run's confidence relates to its accuracy."""

import numpy as np
import plotly.graph_objects as go

from fashion_core.analysis.calibration import ReliabilityCurve
from fashion_core.charts.colours import CORRECT_COLOUR, NEUTRAL_COLOUR, WRONG_COLOUR

N_HISTOGRAM_BINS = 20


def reliability_diagram(curve: ReliabilityCurve) -> go.Figure:
    """Accuracy over confidence by bin; on the diagonal, confidence equals accuracy."""
    figure = go.Figure(
        go.Scatter(x=[0, 1], y=[0, 1], mode="lines", line={"dash": "dot", "color": NEUTRAL_COLOUR}, hoverinfo="skip")
    )
    sizes = 4 + 16 * np.sqrt(curve.counts / max(int(curve.counts.max()), 1))
    figure.add_trace(
        go.Scatter(
            x=curve.confidence,
            y=curve.accuracy,
            mode="lines+markers",
            customdata=curve.counts,
            marker={"size": sizes, "color": CORRECT_COLOUR},
            line={"color": CORRECT_COLOUR},
            hovertemplate="confidence %{x:.1%}: %{y:.1%} of %{customdata:,} correct<extra></extra>",
        )
    )
    figure.update_layout(height=280, showlegend=False, margin={"l": 10, "r": 10, "t": 10, "b": 10})
    figure.update_xaxes(title="Confidence", range=[0, 1.02], tickformat=".0%")
    figure.update_yaxes(title="Accuracy", range=[0, 1.02], tickformat=".0%")
    return figure


def confidence_histogram_by_correctness(confidence: np.ndarray, correct: np.ndarray) -> go.Figure:
    """Confidence float [n] of correct and of wrong predictions, each as fractions of its own; ``correct`` bool [n]."""
    edges = np.linspace(0, 1, N_HISTOGRAM_BINS + 1)
    centres = (edges[:-1] + edges[1:]) / 2
    figure = go.Figure()
    for name, chosen, colour in (("correct", correct, CORRECT_COLOUR), ("wrong", ~correct, WRONG_COLOUR)):
        n = int(chosen.sum())
        fractions = np.histogram(confidence[chosen], edges)[0] / max(n, 1)
        figure.add_trace(go.Bar(x=centres, y=fractions, name=f"{name}, n = {n:,}", marker_color=colour))
    figure.update_layout(
        height=240,
        bargap=0.05,
        margin={"l": 10, "r": 10, "t": 10, "b": 10},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"},
    )
    figure.update_xaxes(title="Confidence", range=[0, 1], tickformat=".0%")
    figure.update_yaxes(title="Fraction of predictions", tickformat=".0%")
    return figure
