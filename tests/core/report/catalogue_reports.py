"""Reports on catalogues with any number of classes, for the tests."""

import io
from typing import ClassVar

from PIL import Image

from fashion_core.config.train_config import TrainConfig
from fashion_core.data import Dataset
from fashion_core.data.classes import make_classes
from fashion_core.data.dataset import DatasetSourceName, PartName
from fashion_core.report.build import build_report
from fashion_core.report.content import Report
from fashion_core.report.settings import default_report_settings
from fashion_core.runs.execute import new_run_record, train_and_score_run
from fashion_core.runs.store import RunStore
from tests.core.datasets import ToyDataset

ODD_NAMES = (
    "<img src=x onerror=alert(1)></script>",
    "מעיל חורף ארוך",
    "中文类别名称",
    "a" * 100,
    "100 % {{ cotton }} %{x}",
    "say \"coat\" & 'jacket'",
    "=HYPERLINK(1)",
)


class ToyCatalogue(ToyDataset):
    """``ToyDataset`` as a catalogue with pictures in colour; the first classes have ``ODD_NAMES``."""

    name = "toy-catalogue"
    source: DatasetSourceName = "catalogue"  # type: ignore[assignment]
    title = "Toy catalogue"
    has_shipped_runs: ClassVar[bool] = False
    has_poster_figures: ClassVar[bool] = False
    has_pictures: ClassVar[bool] = True

    def __init__(self, n_classes: int, per_class: int = 12) -> None:
        super().__init__(per_class, n_classes)
        names = [*ODD_NAMES[:n_classes], *(f"Kind {c}" for c in range(len(ODD_NAMES), n_classes))]
        self.classes = make_classes(names)

    def read_picture(self, part: PartName, index: int) -> bytes:
        buffer = io.BytesIO()
        Image.new("RGB", (40, 60), (200, index % 256, 30)).save(buffer, "JPEG")
        return buffer.getvalue()


def train_run(dataset: Dataset, run_id: str, config: TrainConfig) -> None:
    """A finished run of the user's on ``dataset``."""
    store = RunStore()
    train_and_score_run(store.create_run(new_run_record(config, dataset, run_id=run_id)), dataset)


def build_catalogue_report(dataset: ToyCatalogue) -> Report:
    """The report with the default settings for a catalogue."""
    store = RunStore()
    return build_report(default_report_settings(store, dataset), store, dataset)
