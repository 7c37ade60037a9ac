"""How accurate several runs are, beside the figures of others."""

from collections.abc import Sequence

import plotly.graph_objects as go

from fashion_core.charts.text import format_run_name
from fashion_core.runs.summary import RunSummary
from fashion_core.wording.numbers import to_percent

ACCURACY_COLOUR, POSTER_COLOUR = "#2a6fbb", "#d1740a"
ROW_HEIGHT, FRAME_HEIGHT = 46, 84  # pixels


def accuracy_by_run_chart(rows: Sequence[RunSummary], names: Sequence[str]) -> go.Figure:
    """The accuracy of each run in percent with its interval, the first on top, and the poster's mean recall where it
    has one: with as many images of each class, the two are the same.
    """
    positions = list(range(len(rows)))
    accuracy = [to_percent(row.metrics.accuracy) for row in rows]
    intervals = [tuple(map(to_percent, row.accuracy_interval)) for row in rows]
    ours = {
        "type": "scatter", "x": accuracy, "y": positions, "mode": "markers+text", "name": "here, with 95% interval",
        "error_x": {
            "type": "data", "symmetric": False,
            "array": [high - value for (_, high), value in zip(intervals, accuracy, strict=True)],
            "arrayminus": [value - low for (low, _), value in zip(intervals, accuracy, strict=True)],
        },
        "marker": {"size": 10, "color": ACCURACY_COLOUR}, "text": [f"{value:.1f}" for value in accuracy],
        "textposition": "top center", "cliponaxis": False, "hovertemplate": "%{x:.1f}% correct<extra></extra>",
    }  # fmt: skip
    data = [ours]
    with_poster = [y for y in positions if rows[y].poster_figures]
    poster = [rows[y].poster_figures[1] for y in with_poster]
    if with_poster:
        marker = {"size": 11, "symbol": "diamond-open", "color": POSTER_COLOUR, "line": {"width": 2}}
        data.append(
            {
                "type": "scatter", "x": poster, "y": with_poster, "name": "the poster", "mode": "markers",
                "marker": marker, "hovertemplate": "poster: mean recall %{x}%<extra></extra>",
            }
        )  # fmt: skip
    axis_start = max(0, 10 * ((min([*accuracy, *poster], default=0.0) - 6) // 10))
    layout = {
        "height": FRAME_HEIGHT + ROW_HEIGHT * len(rows),
        "margin": {"l": 10, "r": 10, "t": 10, "b": 10},
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        "xaxis": {"title": {"text": "Correct, %"}, "range": [axis_start, 101], "fixedrange": True},
        "yaxis": {
            "tickvals": positions, "ticktext": [format_run_name(name) for name in names],
            "range": [len(rows) - 0.5, -0.7], "fixedrange": True, "automargin": True, "zeroline": False,
        },
    }  # fmt: skip
    return go.Figure({"data": data, "layout": layout})
