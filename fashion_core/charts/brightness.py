"""How bright the images of each cluster are."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from fashion_core.charts.text import escape_plotly_text
from fashion_core.data.classes import ClassList
from fashion_core.wording.clusters import format_cluster_class

N_BRIGHTNESS_BINS = 32
N_HISTOGRAM_COLUMNS = 5
HISTOGRAM_ROW_HEIGHT_PIXELS = 150  # pixels


def brightness_histograms(
    brightness: np.ndarray,
    clusters: np.ndarray,
    cluster_classes: Sequence[int],
    classes: ClassList,
    colours: Sequence[str],
) -> go.Figure:
    """One histogram a cluster in its colour; ``brightness`` float [n], 0 to 255; ``clusters`` int [n]."""
    n_rows = -(-len(cluster_classes) // N_HISTOGRAM_COLUMNS)
    names = [escape_plotly_text(format_cluster_class(label, classes, short=True)) for label in cluster_classes]
    titles = [f"{i} {name}" for i, name in enumerate(names, 1)]
    figure = make_subplots(
        n_rows, N_HISTOGRAM_COLUMNS, subplot_titles=titles, shared_xaxes="all", vertical_spacing=min(0.3, 0.35 / n_rows)
    )
    edges = np.linspace(0, max(1.0, float(brightness.max())), N_BRIGHTNESS_BINS + 1)
    for i, colour in enumerate(colours):
        bars = go.Bar(
            x=(edges[:-1] + edges[1:]) / 2,
            y=np.histogram(brightness[clusters == i], edges)[0],
            marker_color=colour,
            hovertemplate="brightness %{x:.0f}: %{y} garments<extra></extra>",
        )
        figure.add_trace(bars, i // N_HISTOGRAM_COLUMNS + 1, i % N_HISTOGRAM_COLUMNS + 1)
    figure.update_layout(
        height=60 + n_rows * HISTOGRAM_ROW_HEIGHT_PIXELS,
        showlegend=False,
        bargap=0,
        margin={"l": 10, "r": 10, "t": 30, "b": 10},
    )
    figure.update_yaxes(showticklabels=False, showgrid=False)
    figure.update_xaxes(title="mean brightness", row=n_rows)
    figure.update_annotations(font_size=12)
    return figure
