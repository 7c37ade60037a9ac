"""Charts draw any number of classes, whatever they are called."""

import numpy as np
import pandas as pd
import pytest

from fashion_core.charts import brightness, curves, maps
from fashion_core.charts.colours import NEUTRAL_COLOUR
from fashion_core.charts.text import escape_plotly_text
from fashion_core.data.classes import ClassList
from tests.core.datasets import CLASS_COUNTS
from tests.core.report.catalogue_reports import ToyCatalogue


@pytest.fixture(params=CLASS_COUNTS)
def classes(request: pytest.FixtureRequest) -> ClassList:
    return ToyCatalogue(request.param).classes


def test_recall_has_a_line_for_each_class_up_to_twenty(classes: ClassList) -> None:
    n = len(classes)
    recall = np.linspace(1, 0, n)
    figure = curves.recall_by_class_chart(
        pd.DataFrame({"epoch": [1, 2], "recall": [[0.5] * n, recall.tolist()]}), classes
    )
    assert len(figure.data) == min(n, curves.MAX_RECALL_LINES)
    assert {float(line.y[-1]) for line in figure.data} == {float(100 * r) for r in np.sort(recall)[:20]}
    assert all("<img" not in text for line in figure.data for text in (line.name, line.hovertemplate))


def test_maps_have_every_class_and_its_colour(classes: ClassList) -> None:
    n = len(classes)
    points, labels = np.random.default_rng(0).normal(size=(2 * n, 2)), np.tile(np.arange(n), 2)
    figure = maps.class_and_cluster_maps(points, labels, labels % 2, [0, -1], classes)
    assert tuple(trace.marker.color for trace in figure.data[:n]) == classes.colours
    assert figure.data[-1].marker.color == NEUTRAL_COLOUR
    assert figure.data[0].name == escape_plotly_text(classes[0].name)
    marked = maps.map_with_marked_point(points, labels, np.zeros(2), "<b>", classes)
    assert len(marked.data) == n + 1
    assert marked.layout.title.text == "&lt;b&gt;"


def test_histograms_are_titled_by_cluster_and_class(classes: ClassList) -> None:
    figure = brightness.brightness_histograms(
        np.arange(4.0), np.array([0, 0, 1, 1]), [0, len(classes) - 1], classes, ["#000001", "#000002"]
    )
    titles = [annotation.text for annotation in figure.layout.annotations]
    assert titles == [
        f"1 {escape_plotly_text(classes[0].short_name)}",
        f"2 {escape_plotly_text(classes[-1].short_name)}",
    ]
    assert figure.data[1].marker.color == "#000002"


@pytest.mark.parametrize("text", ["<b>", "a & b", "%{x}", 'say "x"'])
def test_plotly_finds_nothing_to_interpret_in_a_name(text: str) -> None:
    assert not set("<>") & set(escape_plotly_text(text))
    assert "%{" not in escape_plotly_text(text)
