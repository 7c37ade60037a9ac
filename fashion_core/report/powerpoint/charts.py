"""Charts on a slide that can be edited: their figures lie in a sheet inside the file."""

import math
import re
from typing import Any

from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LABEL_POSITION, XL_LEGEND_POSITION
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls
from pptx.util import Pt

from fashion_core.recognition.results_table import escape_formula
from fashion_core.report import svg
from fashion_core.report.content import BarChart, ChartSeries, LineChart
from fashion_core.report.powerpoint.slide import SlideArea, set_alt_text

LINK_PATTERN = re.compile(r"(https?|ftps?|mailto|internal|external|file):", re.IGNORECASE)


def add_line_chart(shapes: Any, block: LineChart, area: SlideArea) -> None:
    """Series over x as a line chart; a series has a gap where it has no value."""
    data = CategoryChartData(number_format="0.0%")
    data.categories = [f"{x:g}" for x in block.x]
    for series in block.series:
        values = [None if math.isnan(value) else value for value in series.values.tolist()]
        data.add_series(_name(series.name), values)
    chart = _chart(shapes, XL_CHART_TYPE.LINE, data, area, block.alt_text)
    _value_axis(chart.value_axis, block.y_label, *svg.y_axis_limits(block))
    chart.category_axis.has_title = True
    _write(chart.category_axis.axis_title.text_frame, block.x_label)
    for number, plotted in enumerate(chart.plots[0].series):
        plotted.smooth = False
        plotted.format.line.color.rgb, plotted.format.line.width = _ink(number), Pt(2)
    _legend(chart, len(block.series))


def add_bar_chart(shapes: Any, block: BarChart, area: SlideArea) -> None:
    """A row a category and in it a bar a series, with its interval."""
    data = CategoryChartData(number_format="0.0%")
    data.categories = [_name(name) for name in block.categories]
    for series in block.series:
        data.add_series(_name(series.name), (series.values + 1e-9).tolist())  # halves are rounded up
    chart = _chart(shapes, XL_CHART_TYPE.BAR_CLUSTERED, data, area, block.alt_text)
    _value_axis(chart.value_axis, block.y_label, 0.0, 1.0)
    chart.category_axis.reverse_order = True  # a bar chart begins at the bottom
    # so that the percents stand at the bottom all the same; python-pptx can say that of a value axis alone
    chart.value_axis._element.xpath("c:crosses")[0].set("val", "max")
    chart.category_axis.tick_labels.font.size = Pt(11)
    plot = chart.plots[0]
    plot.gap_width, plot.overlap = 40, 0
    for number, (plotted, series) in enumerate(zip(plot.series, block.series, strict=True)):
        plotted.format.fill.solid()
        plotted.format.fill.fore_color.rgb = _ink(number)
        _add_intervals(plotted, series)
    if len(block.series) == 1:
        plot.has_data_labels = True
        plot.data_labels.number_format, plot.data_labels.number_format_is_linked = "0.0%", False
        plot.data_labels.font.size, plot.data_labels.font.color.rgb = Pt(12), RGBColor(0xFF, 0xFF, 0xFF)
        plot.data_labels.position = XL_LABEL_POSITION.INSIDE_BASE  # clear of the interval at its end
    _legend(chart, len(block.series))


def _name(text: str) -> str:
    """``text`` as the sheet inside the file takes it: no formula, and no link, which XlsxWriter makes of an address."""
    return f" {text}" if LINK_PATTERN.match(text) else escape_formula(text)


def _chart(shapes: Any, kind: Any, data: Any, area: SlideArea, words: str) -> Any:
    frame = shapes.add_chart(kind, area.left, area.top, area.width, area.height, data)
    set_alt_text(frame, words)
    frame.chart.font.size = Pt(12)
    frame.chart.has_title = False
    return frame.chart


def _value_axis(axis: Any, title: str, low: float, high: float) -> None:
    axis.minimum_scale, axis.maximum_scale = low, high
    axis.has_title = True
    _write(axis.axis_title.text_frame, title)
    axis.tick_labels.number_format, axis.tick_labels.number_format_is_linked = "0%", False
    axis.has_major_gridlines = True
    axis.major_gridlines.format.line.color.rgb = RGBColor(0xD5, 0xDB, 0xE2)


def _write(frame: Any, text: str) -> None:
    frame.text = text
    frame.paragraphs[0].font.size = Pt(12)


def _legend(chart: Any, n: int) -> None:
    chart.has_legend = n > 1
    if chart.has_legend:
        chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.TOP, False


def _ink(number: int) -> RGBColor:
    return RGBColor.from_string(svg.SERIES_COLOURS[number % len(svg.SERIES_COLOURS)][1:])


def _add_intervals(plotted: Any, series: ChartSeries) -> None:
    """Error bars from ``low`` to ``high``, which python-pptx has no name for."""
    if series.low is None or series.high is None:
        return

    def points(values: list[float]) -> str:
        inside = "".join(f'<c:pt idx="{i}"><c:v>{max(value, 0.0):.6f}</c:v></c:pt>' for i, value in enumerate(values))
        return f'<c:numLit><c:ptCount val="{len(values)}"/>{inside}</c:numLit>'

    plus, minus = (series.high - series.values).tolist(), (series.values - series.low).tolist()
    bars_xml = parse_xml(
        f'<c:errBars {nsdecls("c")}><c:errBarType val="both"/><c:errValType val="cust"/><c:noEndCap val="0"/>'
        f"<c:plus>{points(plus)}</c:plus><c:minus>{points(minus)}</c:minus></c:errBars>"
    )
    plotted._element.xpath("c:cat")[0].addprevious(bars_xml)
