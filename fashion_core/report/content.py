"""The content of a report, before it becomes HTML, PDF, PowerPoint or a slideshow: sections of texts and figures.

Every text is plain text; each format escapes it as it needs.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from fashion_core.data import Dataset
from fashion_core.data.classes import ClassList
from fashion_core.runs.record import DataInfo
from fashion_core.wording.clusters import format_cluster_class
from fashion_core.wording.numbers import format_percent, format_percent_with_interval

SECTION_TITLES: Mapping[str, str] = {
    "question": "The question",
    "data": "The data",
    "results": "How well each method works",
    "kmeans": "What k-means finds without labels",
    "networks": "How the networks are built",
    "confusion": "Which classes are confused",
    "training": "How the best run was trained",
    "failure": "What failed on the poster, and a possible reason",
    "feasibility": "How much can be automated",
    "conclusion": "Conclusion",
    "provenance": "Where the figures come from",
}
MAX_IMAGES_ON_SLIDE = 24  # smaller ones can't be seen
OTHER_CLASSES = "Other classes"


def section_titles(data: DataInfo | Dataset) -> dict[str, str]:
    """The sections, by key, that a report on ``data`` can have: about the poster only where it has figures."""
    return {key: title for key, title in SECTION_TITLES.items() if key != "failure" or data.source != "catalogue"}


@dataclass(frozen=True)
class Paragraphs:
    """Running text. ``source``: where its figures come from; empty when it has none. Posters leave out an
    ``is_detail``."""

    texts: tuple[str, ...]
    source: str = ""
    is_detail: bool = False


@dataclass(frozen=True)
class ReportFigure:
    """What tables and figures share: ``source`` is the provenance of the values (run, seed, data, split, n, interval,
    fingerprint), ``alt_text`` describes the figure in words. Posters and slideshows leave out an ``is_detail``.
    ``number`` is the figure's in a report, such as "5a", or empty."""

    title: str
    alt_text: str
    source: str
    is_detail: bool = field(default=False, kw_only=True)
    number: str = field(default="", kw_only=True)

    @property
    def caption(self) -> str:
        """The title after the number."""
        return f"Figure {self.number}. {self.title}" if self.number else self.title


@dataclass(frozen=True)
class ReportTable(ReportFigure):
    """Texts in ``rows`` under ``header``. The first column names the row; the others are aligned as numbers unless
    ``has_text_cells``."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    has_text_cells: bool = False


@dataclass(frozen=True)
class ImageRow(ReportFigure):
    """Images, uint8 [h, w] grey or [h, w, 3] colour, each with a caption and an alternative text. ``zoom``: how often
    they are enlarged on a page."""

    images: tuple[np.ndarray, ...]
    captions: tuple[str, ...]
    alt_texts: tuple[str, ...]
    zoom: int = 2

    def first_images(self, n: int) -> "ImageRow":
        """The same row, or its first ``n`` images where it has more."""
        if len(self.images) <= n:
            return self
        return dataclasses.replace(
            self,
            title=f"{self.title} (the first {n} of {len(self.images)})",
            images=self.images[:n],
            captions=self.captions[:n],
            alt_texts=self.alt_texts[:n],
        )


@dataclass(frozen=True)
class ConfusionMatrixFigure(ReportFigure):
    """Confusion matrix int64 [k, k] of the classes ``shown``, rows the true class; where these aren't all of
    ``classes``, the last row and column hold the others. ``predicted_classes`` uint8 [n] and ``confidence`` float32 [n]
    are the run's for each test image, so that a cell can show its images; ``confidence`` is None for k-means, whose
    probabilities do not say how sure it is. ``accuracy``: 0 to 1, on all classes."""

    run_title: str
    confusion: np.ndarray
    predicted_classes: np.ndarray
    confidence: np.ndarray | None
    accuracy: float
    classes: ClassList
    shown: tuple[int, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The name of each row."""
        return (*(self.classes[c].name for c in self.shown), *self._others)

    @property
    def short_names(self) -> tuple[str, ...]:
        """A short name of each row."""
        return (*(self.classes[c].short_name for c in self.shown), *self._others)

    @property
    def _others(self) -> tuple[str, ...]:
        return (OTHER_CLASSES,) if len(self.shown) < len(self.classes) else ()


@dataclass(frozen=True)
class ChartSeries:
    """One line or one row of bars: ``values`` float [m], fractions, nan for none; ``low`` and ``high`` bound their
    intervals."""

    name: str
    values: np.ndarray
    low: np.ndarray | None = None
    high: np.ndarray | None = None

    def format_percent_with_interval(self, index: int) -> str:
        """The value at ``index`` in percent, with its interval."""
        if np.isnan(self.values[index]):
            return "none"
        if self.low is None or self.high is None or self.low[index] == self.high[index]:
            return format_percent(self.values[index])
        return format_percent_with_interval(self.values[index], self.low[index], self.high[index])


@dataclass(frozen=True)
class LineChart(ReportFigure):
    """Series over ``x`` float [m], with a vertical line called ``marker_label`` at ``marker_x``.

    ``is_logarithmic``: the y axis.
    """

    x: np.ndarray
    series: tuple[ChartSeries, ...]
    x_label: str
    y_label: str
    marker_x: float | None = None
    marker_label: str = ""
    is_logarithmic: bool = field(default=False, kw_only=True)

    @property
    def format_x_values(self) -> list[str]:
        """The values of ``x`` as they are shown."""
        return [f"{value:g}" for value in self.x]


@dataclass(frozen=True)
class BarChart(ReportFigure):
    """A value for each category and series, with its interval."""

    categories: tuple[str, ...]
    series: tuple[ChartSeries, ...]
    y_label: str


@dataclass(frozen=True)
class ClusterMaps(ReportFigure):
    """Two maps of ``points`` float32 [n, 2]: by true class (``labels`` int [n]) and by cluster (``clusters`` int [n]).
    Cluster k stands for class ``cluster_classes[k]``, -1 for none."""

    points: np.ndarray
    labels: np.ndarray
    clusters: np.ndarray
    cluster_classes: tuple[int, ...]
    classes: ClassList

    def numbered_cluster_names(self, *, short: bool = False) -> tuple[str, ...]:
        """The number of each cluster, from 1, and the class it stands for."""
        separator = " " if short else ": "
        names = (format_cluster_class(label, self.classes, short=short) for label in self.cluster_classes)
        return tuple(f"{number}{separator}{name}" for number, name in enumerate(names, 1))


@dataclass(frozen=True)
class DiagramBox:
    """One part of a diagram: its name, lines of details, and its position in the grid, from 0."""

    name: str
    details: tuple[str, ...]
    column: int
    row: int


@dataclass(frozen=True)
class Diagram(ReportFigure):
    """Boxes, and arrows as pairs of indices of ``boxes``."""

    boxes: tuple[DiagramBox, ...]
    arrows: tuple[tuple[int, int], ...]


ReportBlock = Paragraphs | ReportFigure


@dataclass(frozen=True)
class ReportSection:
    """``finding`` is the section in a sentence or two, with the ``source`` of its figures; ``blocks`` show it.

    ``key`` is one of ``SECTION_TITLES``. ``headline``: what it finds in one short line, the title of its slide.
    """

    key: str
    headline: str
    finding: str
    source: str
    blocks: tuple[ReportBlock, ...]

    @property
    def title(self) -> str:
        """The section's heading."""
        return SECTION_TITLES[self.key]

    @property
    def paragraphs(self) -> list[str]:
        """The running text of all blocks."""
        return [text for block in self.blocks if isinstance(block, Paragraphs) for text in block.texts]

    @property
    def figures(self) -> list[ReportFigure]:
        """The tables and figures."""
        return [block for block in self.blocks if isinstance(block, ReportFigure)]


@dataclass(frozen=True)
class Report:
    """A whole report on the data set ``data_title``.

    ``test_labels`` uint8 [n] number ``classes``; ``test_images`` uint8 [n, 28, 28], None if they are not on this
    machine. ``is_sample_data``: the figures are of synthetic data. ``omissions``: what was left out, and why.
    """

    title: str
    author: str
    date: str
    logo: bytes
    data_title: str
    classes: ClassList
    is_sample_data: bool
    test_labels: np.ndarray
    test_images: np.ndarray | None
    sections: tuple[ReportSection, ...]
    omissions: tuple[str, ...] = ()

    @property
    def byline(self) -> str:
        """Author and date."""
        return " · ".join(filter(None, (self.author, self.date)))
