"""Training curves.

Each figure is made from one dictionary. Adding traces and layout one by one takes plotly four times as long, and a page
that follows a run redraws every few seconds.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from fashion_core.charts.text import escape_plotly_text
from fashion_core.data.classes import TEN_COLOURS, ClassList

MAX_RECALL_LINES = 20  # more can't be told apart
EPOCH_STEPS = (1, 2, 5, 10, 20, 50)  # between two numbers on the axis
MAX_EPOCH_STEPS = 6  # that fit half a panel without being turned
LINE_DASHES = ("solid", "dash", "dot")  # tells lines apart when the ten colours repeat
TRAIN_COLOUR, VALIDATION_COLOUR = "#8a8f98", "#2a6fbb"


def accuracy_chart(history: pd.DataFrame, *, kept_epoch: int = 0, epoch_word: str = "epochs") -> go.Figure:
    """Train and validation accuracy of a history (columns as in ``history.csv``) over epochs.

    The epoch whose weights are kept is marked.
    """
    lines = _train_and_validation(history, "accuracy", 100, "%{y:.2f}%")
    layout = _layout(history["epoch"], "Accuracy, %", epoch_word)
    if kept_epoch:
        line = {"color": VALIDATION_COLOUR, "width": 1, "dash": "dash"}
        ends = {"x0": kept_epoch, "x1": kept_epoch, "y0": 0, "y1": 1, "yref": "y domain"}
        layout["shapes"] = [{"type": "line", "line": line, **ends}]
        text = {"text": "kept", "showarrow": False, "xanchor": "right", "yanchor": "bottom"}
        layout["annotations"] = [{"x": kept_epoch, "y": 0, "yref": "y domain", **text}]
    return go.Figure({"data": lines, "layout": layout})


def loss_chart(history: pd.DataFrame, *, epoch_word: str = "epochs") -> go.Figure:
    """Train and validation loss over epochs."""
    lines = _train_and_validation(history, "loss", 1, "%{y:.4g}")
    return go.Figure({"data": lines, "layout": _layout(history["epoch"], "Loss", epoch_word)})


def _train_and_validation(history: pd.DataFrame, metric: str, scale: float, number_format: str) -> list[dict[str, Any]]:
    return [
        _line(history["epoch"], scale * history[column], name, {"color": colour, "dash": dash}, number_format)
        for column, name, colour, dash in (
            (f"train_{metric}", "Train", TRAIN_COLOUR, "dot"),
            (f"val_{metric}", "Validation", VALIDATION_COLOUR, "solid"),
        )
    ]


def recall_by_class_chart(epochs: pd.DataFrame, classes: ClassList, *, epoch_word: str = "epochs") -> go.Figure:
    """Validation recall of each class over epochs, from the column ``recall``; that of a lost class falls to 0.

    The line of a class whose output unit is dead is grey and dotted.

    Of more than ``MAX_RECALL_LINES`` classes, those with the lowest recall after the last epoch are drawn.
    """
    percent = 100 * np.array(epochs["recall"].tolist(), float).reshape(-1, len(classes))  # [epochs, classes]
    shown, title = list(classes), "Recall by class, %"
    if len(classes) > MAX_RECALL_LINES:
        lowest = np.argsort(percent[-1:].sum(axis=0), kind="stable")[:MAX_RECALL_LINES]
        shown, title = [classes[int(c)] for c in np.sort(lowest)], f"Recall, {MAX_RECALL_LINES} lowest classes, %"
    dead = epochs["dead"].iloc[-1] if "dead" in epochs and len(epochs) else ()
    lines = []
    for c in shown:
        line = {"color": TRAIN_COLOUR, "dash": "dot"} if c.index in dead else {"color": c.colour}
        lines.append(_line(epochs["epoch"], percent[:, c.index], c.short_name, line, "%{y:.1f}%", c.name))
    layout = _layout(epochs["epoch"], title, epoch_word)
    # beside the lines, where ten names fit
    legend = {"orientation": "v", "x": 1.02, "y": 1, "font": {"size": 9}, "maxheight": 200}
    layout |= {"height": 205, "legend": legend, "margin": layout["margin"] | {"t": 10}}
    return go.Figure({"data": lines, "layout": layout})


def run_histories_chart(runs: Mapping[str, pd.DataFrame], column: str, title: str) -> go.Figure:
    """One column of several histories over epochs, a line per run; accuracies are drawn in percent."""
    scale, unit = (100, ", %") if column.endswith("accuracy") else (1, "")
    lines = []
    for number, (name, epochs) in enumerate(runs.items()):
        line = {"color": TEN_COLOURS[number % len(TEN_COLOURS)], "dash": LINE_DASHES[number % len(LINE_DASHES)]}
        lines.append(_line(epochs["epoch"], scale * epochs[column], name, line, "%{y:.4g}"))
    longest = max((epochs["epoch"] for epochs in runs.values()), key=len, default=())
    return go.Figure({"data": lines, "layout": _layout(longest, title + unit, "epochs") | {"height": 420}})


def _line(
    x: Sequence[int] | pd.Series,
    y: np.ndarray | pd.Series,
    name: str,
    line: Mapping[str, str],
    number_format: str,
    hover_name: str = "",
) -> dict[str, Any]:
    name, hover_name = escape_plotly_text(name), escape_plotly_text(hover_name or name)
    return {
        "type": "scatter",
        "x": np.asarray(x),
        "y": np.asarray(y),
        "name": name,
        "mode": "lines+markers",
        "line": dict(line),
        "hovertemplate": f"{number_format}<extra>{hover_name}</extra>",
    }


def _layout(epochs: Sequence[int] | pd.Series, title: str, epoch_word: str) -> dict[str, Any]:
    last = max(epochs, default=1)
    step = next((step for step in EPOCH_STEPS if last <= MAX_EPOCH_STEPS * step), round(last / MAX_EPOCH_STEPS))
    # without an epoch the axes have no numbers yet
    axis = {"fixedrange": True, "showticklabels": len(epochs) > 0}
    title_below = {"text": epoch_word.capitalize(), "standoff": 5}
    return {
        "height": 188,
        "margin": {"l": 10, "r": 10, "t": 20, "b": 10},
        "legend": {"orientation": "h", "y": 1, "yanchor": "bottom"},  # grows upwards
        "hovermode": "x",
        "xaxis": axis | {"title": title_below, "tick0": 0, "dtick": step, "tickangle": 0},
        "yaxis": axis | {"title": {"text": title}},
    }
