"""Label errors are reviewed on Compare and on Data, and figures are shown with original or corrected labels."""

from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fashion_core.analysis.predictions import Predictions
from fashion_core.data.catalogue import Catalogue
from fashion_core.data.catalogue_list import find_catalogue
from fashion_core.data.label_corrections import find_corrections_path, save_label_decisions
from fashion_core.runs.store import RunEntry, RunStore
from tests.ui.catalogues import save_run, train_run, write_catalogue
from tests.ui.test_pages import assert_sound, run, texts
from ui import label_review
from ui.compare import data_health
from ui.compare.comparison import compare_runs
from ui.compare.view import COMPARE_SECTIONS
from ui.feasibility.assessed_runs import load_assessed_run
from ui.label_corrections import load_corrections

N_WRONG = 40


@pytest.fixture
def _real_data(fashion_mnist_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASHION_MNIST_DIR", str(fashion_mnist_folder))


def entry(run_id: str) -> RunEntry:
    return RunStore().get(run_id)


def predictions_of(run_id: str) -> Predictions:
    return RunStore().load_predictions(entry(run_id))


def decide(run_entry: RunEntry, decisions: dict[int, int | None]) -> None:
    data = run_entry.record.data  # type: ignore[union-attr]
    save_label_decisions(data.test_fingerprint, data.n_test, len(data.classes), decisions)


def page_text(test: AppTest) -> str:
    return texts(test).replace("\\", "")


def correct_mistakes_of(run_id: str) -> np.ndarray:
    """Corrects the labels of the first pictures that the run misclassifies to what it predicts."""
    predictions = predictions_of(run_id)
    wrong = np.flatnonzero(~predictions.is_correct)[:N_WRONG]
    decide(entry(run_id), {int(i): int(predictions.predicted[i]) for i in wrong})
    return wrong


def test_every_figure_of_compare_uses_the_chosen_labels() -> None:
    correct_mistakes_of("cnn")
    corrections = load_corrections(entry("cnn"))
    found = compare_runs(entry("cnn"), entry("improved_cnn"), None, corrections)
    before = compare_runs(entry("cnn"), entry("improved_cnn"))
    assert found.a.metrics.accuracy - before.a.metrics.accuracy == pytest.approx(N_WRONG / 10_000)
    assert (found.labels == corrections.apply(before.labels)).all()
    assert (found.b.predictions.labels == found.labels).all()
    difference = found.paired_bootstrap_intervals.difference["accuracy"].estimate
    assert difference == pytest.approx(found.b.metrics.accuracy - found.a.metrics.accuracy)
    assert difference != before.paired_bootstrap_intervals.difference["accuracy"].estimate


@pytest.mark.parametrize("look", COMPARE_SECTIONS)
def test_compare_says_which_labels_it_uses(look: str) -> None:
    correct_mistakes_of("cnn")
    test = run("compare", look=look, labels="corrected")
    assert_sound(test, "compare")
    assert f"corrected labels ({N_WRONG} changed)" in page_text(test)
    accuracy = predictions_of("cnn").metrics.accuracy
    assert f"A from {accuracy:.2%} to {accuracy + N_WRONG / 10_000:.2%}" in page_text(test)


def test_compare_uses_the_original_labels_until_others_are_chosen() -> None:
    correct_mistakes_of("cnn")
    test = run("compare")
    assert_sound(test, "compare")
    assert "original labels" in page_text(test)


def test_feasibility_says_which_labels_it_uses() -> None:
    correct_mistakes_of("improved_cnn")
    original, corrected = run("feasibility"), run("feasibility", labels="corrected")
    assert "original labels" in page_text(original)
    assert f"Every figure on this page: corrected labels ({N_WRONG} changed)." in page_text(corrected)


def test_feasibility_is_assessed_with_the_chosen_labels() -> None:
    wrong = correct_mistakes_of("improved_cnn")
    before = load_assessed_run(entry("improved_cnn"))
    after = load_assessed_run(entry("improved_cnn"), load_corrections(entry("improved_cnn")))
    assert before is not None
    assert after is not None
    assert after.cache_key != before.cache_key
    assert np.flatnonzero(after.test.is_correct != before.test.is_correct).tolist() == wrong.tolist()
    np.testing.assert_array_equal(after.validation.labels, before.validation.labels)


def test_corrections_may_empty_a_class() -> None:
    catalogue = write_catalogue("things", 3, repeats=5)
    save_run(catalogue, "first", 0.8)
    save_run(catalogue, "second", 0.6, seed=1)
    empty = np.flatnonzero(catalogue.published_labels("test") == 1)
    decide(entry("first"), {int(i): 0 for i in empty})
    for look in COMPARE_SECTIONS:
        test = run("compare", data="things", a="first", b="second", look=look, labels="corrected")
        assert_sound(test, "compare")
        assert "no test picture is left of the class Kind 1" in page_text(test)
    assert_sound(run("feasibility", data="things", run="first", labels="corrected"), "feasibility")


def test_confirmed_labels_are_not_doubtful_and_corrected_ones_only_before() -> None:
    found = label_review.find_label_errors(entry("cnn"))
    assert found is not None
    first, second, third = found.errors.indices[:3].tolist()
    decide(entry("cnn"), {first: int(found.labels[first]), second: int(found.errors.suggested[1])})
    before = label_review.doubtful_label_indices(entry("cnn"), None)
    after = label_review.doubtful_label_indices(entry("cnn"), load_corrections(entry("cnn")))
    assert sorted({*found.errors.indices.tolist()} - {*before.tolist()}) == [first]
    assert sorted({*found.errors.indices.tolist()} - {*after.tolist()}) == sorted([first, second])
    assert third in after
    mask = data_health.test_image_inclusion_mask(entry("cnn"), "Contested", None)
    assert mask is not None
    assert np.flatnonzero(~mask).tolist() == before.tolist()


def test_damaged_corrections_are_reported_and_original_labels_shown() -> None:
    path = find_corrections_path(entry("cnn").record.data.test_fingerprint)  # type: ignore[union-attr]
    path.parent.mkdir(parents=True)
    path.write_bytes(b"\x80\x04N.")
    for look in ("Matrices", "Data health"):
        test = run("compare", look=look, labels="corrected", leave="Contested")
        assert not test.exception
        assert "Move the file away" in test.error[0].value
        assert "original labels" in page_text(test)
    test = run("feasibility", labels="corrected")
    assert "Move the file away" in test.error[0].value
    assert "original labels" in page_text(test)


@pytest.mark.usefixtures("_real_data")
@pytest.mark.parametrize(("mode", "may_label"), [("local", True), ("presentation", False)])
def test_who_may_change_nothing_sees_the_suspects_without_the_keys(
    mode: str, may_label: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FASHION_MODE", mode)
    test = run("compare", look="Data health")
    assert_sound(test, "compare")
    assert "test labels may be wrong" in page_text(test)
    components = {component.proto.component_name for component in test.get("bidi_component")}
    assert ("picture_labelling" in components) == may_label


def test_data_reviews_the_labels_of_a_catalogue_and_makes_corrections_its_labels() -> None:
    catalogue = write_catalogue("things", 3, repeats=5)
    train_run(catalogue, "clusters", "kmeans")
    assert "test labels may be wrong" not in page_text(run("data", data="things", section="What to fix"))
    save_run(catalogue, "first", 0.8)
    test = run("data", data="things", section="What to fix")
    assert_sound(test, "data")
    assert not [button for button in test.button if "in the data set" in button.label]
    decide(entry("first"), {0: 2, 1: 0})
    test = run("data", data="things", section="What to fix")
    [button] = [button for button in test.button if "in the data set" in button.label]
    assert button.label == "Change 1 label in the data set"
    decide(entry("first"), {1: 2})  # just before the click
    button.click().run()
    changed = find_catalogue("things")
    assert isinstance(changed, Catalogue)
    number = catalogue.picture_numbers("test")[0]
    assert (catalogue.labels.labels[number], changed.labels.labels[number]) == (0, 2)
    assert "Undo" in " ".join(b.label for b in test.button)


@pytest.mark.usefixtures("_real_data")
def test_data_reviews_the_labels_of_fashion_mnist() -> None:
    test = run("data", section="What to fix")
    assert_sound(test, "data")
    assert "of 10,000 test labels may be wrong" in page_text(test)


@pytest.mark.parametrize(("name", "n_classes", "repeats"), [("few", 3, 5), ("many", 200, 1)])
def test_30_pictures_and_200_classes_can_be_reviewed(name: str, n_classes: int, repeats: int) -> None:
    save_run(write_catalogue(name, n_classes, repeats=repeats), "first", 0.7)
    save_run(find_catalogue(name), "second", 0.6, seed=1)
    test = run("compare", data=name, a="first", b="second", look="Data health")
    assert_sound(test, "compare")
    assert f"{2 * n_classes * repeats}" in page_text(test)
