"""Settings and results of runs as parallel coordinates: a line per run, through its value on each axis.

Drawn with plain lines, because plotly's own parallel coordinates need three of a page's few WebGL contexts, have no
hover labels, and draw their axes black on a dark page.
"""

import html
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

MAX_TICKS_PER_AXIS = 6  # an axis with more values gets ticks at round numbers
COLOUR_SCALE = (
    (148, 164, 162),
    (231, 99, 0),
)  # grey to orange: apart by lightness too, and seen on a light and a dark page
AXIS_COLOUR = "#8a8f98"


@dataclass(frozen=True)
class _Axis:
    label: str
    positions: np.ndarray  # where each run crosses it, float [n], 0 to 1
    texts: list[str]  # each run's value
    ticks: list[tuple[float, str]]  # position and text


def parallel_coordinates_chart(
    runs: pd.DataFrame, labels: Mapping[str, str], metric: str, metric_label: str, *, logarithmic: Sequence[str] = ()
) -> go.Figure:
    """An axis for each column of ``runs`` in ``labels``; the last is ``metric``, a fraction, and sets the colour.

    ``logarithmic``: columns of positive numbers with a logarithmic axis. Strings and booleans are sorted by name.
    """
    runs = runs.sort_values(metric, kind="stable")  # the best are drawn over the others
    axes = [_axis(runs[column], label, column in logarithmic) for column, label in labels.items()]
    axes.append(_numbers(100 * runs[metric], metric_label, False, ".1f"))
    colours = _colours(runs[metric].to_numpy())
    lines = [_line(axes, run, colour, best=run == len(runs) - 1) for run, colour in enumerate(colours)]
    return go.Figure({"data": lines, "layout": _layout(axes)})


def _line(axes: Sequence[_Axis], run: int, colour: str, *, best: bool) -> dict[str, Any]:
    hover = "<br>".join(html.escape(f"{axis.label}: {axis.texts[run]}") for axis in axes)
    return {
        "type": "scatter",
        "x": np.arange(len(axes)),
        "y": np.array([axis.positions[run] for axis in axes]),
        "mode": "lines+markers",
        "line": {"color": colour, "width": 3 if best else 1.5},
        "marker": {"size": 8 if best else 5},
        "hovertemplate": f"{hover}<extra></extra>",
        "showlegend": False,
    }


def _colours(values: np.ndarray) -> list[str]:
    """Grey to orange. The lower quarter is all grey: otherwise one failed run would make all others look alike."""
    low, high = np.quantile(values, 0.25), values.max()
    fractions = np.clip((values - low) / (high - low), 0, 1) if high > low else np.ones(len(values))
    mixed = np.outer(1 - fractions, COLOUR_SCALE[0]) + np.outer(fractions, COLOUR_SCALE[1])
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
    unique = sorted(set(names))
    positions = {name: rank / max(1, len(unique) - 1) for rank, name in enumerate(unique)}
    ticks = [(positions[name], name) for name in unique]
    return _Axis(label, np.array([positions[name] for name in names]), names, ticks)


def _numbers(column: pd.Series, label: str, logarithmic: bool, number_format: str) -> _Axis:
    values = column.to_numpy(float)
    low, high = float(values.min()), float(values.max())
    scale = np.log10 if logarithmic and low > 0 else np.asarray
    begin, width = float(scale(low)), float(scale(high) - scale(low)) or 1.0
    tick_values = sorted(set(values.tolist()))
    if len(tick_values) > MAX_TICKS_PER_AXIS:
        tick_values = _powers(low, high) if scale is np.log10 else round_ticks(low, high)
    ticks = [(float(scale(value) - begin) / width, f"{value:{number_format}}") for value in tick_values]
    return _Axis(label, (scale(values) - begin) / width, [f"{value:{number_format}}" for value in values], ticks)


def _powers(low: float, high: float) -> list[float]:
    """1, 2 and 5 times the powers of ten from ``low`` to ``high``, or only the powers if these are too many."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    values = [digit * 10.0**power for power in powers for digit in (1, 2, 5) if low <= digit * 10.0**power <= high]
    only_powers = [10.0**power for power in powers if low <= 10.0**power <= high]
    return values if len(values) <= MAX_TICKS_PER_AXIS else only_powers


def round_ticks(low: float, high: float) -> list[float]:
    """Round numbers from ``low`` to ``high``, at most ``MAX_TICKS_PER_AXIS``."""
    width = 10.0 ** math.floor(math.log10(high - low))
    step = next(part * width for part in (0.1, 0.2, 0.5, 1, 2) if (high - low) / (part * width) < MAX_TICKS_PER_AXIS)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(number * step, 12) for number in range(first, last + 1)]
