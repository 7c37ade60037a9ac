"""How much can be automated, at what cost, and at what price in computing."""

import math
from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from fashion_core.analysis.feasibility import AutomationAssessment, OperatingPoint, RiskCoverageCurve
from fashion_core.charts.text import format_run_name
from fashion_core.wording.numbers import format_percent

# dashes tell the runs apart too; not the classes' colours, which mean garments. Hues in the order of a report's
RUN_COLOURS = ("#2a6fbb", "#d1740a", "#a3437d", "#3d8b52", "#6b6f76", "#4c4fb0", "#7a6a00", "#9c4a2f")
RUN_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
MIN_DRAWN_ERROR_PERCENT = 0.05  # smaller errors are drawn here, because a logarithmic axis has no 0
ERROR_AXIS_TICKS_PERCENT = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50)
OPERATING_POINT_COLOUR = "#d6006c"
GAIN_COLOUR, LOSS_COLOUR, NEUTRAL_COLOUR = "#2a6fbb", "#d1740a", "#6b6f76"
REFERENCE_LINE_STYLE = {"color": "#8a8a8a", "width": 1}


def risk_coverage_chart(
    curves: Mapping[str, RiskCoverageCurve],
    assessment: AutomationAssessment,
    *,
    human_accuracy: float | None = None,
    cheapest: OperatingPoint | None = None,
    is_cheapest_chosen: bool = False,
    height: int = 330,
) -> go.Figure:
    """Error rate among the automated garments over the automation rate, both in percent of test, a line a run by title.

    The operating point of ``assessment`` is marked, and so is the ``cheapest``; the chosen one has its automation rate
    beside it. Lines are the target and the error rate of people.
    """
    figure = go.Figure()
    for number, (title, curve) in enumerate(curves.items()):
        drawn, name = curve.downsample(), format_run_name(title)
        figure.add_scatter(
            x=100 * drawn.coverage,
            y=(100 * drawn.selective_error_rate).clip(MIN_DRAWN_ERROR_PERCENT),
            customdata=drawn.threshold,
            name=name,
            mode="lines",
            line={
                "color": RUN_COLOURS[number % len(RUN_COLOURS)],
                "dash": RUN_DASHES[number % len(RUN_DASHES)],
                "width": 3.5 if title == assessment.title else 1.8,
            },
            hovertemplate="%{x:.1f}% automated, %{y:.2f}% of them wrong<br>threshold %{customdata:.3f}"
            f"<extra>{name}</extra>",
        )
    _add_level_line(figure, 1 - assessment.target, "target: at most {:.3g}% wrong", "dot", OPERATING_POINT_COLOUR)
    if human_accuracy is not None and human_accuracy < 1:
        _add_level_line(figure, 1 - human_accuracy, "people: {:.3g}% wrong", "dash")
    if cheapest is not None and cheapest.n_automated:
        _add_operating_point(figure, cheapest, "Lowest cost", is_chosen=is_cheapest_chosen)
    if assessment.test is not None and assessment.test.n_automated:
        _add_operating_point(figure, assessment.test, "Target", is_chosen=not is_cheapest_chosen)
    _set_layout(figure, height + 12 * max(0, len(curves) - 1))  # for a longer legend
    figure.update_xaxes(title="Automation rate, %", range=[0, 101], fixedrange=True)
    figure.update_yaxes(
        title="Wrong among them, %", type="log", range=[math.log10(MIN_DRAWN_ERROR_PERCENT), math.log10(65)],
        fixedrange=True, tickvals=ERROR_AXIS_TICKS_PERCENT, ticktext=[f"{tick:g}" for tick in ERROR_AXIS_TICKS_PERCENT],
    )  # fmt: skip
    return figure


def _set_layout(figure: go.Figure, height: int) -> None:
    figure.update_layout(
        height=height, margin={"l": 10, "r": 10, "t": 10, "b": 10},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    )  # fmt: skip


def _add_level_line(figure: go.Figure, rate: float, label: str, dash: str, colour: str = "#8a8a8a") -> None:
    """A horizontal line at an error ``rate``; its label is in the legend, where no curve runs through it."""
    percent = 100 * rate
    figure.add_scatter(
        x=[0, 101], y=[max(percent, MIN_DRAWN_ERROR_PERCENT)] * 2, mode="lines", name=label.format(percent),
        line=REFERENCE_LINE_STYLE | {"dash": dash, "color": colour}, hoverinfo="skip",
    )  # fmt: skip


def _add_operating_point(figure: go.Figure, point: OperatingPoint, name: str, *, is_chosen: bool) -> None:
    """An operating point on test, the chosen one with both intervals as whiskers and its automation rate."""
    x, y = 100 * point.coverage, max(100 * (1 - point.selective_accuracy), MIN_DRAWN_ERROR_PERCENT)
    left, right = (100 * rate for rate in point.coverage_interval)
    top, bottom = (max(100 * (1 - rate), MIN_DRAWN_ERROR_PERCENT) for rate in point.selective_accuracy_interval)
    colour = OPERATING_POINT_COLOUR if is_chosen else NEUTRAL_COLOUR
    whiskers = {
        "error_x": {"type": "data", "symmetric": False, "array": [right - x], "arrayminus": [x - left], "width": 0},
        "error_y": {"type": "data", "symmetric": False, "array": [top - y], "arrayminus": [y - bottom], "width": 0},
    }
    figure.add_scatter(
        x=[x],
        y=[y],
        **(whiskers if is_chosen else {}),
        name=name,
        mode="markers+text" if is_chosen else "markers",
        marker={"size": 15 if is_chosen else 10, "symbol": "circle-open" if is_chosen else "diamond-open",
                "color": colour, "line": {"width": 3 if is_chosen else 2}},
        text=[f"<b>{format_percent(point.coverage)}</b>"],
        textposition="bottom right" if point.coverage < 0.88 else "bottom center",
        cliponaxis=False,
        textfont={"size": 17, "color": colour},
        showlegend=not is_chosen,
        hovertemplate=f"{name}: %{{x:.1f}}% automated, %{{y:.2f}}% of them wrong<extra></extra>",
    )  # fmt: skip


def tornado_chart(frame: pd.DataFrame, saving: float) -> go.Figure:
    """How a saving changes when each assumption is halved or doubled, largest change first.

    Columns ``assumption``, ``halved``, ``doubled`` (savings); ``saving`` is that of the assumptions as they are.
    """
    figure = go.Figure()
    for column, colour, pattern in (("halved", LOSS_COLOUR, "/"), ("doubled", GAIN_COLOUR, "")):
        figure.add_bar(
            y=frame["assumption"],
            x=frame[column] - saving,
            base=saving,
            orientation="h",
            name=column,
            marker={"color": colour, "pattern": {"shape": pattern}},
            customdata=frame[column],
            hovertemplate=f"%{{y}} {column}: saving %{{customdata:,.1f}}<extra></extra>",
        )
    figure.add_vline(saving, line=REFERENCE_LINE_STYLE)
    figure.add_vline(0, line=REFERENCE_LINE_STYLE | {"dash": "dot"})
    figure.update_yaxes(autorange="reversed", fixedrange=True)
    figure.update_xaxes(title="Saving per 1,000 garments", fixedrange=True)
    _set_layout(figure, 260)
    return figure.update_layout(barmode="overlay")


def pareto_chart(frame: pd.DataFrame, x_title: str) -> go.Figure:
    """Test error over what a run costs in computing.

    Columns ``title``, ``x``, ``error`` (percent), ``low`` and ``high`` of its interval, and ``front``: whether no other
    run is as good in both. Those are diamonds joined by a line.
    """
    figure = go.Figure()
    front = frame[frame["front"]].sort_values("x")
    middle = math.sqrt(frame["x"].min() * frame["x"].max())  # of a logarithmic axis
    figure.add_scatter(
        x=front["x"], y=front["error"], mode="lines", line={"color": GAIN_COLOUR, "width": 1.5, "shape": "hv"},
        hoverinfo="skip", showlegend=False,
    )  # fmt: skip
    for on_front, name, symbol, colour in (
        (True, "no run is better in both", "diamond", GAIN_COLOUR),
        (False, "another run is better", "circle-open", NEUTRAL_COLOUR),
    ):
        rows = frame[frame["front"] == on_front]
        figure.add_scatter(
            x=rows["x"],
            y=rows["error"],
            error_y={"type": "data", "symmetric": False, "array": rows["high"] - rows["error"],
                     "arrayminus": rows["error"] - rows["low"], "thickness": 1},
            mode="markers+text",
            name=name,
            text=rows["title"].map(format_run_name),
            textposition=["top left" if x > middle else "top right" for x in rows["x"]],
            marker={"size": 12, "symbol": symbol, "color": colour, "line": {"width": 2}},
            hovertemplate="%{text}: %{x:.4g}, %{y:.2f}% wrong<extra></extra>",
        )  # fmt: skip
    _set_layout(figure, 360)
    figure.update_xaxes(title=x_title, type="log", fixedrange=True, dtick=1)
    figure.update_yaxes(
        title="Wrong on test, %", type="log", fixedrange=True, tickvals=ERROR_AXIS_TICKS_PERCENT,
        ticktext=[f"{tick:g}" for tick in ERROR_AXIS_TICKS_PERCENT],
    )  # fmt: skip
    return figure
