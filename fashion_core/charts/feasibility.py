"""How much can be automated, at what cost, and at what price in computing."""

import html
import math
from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from fashion_core.analysis.feasibility import Assessment, Curve

# told apart by dashes too; not the classes' colours, which mean garments
RUN_COLOURS = ("#2a6fbb", "#d1740a", "#3d8b52", "#a3437d", "#7a6a00", "#6b6f76", "#9c4a2f", "#4c4fb0")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
LEAST = 0.05  # percent; errors below are drawn there, for a logarithm has no 0
TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50)
CHOSEN = "#d6006c"
GAIN, LOSS = "#2a6fbb", "#d1740a"


def automation(
    curves: Mapping[str, Curve], chosen: Assessment, *, people: float | None = None, height: int = 330
) -> go.Figure:
    """Error among the automated garments over their share, a line a run by title, both in percent of test; the point
    of ``chosen`` in relief, its target as a line, and the error of people if ``people``, their share right, is given.
    """
    figure = go.Figure()
    for number, (title, curve) in enumerate(curves.items()):
        drawn, name = curve.thinned(), html.escape(title)  # a run's title is its user's; plotly reads tags
        figure.add_scatter(
            x=100 * drawn.coverage,
            y=(100 * drawn.error).clip(LEAST),
            customdata=drawn.threshold,
            name=name,
            mode="lines",
            line={
                "color": RUN_COLOURS[number % len(RUN_COLOURS)],
                "dash": DASHES[number % len(DASHES)],
                "width": 3.5 if title == chosen.title else 1.8,
            },
            hovertemplate="%{x:.1f}% automated, %{y:.2f}% of them wrong<br>threshold %{customdata:.3f}<extra>"
            + name
            + "</extra>",
        )
    _level(figure, 100 * (1 - chosen.target), "target: at most {:.3g}% wrong")
    if people is not None and people < 1:
        _level(figure, 100 * (1 - people), "people: {:.3g}% wrong")
    if chosen.test is not None and chosen.test.automated:
        _chosen_point(figure, chosen)
    figure.update_layout(
        height=height + 12 * max(0, len(curves) - 4),  # for a longer legend
        margin={"l": 10, "r": 10, "t": 10, "b": 10},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    )
    figure.update_xaxes(title="Garments that need no person, %", range=[0, 101], fixedrange=True)
    figure.update_yaxes(
        title="Wrong among them, %", type="log", range=[math.log10(LEAST), math.log10(65)], fixedrange=True,
        tickvals=TICKS, ticktext=[f"{tick:g}" for tick in TICKS],
    )  # fmt: skip
    return figure


def _level(figure: go.Figure, percent: float, words: str) -> None:
    """A line across at an error of ``percent``, with its name."""
    figure.add_hline(percent, line={"color": "#8a8a8a", "width": 1, "dash": "dot"})
    figure.add_annotation(
        x=0.01, xref="paper", xanchor="left", y=math.log10(max(percent, LEAST)), yanchor="bottom", showarrow=False,
        text=words.format(percent), font={"size": 12},
    )  # fmt: skip


def _chosen_point(figure: go.Figure, chosen: Assessment) -> None:
    """The chosen threshold on test, with both intervals as whiskers."""
    point = chosen.test
    assert point is not None
    x, y = 100 * point.coverage, max(100 * (1 - point.correct), LEAST)
    left, right = (100 * share for share in point.coverage_interval)
    most, least = (max(100 * (1 - share), LEAST) for share in point.correct_interval)
    figure.add_scatter(
        x=[x],
        y=[y],
        error_x={"type": "data", "symmetric": False, "array": [right - x], "arrayminus": [x - left]},
        error_y={"type": "data", "symmetric": False, "array": [most - y], "arrayminus": [y - least]},
        mode="markers+text",
        marker={"size": 15, "symbol": "circle-open", "color": CHOSEN, "line": {"width": 3}},
        text=[f"<b>{point.coverage:.1%}</b>"],
        textposition="bottom right" if point.coverage < 0.88 else "bottom center",
        cliponaxis=False,
        textfont={"size": 17, "color": CHOSEN},
        showlegend=False,
        hovertemplate=f"threshold {chosen.threshold:.3f}, chosen on validation<extra></extra>",
    )


def tornado(frame: pd.DataFrame, saving: float, *, height: int = 260) -> go.Figure:
    """How a saving moves when each assumption is halved or doubled: columns ``assumption``, ``halved``, ``doubled``
    (savings), largest swing first; ``saving`` is that of the assumptions as they are."""
    figure = go.Figure()
    for column, name, colour, pattern in (("halved", "halved", LOSS, "/"), ("doubled", "doubled", GAIN, "")):
        figure.add_bar(
            y=frame["assumption"],
            x=frame[column] - saving,
            base=saving,
            orientation="h",
            name=name,
            marker={"color": colour, "pattern": {"shape": pattern}},
            customdata=frame[column],
            hovertemplate="%{y} " + name + ": saving %{customdata:,.1f}<extra></extra>",
        )
    figure.add_vline(saving, line={"color": "#8a8a8a", "width": 1})
    figure.add_vline(0, line={"color": "#8a8a8a", "width": 1, "dash": "dot"})
    figure.update_yaxes(autorange="reversed", fixedrange=True)
    figure.update_xaxes(title="Saving per 1,000 garments", fixedrange=True)
    figure.update_layout(
        height=height, barmode="overlay", margin={"l": 10, "r": 10, "t": 10, "b": 10},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    )  # fmt: skip
    return figure


def pareto(frame: pd.DataFrame, x_title: str, *, height: int = 360) -> go.Figure:
    """Test error over what a run costs in computing: columns ``title``, ``x``, ``error`` (percent), ``low`` and
    ``high`` of its interval, and ``front``, whether no other run is as good in both. Those are joined diamonds."""
    figure = go.Figure()
    front = frame[frame["front"]].sort_values("x")
    middle = math.sqrt(frame["x"].min() * frame["x"].max())  # of a logarithmic axis
    figure.add_scatter(
        x=front["x"], y=front["error"], mode="lines", line={"color": GAIN, "width": 1.5, "shape": "hv"},
        hoverinfo="skip", showlegend=False,
    )  # fmt: skip
    for on_front, name, symbol, colour in (
        (True, "none is better in both", "diamond", GAIN),
        (False, "another is better", "circle-open", "#6b6f76"),
    ):
        rows = frame[frame["front"] == on_front]
        titles = [html.escape(title) for title in rows["title"]]
        figure.add_scatter(
            x=rows["x"],
            y=rows["error"],
            error_y={"type": "data", "symmetric": False, "array": rows["high"] - rows["error"],
                     "arrayminus": rows["error"] - rows["low"], "thickness": 1},
            mode="markers+text",
            name=name,
            text=titles,
            textposition=["top left" if x > middle else "top right" for x in rows["x"]],
            marker={"size": 12, "symbol": symbol, "color": colour, "line": {"width": 2}},
            hovertemplate="%{text}: %{x:.4g}, %{y:.2f}% wrong<extra></extra>",
        )  # fmt: skip
    figure.update_layout(
        height=height, margin={"l": 10, "r": 10, "t": 10, "b": 10},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    )  # fmt: skip
    figure.update_xaxes(title=x_title, type="log", fixedrange=True, dtick=1)
    figure.update_yaxes(
        title="Wrong on test, %", type="log", fixedrange=True, tickvals=TICKS, ticktext=[f"{t:g}" for t in TICKS]
    )
    return figure
