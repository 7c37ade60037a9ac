"""Scatter charts of images as points on a map."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from fashion_core.charts.colours import cluster_colour
from fashion_core.charts.text import escape_plotly_text
from fashion_core.data.classes import ClassList
from fashion_core.wording.clusters import format_cluster_class

MARKER_SYMBOLS = tuple(
    ["circle", "square", "diamond", "cross", "x", "triangle-up", "triangle-down", "star", "hexagon", "pentagon"]
)
MARKED_POINT_STYLE = {"size": 20, "symbol": "star", "color": "#d6006c", "line": {"width": 1.5, "color": "#fff"}}


def class_and_cluster_maps(
    points: np.ndarray,
    labels: np.ndarray,
    clusters: np.ndarray,
    cluster_classes: Sequence[int],
    classes: ClassList,
) -> go.Figure:
    """``points`` float32 [n, 2] twice: left by ``labels`` int [n], right by ``clusters`` int [n]; the axes are linked.

    A cluster has the colour of its class and a symbol of its own. The points are SVG, which works in every browser.
    """
    figure = make_subplots(
        cols=2,
        shared_xaxes="all",
        shared_yaxes="all",
        horizontal_spacing=0.03,
        subplot_titles=("By true class", "By k-means cluster"),
    )
    groups = {"legendgroup": "classes", "legendgrouptitle_text": "True class"}
    for c in classes:
        figure.add_trace(_points(points[labels == c.index], c.name, c.colour, **groups), 1, 1)
    groups = {"legendgroup": "clusters", "legendgrouptitle_text": "Cluster and its class"}
    for k, label in enumerate(cluster_classes):
        name, symbol = f"{k + 1}: {format_cluster_class(label, classes)}", MARKER_SYMBOLS[k % len(MARKER_SYMBOLS)]
        figure.add_trace(_points(points[clusters == k], name, cluster_colour(label, classes), symbol, **groups), 1, 2)
    figure.update_xaxes(showgrid=False, zeroline=False, showticklabels=False)
    figure.update_yaxes(showgrid=False, zeroline=False, showticklabels=False)
    figure.update_layout(
        height=560,
        margin={"l": 10, "r": 10, "t": 40, "b": 10},
        legend={"itemsizing": "constant", "orientation": "h", "y": -0.1},
        dragmode="pan",
    )
    return figure


def map_with_marked_point(
    points: np.ndarray, labels: np.ndarray, marked_point: np.ndarray, title: str, classes: ClassList
) -> go.Figure:
    """``points`` float32 [n, 2] by ``labels`` int [n], and one more at ``marked_point`` float [2]."""
    figure = go.Figure([_points(points[labels == c.index], c.short_name, c.colour) for c in classes])
    marked = go.Scatter(
        x=marked_point[:1],
        y=marked_point[1:],
        mode="markers",
        name="yours",
        marker=MARKED_POINT_STYLE,
        hovertemplate="yours<extra></extra>",
    )
    figure.add_trace(marked)
    figure.update_layout(
        title=escape_plotly_text(title),
        height=380,
        margin={"l": 10, "r": 10, "t": 40, "b": 10},
        legend={"itemsizing": "constant"},
    )
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    return figure


def _points(points: np.ndarray, name: str, colour: str, symbol: str = "circle", **legend: str) -> go.Scatter:
    name = escape_plotly_text(name)
    return go.Scatter(
        x=points[:, 0],
        y=points[:, 1],
        mode="markers",
        name=name,
        marker={"size": 4, "color": colour, "symbol": symbol, "opacity": 0.65},
        hovertemplate=f"{name}<extra></extra>",
        **legend,
    )
