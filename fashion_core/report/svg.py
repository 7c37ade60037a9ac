"""Charts as inline SVG: sharp on paper, drawn before any script runs."""

from collections.abc import Sequence
from html import escape

import numpy as np

from fashion_core.data.classes import CLASS_COLOURS, N_CLASSES, SHORT_CLASS_NAMES
from fashion_core.report import layout
from fashion_core.report.content import BarChart, ClusterMaps, Diagram, LineChart

CHART_WIDTH, MARGIN_LEFT, MARGIN_RIGHT, MARGIN_TOP, MARGIN_BOTTOM = 720, 56, 18, 12, 44
LINE_CHART_HEIGHT = 300
MAX_LABEL_LENGTH = 30  # letters of a row's name
# colours of series, told apart by their marks too; each has a contrast of 4.5 with white
SERIES_COLOURS = ("#1f5b9e", "#a34a00", "#6b3fa0", "#00695c", "#5c6670", "#9e1f4d", "#7a6000", "#2f4b7c")
DASH_PATTERNS = ("none", "6 3", "2 3", "8 3 2 3")
MAX_MARKERS_PER_LINE = 24  # marks on a line, about; more would cover it
MARKER_SHAPES = ("circle", "square", "diamond", "triangle")


def draw_line_chart(chart: LineChart) -> str:
    """Series over x, percent on the y axis; the script finds the values in ``data-x`` and ``data-y``."""
    low, high = y_axis_limits(chart)
    x0, x1 = float(chart.x.min()), max(float(chart.x.max()), float(chart.x.min()) + 1)

    def at(x: float, y: float) -> tuple[float, float]:
        return (
            MARGIN_LEFT + (x - x0) / (x1 - x0) * (CHART_WIDTH - MARGIN_LEFT - MARGIN_RIGHT),
            LINE_CHART_HEIGHT
            - MARGIN_BOTTOM
            - (y - low) / (high - low) * (LINE_CHART_HEIGHT - MARGIN_TOP - MARGIN_BOTTOM),
        )

    parts = []
    for tick in _ticks(low, high):
        y = at(x0, tick)[1]
        parts.append(f'<path class="grid" d="M{MARGIN_LEFT} {y:.1f}H{CHART_WIDTH - MARGIN_RIGHT}"/>')
        parts.append(_text(MARGIN_LEFT - 6, y + 4, f"{100 * tick:.0f}%", "end"))
    below = LINE_CHART_HEIGHT - MARGIN_BOTTOM + 18
    parts += [_text(at(tick, low)[0], below, f"{tick:g}", "middle") for tick in _whole_ticks(x0, x1)]
    parts.append(_text((MARGIN_LEFT + CHART_WIDTH - MARGIN_RIGHT) / 2, LINE_CHART_HEIGHT - 6, chart.x_label, "middle"))
    if chart.marker_x is not None:
        x = at(chart.marker_x, low)[0]
        parts.append(f'<path class="kept" d="M{x:.1f} {MARGIN_TOP}V{LINE_CHART_HEIGHT - MARGIN_BOTTOM}"/>')
        parts.append(_text(x - 5, MARGIN_TOP + 12, chart.marker_label, "end"))
    for number, series in enumerate(chart.series):
        ink = SERIES_COLOURS[number % len(SERIES_COLOURS)]
        spots = [at(x, y) for x, y in zip(chart.x, series.values, strict=True) if not np.isnan(y)]
        path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in spots)
        dash = f' stroke-dasharray="{DASH_PATTERNS[number % len(DASH_PATTERNS)]}"'
        parts.append(f'<path fill="none" stroke="{ink}" stroke-width="2"{dash} d="{path}"/>')
        parts += [_mark(number, x, y) for x, y in spots[:: max(1, len(chart.x) // MAX_MARKERS_PER_LINE)]]
    box = f'data-box="{MARGIN_LEFT} {CHART_WIDTH - MARGIN_RIGHT} {MARGIN_TOP} {LINE_CHART_HEIGHT - MARGIN_BOTTOM}"'
    return _svg("lines", CHART_WIDTH, LINE_CHART_HEIGHT, parts, chart.alt_text, box)


def draw_bar_chart(chart: BarChart) -> str:
    """A row a category, in it a mark and an interval a series; percent on the x axis."""
    n = len(chart.series)
    left = 16 + 7 * max(len(_short(name)) for name in chart.categories)
    right = 150 if n == 1 else MARGIN_RIGHT
    step = max(26, 10 * n + 6)
    top = 8
    bottom = top + step * len(chart.categories)
    least = min(float((s.values if s.low is None else s.low).min()) for s in chart.series)
    low = 0.0 if least < 0.5 else np.floor(10 * least) / 10

    def across(value: float) -> float:
        return left + (value - low) / (1 - low) * (CHART_WIDTH - left - right)

    parts = []
    for tick in _ticks(low, 1.0):
        parts.append(f'<path class="grid" d="M{across(tick):.1f} {top}V{bottom}"/>')
        parts.append(_text(across(tick), bottom + 18, f"{100 * tick:.0f}%", "middle"))
    parts.append(_text((left + CHART_WIDTH - right) / 2, bottom + 38, chart.y_label, "middle"))
    for i, name in enumerate(chart.categories):
        if i:
            parts.append(f'<path class="grid" d="M{left} {top + step * i}H{CHART_WIDTH - right}"/>')
        parts.append(_text(left - 10, top + step * (i + 0.5) + 4, _short(name), "end"))
        for number, series in enumerate(chart.series):
            y = top + step * i + step * (number + 1) / (n + 1)
            value = float(series.values[i])
            whisker = ""
            if series.low is not None and series.high is not None:
                ends = float(series.low[i]), float(series.high[i])
                d = f"M{across(ends[0]):.1f} {y:.1f}H{across(ends[1]):.1f}"
                whisker = f'<path stroke="{SERIES_COLOURS[number % len(SERIES_COLOURS)]}" stroke-width="2" d="{d}"/>'
            words = f"{name}, {series.name}: {series.format_value(i)}"
            parts.append(f"<g>{whisker}{_mark(number, across(value), y, words)}</g>")
            if n == 1:
                parts.append(_text(CHART_WIDTH - right + 8, y + 4, series.format_value(i), "start"))
    return _svg("bars", CHART_WIDTH, bottom + 46, parts, chart.alt_text)


def draw_cluster_maps(chart: ClusterMaps, number: int) -> str:
    """Two panels of the same points, ``number`` counting the charts: by class and by cluster, a path a colour.

    A point is a stroke of length 0 with a round or square end, so ten thousand of them are ten elements; the script
    finds them again by their order.
    """
    places, (width, height) = layout.scale_points_to_map(chart.points)
    k = len(chart.cluster_classes)
    by_class = _panel(places, chart.labels, CLASS_COLOURS, list(SHORT_CLASS_NAMES), ["round"] * N_CLASSES)
    colours = layout.choose_cluster_colours(chart.cluster_classes)
    ends = ["square" if chart.cluster_classes.index(chart.cluster_classes[i]) < i else "round" for i in range(k)]
    by_cluster = _panel(places, chart.clusters, colours, [chart.cluster_name(i, short=True) for i in range(k)], ends)
    panels = []
    for side, (title, parts) in enumerate((("By true class", by_class), ("By k-means cluster", by_cluster))):
        attributes = f'data-side="{side}"'
        drawn = _svg("map", width, height, parts, f"{chart.title}: {title.lower()}", attributes)
        panels.append(f"<div><p>{title}</p>{drawn}</div>")
    return f'<div class="maps" data-map="{number}">{"".join(panels)}</div>'


def _panel(
    places: np.ndarray, groups: np.ndarray, colours: Sequence[str], names: Sequence[str], ends: Sequence[str]
) -> list[str]:
    parts = []
    for g, colour in enumerate(colours):
        d = "".join(f"M{x} {y}h0" for x, y in places[groups == g].tolist())
        parts.append(f'<path class="p" data-group="{g}" stroke="{colour}" stroke-linecap="{ends[g]}" d="{d}"/>')
    for g, (x, y) in layout.place_group_labels(places, groups, len(colours)):
        parts.append(f'<text class="of" data-group="{g}" x="{x:.0f}" y="{y:.0f}">{escape(names[g])}</text>')
    return parts


def draw_diagram(chart: Diagram) -> str:
    """Boxes and arrows."""
    width, height, top = layout.diagram_bounds(chart)
    parts = []
    for line in layout.arrow_paths(chart):
        d = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in line)
        parts.append(f'<path class="arrow" d="{d}"/>{_head(*line[-2:])}')
    for box in chart.boxes:
        x, y = layout.box_corner(box)
        parts.append(f'<rect x="{x}" y="{y}" width="{layout.BOX_WIDTH}" height="{layout.BOX_HEIGHT}" rx="4"/>')
        first = y + layout.BOX_HEIGHT / 2 - 8 * len(box.details) + 4
        middle = x + layout.BOX_WIDTH / 2
        parts.append(f'<text class="name" x="{middle}" y="{first:.1f}">{escape(box.name)}</text>')
        for i, detail in enumerate(box.details):
            parts.append(f'<text x="{middle}" y="{first + 16 * (i + 1):.1f}">{escape(detail)}</text>')
    return _svg("diagram", width, height, parts, chart.alt_text, top=top)


def _head(before: layout.Position, end: layout.Position) -> str:
    """The head of an arrow that arrives at ``end``."""
    direction = np.array(end) - np.array(before)
    direction = direction / max(float(np.hypot(*direction)), 1e-9)
    across = np.array([-direction[1], direction[0]])
    base = np.array(end) - 7 * direction
    corners = [np.array(end), base + 4 * across, base - 4 * across]
    return '<path class="head" d="M' + "L".join(f"{x:.1f} {y:.1f}" for x, y in corners) + 'Z"/>'


def _mark(number: int, x: float, y: float, words: str = "") -> str:
    """The mark of the series called ``number``, with ``words`` for a pointer that rests on it."""
    title = f"<title>{escape(words)}</title>" if words else ""
    ink = SERIES_COLOURS[number % len(SERIES_COLOURS)]
    shape = MARKER_SHAPES[number % len(MARKER_SHAPES)]
    if shape == "circle":
        return f'<circle fill="{ink}" cx="{x:.1f}" cy="{y:.1f}" r="3.6">{title}</circle>'
    corners = {
        "square": [(-3.2, -3.2), (3.2, -3.2), (3.2, 3.2), (-3.2, 3.2)],
        "diamond": [(0, -4.8), (4.8, 0), (0, 4.8), (-4.8, 0)],
        "triangle": [(0, -4.6), (4.2, 3.4), (-4.2, 3.4)],
    }[shape]
    d = "M" + "L".join(f"{x + dx:.1f} {y + dy:.1f}" for dx, dy in corners) + "Z"
    return f'<path fill="{ink}" d="{d}">{title}</path>'


def draw_legend(names: Sequence[str]) -> str:
    """The series' marks and names as a list."""
    items = [
        f'<li><svg viewBox="-6 -6 12 12" width="12" height="12" aria-hidden="true">{_mark(number, 0, 0)}</svg> '
        f"{escape(name)}</li>"
        for number, name in enumerate(names)
    ]
    return f'<ul class="legend">{"".join(items)}</ul>' if len(items) > 1 else ""


def _text(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def _svg(
    kind: str, width: float, height: float, parts: Sequence[str], words: str, more: str = "", *, top: float = 0
) -> str:
    """A picture with an alternative in ``words``, ``width`` by ``height`` below ``top``."""
    box = f"-1 {top - 1:g} {width + 2:g} {height - top + 2:g}"  # room for a line on the edge
    return f'<svg class="{kind}" viewBox="{box}" role="img" aria-label="{escape(words)}" {more}>{"".join(parts)}</svg>'


def _short(name: str) -> str:
    """``name`` cut to what fits beside a row."""
    return name if len(name) <= MAX_LABEL_LENGTH else f"{name[: MAX_LABEL_LENGTH - 1]}…"


def y_axis_limits(chart: LineChart) -> tuple[float, float]:
    """Ends of the y axis: whole twentieths around every value."""
    values = np.concatenate([series.values for series in chart.series])
    low, high = np.floor(20 * float(np.nanmin(values))) / 20, np.ceil(20 * float(np.nanmax(values))) / 20
    return float(low), float(high if high > low else low + 0.05)


def _ticks(low: float, high: float) -> list[float]:
    """Four to seven round shares from ``low`` to ``high``."""
    step = next((s for s in (0.01, 0.02, 0.05, 0.1, 0.2) if (high - low) / s <= 6.01), 0.2)
    first = np.ceil(low / step - 1e-9) * step + 0.0  # no negative zero
    return [float(tick) for tick in np.arange(first, high + 1e-9, step)]


def _whole_ticks(low: float, high: float) -> list[float]:
    step = next((s for s in (1, 2, 5, 10, 20, 50, 100) if (high - low) / s <= 10), 200)
    return [float(tick) for tick in np.arange(np.ceil(low / step) * step, high + 1e-9, step)]
