"""How bright the members of each cluster are."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from fashion_core.data.labels import COLOURS, SHORT_NAMES
from fashion_core.models.kmeans import NO_CLASS

BINS = 32
COLUMNS = 5
ROW_HEIGHT = 150  # pixels


def histograms(brightness: np.ndarray, clusters: np.ndarray, names: Sequence[int]) -> go.Figure:
    """One histogram a cluster, in the colour of its class; ``brightness`` float [n], 0 to 255; ``clusters`` int [n]."""
    k = len(names)
    rows = -(-k // COLUMNS)
    titles = [f"{i + 1} {SHORT_NAMES[name] if name != NO_CLASS else 'no class'}" for i, name in enumerate(names)]
    figure = make_subplots(
        rows, COLUMNS, subplot_titles=titles, shared_xaxes="all", vertical_spacing=min(0.3, 0.35 / rows)
    )
    edges = np.linspace(0, max(1.0, float(brightness.max())), BINS + 1)
    middles = (edges[:-1] + edges[1:]) / 2
    for i, name in enumerate(names):
        counts = np.histogram(brightness[clusters == i], edges)[0]
        figure.add_trace(
            go.Bar(
                x=middles,
                y=counts,
                marker_color=COLOURS[name] if name != NO_CLASS else "#8a8a8a",
                hovertemplate="brightness %{x:.0f}: %{y} garments<extra></extra>",
            ),
            i // COLUMNS + 1,
            i % COLUMNS + 1,
        )
    figure.update_layout(
        height=60 + rows * ROW_HEIGHT, showlegend=False, bargap=0, margin={"l": 10, "r": 10, "t": 30, "b": 10}
    )
    figure.update_yaxes(showticklabels=False, showgrid=False)
    figure.update_xaxes(title="mean brightness", row=rows)
    figure.update_annotations(font_size=12)
    return figure
