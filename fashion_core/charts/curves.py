"""Training curves."""

import html
from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from fashion_core.labels import CLASSES, COLOURS

DASHES = ("solid", "dash", "dot")  # a second round of the ten colours is told apart by the line
TRAIN, VALIDATION = "#8a8f98", "#2a6fbb"


def accuracy(history: pd.DataFrame, *, best_epoch: int = 0, epoch_word: str = "epochs") -> go.Figure:
    """Train and validation accuracy of a history (columns as in ``history.csv``) over epochs; the best is marked."""
    figure = go.Figure()
    for column, name, colour, dash in (
        ("train_accuracy", "Train", TRAIN, "dot"),
        ("val_accuracy", "Validation", VALIDATION, "solid"),
    ):
        figure.add_scatter(
            x=history["epoch"],
            y=100 * history[column],
            name=name,
            mode="lines+markers",
            line={"color": colour, "dash": dash},
            hovertemplate="%{y:.2f} %<extra>" + name + "</extra>",
        )
    if best_epoch:
        figure.add_vline(best_epoch, line={"color": VALIDATION, "width": 1, "dash": "dash"}, annotation_text="best")
    return _layout(figure, "Accuracy, %", epoch_word)


def loss(history: pd.DataFrame, *, epoch_word: str = "epochs") -> go.Figure:
    """Train and validation loss over epochs."""
    figure = go.Figure()
    for column, name, colour, dash in (
        ("train_loss", "Train", TRAIN, "dot"),
        ("val_loss", "Validation", VALIDATION, "solid"),
    ):
        figure.add_scatter(
            x=history["epoch"],
            y=history[column],
            name=name,
            mode="lines+markers",
            line={"color": colour, "dash": dash},
            hovertemplate="%{y:.4g}<extra>" + name + "</extra>",
        )
    return _layout(figure, "Loss", epoch_word)


def recalls(epochs: pd.DataFrame, *, epoch_word: str = "epochs") -> go.Figure:
    """Validation recall of each class over epochs; a class that dies falls to 0. Column ``recall`` holds ten shares."""
    figure = go.Figure()
    for c in CLASSES:
        figure.add_scatter(
            x=epochs["epoch"],
            y=[100 * row[c.index] for row in epochs["recall"]],
            name=c.short,
            mode="lines+markers",
            line={"color": c.colour},
            hovertemplate="%{y:.1f} %<extra>" + c.name + "</extra>",
        )
    return _layout(figure, "Recall by class, %", epoch_word)


def overlay(runs: Mapping[str, pd.DataFrame], column: str, title: str) -> go.Figure:
    """One column of several histories over epochs, a line a run; shares are drawn in percent."""
    figure = go.Figure()
    scale, unit = (100, ", %") if column.endswith("accuracy") else (1, "")
    for number, (name, epochs) in enumerate(runs.items()):
        text = html.escape(name)  # a run's name is its user's; plotly reads tags
        figure.add_scatter(
            x=epochs["epoch"],
            y=scale * epochs[column],
            name=text,
            mode="lines+markers",
            line={"color": COLOURS[number % len(COLOURS)], "dash": DASHES[number % len(DASHES)]},
            hovertemplate="%{y:.4g}<extra>" + text + "</extra>",
        )
    return _layout(figure, title + unit, "epochs")


def _layout(figure: go.Figure, title: str, epoch_word: str) -> go.Figure:
    figure.update_yaxes(title=title, fixedrange=True)
    last = max((int(trace.x[-1]) for trace in figure.data if len(trace.x)), default=1)
    figure.update_xaxes(title=epoch_word.capitalize(), fixedrange=True, tick0=0, dtick=max(1, round(last / 8)))
    figure.update_layout(
        height=300, margin={"l": 10, "r": 10, "t": 30, "b": 10}, legend={"orientation": "h", "y": 1.2}, hovermode="x"
    )
    return figure
