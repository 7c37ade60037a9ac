import dataclasses
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
from fashion_core.report.build import build_report
from fashion_core.report.content import (
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
    format_percent,
)  # fmt: skip
from fashion_core.report.settings import SECTION_TITLES, ReportSettings
from fashion_core.runs import summary
from fashion_core.runs.execute import new_run_record, train_run
from fashion_core.runs.store import RunStore
from fashion_core.wording.comparison import describe_comparison
from tests.core.report.reports import build_test_report, find_figures

SHIPPED = summary.SHIPPED_RUN_IDS + summary.POSTER_RUN_IDS


@pytest.fixture(scope="module")
def report() -> Report:
    return build_test_report()


def copied(run_id: str, like: str, **changes: object) -> None:
    """A run of the user's that is a shipped one under another name."""
    runs = RunStore()
    folder = runs.runs_folder / run_id
    shutil.copytree(runs.get(like).path, folder)
    record = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps(record | {"id": run_id} | changes))


def test_it_has_every_section_and_leaves_nothing_out(report: Report) -> None:
    assert [section.key for section in report.sections] == list(SECTION_TITLES)
    assert report.omissions == ()


def test_the_table_holds_the_stored_figures_of_every_run(report: Report) -> None:
    table = next(table for table in find_figures(report, ReportTable) if "Every run" in table.title)
    assert isinstance(table, ReportTable)
    for cells, row in zip(table.rows, summary.summarize_runs(RunStore(), SHIPPED), strict=True):
        low, high = row.accuracy_interval
        assert cells[0] == row.method
        assert cells[1] == f"{row.poster_figures[0]} / {row.poster_figures[1]}"
        assert cells[4].replace("\u00a0", " ") == (
            f"{format_percent(row.metrics.accuracy)} ({100 * low:.1f} to {100 * high:.1f})"
        )


def test_every_figure_has_an_alternative_and_says_where_it_comes_from(report: Report) -> None:
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
                assert "interval: Wilson, 95%" in block.source


def test_matrices_are_those_of_the_stored_answers(report: Report) -> None:
    by_title = {matrix.run: matrix for matrix in find_figures(report, ConfusionMatrixFigure)}
    for row in summary.summarize_runs(RunStore(), SHIPPED):
        matrix = by_title[row.method]
        assert matrix.confusion.tolist() == row.metrics.confusion.tolist()
        assert (
            metrics.classification_metrics(report.test_labels, matrix.answers).confusion.tolist()
            == matrix.confusion.tolist()
        )


def test_the_finding_of_the_results_compares_the_two_best(report: Report) -> None:
    runs = RunStore()
    a, b = (runs.load_predictions(runs.get(name)) for name in ("cnn", "improved_cnn"))
    said_a, said_b = (predictions.probabilities.argmax(axis=1) for predictions in (a, b))
    found = compare.paired_bootstrap(a.labels, said_a, said_b)
    test = compare.mcnemar_test(said_a == a.labels, said_b == a.labels)
    finding = next(section.finding for section in report.sections if section.key == "results")
    assert finding == describe_comparison("CNN", "Improved CNN", found, test)


def test_the_maps_show_the_run_s_own_clusters(fashion_mnist: FashionMNIST, report: Report) -> None:
    with_data = build_test_report(fashion_mnist)
    shipped = computed.load_shipped_result(KMeansClustering())["clusters"][-10_000:]
    for found in (*find_figures(with_data, ClusterMaps), *find_figures(report, ClusterMaps)):
        assert isinstance(found, ClusterMaps)
        assert found.clusters.tolist() == shipped.tolist()
        assert len(found.points) == len(found.labels) == 10_000


def test_garments_are_shown_where_the_data_is_at_hand(fashion_mnist: FashionMNIST, report: Report) -> None:
    assert report.test_images is None
    assert "mean picture" in find_figures(report, ImageRow)[0].title
    with_data = build_test_report(fashion_mnist)
    assert with_data.test_images is not None
    first = find_figures(with_data, ImageRow)[0]
    assert isinstance(first, ImageRow)
    images, labels = fashion_mnist.published_test_arrays
    for c, strip in enumerate(first.images):
        assert strip[:28].tolist() == images[np.flatnonzero(labels == c)[0]].tolist()
    mistakes = next(f for f in find_figures(with_data, ImageRow) if "mistakes" in f.title)
    assert isinstance(mistakes, ImageRow)
    predictions = RunStore().load_predictions(RunStore().get("improved_cnn"))
    taken = int((predictions.probabilities.argmax(axis=1)[predictions.labels == 6] == 0).sum())
    assert mistakes.captions[0] == f"Shirt taken for T-shirt/top: {taken}"


def test_diagrams_are_drawn_from_the_models(report: Report) -> None:
    flow = find_figures(report, Diagram)[0]
    assert isinstance(flow, Diagram)
    details = [detail for box in flow.boxes for detail in box.details]
    parameters = [int(n.replace(",", "")) for words in details for n in re.findall("([0-9,]+) parameters", words)]
    assert len(parameters) == len(flow.boxes) - 2  # without the picture and the ten classes
    runs = RunStore()
    assert sum(parameters) == runs.load_classifier(runs.get("improved_cnn")).n_parameters
    inner = find_figures(report, Diagram)[1]
    assert isinstance(inner, Diagram)
    assert [(box.name, box.details[0]) for box in inner.boxes][:6] == [
        ("Input", "64 × 14 × 14"),
        ("Convolution 1 × 1", "16 channels"),
        ("Convolution 1 × 1", "16 channels"),
        ("Convolution 3 × 3", "16 channels"),
        ("Max pooling 3 × 3", "64 channels"),
        ("Convolution 1 × 1", "16 channels"),
    ]


def test_a_curve_of_automation_has_no_value_that_no_threshold_gives(report: Report) -> None:
    curves = next(f for f in find_figures(report, LineChart) if "left to the model" in f.title)
    assert isinstance(curves, LineChart)
    kmeans = curves.series[0]
    assert np.isnan(kmeans.values[curves.x < 59]).all()  # 59.0% of the garments are equally sure
    assert kmeans.format_value(0) == "none"
    assert kmeans.values[-1] == pytest.approx(summary.summarize_runs(RunStore(), ("kmeans",))[0].metrics.accuracy)


def test_sections_that_the_runs_do_not_bear_are_left_out_and_named() -> None:
    found = build_test_report(runs=("kmeans",))
    assert {section.key for section in found.sections} == set(SECTION_TITLES) - {"networks", "training", "failure"}
    assert any("no network is among the chosen runs" in remark for remark in found.omissions)
    found = build_test_report(
        runs=("mlp-poster",), sections=("kmeans", "confusion", "failure", "feasibility", "results")
    )
    assert [section.key for section in found.sections] == ["results", "failure"]
    assert len(found.omissions) == 3


def test_runs_that_are_gone_damaged_or_unfinished_are_left_out_and_named() -> None:
    copied("cut", "cnn")
    (RunStore().runs_folder / "cut" / "test.npz").write_bytes(b"PK")
    copied("waiting", "cnn", state="cancelled")
    found = build_test_report(runs=("cnn", "gone", "cut", "waiting"), sections=("results",))
    assert [row[0] for row in find_figures(found, ReportTable)[0].rows] == ["CNN"]  # type: ignore[attr-defined]
    assert [remark.split()[2] for remark in found.omissions] == ["gone", "cut", "waiting"]


def test_without_any_answers_there_is_no_report() -> None:
    copied("waiting", "cnn", state="cancelled")
    with pytest.raises(RunError, match=r"None of the chosen runs has answers.*it is cancelled"):
        build_test_report(runs=("waiting",))


def test_runs_on_different_data_are_refused() -> None:
    dataset = SampleDataset()
    entry = RunStore().create_run(new_run_record(TrainConfig("mlp", 1), dataset, run_id="mine"))
    train_run(entry, dataset)
    with pytest.raises(RunError, match="mlp and mine were scored on different data"):
        build_test_report(runs=("mlp", "mine"))
    found = build_test_report(runs=("mine",))
    assert found.is_sample_data
    assert found.test_images is not None
    assert all("synthetic sample data test" in matrix.source for matrix in find_figures(found, ConfusionMatrixFigure))
    assert "Poster P / R" not in find_figures(found, ReportTable)[0].head  # type: ignore[attr-defined]


def test_titles_that_are_alike_are_told_apart_and_fit_a_line() -> None:
    copied("mine", "cnn", title="CNN")
    copied("odd", "cnn", title="two\nlines\u2028\ud800 ")
    copied("long", "cnn", title="W" * 500)
    found = build_test_report(runs=("cnn", "mine", "odd", "long"), sections=("results", "training"))
    titles = [row[0] for row in find_figures(found, ReportTable)[0].rows]  # type: ignore[attr-defined]
    assert titles == ["CNN (cnn)", "CNN (mine)", "two lines", f"{'W' * 39}…"]


def test_a_report_says_what_it_is_told() -> None:
    found = build_report(dataclasses.replace(ReportSettings(), title="Ours", author="Me"), RunStore(), SampleDataset())
    assert (found.title, found.author) == ("Ours", "Me")
    texts = [
        text for section in found.sections for b in section.blocks if isinstance(b, Paragraphs) for text in b.texts
    ]
    assert not any("nan" in text for text in texts)
