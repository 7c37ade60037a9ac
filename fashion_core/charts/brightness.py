"""How bright the members of each cluster are."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from fashion_core.data.classes import CLASS_COLOURS, SHORT_CLASS_NAMES
from fashion_core.models.kmeans import NO_CLASS

N_HISTOGRAM_BINS = 32
N_COLUMNS = 5
ROW_HEIGHT = 150  # pixels


def brightness_histograms(brightness: np.ndarray, clusters: np.ndarray, cluster_classes: Sequence[int]) -> go.Figure:
    """One histogram a cluster, in the colour of its class; ``brightness`` float [n], 0 to 255; ``clusters`` int [n]."""
    k = len(cluster_classes)
    rows = -(-k // N_COLUMNS)
    titles = [
        f"{i + 1} {SHORT_CLASS_NAMES[name] if name != NO_CLASS else 'no class'}"
        for i, name in enumerate(cluster_classes)
    ]
    figure = make_subplots(
        rows, N_COLUMNS, subplot_titles=titles, shared_xaxes="all", vertical_spacing=min(0.3, 0.35 / rows)
    )
    edges = np.linspace(0, max(1.0, float(brightness.max())), N_HISTOGRAM_BINS + 1)
    middles = (edges[:-1] + edges[1:]) / 2
    for i, name in enumerate(cluster_classes):
        counts = np.histogram(brightness[clusters == i], edges)[0]
        figure.add_trace(
            go.Bar(
                x=middles,
                y=counts,
                marker_color=CLASS_COLOURS[name] if name != NO_CLASS else "#8a8a8a",
                hovertemplate="brightness %{x:.0f}: %{y} garments<extra></extra>",
            ),
            i // N_COLUMNS + 1,
            i % N_COLUMNS + 1,
        )
    figure.update_layout(
        height=60 + rows * ROW_HEIGHT, showlegend=False, bargap=0, margin={"l": 10, "r": 10, "t": 30, "b": 10}
    )
    figure.update_yaxes(showticklabels=False, showgrid=False)
    figure.update_xaxes(title="mean brightness", row=rows)
    figure.update_annotations(font_size=12)
    return figure
