"""Reports for the tests, and pictures that are none."""

import io
from typing import Any

import numpy as np
from PIL import Image

from fashion_core.data import Dataset
from fashion_core.data.sample_data import SampleDataset
from fashion_core.report.build import build_report
from fashion_core.report.content import Report
from fashion_core.report.settings import ReportSettings
from fashion_core.runs.store import RunStore

HTML_INJECTION = '"><img src=x onerror=alert(1)><script>'  # short enough for a run's title


def build_test_report(dataset: Dataset | None = None, **settings: object) -> Report:
    """A report on the shipped runs; without a ``dataset`` on a machine that has none."""
    return build_report(ReportSettings(**settings), RunStore(), dataset or SampleDataset())  # type: ignore[arg-type]


def find_figures(report: Report, kind: type) -> list[Any]:
    """Every figure of one kind."""
    return [block for section in report.sections for block in section.blocks if isinstance(block, kind)]


def noise_picture(form: str = "PNG", size: tuple[int, int] = (300, 120)) -> bytes:
    """A picture file of noise."""
    noise = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), np.uint8)
    into = io.BytesIO()
    Image.fromarray(noise).save(into, form)
    return into.getvalue()
