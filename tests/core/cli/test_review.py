"""The verb ``review``: suspected label errors on the command line, and what is decided about them."""

import json
from pathlib import Path

import numpy as np
import pytest

from fashion_core.__main__ import main
from fashion_core.data.label_corrections import find_corrections_path, load_label_corrections
from fashion_core.runs.label_errors import find_label_errors_of_runs
from fashion_core.runs.store import RunStore
from tests.ui.catalogues import save_run, train_run, write_catalogue


def last_line(capsys: pytest.CaptureFixture[str]) -> dict:
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def test_it_lists_what_the_core_finds(capsys: pytest.CaptureFixture[str]) -> None:
    store = RunStore()
    found = find_label_errors_of_runs(store.entries(), store.load_predictions)
    assert found is not None
    assert main(["review", "cnn", "--json"]) == 0
    printed = last_line(capsys)
    assert [row["index"] for row in printed["suspects"]] == found.errors.indices.tolist()
    assert [row["score"] for row in printed["suspects"]] == found.errors.label_probabilities.tolist()
    assert printed["runs"] == list(found.run_ids)
    assert main(["review", "cnn"]) == 0
    out = capsys.readouterr().out
    assert f"{len(found.errors)} of 10,000 test labels may be wrong." in out
    assert len(out.splitlines()) == len(found.errors) + 2


def test_decisions_are_stored_and_taken_back(capsys: pytest.CaptureFixture[str]) -> None:
    labels = RunStore().load_predictions(RunStore().get("cnn")).labels
    assert main(["review", "cnn", "--confirm", "3", "5", "--correct", "7=coat", "3132=Pullover", "--json"]) == 0
    printed = last_line(capsys)
    assert (printed["confirmed"], printed["corrected"]) == (2, 2)
    assert {row["index"]: row["decision"] for row in printed["suspects"]}[3132] == "Pullover"
    stored = load_label_corrections(printed["test_fingerprint"], 10_000, 10)
    assert dict(stored.reviewed) == {3: labels[3], 5: labels[5], 7: 4, 3132: 2}
    assert main(["review", "cnn", "--undo", "3", "7", "--json"]) == 0
    printed = last_line(capsys)
    assert (printed["confirmed"], printed["corrected"]) == (1, 1)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--confirm", "10000"], "There is no test picture 10000. Choose 0 to 9,999."),
        (["--undo", "-1"], "There is no test picture -1"),
        (["--correct", "2=Coat", "99999=Coat"], "There is no test picture 99999"),
        (["--correct", "2=Coat", "1=Hat"], "There is no class Hat. Choose one of: T-shirt/top"),
    ],
)
def test_what_is_not_there_is_refused_in_one_line(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["review", "cnn", *arguments]) == 1
    error = capsys.readouterr().err
    assert words in error
    assert len(error.splitlines()) == 1
    assert not find_corrections_path(RunStore().get("cnn").record.data.test_fingerprint).exists()  # type: ignore[union-attr]


def test_a_correction_needs_index_and_class(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["review", "cnn", "--correct", "Coat"])
    assert ended.value.code == 2
    assert "write it like 12=Coat" in capsys.readouterr().err


def test_a_damaged_file_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    path = find_corrections_path(RunStore().get("cnn").record.data.test_fingerprint)  # type: ignore[union-attr]
    path.parent.mkdir(parents=True)
    path.write_bytes(b"\x80\x04N.")
    for command in (["review", "cnn"], ["review", "cnn", "--confirm", "1"]):
        assert main(command) == 1
        error = capsys.readouterr().err
        assert "can't be read. Move the file away" in error
        assert len(error.splitlines()) == 1


def test_corrected_labels_are_evaluated(
    fashion_mnist_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FASHION_MNIST_DIR", str(fashion_mnist_folder))
    predictions = RunStore().load_predictions(RunStore().get("mlp"))
    wrong = np.flatnonzero(~predictions.is_correct)[:25]
    names = RunStore().get("mlp").record.data.classes  # type: ignore[union-attr]
    corrections = [f"{i}={names[predictions.predicted[i]]}" for i in wrong]
    assert main(["review", "mlp", "--correct", *corrections, "--json"]) == 0
    assert main(["evaluate", "mlp", "--json"]) == 0
    before = last_line(capsys)
    assert main(["evaluate", "mlp", "--labels", "corrected", "--json"]) == 0
    after = last_line(capsys)
    assert (before["labels"], before["n_changed_labels"]) == ("original", 0)
    assert (after["labels"], after["n_changed_labels"]) == ("corrected", 25)
    assert after["accuracy"] - before["accuracy"] == pytest.approx(25 / 10_000)
    assert main(["evaluate", "mlp", "--labels", "corrected"]) == 0
    assert "corrected labels (25 changed)" in capsys.readouterr().out


def test_a_catalogue_of_30_pictures_and_one_of_200_classes_can_be_reviewed(capsys: pytest.CaptureFixture[str]) -> None:
    for name, n_classes in (("few", 5), ("many", 200)):
        save_run(write_catalogue(name, n_classes), f"{name}-run", 0.7)
        assert main(["review", f"{name}-run", "--json"]) == 0
        printed = last_line(capsys)
        assert printed["n"] == 2 * n_classes
        assert all(row["label"] != row["suggestion"] for row in printed["suspects"])


def test_corrections_become_the_labels_of_a_catalogue_and_can_be_undone(capsys: pytest.CaptureFixture[str]) -> None:
    catalogue = write_catalogue("things", 3)
    save_run(catalogue, "first", 0.8)
    assert main(["data", "apply-corrections", "things"]) == 1
    assert "No test label of this data set was corrected" in capsys.readouterr().err
    assert main(["review", "first", "--correct", "0=Kind 2", "1=Kind 2", "--confirm", "3", "--json"]) == 0
    before = catalogue.published_test_arrays
    assert main(["data", "apply-corrections", "things", "--json"]) == 0
    changed = last_line(capsys)
    assert changed["test_fingerprint"] != catalogue.test_fingerprint
    assert main(["data", "undo", "things", "--json"]) == 0
    assert last_line(capsys)["test_fingerprint"] == catalogue.test_fingerprint
    np.testing.assert_array_equal(catalogue.published_test_arrays[1], before[1])


def test_kmeans_alone_can_not_point_to_label_errors(capsys: pytest.CaptureFixture[str]) -> None:
    train_run(write_catalogue("things", 3, repeats=4), "clusters", "kmeans")
    assert main(["review", "clusters"]) == 1
    assert "there is none. Train a network" in capsys.readouterr().err
