"""Settings and what came of them, as parallel coordinates: a line a run, through its value on every axis.

Drawn with plain lines: plotly's own parallel coordinates want WebGL, take three of a page's few contexts at every
drawing, tell nothing when pointed at, and draw their axes black on a dark page.
"""

import html
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

MAX_TICKS = 6  # values of an axis up to which each is a tick of its own
COLOUR_SCALE = (
    (148, 164, 162),
    (231, 99, 0),
)  # grey to orange: apart by lightness too, and seen on a light and a dark page
AXIS_COLOUR = "#8a8f98"


@dataclass(frozen=True)
class _Axis:
    label: str
    places: np.ndarray  # where each run crosses it, float [n], 0 to 1
    texts: list[str]  # what its value is called, by run
    ticks: list[tuple[float, str]]  # place and text


def parallel_coordinates_chart(
    runs: pd.DataFrame, labels: Mapping[str, str], metric: str, metric_label: str, *, logarithmic: Sequence[str] = ()
) -> go.Figure:
    """An axis for each column of ``runs`` that ``labels`` names, and last ``figure``, a share, which also colours.

    ``logarithmic``: columns of positive numbers that are drawn so. Words and truth values are ranked by name.
    """
    runs = runs.sort_values(metric, kind="stable")  # the best are drawn over the others
    axes = [_axis(runs[column], label, column in logarithmic) for column, label in labels.items()]
    axes.append(_numbers(100 * runs[metric], metric_label, False, ".1f"))
    colours = _colours(runs[metric].to_numpy())
    lines = [_line(axes, run, colour, best=run == len(runs) - 1) for run, colour in enumerate(colours)]
    return go.Figure({"data": lines, "layout": _layout(axes)})


def _line(axes: Sequence[_Axis], run: int, colour: str, *, best: bool) -> dict[str, Any]:
    told = "<br>".join(html.escape(f"{axis.label}: {axis.texts[run]}") for axis in axes)
    return {
        "type": "scatter",
        "x": np.arange(len(axes)),
        "y": np.array([axis.places[run] for axis in axes]),
        "mode": "lines+markers",
        "line": {"color": colour, "width": 3 if best else 1.5},
        "marker": {"size": 8 if best else 5},
        "hovertemplate": f"{told}<extra></extra>",
        "showlegend": False,
    }


def _colours(values: np.ndarray) -> list[str]:
    """Grey to orange. The lower quarter is all grey: one run that failed would take the colours of all others."""
    low, high = np.quantile(values, 0.25), values.max()
    shares = np.clip((values - low) / (high - low), 0, 1) if high > low else np.ones(len(values))
    mixed = np.outer(1 - shares, COLOUR_SCALE[0]) + np.outer(shares, COLOUR_SCALE[1])
    return ["#" + "".join(f"{round(part):02x}" for part in colour) for colour in mixed]


def _layout(axes: Sequence[_Axis]) -> dict[str, Any]:
    shapes = [
        {
            "type": "line",
            "x0": at,
            "x1": at,
            "y0": 0,
            "y1": 1,
            "line": {"color": AXIS_COLOUR, "width": 1},
            "layer": "below",
        }
        for at in range(len(axes))
    ]
    titles = [
        {"x": at, "y": 1, "text": axis.label, "yanchor": "bottom", "yshift": 14, "showarrow": False}
        for at, axis in enumerate(axes)
    ]
    beside = {"xanchor": "right", "xshift": -6, "showarrow": False, "font": {"size": 11}}
    ticks = [
        {"x": at, "y": y, "text": html.escape(text), **beside} for at, axis in enumerate(axes) for y, text in axis.ticks
    ]
    hidden = {"visible": False, "fixedrange": True}
    return {
        "height": 340,
        "margin": {"l": 10, "r": 10, "t": 50, "b": 20},
        "hovermode": "closest",
        "shapes": shapes,
        "annotations": [*titles, *ticks],
        "xaxis": hidden | {"range": [-0.45, len(axes) - 0.6]},
        "yaxis": hidden | {"range": [-0.04, 1.04]},
    }


def _axis(column: pd.Series, label: str, logarithmic: bool) -> _Axis:
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        return _numbers(column, label, logarithmic, "g")
    names = ["yes" if value is True else "no" if value is False else str(value) for value in column]
    known = sorted(set(names))
    places = {name: rank / max(1, len(known) - 1) for rank, name in enumerate(known)}
    return _Axis(label, np.array([places[name] for name in names]), names, [(places[name], name) for name in known])


def _numbers(column: pd.Series, label: str, logarithmic: bool, shown: str) -> _Axis:
    values = column.to_numpy(float)
    low, high = float(values.min()), float(values.max())
    scale = np.log10 if logarithmic and low > 0 else np.asarray
    begin, width = float(scale(low)), float(scale(high) - scale(low)) or 1.0
    several = sorted(set(values.tolist()))
    if len(several) > MAX_TICKS:
        several = _powers(low, high) if scale is np.log10 else round_ticks(low, high)
    ticks = [(float(scale(value) - begin) / width, f"{value:{shown}}") for value in several]
    return _Axis(label, (scale(values) - begin) / width, [f"{value:{shown}}" for value in values], ticks)


def _powers(low: float, high: float) -> list[float]:
    """1, 2 and 5 times the powers of ten from ``low`` to ``high``, or where these are many, the powers alone."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    several = [digit * 10.0**power for power in powers for digit in (1, 2, 5) if low <= digit * 10.0**power <= high]
    alone = [10.0**power for power in powers if low <= 10.0**power <= high]
    return several if len(several) <= MAX_TICKS else alone


def round_ticks(low: float, high: float) -> list[float]:
    """Round numbers from ``low`` to ``high``, at most ``MAX_TICKS``."""
    width = 10.0 ** math.floor(math.log10(high - low))
    step = next(part * width for part in (0.1, 0.2, 0.5, 1, 2) if (high - low) / (part * width) < MAX_TICKS)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(number * step, 12) for number in range(first, last + 1)]
