"""The pair of maps: the same points by true class and by cluster."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from fashion_core.data.classes import CLASS_NAMES, CLASSES
from fashion_core.models.kmeans import NO_CLASS

MARKER_SYMBOLS = (
    "circle",
    "square",
    "diamond",
    "cross",
    "x",
    "triangle-up",
    "triangle-down",
    "star",
    "hexagon",
    "pentagon",
)


def class_and_cluster_maps(
    points: np.ndarray,
    labels: np.ndarray,
    clusters: np.ndarray,
    cluster_classes: Sequence[int],
    axes: tuple[str, str],
    *,
    height: int = 560,
    webgl: bool = True,
) -> go.Figure:
    """``points`` float32 [n, 2]; left by ``labels`` int [n], right by ``clusters`` int [n]; the axes move together.

    A cluster has the colour of the class it is named for, -1 for none, and a symbol of its own. Without ``webgl`` the
    points are SVG, which every browser draws, if slowly.
    """
    figure = make_subplots(
        cols=2,
        shared_xaxes="all",
        shared_yaxes="all",
        horizontal_spacing=0.03,
        subplot_titles=("By true class", "By k-means cluster"),
    )
    for c in CLASSES:
        chosen = points[labels == c.index]
        figure.add_trace(_points(chosen, c.name, c.colour, "circle", "true class", webgl), 1, 1)
    for k, name in enumerate(cluster_classes):
        named = name != NO_CLASS
        title = f"{k + 1}: {CLASS_NAMES[name] if named else 'no class'}"
        colour = CLASSES[name].colour if named else "#8a8a8a"
        chosen = points[clusters == k]
        figure.add_trace(
            _points(chosen, title, colour, MARKER_SYMBOLS[k % len(MARKER_SYMBOLS)], "clusters", webgl), 1, 2
        )
    figure.update_xaxes(title=axes[0], showgrid=False, zeroline=False, showticklabels=False)
    figure.update_yaxes(showgrid=False, zeroline=False, showticklabels=False)
    figure.update_yaxes(title=axes[1], col=1)
    figure.update_layout(
        height=height,
        margin={"l": 10, "r": 10, "t": 40, "b": 10},
        legend={"itemsizing": "constant", "orientation": "h", "y": -0.1},
        dragmode="pan",
    )
    return figure


def map_with_marked_point(points: np.ndarray, labels: np.ndarray, marked_point: np.ndarray, title: str) -> go.Figure:
    """One map of ``points`` float32 [n, 2] by ``labels`` int [n], and a garment at ``place`` float [2]."""
    figure = go.Figure()
    for c in CLASSES:
        figure.add_trace(_points(points[labels == c.index], c.short_name, c.colour, "circle", "true class", False))
    figure.update_traces(legendgrouptitle=None)
    figure.add_trace(
        go.Scatter(
            x=marked_point[:1],
            y=marked_point[1:],
            mode="markers",
            name="yours",
            marker={"size": 20, "symbol": "star", "color": "#d6006c", "line": {"width": 1.5, "color": "#fff"}},
            hovertemplate="yours<extra></extra>",
        )
    )
    figure.update_layout(
        title=title, height=380, margin={"l": 10, "r": 10, "t": 40, "b": 10}, legend={"itemsizing": "constant"}
    )
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    return figure


def _points(points: np.ndarray, name: str, colour: str, symbol: str, group: str, webgl: bool) -> go.Scatter:
    return (go.Scattergl if webgl else go.Scatter)(
        x=points[:, 0],
        y=points[:, 1],
        mode="markers",
        name=name,
        legendgroup=group,
        legendgrouptitle={"text": "True class" if group == "true class" else "Cluster: the class it is named for"},
        marker={"size": 4, "color": colour, "symbol": symbol, "opacity": 0.65},
        hovertemplate=f"{name}<extra></extra>",
    )
