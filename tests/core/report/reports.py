"""Reports for the tests, and pictures that are none."""

import io

import numpy as np
from PIL import Image

from fashion_core.data import Dataset
from fashion_core.data.stand_in import StandIn
from fashion_core.report.build import build
from fashion_core.report.content import Document, Figure
from fashion_core.report.settings import Settings
from fashion_core.runs.store import RunStore

EVIL = '"><img src=x onerror=alert(1)><script>'  # short enough for a run's title


def document(dataset: Dataset | None = None, **settings: object) -> Document:
    """A report on the shipped runs; without a ``dataset`` on a machine that has none."""
    return build(Settings(**settings), RunStore(), dataset or StandIn())  # type: ignore[arg-type]


def figures(report: Document, kind: type) -> list[Figure]:
    """Every figure of one kind."""
    return [block for section in report.sections for block in section.blocks if isinstance(block, kind)]


def picture(form: str = "PNG", size: tuple[int, int] = (300, 120)) -> bytes:
    """A picture file of noise."""
    noise = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), np.uint8)
    into = io.BytesIO()
    Image.fromarray(noise).save(into, form)
    return into.getvalue()
