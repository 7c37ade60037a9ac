"""Settings and what came of them, as parallel coordinates: a line a run, through its value on every axis."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

TICKS = 6  # values of an axis up to which each is a tick of its own
SCALE = ("#94a4a2", "#e76300")  # grey to orange: apart by lightness too, and seen on a light and a dark page


def coordinates(
    runs: pd.DataFrame, labels: Mapping[str, str], figure: str, title: str, *, logarithmic: Sequence[str] = ()
) -> go.Figure:
    """An axis for each column of ``runs`` that ``labels`` names, and last ``figure``, a share, which also colours.

    ``logarithmic``: columns of positive numbers that are drawn so. Words and truth values are ranked as they come.
    """
    axes = [_axis(runs[column], label, column in logarithmic) for column, label in labels.items()]
    percent = 100 * runs[figure]
    axes.append({"label": title, "values": percent.to_numpy(), "tickformat": ".1f"})
    drawn = go.Figure(
        go.Parcoords(
            dimensions=axes,
            # the lower quarter is all grey: one run that failed would take the colours of all others
            line={
                "color": percent.to_numpy(),
                "colorscale": [[0, SCALE[0]], [1, SCALE[1]]],
                "cmin": float(percent.quantile(0.25)),
                "cmax": float(percent.max()),
            },
            labelfont={"size": 13},
            tickfont={"size": 12},
        )
    )
    drawn.update_layout(height=340, margin={"l": 60, "r": 60, "t": 60, "b": 20})
    return drawn


def _axis(column: pd.Series, label: str, logarithmic: bool) -> dict[str, object]:
    values = list(dict.fromkeys(sorted(column)))
    number = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
    if not number:
        ranks = {value: rank for rank, value in enumerate(values)}
        texts = ["yes" if value is True else "no" if value is False else str(value) for value in values]
        return {
            "label": label,
            "values": np.array([ranks[value] for value in column]),
            "tickvals": list(ranks.values()),
            "ticktext": texts,
        }
    numbers = column.to_numpy(float)
    logarithmic = logarithmic and numbers.min() > 0
    axis: dict[str, object] = {"label": label, "values": np.log10(numbers) if logarithmic else numbers}
    if len(values) > TICKS:
        if not logarithmic:
            return axis  # plotly finds round numbers
        values = _round_numbers(numbers.min(), numbers.max())
    places = np.log10(values) if logarithmic else np.array(values, float)
    return axis | {"tickvals": places, "ticktext": [f"{value:g}" for value in values]}


def _round_numbers(low: float, high: float) -> list[float]:
    """1, 2 and 5 times the powers of ten from ``low`` to ``high``, or where these are many, the powers alone."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    several = [digit * 10.0**power for power in powers for digit in (1, 2, 5) if low <= digit * 10.0**power <= high]
    alone = [10.0**power for power in powers if low <= 10.0**power <= high]
    return several if len(several) <= TICKS else alone
