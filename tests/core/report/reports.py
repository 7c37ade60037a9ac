"""Reports and pictures for the tests."""

import functools
import io
from typing import TypeVar

import numpy as np
from PIL import Image

from fashion_core.data import Dataset
from fashion_core.data.sample_data import SampleDataset
from fashion_core.report.build import build_report
from fashion_core.report.content import Report, ReportFigure
from fashion_core.report.settings import ReportSettings
from fashion_core.runs.store import RunStore

AnyFigure = TypeVar("AnyFigure", bound=ReportFigure)
HTML_INJECTION = '"><img src=x onerror=alert(1)><script>'  # short enough for a run's title


def build_test_report(dataset: Dataset | None = None, **settings: object) -> Report:
    """A report on the shipped runs; without a ``dataset``, as on a machine that does not have the data."""
    return build_report(ReportSettings(**settings), RunStore(), dataset or SampleDataset())  # type: ignore[arg-type]


@functools.cache
def build_default_report() -> Report:
    """The report with default settings, without the data; built once, as it takes seconds."""
    return build_test_report()


def find_figures(report: Report, figure_type: type[AnyFigure]) -> list[AnyFigure]:
    """Every figure of one type."""
    return [block for section in report.sections for block in section.blocks if isinstance(block, figure_type)]


def noise_picture(file_format: str = "PNG", size: tuple[int, int] = (300, 120)) -> bytes:
    """A picture file of noise."""
    noise = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, file_format)
    return buffer.getvalue()
