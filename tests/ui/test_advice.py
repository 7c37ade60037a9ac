"""What to do next, on the page Feasibility, without a browser."""

import pytest
from streamlit.testing.v1 import AppTest

from fashion_core.computed import background
from fashion_core.config.train_config import TrainConfig
from fashion_core.runs.history_file import HISTORY_COLUMNS
from fashion_core.runs.store import RunStore
from tests.ui.catalogues import save_run, write_catalogue
from tests.ui.test_pages import assert_sound, run, texts


@pytest.fixture(autouse=True)
def _nothing_starts_in_the_background(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "queue_computation", lambda computation, dataset: None)


def open_advice(**query: str) -> AppTest:
    test = run("feasibility", look="Advice", **query)
    assert_sound(test, "feasibility")
    return test


def plain(test: AppTest) -> str:
    return texts(test).replace("\\", "")


def test_suggestions_are_ranked_and_linked() -> None:
    test = open_advice(run="improved_cnn")
    assert "1. Merge T-shirt/top and Shirt" in plain(test)
    assert "points (95% interval" in plain(test)
    assert "See the garments that are confused" in [link.proto.label for link in test.get("page_link")]


def test_nothing_is_suggested_where_nothing_helps() -> None:
    assert "No change that can be assessed" in plain(open_advice(run="kmeans"))


def test_few_pictures_are_to_be_collected_and_a_curve_can_be_measured() -> None:
    save_run(write_catalogue("coats", 3, repeats=30), "mine", 0.8)
    test = open_advice(data="coats", target="60")
    assert "more pictures of Kind" in plain(test)
    assert "Compute" in [button.label for button in test.button]


def test_class_names_are_shown_as_text() -> None:
    names = ("**Coat**", "**Hat**", "**Bag**")
    save_run(write_catalogue("coats", 3, repeats=30, names=names), "mine", 0.8)
    assert "more pictures of \\*\\*" in texts(open_advice(data="coats", target="60"))


def test_a_newer_run_shows_what_it_brought() -> None:
    catalogue = write_catalogue("coats", 3, repeats=30)
    save_run(catalogue, "old", 0.7)
    newer = save_run(catalogue, "new", 0.95, seed=1)
    assert "What it brought" not in plain(open_advice(data="coats", target="80", run="old"))
    RunStore().update_record(newer.path, config=TrainConfig("mlp", 9))
    text = plain(open_advice(data="coats", target="80", run="old"))
    assert "What it brought" in text
    assert "trained longer, brought +" in text


def test_a_run_without_epochs_is_shown() -> None:
    mine = save_run(write_catalogue("coats", 2, repeats=30), "mine", 0.9)
    (mine.path / "history.csv").write_text(",".join(HISTORY_COLUMNS) + "\n")
    open_advice(data="coats", target="80")
