"""A report and an assessment of imported runs with extreme values: a report or a sentence, never a traceback."""

import dataclasses
from contextlib import nullcontext
from pathlib import Path

import pytest

from fashion_core.analysis.feasibility import assess_automation
from fashion_core.config.train_config import TrainConfig
from fashion_core.errors import RunError
from fashion_core.report.build import build_report
from fashion_core.report.content import SECTION_TITLES
from fashion_core.report.html import render_html
from fashion_core.report.settings import ReportSettings
from fashion_core.runs.archive import export_zip, import_zip
from fashion_core.runs.execute import new_run_record, train_and_score_run
from fashion_core.runs.store import RunStore, predictions_files
from fashion_core.storage.files import write_atomically
from tests.core.datasets import ToyDataset


@pytest.mark.parametrize("n_test", [0, 1, 2])
def test_a_run_on_hardly_any_test_pictures(n_test: int, tmp_path: Path) -> None:
    dataset, trained, store = ToyDataset(), RunStore(tmp_path / "trained"), RunStore(tmp_path / "runs")
    entry = trained.create_run(new_run_record(TrainConfig("kmeans", 1), dataset, run_id="tiny"))
    train_and_score_run(entry, dataset)
    entry = trained.get("tiny")
    predictions = trained.load_predictions(entry)
    rows = slice(0, n_test)
    few = dataclasses.replace(
        predictions, probabilities=predictions.probabilities[rows], labels=predictions.labels[rows]
    )
    for name, content in predictions_files(few).items():
        write_atomically(entry.path / name, content)
    data = dataclasses.replace(entry.record.data, n_test=n_test, test_fingerprint="f" * 16)
    title = "=1+1 <b>x</b> \u202e" * 9
    trained.update_record(entry.path, data=data, title=title, versions={"a" * 900: "b" * 900})
    with nullcontext() if n_test else pytest.raises(RunError, match="no test pictures"):
        imported = import_zip(store, export_zip(trained.get("tiny")))
        assess_automation(store.load_predictions(imported), store.load_predictions(imported), 0.99)
        sections = tuple(key for key in SECTION_TITLES if key not in ("data", "kmeans"))  # which show the pictures
        report = build_report(ReportSettings(runs=(imported.id,), sections=sections), store, dataset)
        assert "<b>x</b>" not in render_html(report, "a4")


def test_a_run_that_claims_the_data_of_another_is_no_part_of_a_report(tmp_path: Path) -> None:
    dataset, store = ToyDataset(), RunStore(tmp_path)
    entry = store.create_run(new_run_record(TrainConfig("kmeans", 1), dataset, run_id="forged"))
    train_and_score_run(entry, dataset)
    predictions = store.load_predictions(store.get("forged"))
    for name, content in predictions_files(dataclasses.replace(predictions, labels=predictions.labels[::-1])).items():
        write_atomically(entry.path / name, content)
    with pytest.raises(RunError, match="labels"):
        build_report(ReportSettings(runs=("forged",)), store, dataset)
