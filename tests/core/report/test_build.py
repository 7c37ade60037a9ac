import json
import re
import shutil

import numpy as np
import pytest

from fashion_core.analysis import compare, metrics
from fashion_core.computed import store as computed
from fashion_core.computed.clustering import KMeansClustering
from fashion_core.config.train_config import TrainConfig
from fashion_core.data import FashionMNIST
from fashion_core.data.sample_data import SampleDataset
from fashion_core.errors import RunError
from fashion_core.report.content import (
    SECTION_TITLES,
    BarChart,
    ClusterMaps,
    ConfusionMatrixFigure,
    Diagram,
    ImageRow,
    LineChart,
    Paragraphs,
    Report,
    ReportFigure,
    ReportTable,
)  # fmt: skip
from fashion_core.report.inputs import WILSON_INTERVAL_NOTE
from fashion_core.report.sections import feasibility
from fashion_core.runs import summary
from fashion_core.runs.execute import new_run_record, train_and_score_run
from fashion_core.runs.store import RunStore
from fashion_core.wording.comparison import describe_comparison
from tests.core.report.reports import build_default_report, build_test_report, find_figures

SHIPPED = summary.MAIN_RUN_IDS + summary.POSTER_RUN_IDS


@pytest.fixture(scope="module")
def report() -> Report:
    return build_default_report()


def copy_shipped_run(run_id: str, like: str, **changes: object) -> None:
    """Copy a shipped run to the user's runs, with another id and changes to its record."""
    runs = RunStore()
    folder = runs.runs_folder / run_id
    shutil.copytree(runs.get(like).path, folder)
    record = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps(record | {"id": run_id} | changes))


def test_the_shipped_runs_have_every_section(report: Report) -> None:
    assert [section.key for section in report.sections] == list(SECTION_TITLES)
    assert report.omissions == ()


def test_the_table_holds_the_stored_figures_of_every_run(report: Report) -> None:
    table = next(table for table in find_figures(report, ReportTable) if "Accuracy" in table.header)
    for cells, row in zip(table.rows, summary.summarize_runs(RunStore(), SHIPPED), strict=True):
        assert cells[0] == row.method
        assert cells[1] == "{} / {}".format(*row.poster_figures)
        numbers = [float(number) for number in re.findall(r"[\d.]+", cells[4])]
        assert numbers == pytest.approx(
            [100 * rate for rate in (row.metrics.accuracy, *row.accuracy_interval)], abs=0.06
        )


def test_every_figure_has_an_alternative_text_and_a_source(report: Report) -> None:
    for section in report.sections:
        assert section.finding
        for block in section.blocks:
            if isinstance(block, ReportFigure):
                assert block.alt_text
                assert section.key == "provenance" or "run" in block.source or "data" in block.source
            if isinstance(block, BarChart | ConfusionMatrixFigure):
                for part in ("seed 0", "Fashion-MNIST test", "n = 10,000", "data d1fd84a877f3b78f"):
                    assert part in block.source
            if isinstance(block, BarChart):
                assert WILSON_INTERVAL_NOTE in block.source


def test_matrices_are_those_of_the_stored_predictions(report: Report) -> None:
    by_title = {matrix.run_title: matrix for matrix in find_figures(report, ConfusionMatrixFigure)}
    for row in summary.summarize_runs(RunStore(), SHIPPED):
        matrix = by_title[row.method]
        assert matrix.confusion.tolist() == row.metrics.confusion.tolist()
        recomputed = metrics.classification_metrics(report.test_labels, matrix.predicted_classes, 10)
        assert recomputed.confusion.tolist() == matrix.confusion.tolist()


def test_the_matrix_of_k_means_has_no_confidence(report: Report) -> None:
    without = [matrix.run_title for matrix in find_figures(report, ConfusionMatrixFigure) if matrix.confidence is None]
    assert without == [RunStore().get("kmeans").title]


def test_the_results_compare_the_two_best_runs(report: Report) -> None:
    runs = RunStore()
    a, b = (runs.load_predictions(runs.get(name)) for name in ("cnn", "improved_cnn"))
    predicted_a, predicted_b = (predictions.probabilities.argmax(axis=1) for predictions in (a, b))
    bootstrap = compare.paired_bootstrap(a.labels, predicted_a, predicted_b, n_classes=10)
    test = compare.mcnemar_test(predicted_a == a.labels, predicted_b == a.labels)
    finding = next(section.finding for section in report.sections if section.key == "results")
    assert finding == describe_comparison("CNN", "Improved CNN", bootstrap, test)


def test_maps_show_the_clusters_of_the_run(fashion_mnist: FashionMNIST, report: Report) -> None:
    with_data = build_test_report(fashion_mnist)
    shipped = computed.load_shipped_result(KMeansClustering())["clusters"][-10_000:]
    for maps in (*find_figures(with_data, ClusterMaps), *find_figures(report, ClusterMaps)):
        assert maps.clusters.tolist() == shipped.tolist()
        assert len(maps.points) == len(maps.labels) == 10_000


def test_images_are_shown_if_the_data_is_on_the_machine(fashion_mnist: FashionMNIST, report: Report) -> None:
    assert report.test_images is None
    assert "mean image" in find_figures(report, ImageRow)[0].title
    with_data = build_test_report(fashion_mnist)
    assert with_data.test_images is not None
    first = find_figures(with_data, ImageRow)[0]
    images, labels = fashion_mnist.published_test_arrays
    for c, strip in enumerate(first.images):
        assert strip[:28].tolist() == images[np.flatnonzero(labels == c)[0]].tolist()
    mistakes = next(f for f in find_figures(with_data, ImageRow) if "mistakes" in f.title)
    predictions = RunStore().load_predictions(RunStore().get("improved_cnn"))
    count = int((predictions.probabilities.argmax(axis=1)[predictions.labels == 6] == 0).sum())
    assert mistakes.captions[0].endswith(f": {count}")


def test_diagrams_are_drawn_from_the_models(report: Report) -> None:
    flow = find_figures(report, Diagram)[0]
    details = [detail for box in flow.boxes for detail in box.details]
    parameters = [int(n.replace(",", "")) for text in details for n in re.findall("([0-9,]+) parameters", text)]
    assert len(parameters) == len(flow.boxes) - 2  # the image and the ten classes have none
    classifier = RunStore().load_classifier(RunStore().get("improved_cnn"))
    assert sum(parameters) == classifier.n_parameters
    inner = find_figures(report, Diagram)[1]
    assert [(box.name, ", ".join(box.details)) for box in inner.boxes][:6] == [
        ("Input", "64 × 14 × 14"),
        ("Convolution", "1 × 1, 16 channels"),
        ("Convolution", "1 × 1, 16 channels"),
        ("Convolution", "3 × 3, 16 channels"),
        ("Convolution", "1 × 1, 16 channels"),
        ("Average pooling", "3 × 3, 16 channels"),
    ]


def test_an_automation_curve_starts_at_the_first_threshold(report: Report) -> None:
    curves = next(
        block
        for section in report.sections
        for block in section.blocks
        if section.key == "feasibility" and isinstance(block, LineChart)
    )
    kmeans = curves.series[0]
    assert np.isnan(kmeans.values[curves.x < 59]).all()  # the model is equally confident in 59.0% of the images
    assert kmeans.format_percent_with_interval(0) == "none"
    accuracy = summary.summarize_runs(RunStore(), ("kmeans",))[0].metrics.accuracy
    assert kmeans.values[-1] == pytest.approx(1 - accuracy)


@pytest.mark.parametrize(("first", "is_marked"), [(50, True), (99, False)])
def test_a_run_that_automates_less_than_the_curves_show_is_not_marked(
    first: int, is_marked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feasibility, "CURVE_COVERAGE_PERCENTAGES", np.arange(first, 101))
    report = build_test_report(runs=("improved_cnn",), sections=("feasibility",))
    (curves,) = find_figures(report, LineChart)
    assert (curves.marker_x is not None) == bool(curves.marker_label) == is_marked


def test_the_feasibility_section_says_what_to_do_next(report: Report) -> None:
    section = next(section for section in report.sections if section.key == "feasibility")
    texts = [text for block in section.blocks if isinstance(block, Paragraphs) for text in block.texts]
    first = texts.index("What to do next:") + 1
    assert texts[first].startswith("1. Merge T-shirt/top and Shirt. ")
    assert "On test it brings +" in texts[first]


def test_sections_that_cannot_be_built_are_left_out_and_named() -> None:
    report = build_test_report(runs=("kmeans",))
    assert {section.key for section in report.sections} == set(SECTION_TITLES) - {"networks", "training", "failure"}
    assert len(report.omissions) == 3
    report = build_test_report(
        runs=("mlp-poster",), sections=("kmeans", "confusion", "failure", "feasibility", "results")
    )
    assert [section.key for section in report.sections] == ["results", "failure"]
    assert len(report.omissions) == 3


def test_deleted_damaged_and_unfinished_runs_are_left_out_and_named() -> None:
    copy_shipped_run("cut", "cnn")
    (RunStore().runs_folder / "cut" / "test.npz").write_bytes(b"PK")
    copy_shipped_run("waiting", "cnn", state="cancelled")
    report = build_test_report(runs=("cnn", "gone", "cut", "waiting"), sections=("results",))
    assert [row[0] for row in find_figures(report, ReportTable)[0].rows] == ["CNN"]
    assert all(run in text for run, text in zip(("gone", "cut", "waiting"), report.omissions, strict=True))


def test_without_any_predictions_there_is_no_report() -> None:
    copy_shipped_run("waiting", "cnn", state="cancelled")
    with pytest.raises(RunError, match="cancelled"):
        build_test_report(runs=("waiting",))


def test_runs_on_different_data_are_refused() -> None:
    dataset = SampleDataset()
    entry = RunStore().create_run(new_run_record(TrainConfig("mlp", 1), dataset, run_id="mine"))
    train_and_score_run(entry, dataset)
    with pytest.raises(RunError, match="different data"):
        build_test_report(runs=("mlp", "mine"))
    report = build_test_report(runs=("mine",))
    assert report.is_sample_data
    assert report.test_images is not None
    assert all("Synthetic sample data test" in matrix.source for matrix in find_figures(report, ConfusionMatrixFigure))
    assert "Poster P / R" not in find_figures(report, ReportTable)[0].header


def test_equal_titles_get_the_run_id_and_long_ones_are_cut() -> None:
    copy_shipped_run("mine", "cnn", title="CNN")
    copy_shipped_run("odd", "cnn", title="two\nlines\u2028\ud800 ")
    copy_shipped_run("long", "cnn", title="W" * 500)
    report = build_test_report(runs=("cnn", "mine", "odd", "long"), sections=("results", "training"))
    titles = [row[0] for row in find_figures(report, ReportTable)[0].rows]
    assert titles == ["CNN (cnn)", "CNN (mine)", "two lines\ufffd\ufffd", f"{'W' * 39}…"]


def test_title_and_author_come_from_the_settings() -> None:
    report = build_test_report(sections=("question",), title="Ours", author="Me")
    assert (report.title, report.author) == ("Ours", "Me")


def test_no_text_shows_a_missing_number(report: Report) -> None:
    blocks = [block for section in report.sections for block in section.blocks]
    texts = [text for block in blocks if isinstance(block, Paragraphs) for text in block.texts]
    assert texts
    assert not any("nan" in text for text in [*texts, *(section.finding for section in report.sections)])
