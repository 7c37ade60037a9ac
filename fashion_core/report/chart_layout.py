"""Where the axes, ticks, curves and rows of a chart go, and how its series look."""

from dataclasses import dataclass
from itertools import cycle
from typing import NamedTuple

import numpy as np

from fashion_core.report.content import BarChart, ChartSeries, LineChart

CHART_WIDTH, LINE_CHART_HEIGHT = 720, 300
MAX_BAR_LABEL_CHARACTERS = 30  # letters of a bar's name
MAX_MARKERS_PER_LINE = 24  # about; more would cover the line
CHART_RIGHT_MARGIN_PIXELS = 18
# each has a contrast of 4.5 with white; markers and dashes also distinguish them
SERIES_COLOURS = ("#1f5b9e", "#a34a00", "#8c2f6b", "#00695c", "#5c6670", "#4a45a8", "#7a6000", "#8a3d24")
DASH_PATTERNS = ("none", "6 3", "2 3", "8 3 2 3")
MARKER_PATHS = (
    "M-3.6 0a3.6 3.6 0 1 0 7.2 0a3.6 3.6 0 1 0-7.2 0Z",  # circle
    "M-3.2-3.2h6.4v6.4h-6.4Z",  # square
    "M0-4.8L4.8 0L0 4.8L-4.8 0Z",  # diamond
    "M0-4.6L4.2 3.4H-4.2Z",  # triangle
)


class SeriesStyle(NamedTuple):
    """How a series is drawn: its colour, its dash pattern and the path of its marker around (0, 0)."""

    colour: str
    dashes: str
    marker: str


SERIES_STYLES = tuple(map(SeriesStyle, SERIES_COLOURS, cycle(DASH_PATTERNS), cycle(MARKER_PATHS)))


LOWEST_LOGARITHMIC_VALUE = 0.001  # lower ones, and 0, are drawn on the axis


@dataclass(frozen=True)
class ChartAxis:
    """A linear axis: the values ``low`` to ``high`` lie at the pixels ``start`` to ``end``."""

    low: float
    high: float
    start: float
    end: float
    min_tick_step: float
    max_ticks: int

    def __call__(self, value: float) -> float:
        """The pixel at which ``value`` lies."""
        return round(self.start + float(value - self.low) / (self.high - self.low) * (self.end - self.start), 1)

    @property
    def ticks(self) -> list[float]:
        """Round values from ``low`` to ``high``."""
        steps = (self.min_tick_step * digit * 10**power for power in range(6) for digit in (1, 2, 5))
        step = next(step for step in steps if (self.high - self.low) / step <= self.max_ticks + 1e-9)
        first = np.ceil(self.low / step - 1e-9) * step + 0.0  # + 0.0: never a negative zero
        return [float(tick) for tick in np.arange(first, self.high + 1e-9, step)]


class LogarithmicAxis(ChartAxis):
    """As ``ChartAxis``, but equal ratios are equally far apart."""

    def __call__(self, value: float) -> float:
        """The pixel at which ``value`` lies, or ``low`` where that is greater."""
        part = np.log(max(float(value), self.low) / self.low) / np.log(self.high / self.low)
        return round(float(self.start + part * (self.end - self.start)), 1)

    @property
    def ticks(self) -> list[float]:
        """1, 2 and 5 times powers of ten from ``low`` to ``high``."""
        values = (digit * 10.0**power for power in range(-6, 1) for digit in (1, 2, 5))
        return [value for value in values if self.low * (1 - 1e-9) <= value <= self.high * (1 + 1e-9)]


def line_chart_axes(chart: LineChart) -> tuple[ChartAxis, ChartAxis]:
    """The x axis and the y axis of a line chart."""
    first, last = float(chart.x.min()), float(chart.x.max())
    y_axis = LogarithmicAxis if chart.is_logarithmic else ChartAxis
    return (
        ChartAxis(first, max(last, first + 1), 56, CHART_WIDTH - CHART_RIGHT_MARGIN_PIXELS, 1, 10),
        y_axis(*line_chart_y_limits(chart), LINE_CHART_HEIGHT - 44, 28 if chart.marker_label else 12, 0.01, 6),
    )


def line_chart_y_limits(chart: LineChart) -> tuple[float, float]:
    """Ends of the y axis: multiples of 5% around every value; of a logarithmic one, a tick above the greatest."""
    values = np.concatenate([series.values for series in chart.series])
    if chart.is_logarithmic:
        greatest = max(float(np.nanmax(values)), 10 * LOWEST_LOGARITHMIC_VALUE)
        ticks = LogarithmicAxis(LOWEST_LOGARITHMIC_VALUE, 1.0, 0, 1, 0, 0).ticks
        return LOWEST_LOGARITHMIC_VALUE, next(tick for tick in ticks if tick >= greatest * (1 - 1e-9))
    low, high = float(np.floor(20 * np.nanmin(values)) / 20), float(np.ceil(20 * np.nanmax(values)) / 20)
    low = min(low, 0.95)
    return low, max(high, low + 0.05)


def series_points_in_pixels(
    series: ChartSeries, xs: np.ndarray, x: ChartAxis, y: ChartAxis
) -> list[tuple[float, float]]:
    """The points of a series over ``xs``, in pixels; values that are nan have none."""
    return [(x(at), y(value)) for at, value in zip(xs, series.values, strict=True) if not np.isnan(value)]


def bar_chart_value_axis(chart: BarChart) -> ChartAxis:
    """The value axis of a bar chart, between the names of its rows and, for a single series, its written values."""
    left = 16 + 7 * min(MAX_BAR_LABEL_CHARACTERS, max(map(len, chart.categories)))
    right = CHART_WIDTH - (160 if len(chart.series) == 1 else CHART_RIGHT_MARGIN_PIXELS)
    least = min(float((s.values if s.low is None else s.low).min()) for s in chart.series)
    low = 0.0 if least < 0.5 else float(np.floor(10 * least) / 10)
    return ChartAxis(low, 1.0, left, right, 0.01, 6)
