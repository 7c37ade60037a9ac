"""Editable charts on a slide: their values lie in a sheet inside the file."""

import itertools
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_AXIS_CROSSES, XL_CHART_TYPE, XL_LABEL_POSITION, XL_LEGEND_POSITION
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls
from pptx.util import Pt

from fashion_core.recognition.results_table import escape_spreadsheet_formula
from fashion_core.report.chart_layout import SERIES_COLOURS, line_chart_y_limits
from fashion_core.report.content import BarChart, ChartSeries, LineChart
from fashion_core.report.powerpoint.slide import SlideArea, fill_text_frame, set_alt_text

MAX_LABELS = 20  # of a category axis
LINK_PATTERN = re.compile(r"(https?|ftps?|mailto|internal|external|file):", re.IGNORECASE)


def add_line_chart(shapes: Any, block: LineChart, area: SlideArea) -> None:
    """An editable line chart; a line has a gap where it has no value."""
    chart = _add_chart(shapes, XL_CHART_TYPE.LINE, block.format_x_values, block, area)
    _format_value_axis(chart.value_axis, block.y_label, *line_chart_y_limits(block))
    if block.is_logarithmic:
        _make_logarithmic(chart.value_axis)
    chart.category_axis.has_title = True
    _thin_out_labels(chart.category_axis, len(block.x))
    fill_text_frame(chart.category_axis.axis_title.text_frame, [block.x_label], 12)
    for plotted, colour in zip(chart.plots[0].series, itertools.cycle(SERIES_COLOURS)):
        plotted.smooth = False
        plotted.format.line.color.rgb, plotted.format.line.width = RGBColor.from_string(colour[1:]), Pt(2)


def _make_logarithmic(axis: Any) -> None:
    """A logarithmic value axis, crossed at its lower end; python-pptx has no method for the scale."""
    axis._element.xpath("c:scaling")[0].insert(0, parse_xml(f'<c:logBase {nsdecls("c")} val="10"/>'))
    axis.crosses = XL_AXIS_CROSSES.MINIMUM
    axis.tick_labels.number_format = "0.0%"


def _thin_out_labels(axis: Any, n: int) -> None:
    """Every fifth label on an axis of ``n`` categories, if those are many; python-pptx has no method for it."""
    step = 5 if n > MAX_LABELS else 1
    offset = axis._element.xpath("c:lblOffset")[0]
    for name in ("tickMarkSkip", "tickLblSkip"):
        offset.addnext(parse_xml(f'<c:{name} {nsdecls("c")} val="{step}"/>'))


def add_bar_chart(shapes: Any, block: BarChart, area: SlideArea) -> None:
    """An editable bar chart: a row for each category, in it a bar with its interval for each series."""
    chart = _add_chart(shapes, XL_CHART_TYPE.BAR_CLUSTERED, block.categories, block, area)
    _format_value_axis(chart.value_axis, block.y_label, 0.0, 1.0)
    chart.category_axis.reverse_order = True  # the first category on top
    # which moves the value axis to the top; this moves it back. python-pptx has it for the other axis alone
    chart.value_axis._element.xpath("c:crosses")[0].set("val", "max")
    chart.category_axis.tick_labels.font.size = Pt(11)
    plot = chart.plots[0]
    plot.gap_width, plot.overlap = 40, 0
    for plotted, series, colour in zip(plot.series, block.series, itertools.cycle(SERIES_COLOURS)):
        plotted.format.fill.solid()
        plotted.format.fill.fore_color.rgb = RGBColor.from_string(colour[1:])
        _add_error_bars(plotted, series)
    if len(block.series) == 1:
        plot.has_data_labels = True
        labels = plot.data_labels
        labels.number_format, labels.number_format_is_linked = "0.0%", False
        labels.font.size, labels.font.color.rgb = Pt(12), RGBColor(0xFF, 0xFF, 0xFF)
        labels.position = XL_LABEL_POSITION.INSIDE_BASE  # clear of the interval at the bar's end


def _add_chart(
    shapes: Any, chart_type: Any, categories: Sequence[str], block: LineChart | BarChart, area: SlideArea
) -> Any:
    data = CategoryChartData(number_format="0.0%")
    data.categories = [_escape_cell(name) for name in categories]
    for series in block.series:
        # halves are rounded up, as in ``format_percent``; a logarithmic axis has no place for 0
        is_missing = np.isnan(series.values) | (
            isinstance(block, LineChart) and block.is_logarithmic and series.values <= 0
        )
        values = [
            None if missing else value + 1e-9
            for value, missing in zip(series.values.tolist(), is_missing.tolist(), strict=True)
        ]
        data.add_series(_escape_cell(series.name), values)
    frame = shapes.add_chart(chart_type, area.left, area.top, area.width, area.height, data)
    set_alt_text(frame, block.alt_text)
    chart = frame.chart
    chart.font.size = Pt(12)
    chart.has_title, chart.has_legend = False, len(block.series) > 1
    if chart.has_legend:
        chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.TOP, False
    return chart


def _escape_cell(text: str) -> str:
    """``text`` for the sheet inside the file: neither a formula nor a link, which XlsxWriter makes of an address."""
    return f" {text}" if LINK_PATTERN.match(text) else escape_spreadsheet_formula(text)


def _format_value_axis(axis: Any, title: str, low: float, high: float) -> None:
    axis.minimum_scale, axis.maximum_scale = low, high
    axis.has_title = True
    fill_text_frame(axis.axis_title.text_frame, [title], 12)
    axis.tick_labels.number_format, axis.tick_labels.number_format_is_linked = "0%", False
    axis.has_major_gridlines = True
    axis.major_gridlines.format.line.color.rgb = RGBColor(0xD5, 0xDB, 0xE2)


def _add_error_bars(plotted: Any, series: ChartSeries) -> None:
    """Error bars from ``low`` to ``high``; python-pptx has no method for them."""
    if series.low is None or series.high is None:
        return
    sides = []
    for side, lengths in (("plus", series.high - series.values), ("minus", series.values - series.low)):
        points = "".join(f'<c:pt idx="{i}"><c:v>{max(v, 0.0):.6f}</c:v></c:pt>' for i, v in enumerate(lengths))
        sides.append(f'<c:{side}><c:numLit><c:ptCount val="{len(lengths)}"/>{points}</c:numLit></c:{side}>')
    error_bars = parse_xml(
        f'<c:errBars {nsdecls("c")}><c:errBarType val="both"/><c:errValType val="cust"/><c:noEndCap val="0"/>'
        f"{''.join(sides)}</c:errBars>"
    )
    plotted._element.xpath("c:cat")[0].addprevious(error_bars)
