"""The Compare page without a browser, and what it makes of clicks and addresses."""

from pathlib import Path

import numpy as np
import pytest

from fashion_core.analysis import metrics
from fashion_core.computed import store
from fashion_core.computed.duplicates import NEAR_DUPLICATE_DISTANCE, DuplicateSearch
from fashion_core.config.train_config import TrainConfig
from fashion_core.data.classes import CLASS_NAMES
from fashion_core.data.sample_data import SampleDataset
from fashion_core.errors import ConfigError
from fashion_core.runs.execute import new_run_record, train_run
from fashion_core.runs.store import RunStore
from tests.ui.test_pages import assert_sound, damaged_run, run, texts
from ui.compare import comparison as pairs
from ui.compare import data_health, garments
from ui.compare.view import COMPARE_SECTIONS, EXCLUSIONS, CompareView, cell_to_address
from ui.components.matrices import MatrixSelection, selection_from_browser


@pytest.fixture(autouse=True)
def _real_data(fashion_mnist_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASHION_MNIST_DIR", str(fashion_mnist_folder))


def entry(run_id: str):
    return RunStore().get(run_id)


@pytest.mark.parametrize("look", COMPARE_SECTIONS)
@pytest.mark.parametrize(("a", "b"), [("cnn", "improved_cnn"), ("kmeans", "cnn-poster"), ("mlp", "mlp")])
def test_every_look_works_on_every_kind_of_pair(look: str, a: str, b: str) -> None:
    assert_sound(run("compare", a=a, b=b, look=look), "compare")


@pytest.mark.parametrize("leave", EXCLUSIONS)
def test_what_is_left_out_is_out_of_every_figure(leave: str) -> None:
    test = run("compare", leave=leave, look="Data health")
    assert_sound(test, "compare")
    kept = data_health.kept_test_images(entry("cnn"), leave)
    found = pairs.compare_runs(entry("cnn"), entry("improved_cnn"), kept)
    assert f"accuracy {found.a.metrics.accuracy:.1%}" in texts(test).replace("\\", "")
    assert (f"{found.n_excluded:,} images are left out" in texts(test)) == (leave != "Nothing")
    if kept is not None:
        answers = RunStore().load_predictions(entry("cnn"))
        direct = metrics.classification_metrics(answers.labels[kept], answers.probabilities.argmax(axis=1)[kept])
        assert direct.accuracy == found.a.metrics.accuracy
        assert found.n_excluded == (~kept).sum()


def test_the_tables_of_every_look_are_taken_away() -> None:
    labels = {look: [b.label for b in run("compare", look=look).get("download_button")] for look in COMPARE_SECTIONS}
    assert all("Matrices as CSV" in there for there in labels.values())
    assert {"Copies as CSV", "Contested labels as CSV"} <= set(labels["Data health"])
    for look in ("By class", "Is it real?", "Agreement"):
        assert "Table as CSV" in labels[look]
    assert labels["Inside"].count("Table as CSV") == 2


def test_every_figure_by_class_has_both_runs_and_the_difference() -> None:
    [table] = [frame.value for frame in run("compare").dataframe]
    for figure in ("precision", "recall", "F1"):
        a, b, difference = (table[f"{which} {figure}"] for which in ("A", "B", "B − A"))
        np.testing.assert_allclose(b - a, difference, atol=1e-9)


def test_copies_and_contested_labels_are_those_counted_directly() -> None:
    distance = store.load_shipped_result(DuplicateSearch())["distance"]
    copies = data_health.find_near_duplicates(entry("cnn"))
    assert copies is not None
    assert copies.tolist() == np.flatnonzero(distance < NEAR_DUPLICATE_DISTANCE).tolist()
    found = data_health.find_suspected_label_errors(entry("cnn"))
    doubted, strong = found.image_indices, found.strong_run_ids
    assert strong == ["mlp", "cnn", "improved_cnn", "improved_cnn-robust", "improved_cnn-wild"]
    for i in doubted[:20]:
        said = {int(RunStore().load_predictions(entry(name)).probabilities[i].argmax()) for name in strong}
        assert len(said) == 1
        assert said != {int(RunStore().load_predictions(entry("cnn")).labels[i])}


def test_the_shipped_copies_are_the_nearest_by_brute_force(fashion_mnist) -> None:
    shipped = store.load_shipped_result(DuplicateSearch())
    train = fashion_mnist.published_train_arrays[0].reshape(60000, -1).astype(np.float32)
    for i in np.argsort(shipped["distance"])[[0, 1, 50, 5000]]:
        test = fashion_mnist.published_test_arrays[0][i].ravel().astype(np.float32)
        distances = np.sqrt(((train - test) ** 2).mean(axis=1))
        assert distances[shipped["nearest"][i]] == pytest.approx(distances.min(), abs=1e-3)
        assert shipped["distance"][i] == pytest.approx(distances.min(), abs=1e-3)


def test_a_run_with_damaged_predictions_is_left_out_of_what_others_contest() -> None:
    healthy = data_health.find_suspected_label_errors(entry("cnn")).image_indices
    damaged = damaged_run("broken")
    test = run("compare", look="Data health", leave="Contested")
    assert_sound(test, "compare")
    assert ["their predictions cannot be read: broken" in w.value.replace("\\", "") for w in test.warning] == [True]
    assert f"{len(healthy):,} images are left out" in texts(test)
    test = run("compare", a=damaged.id)
    assert ["The predictions of run broken cannot be read" in e.value.replace("\\", "") for e in test.error] == [True]
    assert "Run A" in [box.label for box in test.selectbox]  # another can be chosen


def test_the_same_run_twice_has_no_difference_to_pick() -> None:
    test = run("compare", a="cnn", b="cnn", pick="D.1.1")
    assert_sound(test, "compare")
    assert "A and B are the same run" in test.info[0].value
    assert "B mends" not in texts(test)


def test_the_garments_of_a_cell_are_as_many_as_it_says() -> None:
    found = pairs.compare_runs(entry("cnn"), entry("improved_cnn"))
    for name, side in (("A", found.a), ("B", found.b)):
        for row, column in ((6, 0), (3, 3), (5, 1)):
            [(_, indices)] = garments.garments_in_cell(found, MatrixSelection(name, row, column))
            assert len(indices) == side.metrics.confusion[row, column]
            assert (found.labels[indices] == row).all()
        [(_, indices)] = garments.garments_in_cell(found, MatrixSelection(name, None, 6))
        assert len(indices) == side.metrics.confusion[:, 6].sum()
        assert sorted(side.confidence[indices], reverse=True) == side.confidence[indices].tolist()


def test_what_b_mends_and_breaks_adds_up_to_the_difference() -> None:
    found = pairs.compare_runs(entry("cnn"), entry("improved_cnn"))
    for c in range(10):
        mends, breaks = (len(indices) for _, indices in garments.garments_in_cell(found, MatrixSelection("D", c, c)))
        change = found.b.metrics.confusion[c, c] - found.a.metrics.confusion[c, c]
        assert mends - breaks == change
    mends, breaks = (len(indices) for _, indices in garments.garments_in_cell(found, MatrixSelection("D", 6, None)))
    assert (mends, breaks) == (
        int((found.b.correct & ~found.a.correct & (found.labels == 6)).sum()),
        int((found.a.correct & ~found.b.correct & (found.labels == 6)).sum()),
    )


def test_dead_units_are_told_and_living_ones_are_not_called_dead() -> None:
    text = texts(run("compare", a="cnn-poster", b="improved_cnn"))
    lost = entry("cnn-poster").record.never_predicted
    for c in lost:
        assert f"A never says {CLASS_NAMES[c]}: its output unit is dead" in text.replace("\\", "")
    assert "B never says" not in text


def test_a_run_that_is_not_there_is_told_and_another_shown() -> None:
    test = run("compare", a="nobody", b="mlp")
    assert_sound(test, "compare")
    assert ["There is no finished run named nobody" in w.value.replace("\\", "") for w in test.warning] == [True]


@pytest.mark.parametrize("pick", ["A.6.0", "D.6.", "B..0", "P.0101"])
def test_a_click_is_in_the_address(pick: str) -> None:
    view = CompareView(pick=pick)
    if view.selected_cell is not None:
        assert cell_to_address(view.selected_cell) == pick
    else:
        assert view.selected_pattern == (False, True, False, True)
    assert_sound(run("compare", pick=pick, look="Agreement"), "compare")


@pytest.mark.parametrize(
    "fields", [{"pick": "A.."}, {"pick": "C.1.1"}, {"pick": "A.11.1"}, {"garment": 10000}, {"leave": "x"}]
)
def test_an_impossible_view_cannot_be_made(fields: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        CompareView(**fields)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [None, "A", ["A", 1], ["C", 1, 1], ["A", 10, 1], ["A", None, None], ["A", True, 1]])
def test_a_browser_that_sends_no_choice_is_not_believed(value: object) -> None:
    assert selection_from_browser(value, ["A", "B", "D"], 10) is None


def test_runs_on_the_stand_in_have_all_looks_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FASHION_MNIST_DIR")
    dataset = SampleDataset()
    for name, model in (("mine", "mlp"), ("other", "kmeans")):
        train_run(RunStore().create_run(new_run_record(TrainConfig(model, 1), dataset, run_id=name)), dataset)
    for look in COMPARE_SECTIONS:
        test = run("compare", a="mine", b="other", look=look, leave="Both", garment="9999", pick="A.0.0")
        assert_sound(test, "compare")
    assert "synthetic sample data" in texts(test).replace("\\", "")


def test_the_shipped_runs_are_compared_without_their_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FASHION_MNIST_DIR")
    for look in COMPARE_SECTIONS:
        test = run("compare", look=look, pick="A.6.0", tempered="yes")
        assert_sound(test, "compare")
    assert "pictures themselves are not on this machine" in texts(test)


def test_a_run_s_title_is_shown_as_text_in_every_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FASHION_MNIST_DIR")
    dataset = SampleDataset()
    for name in ("mine", "other"):
        config = TrainConfig("mlp", 1, seed=len(name))
        train_run(
            RunStore().create_run(new_run_record(config, dataset, run_id=name, title=f"**{name}** <b>x</b>")), dataset
        )
    for look in COMPARE_SECTIONS:
        test = run("compare", a="mine", b="other", look=look, runs="mine,other", pick="P.10")
        assert_sound(test, "compare")
        assert "**mine**" not in texts(test)
    picked = run("compare", a="mine", b="other", look="Agreement", runs="mine,other", pick="P.10")
    assert "\\*\\*mine\\*\\*" in texts(picked)
