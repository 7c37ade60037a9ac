"""A figure over the number of clusters."""

import numpy as np
import plotly.graph_objects as go


def score_by_cluster_count(k: np.ndarray, values: np.ndarray, title: str, highlighted_k: int) -> go.Figure:
    """``values`` float [m] over ``k`` int [m], with the point at ``marked`` in relief."""
    figure = go.Figure(
        go.Scatter(x=k, y=values, mode="lines+markers", marker={"size": 5}, showlegend=False, name=title)
    )
    at = np.flatnonzero(k == highlighted_k)
    figure.add_trace(
        go.Scatter(
            x=k[at],
            y=values[at],
            mode="markers+text",
            text=[f"k = {highlighted_k}"] * len(at),
            textposition="top right",
            marker={"size": 13, "symbol": "circle-open", "line": {"width": 2.5}},
            showlegend=False,
            hoverinfo="skip",
        )
    )
    figure.update_layout(height=300, margin={"l": 10, "r": 10, "t": 10, "b": 10}, xaxis_title="k", yaxis_title=title)
    return figure
