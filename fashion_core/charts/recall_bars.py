"""Recall by class of networks side by side; the row of a class whose output unit is dead is hatched."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from fashion_core.charts.text import escape_plotly_text
from fashion_core.data.classes import ClassList
from fashion_core.wording.numbers import format_percent

HATCH_COLOUR = "#80808066"  # faint, as words stand on it
GAP = 0.06  # between two networks, as a fraction of the width


@dataclass(frozen=True)
class RecallSnapshot:
    """Recall of each class, 0 to 1, empty before the first epoch.

    ``dead_since``: by class that is never predicted, the epoch in which its output unit died, 0 if that is not known.
    """

    title: str
    recall: Sequence[float]
    dead_since: Mapping[int, int]

    def describe_class(self, number: int) -> str:
        """Recall, or since when the class's unit is dead."""
        if number in self.dead_since:
            epoch = self.dead_since[number]
            return f"dead since epoch {epoch}" if epoch else "never predicted"
        return format_percent(self.recall[number]) if len(self.recall) else ""


def recall_bars_chart(snapshots: Sequence[RecallSnapshot], classes: ClassList) -> go.Figure:
    """A bar for each class and network; the row of a dead unit is hatched and says since when."""
    width = (1 - GAP * (len(snapshots) - 1)) / len(snapshots)
    layout: dict[str, Any] = {
        "height": 300,
        "margin": {"l": 10, "r": 10, "t": 20, "b": 10},
        "showlegend": False,
        "barmode": "overlay",
        "annotations": [],
        "yaxis": {"autorange": "reversed", "fixedrange": True, "type": "category"},
    }
    bars = []
    for number, snapshot in enumerate(snapshots):
        axis = "" if number == 0 else str(number + 1)
        left = number * (width + GAP)
        layout[f"xaxis{axis}"] = {
            "domain": [left, left + width],
            "range": [0, 100],
            "fixedrange": True,
            "title": {"text": "Recall, %", "standoff": 5},
        }
        heading = {"text": escape_plotly_text(snapshot.title), "showarrow": False, "yref": "paper", "xref": "paper"}
        layout["annotations"].append(heading | {"x": left, "y": 1, "xanchor": "left", "yanchor": "bottom"})
        layout["annotations"] += _words_on_hatching(snapshot, classes, f"x{axis}")
        bars += [trace | {"xaxis": f"x{axis}"} for trace in (_hatching(snapshot, classes), _bars(snapshot, classes))]
    return go.Figure({"data": bars, "layout": layout})


def _hatching(snapshot: RecallSnapshot, classes: ClassList) -> dict[str, Any]:
    """Behind the bars, over the whole row of every dead unit."""
    return {
        "type": "bar",
        "orientation": "h",
        "y": [escape_plotly_text(each.short_name) for each in classes],
        "x": [100 if each.index in snapshot.dead_since else 0 for each in classes],
        "hoverinfo": "skip",
        "marker": {
            "color": "rgba(0, 0, 0, 0)",
            "line": {"width": 0},
            "pattern": {"shape": "/", "size": 7, "solidity": 0.2, "fgcolor": HATCH_COLOUR},
        },
    }


def _words_on_hatching(snapshot: RecallSnapshot, classes: ClassList, axis: str) -> list[dict[str, Any]]:
    """Annotations: plotly writes nothing beside a bar of length 0."""
    return [
        {
            "text": snapshot.describe_class(each.index),
            "showarrow": False,
            "xref": axis,
            "x": 2,
            "xanchor": "left",
            "y": escape_plotly_text(each.short_name),
        }
        for each in classes
        if each.index in snapshot.dead_since
    ]


def _bars(snapshot: RecallSnapshot, classes: ClassList) -> dict[str, Any]:
    texts = [snapshot.describe_class(c) for c in range(len(classes))]
    recall = [100 * value for value in snapshot.recall] or [0.0] * len(classes)
    return {
        "type": "bar",
        "orientation": "h",
        "y": [escape_plotly_text(each.short_name) for each in classes],
        "x": recall,
        "text": ["" if c in snapshot.dead_since else text for c, text in enumerate(texts)],
        "hovertext": texts,
        "textposition": "auto",
        "textangle": 0,
        "hovertemplate": "%{y}: %{hovertext}<extra></extra>",
        "marker": {"color": [each.colour for each in classes]},
    }
