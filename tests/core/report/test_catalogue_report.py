"""The report in every format on catalogues of any number of classes and with any names."""

import dataclasses
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pptx import Presentation

from fashion_core.analysis.predictions import Predictions
from fashion_core.computed import validation
from fashion_core.computed.projection import Projection
from fashion_core.computed.store import find_result
from fashion_core.computed.validation import validation_computation
from fashion_core.config.train_config import TrainConfig
from fashion_core.data.catalogue_edits import split_again
from fashion_core.data.catalogue_labels import TEST, TRAIN, VALIDATION
from fashion_core.data.dataset import NO_FOLD
from fashion_core.errors import RunError
from fashion_core.report.build import MAX_SPRITES, build_report
from fashion_core.report.content import (
    BarChart,
    ClusterMaps,
    ConfusionMatrixFigure,
    ImageRow,
    Report,
    ReportFigure,
    ReportTable,
    section_titles,
)
from fashion_core.report.html import encode_sprite_sheet, render_html
from fashion_core.report.powerpoint import render_powerpoint
from fashion_core.report.settings import ReportSettings, default_report_settings
from fashion_core.report.slideshow import render_slideshow
from fashion_core.runs.ensemble import create_ensemble
from fashion_core.runs.store import RunStore
from tests.core.datasets import FoldedToyDataset
from tests.core.report.catalogue_reports import ODD_NAMES, ToyCatalogue, build_catalogue_report, train_run
from tests.core.report.reports import find_figures
from tests.ui.catalogues import save_run, write_catalogue


@pytest.fixture(scope="module", params=[2, 150, *(pytest.param(n, marks=pytest.mark.exhaustive) for n in (7, 10))])
def report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Report]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FASHION_HOME", str(tmp_path_factory.mktemp("home")))
        dataset = ToyCatalogue(request.param)
        train_run(dataset, "mine", TrainConfig("mlp", 1, batch_size=16))
        train_run(dataset, "clusters", TrainConfig("kmeans", 1))
        yield build_catalogue_report(dataset)


def visible_text(html: str) -> str:
    """An HTML file without its styles, scripts and pictures."""
    return re.sub(r"<style>.*?</style>|data:[a-z/]+;base64,[\w+/=]+|sha256-[\w+/=]+", "", html, flags=re.DOTALL)


def test_every_section_but_the_poster_s_is_there(report: Report) -> None:
    assert "failure" not in {section.key for section in report.sections}
    assert len(report.sections) == len(section_titles(ToyCatalogue(2)))
    assert report.omissions == ()


@pytest.mark.parametrize("render", [render_html, render_slideshow])
def test_no_format_mentions_fashion_mnist_or_the_poster(report: Report, render: Callable[[Report], str]) -> None:
    text = visible_text(render(report)).replace("Print as an A1 poster", "")
    text = re.sub(r"^const NO_IMAGES.*$|// printing on A4.*$", "", text, flags=re.MULTILINE)
    assert not re.findall(r".{40}(?:fashion|poster|83\.5%|none of the ten).{40}", text, re.IGNORECASE)
    assert "Toy catalogue" in text
    assert "<img src=x" not in text


def test_powerpoint_mentions_neither(report: Report) -> None:
    presentation = Presentation(io.BytesIO(render_powerpoint(report)))
    texts = [shape.text_frame.text for slide in presentation.slides for shape in slide.shapes if shape.has_text_frame]
    assert not re.search("fashion|poster", " ".join(texts), re.IGNORECASE)
    assert presentation.core_properties.subject == "Toy catalogue"


def test_matrices_can_be_read(report: Report) -> None:
    n_classes = len(report.classes)
    for matrix in find_figures(report, ConfusionMatrixFigure):
        assert matrix.confusion.sum() == 4 * n_classes
        assert len(matrix.confusion) == len(matrix.names) == min(n_classes, 16)
        assert all(len(name) <= 13 for name in matrix.short_names)
    (recall,) = find_figures(report, BarChart)[-1:]
    assert len(recall.categories) == min(n_classes, 15)
    assert ("hold all others together" in visible_text(render_html(report))) == (n_classes > 15)


def test_each_class_has_a_picture_in_colour_and_its_counts(report: Report) -> None:
    examples = find_figures(report, ImageRow)[0]
    assert len(examples.images) == len(report.classes)
    assert {image.shape[2] for image in examples.images} == {3}
    assert examples.images[0][..., 0].max() > examples.images[0][..., 2].min()
    table = next(table for table in find_figures(report, ReportTable) if table.title == "Pictures of each class")
    assert table.rows[0] == (ODD_NAMES[0], "11", "1", "4")


def test_too_few_pictures_are_said_to_be_so(report: Report) -> None:
    section = next(section for section in report.sections if section.key == "feasibility")
    assert section.finding.startswith("Too few pictures to assure 99.0% correct")
    assert "more in validation" in section.finding


def test_missing_predictions_on_validation_are_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    splits = (TRAIN, *[VALIDATION] * 14, *[TEST] * 6)
    catalogue = write_catalogue("shoes", 2, repeats=25, splits_of_a_class=splits)
    run = save_run(catalogue, "mine", 1.0)
    stored = find_result(validation_computation(run), catalogue.fingerprint)
    assert stored is not None
    stored.unlink()
    predict, predicted = validation.predict_validation, []

    def count(*arguments: Any) -> Predictions:
        predicted.append(predict(*arguments))
        return predicted[-1]

    monkeypatch.setattr(validation, "predict_validation", count)
    report = build_report(ReportSettings(runs=("mine",), sections=("feasibility",)), RunStore(), catalogue)
    assert "Too few pictures" not in report.sections[0].finding
    assert len(predicted) == 1


def test_a_run_without_mistakes_and_cross_validation_have_a_report_in_every_format() -> None:
    catalogue = split_again(write_catalogue("shoes", 3, repeats=2), 0)
    save_run(catalogue, "mine", 1.0)
    report = build_report(default_report_settings(RunStore(), catalogue), RunStore(), catalogue)
    titles = [figure.title for figure in find_figures(report, ReportFigure)]
    assert "Every run in cross-validation" in titles
    assert not [title for title in titles if "mistakes" in title]
    headlines = {section.key: section.headline for section in report.sections}
    assert headlines["confusion"] == "No class is confused with another"
    assert headlines["conclusion"] == "Feasible: every tested picture was sorted correctly"
    assert headlines["question"] == "100 of 100 garments are classified correctly"
    for render in (render_html, render_slideshow, render_powerpoint):
        assert render(report)
    assert "on the test split" not in visible_text(render_html(report)).lower()


def test_too_many_test_images_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = ToyCatalogue(2)
    train_run(dataset, "mine", TrainConfig("mlp", 1, batch_size=16))
    monkeypatch.setattr("fashion_core.report.build.MAX_SPRITES", 7)
    report = build_catalogue_report(dataset)
    assert report.test_images is None
    assert report.omissions == ("The test images are left out, as there are more than 7.",)
    assert ".test-image{background-image" not in render_html(report)


def test_runs_before_and_after_growing_share_a_report_with_the_data_of_each() -> None:
    store, before, after = RunStore(), ToyCatalogue(2), ToyCatalogue(2, per_class=24)
    for dataset, run_id in ((before, "before"), (after, "after")):
        train_run(dataset, run_id, TrainConfig("mlp", 1, batch_size=16))
        fingerprints = {"fingerprint": f"{dataset.per_class:016d}", "test_fingerprint": "0" * 16}
        data = dataclasses.replace(store.get(run_id).record.data, **fingerprints)  # type: ignore[union-attr]
        store.update_record(store.get(run_id).path, data=data)
    settings = ReportSettings(runs=("before", "after"), sections=("data", "provenance", "results"))
    report = build_report(settings, store, before)
    sections = {section.key: section for section in report.sections}
    assert "22 to 44 for training, 2 to 4 for validation and 8 for testing" in sections["data"].finding
    assert "data 0000000000000012, 0000000000000024: 22 to 44 for training" in sections["provenance"].finding


def test_training_curves_and_diagrams_are_those_of_networks() -> None:
    store, dataset = RunStore(), ToyCatalogue(2)
    for seed in (1, 2):
        train_run(dataset, f"mlp-{seed}", TrainConfig("mlp", 1, batch_size=16, seed=seed))
    create_ensemble(store, [store.get("mlp-1"), store.get("mlp-2")], run_id="both")
    settings = ReportSettings(runs=("both", "mlp-1"), sections=("training", "networks"))
    report = build_report(settings, store, dataset)
    training_section, networks = sorted(report.sections, key=lambda section: section.key != "training")
    assert "run mlp-1" in training_section.source
    assert networks.source == "run mlp-1"
    assert report.omissions == ()


def test_the_map_of_a_grown_cross_validated_catalogue_shows_the_tested_pictures() -> None:
    dataset = FoldedToyDataset()
    train_run(dataset, "clusters", TrainConfig("kmeans", 1))
    report = build_report(ReportSettings(runs=("clusters",), sections=("kmeans",)), RunStore(), dataset)
    (maps,) = find_figures(report, ClusterMaps)
    assert len(maps.points) == len(maps.labels) == len(maps.clusters) == 40
    everything = Projection("pca").compute(dataset, lambda fraction, message: None)["points"]
    np.testing.assert_array_equal(maps.points, everything[dataset.folds != NO_FOLD])
    assert render_html(report)


def test_two_test_pictures_have_no_map() -> None:
    catalogue = write_catalogue("shoes", 2, splits_of_a_class=(TRAIN, TRAIN, TRAIN, VALIDATION, TEST))
    train_run(catalogue, "clusters", TrainConfig("kmeans", 1, clusters=2))
    report = build_report(ReportSettings(runs=("clusters",), sections=("kmeans",)), RunStore(), catalogue)
    assert find_figures(report, ImageRow)
    assert not find_figures(report, ClusterMaps)


def test_the_most_test_images_fit_on_a_sheet() -> None:
    assert encode_sprite_sheet(np.zeros((MAX_SPRITES, 28, 28), np.uint8))


def test_a_catalogue_without_runs_has_no_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASHION_HOME", str(tmp_path))
    with pytest.raises(RunError, match="no finished run on Toy catalogue"):
        default_report_settings(RunStore(), ToyCatalogue(2))
