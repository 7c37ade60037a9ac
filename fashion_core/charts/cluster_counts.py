"""A score over the number of clusters."""

import numpy as np
import plotly.graph_objects as go


def cluster_count_score_chart(k: np.ndarray, values: np.ndarray, title: str, highlighted_k: int) -> go.Figure:
    """``values`` float [m] over ``k`` int [m], with a ring around ``highlighted_k``."""
    figure = go.Figure(go.Scatter(x=k, y=values, mode="lines+markers", marker={"size": 5}, name=title))
    is_highlighted = k == highlighted_k
    figure.add_trace(
        go.Scatter(
            x=k[is_highlighted],
            y=values[is_highlighted],
            mode="markers+text",
            text=[f"k = {highlighted_k}"] * int(is_highlighted.sum()),
            textposition="top right",
            marker={"size": 13, "symbol": "circle-open", "line": {"width": 2.5}},
            hoverinfo="skip",
        )
    )
    figure.update_layout(
        height=300,
        margin={"l": 10, "r": 10, "t": 10, "b": 10},
        xaxis_title="k",
        yaxis_title=title,
        showlegend=False,
    )
    return figure
