"""Settings and what came of them, as parallel coordinates: a line a run, through its value on every axis."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

TICKS = 8  # values of an axis up to which each is a tick of its own
SCALE = "Cividis"  # as good to read for colour-blind eyes (J. Nuñez et al., 2018)


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
            line={"color": percent.to_numpy(), "colorscale": SCALE, "showscale": False},
            labelangle=0,
            labelside="top",
        )
    )
    drawn.update_layout(height=340, margin={"l": 60, "r": 60, "t": 60, "b": 20})
    return drawn


def _axis(column: pd.Series, label: str, logarithmic: bool) -> dict[str, object]:
    values = list(dict.fromkeys(sorted(column)))
    number = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
    if not number:
        places = {value: place for place, value in enumerate(values)}
        texts = ["yes" if value is True else "no" if value is False else str(value) for value in values]
        return {
            "label": label,
            "values": np.array([places[value] for value in column]),
            "tickvals": list(places.values()),
            "ticktext": texts,
        }
    scale = np.log10 if logarithmic and min(values) > 0 else np.asarray
    axis: dict[str, object] = {"label": label, "values": scale(column.to_numpy(float))}
    shown = values if len(values) <= TICKS else _spread(values)
    return axis | {"tickvals": [float(scale(value)) for value in shown], "ticktext": [f"{v:g}" for v in shown]}


def _spread(values: Sequence[float]) -> list[float]:
    """Some of the sorted values, the ends among them."""
    places = np.unique(np.linspace(0, len(values) - 1, TICKS).round().astype(int))
    return [values[place] for place in places]
