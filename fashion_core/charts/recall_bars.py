"""Recall by class of networks side by side; a class whose output unit is dead is grey."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from fashion_core.charts.text import escape_plotly_text
from fashion_core.data.classes import ClassList

DEAD_COLOUR = "#5f646d"
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
        return f"{100 * self.recall[number]:.0f} %" if len(self.recall) else ""


def recall_bars_chart(snapshots: Sequence[RecallSnapshot], classes: ClassList) -> go.Figure:
    """A bar for each class and network; that of a dead unit is grey and says since when."""
    width = (1 - GAP * (len(snapshots) - 1)) / len(snapshots)
    layout: dict[str, Any] = {
        "height": 330,
        "margin": {"l": 10, "r": 10, "t": 30, "b": 10},
        "showlegend": False,
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
            "title": {"text": "Recall, %"},
        }
        heading = {"text": escape_plotly_text(snapshot.title), "showarrow": False, "yref": "paper", "xref": "paper"}
        layout["annotations"].append(heading | {"x": left, "y": 1, "xanchor": "left", "yanchor": "bottom"})
        bars.append(_bars(snapshot, classes) | {"xaxis": f"x{axis}"})
    return go.Figure({"data": bars, "layout": layout})


def _bars(snapshot: RecallSnapshot, classes: ClassList) -> dict[str, Any]:
    dead = snapshot.dead_since
    recall = [100 * value for value in snapshot.recall] or [0.0] * len(classes)
    return {
        "type": "bar",
        "orientation": "h",
        "y": [escape_plotly_text(each.short_name) for each in classes],
        "x": [100 if c in dead else value for c, value in enumerate(recall)],
        "text": [snapshot.describe_class(c) for c in range(len(classes))],
        "textposition": "auto",
        "textangle": 0,
        "hovertemplate": "%{y}: %{text}<extra></extra>",
        "marker": {
            "color": [DEAD_COLOUR if each.index in dead else each.colour for each in classes],
        },
    }
