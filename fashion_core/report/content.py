"""What a report says, before any form is given to it: sections of findings and figures, built once and rendered as
HTML, PDF, PowerPoint or slides.

Every text is plain text; whoever renders it escapes it for the form at hand.
"""

from dataclasses import dataclass, field

import numpy as np

from fashion_core.data.classes import CLASS_NAMES, SHORT_CLASS_NAMES
from fashion_core.models.kmeans import NO_CLASS
from fashion_core.wording.numbers import format_percent, format_percent_with_interval


@dataclass(frozen=True)
class Paragraphs:
    """Paragraphs. ``source``: where their figures come from; empty when they hold none."""

    texts: tuple[str, ...]
    source: str = ""


@dataclass(frozen=True)
class ReportFigure:
    """What every table and figure has: its ``title``, the ``source`` of its numbers (run, seed, data, split, n,
    interval, fingerprint), and an ``alternative`` in words for who cannot see it. A poster and slides leave out what
    is a ``detail``."""

    title: str
    alt_text: str
    source: str
    is_detail: bool = field(default=False, kw_only=True)


@dataclass(frozen=True)
class ReportTable(ReportFigure):
    """``rows`` of texts under ``head``; the first column names the row, the others hold figures or, where ``words``
    is on, words."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    has_text_cells: bool = False


@dataclass(frozen=True)
class ImageRow(ReportFigure):
    """Garments as uint8 [h, w] grey or [h, w, 3] colour, each with a caption and an alternative text of its own."""

    images: tuple[np.ndarray, ...]
    captions: tuple[str, ...]
    alt_texts: tuple[str, ...]


@dataclass(frozen=True)
class ConfusionMatrixFigure(ReportFigure):
    """Confusion matrix int64 [10, 10], rows the true class, of the run called ``run``. ``answers`` uint8 [n] and
    ``confidence`` float32 [n] are the run's for each test picture, so that a cell can show its garments."""

    run_title: str
    confusion: np.ndarray
    predicted_classes: np.ndarray
    confidence: np.ndarray


@dataclass(frozen=True)
class ChartSeries:
    """One line or one row of marks: ``values`` float [m], shares, nan for none, with ``low`` and ``high`` where there
    are intervals."""

    name: str
    values: np.ndarray
    low: np.ndarray | None = None
    high: np.ndarray | None = None

    def format_value(self, index: int) -> str:
        """Its i-th value in percent, with its interval."""
        if np.isnan(self.values[index]):
            return "none"
        if self.low is None or self.high is None:
            return format_percent(float(self.values[index]))
        return format_percent_with_interval(float(self.values[index]), float(self.low[index]), float(self.high[index]))


@dataclass(frozen=True)
class LineChart(ReportFigure):
    """Series over ``x`` float [m]; ``marked`` is a place on the x axis to point out, called ``mark``."""

    x: np.ndarray
    series: tuple[ChartSeries, ...]
    x_label: str
    y_label: str
    marker_x: float | None = None
    marker_label: str = ""


@dataclass(frozen=True)
class BarChart(ReportFigure):
    """A figure for each of ``categories`` and each series, with its interval."""

    categories: tuple[str, ...]
    series: tuple[ChartSeries, ...]
    y_label: str


@dataclass(frozen=True)
class ClusterMaps(ReportFigure):
    """The same ``points`` float32 [n, 2] twice: by true class (``labels`` int [n]) and by cluster (``clusters``
    int [n], 0 to k - 1; cluster i is named for class ``names[i]``, -1 for none)."""

    points: np.ndarray
    labels: np.ndarray
    clusters: np.ndarray
    cluster_classes: tuple[int, ...]
    axis_labels: tuple[str, str]

    def cluster_name(self, cluster: int, *, short: bool = False) -> str:
        """What cluster ``k`` is called: its number from 1 and the class it is named for."""
        name = self.cluster_classes[cluster]
        called = "no class" if name == NO_CLASS else (SHORT_CLASS_NAMES if short else CLASS_NAMES)[name]
        return f"{cluster + 1} {called}" if short else f"{cluster + 1}: {called}"


@dataclass(frozen=True)
class DiagramBox:
    """One part of a diagram: its name, lines of detail, and its place, ``column`` and ``row`` from 0."""

    name: str
    details: tuple[str, ...]
    column: int
    row: int


@dataclass(frozen=True)
class Diagram(ReportFigure):
    """Boxes, and arrows as pairs of places in ``boxes``."""

    boxes: tuple[DiagramBox, ...]
    arrows: tuple[tuple[int, int], ...]


ReportBlock = Paragraphs | ReportTable | ImageRow | ConfusionMatrixFigure | LineChart | BarChart | ClusterMaps | Diagram


@dataclass(frozen=True)
class ReportSection:
    """``finding``: the section in a sentence, computed; ``source`` of its figures; then the blocks that show it."""

    key: str
    title: str
    finding: str
    source: str
    blocks: tuple[ReportBlock, ...]


@dataclass(frozen=True)
class Report:
    """A whole report. ``labels`` uint8 [n] of the test split; ``images`` uint8 [n, 28, 28] of it, None where they are
    not at hand. ``stand_in``: the figures are of synthetic data. ``remarks``: what was left out, and why."""

    title: str
    author: str
    date: str
    logo: bytes
    is_sample_data: bool
    test_labels: np.ndarray
    test_images: np.ndarray | None
    sections: tuple[ReportSection, ...]
    omissions: tuple[str, ...] = field(default=())
