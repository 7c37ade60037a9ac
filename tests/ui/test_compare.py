"""The Compare page without a browser."""

from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fashion_core.analysis import metrics
from fashion_core.computed import store
from fashion_core.computed.duplicates import NEAR_DUPLICATE_MAX_RMS_DIFFERENCE, NearestTrainImages
from fashion_core.config.train_config import TrainConfig
from fashion_core.data.classes import CLASS_NAMES
from fashion_core.data.sample_data import SampleDataset
from fashion_core.errors import ConfigError
from fashion_core.runs.execute import new_run_record, train_and_score_run
from fashion_core.runs.store import RunStore
from fashion_core.wording.comparison import NO_CONFIDENCE_TEXT
from tests.ui.test_pages import assert_sound, damaged_run, run, texts
from ui import label_review
from ui.compare import data_health, garments
from ui.compare.comparison import compare_runs
from ui.compare.view import COMPARE_SECTIONS, EXCLUSIONS, CompareView, cell_to_address
from ui.components.matrices import MatrixSelection, matrix_selection_from_browser

ALL_CLASSES = np.arange(10)


@pytest.fixture(autouse=True)
def _real_data(fashion_mnist_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASHION_MNIST_DIR", str(fashion_mnist_folder))


def page_text(test: AppTest) -> str:
    """What the page says, without the escapes of Markdown."""
    return texts(test).replace("\\", "")


def entry(run_id: str):
    return RunStore().get(run_id)


@pytest.mark.parametrize("look", COMPARE_SECTIONS)
@pytest.mark.parametrize(
    ("a", "b"), [("kmeans", "cnn-poster"), pytest.param("mlp", "mlp", marks=pytest.mark.exhaustive)]
)
def test_every_section_works_for_every_kind_of_pair(look: str, a: str, b: str) -> None:
    assert_sound(run("compare", a=a, b=b, look=look), "compare")


@pytest.mark.parametrize(("b", "n_diagrams"), [("mlp", 4), ("kmeans", 2)])
def test_only_runs_with_probabilities_have_a_reliability_diagram(b: str, n_diagrams: int) -> None:
    test = run("compare", a="cnn", b=b, look="Confidence")
    assert len(test.get("plotly_chart")) == n_diagrams
    assert [info.value for info in test.info] == ([f"B: {NO_CONFIDENCE_TEXT}"] if b == "kmeans" else [])


@pytest.mark.parametrize("leave", EXCLUSIONS)
def test_excluded_images_are_in_no_metric(leave: str) -> None:
    test = run("compare", leave=leave, look="Data health")
    assert_sound(test, "compare")
    kept = data_health.test_image_inclusion_mask(entry("cnn"), leave, None)
    found = compare_runs(entry("cnn"), entry("improved_cnn"), kept)
    assert f"accuracy {found.a.metrics.accuracy:.1%}" in page_text(test)
    assert (f"{found.n_excluded:,} images are left out" in page_text(test)) == (leave != "Nothing")
    if kept is not None:
        answers = RunStore().load_predictions(entry("cnn"))
        direct = metrics.classification_metrics(answers.labels[kept], answers.probabilities.argmax(axis=1)[kept], 10)
        assert direct.accuracy == found.a.metrics.accuracy
        assert found.n_excluded == (~kept).sum()


@pytest.mark.slow
def test_the_tables_of_every_section_can_be_downloaded() -> None:
    labels = {look: [b.label for b in run("compare", look=look).get("download_button")] for look in COMPARE_SECTIONS}
    assert "Matrices as CSV" in labels["Matrices"]
    assert {"Duplicates as CSV", "Label errors as CSV"} <= set(labels["Data health"])
    for look in ("By class", "Is it real?", "Agreement"):
        assert "Table as CSV" in labels[look]
    assert labels["Inside"].count("Table as CSV") == 2


def test_the_table_by_class_has_both_runs_and_their_difference() -> None:
    [table] = [frame.value for frame in run("compare", look="By class").dataframe]
    for figure in ("precision", "recall", "F1"):
        a, b, difference = (table[f"{which} {figure}"] for which in ("A", "B", "B − A"))
        np.testing.assert_allclose(b - a, difference, atol=1e-9)


def test_duplicates_and_label_errors_are_those_counted_directly() -> None:
    distance = store.load_shipped_result(NearestTrainImages())["distance"]
    copies = data_health.find_test_duplicates_of_train(entry("cnn"))
    assert copies is not None
    assert copies.tolist() == np.flatnonzero(distance < NEAR_DUPLICATE_MAX_RMS_DIFFERENCE).tolist()
    found = label_review.find_label_errors(entry("cnn"))
    assert found is not None
    assert set(found.run_ids) == {"mlp", "cnn", "improved_cnn", "recognition-1", "recognition-2"}
    predictions = [RunStore().load_predictions(entry(name)) for name in found.run_ids]
    mean = np.mean([p.probabilities for p in predictions], axis=0)
    first, suggested = found.errors.indices[:20], found.errors.suggested[:20]
    assert mean[first].argmax(axis=1).tolist() == suggested.tolist()
    assert (suggested != predictions[0].labels[first]).all()


def test_the_shipped_duplicates_are_the_nearest_by_brute_force(fashion_mnist) -> None:
    shipped = store.load_shipped_result(NearestTrainImages())
    train = fashion_mnist.published_train_arrays[0].reshape(60000, -1).astype(np.float32)
    for i in np.argsort(shipped["distance"])[[0, 1, 50, 5000]]:
        test = fashion_mnist.published_test_arrays[0][i].ravel().astype(np.float32)
        distances = np.sqrt(((train - test) ** 2).mean(axis=1))
        assert distances[shipped["nearest"][i]] == pytest.approx(distances.min(), abs=1e-3)
        assert shipped["distance"][i] == pytest.approx(distances.min(), abs=1e-3)


def test_a_run_with_damaged_predictions_does_not_count_for_label_errors() -> None:
    healthy = label_review.doubtful_label_indices(entry("cnn"), None)
    damaged = damaged_run("broken")
    test = run("compare", look="Data health", leave="Contested")
    assert_sound(test, "compare")
    assert ["can't be read or have other labels: broken" in w.value.replace("\\", "") for w in test.warning] == [True]
    assert f"{len(healthy):,} images are left out" in page_text(test)
    test = run("compare", a=damaged.id)
    assert ["The predictions of run broken cannot be read" in e.value.replace("\\", "") for e in test.error] == [True]
    assert "Run A" in [box.label for box in test.selectbox]  # another can be chosen


def test_the_same_run_twice_has_no_difference_to_select() -> None:
    test = run("compare", a="cnn", b="cnn", pick="D.1.1")
    assert_sound(test, "compare")
    assert "A and B are the same run" in test.info[0].value
    assert "fixed by B" not in page_text(test)


def test_a_cell_has_as_many_garments_as_it_says() -> None:
    found = compare_runs(entry("cnn"), entry("improved_cnn"))
    for name, side in (("A", found.a), ("B", found.b)):
        for row, column in ((6, 0), (3, 3), (5, 1)):
            [(_, indices)] = garments.garments_in_cell(found, MatrixSelection(name, row, column), ALL_CLASSES)
            assert len(indices) == side.metrics.confusion[row, column]
            assert (found.labels[indices] == row).all()
        [(_, indices)] = garments.garments_in_cell(found, MatrixSelection(name, None, 6), ALL_CLASSES)
        assert len(indices) == side.metrics.confusion[:, 6].sum()
        assert (
            sorted(side.predictions.confidence[indices], reverse=True) == side.predictions.confidence[indices].tolist()
        )


def test_fixes_and_new_mistakes_add_up_to_the_difference() -> None:
    found = compare_runs(entry("cnn"), entry("improved_cnn"))
    for c in range(10):
        n_fixed, n_new_mistakes = (
            len(indices) for _, indices in garments.garments_in_cell(found, MatrixSelection("D", c, c), ALL_CLASSES)
        )
        change = found.b.metrics.confusion[c, c] - found.a.metrics.confusion[c, c]
        assert n_fixed - n_new_mistakes == change
    n_fixed, n_new_mistakes = (
        len(indices) for _, indices in garments.garments_in_cell(found, MatrixSelection("D", 6, None), ALL_CLASSES)
    )
    assert (n_fixed, n_new_mistakes) == (
        int((found.b.predictions.is_correct & ~found.a.predictions.is_correct & (found.labels == 6)).sum()),
        int((found.a.predictions.is_correct & ~found.b.predictions.is_correct & (found.labels == 6)).sum()),
    )


def test_only_dead_output_units_are_reported() -> None:
    text = page_text(run("compare", a="cnn-poster", b="improved_cnn", look="By class"))
    lost = entry("cnn-poster").record.never_predicted
    for c in lost:
        assert f"A never predicts {CLASS_NAMES[c]}: its output unit is dead" in text
    assert "B never predicts" not in text


def test_a_missing_run_is_reported_and_replaced() -> None:
    test = run("compare", a="nobody", b="mlp")
    assert_sound(test, "compare")
    assert ["There is no finished run named nobody" in w.value.replace("\\", "") for w in test.warning] == [True]


def test_a_missing_run_is_not_replaced_by_the_run_that_it_is_compared_with() -> None:
    usual = CompareView().b
    test = run("compare", a=usual, b="nobody")
    assert_sound(test, "compare")
    assert test.selectbox[1].value != usual


@pytest.mark.parametrize("pick", ["A.6.0", "D.6.", "B..0", "P.0101"])
def test_a_selection_survives_the_address(pick: str) -> None:
    view = CompareView(pick=pick)
    if view.selected_cell is not None:
        assert cell_to_address(view.selected_cell) == pick
    else:
        assert view.selected_correctness_pattern == (False, True, False, True)
    assert_sound(run("compare", pick=pick, look="Agreement"), "compare")


@pytest.mark.parametrize(
    "fields",
    [
        {"pick": "A.."},
        {"pick": "C.1.1"},
        {"pick": "A.1234.1"},
        {"garment": -1},
        {"shown": 31},
        {"classes": "1,x"},
        {"leave": "x"},
    ],
)
def test_an_impossible_view_cannot_be_made(fields: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        CompareView(**fields)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [None, "A", ["A", 1], ["C", 1, 1], ["A", 10, 1], ["A", None, None], ["A", True, 1]])
def test_an_invalid_selection_from_the_browser_is_ignored(value: object) -> None:
    assert matrix_selection_from_browser(value, ["A", "B", "D"], range(10)) is None


@pytest.mark.slow
def test_runs_on_sample_data_have_every_section(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FASHION_MNIST_DIR")
    dataset = SampleDataset()
    for name, model in (("mine", "mlp"), ("other", "kmeans")):
        train_and_score_run(RunStore().create_run(new_run_record(TrainConfig(model, 1), dataset, run_id=name)), dataset)
    for look in COMPARE_SECTIONS:
        test = run("compare", a="mine", b="other", look=look, leave="Both", garment="9999", pick="A.0.0")
        assert_sound(test, "compare")
    assert "Synthetic sample data test" in page_text(test)


def test_the_shipped_runs_can_be_compared_without_their_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FASHION_MNIST_DIR")
    shown = ""
    for look in COMPARE_SECTIONS:
        test = run("compare", look=look, pick="A.6.0", tempered="yes")
        assert_sound(test, "compare")
        shown += page_text(test)
    assert "pictures are not on this machine" in shown


@pytest.mark.slow
def test_the_title_of_a_run_is_shown_as_text_in_every_section(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FASHION_MNIST_DIR")
    dataset = SampleDataset()
    for name in ("mine", "other"):
        config = TrainConfig("mlp", 1, seed=len(name))
        train_and_score_run(
            RunStore().create_run(new_run_record(config, dataset, run_id=name, title=f"**{name}** <b>x</b>")), dataset
        )
    for look in COMPARE_SECTIONS:
        test = run("compare", a="mine", b="other", look=look, runs="mine,other", pick="P.10")
        assert_sound(test, "compare")
        assert "**mine**" not in texts(test)
    picked = run("compare", a="mine", b="other", look="Agreement", runs="mine,other", pick="P.10")
    assert "\\*\\*mine\\*\\*" in texts(picked)


def test_agreement_suggests_the_largest_groups_that_are_not_all_correct() -> None:
    test = run("compare", look="Agreement", runs="cnn,improved_cnn")
    suggested = [button for button in test.button if " garments that " in button.label]
    counts = [int(button.label.split()[0].replace(",", "")) for button in suggested]
    assert counts == sorted(counts, reverse=True)
    alone = next(button for button in suggested if "that only Improved CNN classifies correctly" in button.label)
    alone.click().run()
    assert alone.label in texts(test)
    assert "Choose a bar" not in texts(test)
    assert_sound(test, "compare")
