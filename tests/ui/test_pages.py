"""Each page run by Streamlit's own test harness, on real data and on the stand-in."""

import json
import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from fashion_core.config.train_config import TrainConfig
from fashion_core.data import fashion_mnist
from fashion_core.data.classes import CLASS_NAMES
from fashion_core.data.sample_data import SampleDataset
from fashion_core.runs import store, summary
from fashion_core.runs.execute import new_run_record, train_and_score_run
from fashion_core.runs.store import RunEntry, RunStore
from fashion_core.storage.folder import user_data_folder
from fashion_core.wording.numbers import format_percent
from tests.conftest import PROJECT
from ui.overview import evidence
from ui.shell import PAGE_TITLES

NO_BREAK = "\N{NO-BREAK SPACE}"


@pytest.fixture
def real(fashion_mnist_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real data set is on this machine."""
    monkeypatch.setenv("FASHION_MNIST_DIR", str(fashion_mnist_folder))


def run(name: str, **query: str) -> AppTest:
    test = AppTest.from_file(str(PROJECT / "pages" / f"{name}.py"), default_timeout=120)
    test.query_params.update(query)
    return test.run()


def texts(test: AppTest) -> str:
    return "\n".join(element.value for element in [*test.markdown, *test.caption])


def damaged_run(run_id: str) -> RunEntry:
    """A finished run of the user's on Fashion-MNIST whose predictions are cut short."""
    runs = RunStore()
    folder = runs.runs_folder / run_id
    shutil.copytree(runs.get("cnn").path, folder)
    record = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps(record | {"id": run_id}))
    predictions = folder / "test.npz"
    predictions.write_bytes(predictions.read_bytes()[:5000])
    return runs.get(run_id)


def assert_sound(test: AppTest, name: str) -> None:
    assert not test.exception
    assert [error.value for error in test.error] == []
    assert test.title[0].value == PAGE_TITLES[name]


@pytest.mark.parametrize("name", PAGE_TITLES)
def test_a_page_works_on_the_real_data_without_a_notice(name: str, real: None) -> None:
    test = run(name)
    assert_sound(test, name)
    assert "synthetic" not in texts(test)


@pytest.mark.parametrize("name", PAGE_TITLES)
def test_a_page_works_on_the_stand_in_and_says_so(name: str) -> None:
    test = run(name)
    assert_sound(test, name)
    assert "the pictures here are synthetic" in texts(test)


@pytest.mark.parametrize("name", PAGE_TITLES)
def test_a_damaged_run_breaks_no_page(name: str) -> None:
    folder = user_data_folder() / "runs" / "broken"
    folder.mkdir(parents=True)
    (folder / "run.json").write_text('{"schema": 1, "id"')
    assert_sound(run(name), name)


def table_rows(test: AppTest) -> list[list[str]]:
    """Cells of the first Markdown table on the page, without its head."""
    text = next(element.value for element in test.markdown if element.value.startswith("|"))
    return [
        [cell.strip().replace("*", "").replace(NO_BREAK, " ") for cell in line.strip("|").split("|")]
        for line in text.splitlines()[2:]
    ]


def test_overview_shows_every_method_with_the_stored_figures() -> None:
    shown = table_rows(run("overview"))
    rows = summary.summarize_runs(RunStore())
    assert [cells[0].replace("\\", "") for cells in shown] == [row.method for row in rows]
    assert [cells[3] for cells in shown] == [format_percent(row.metrics.accuracy)[:-1] for row in rows]
    assert [cells[1] for cells in shown] == ["58 / 53", "63 / 72", "42 / 55", "91 / 91"]


def test_overview_says_how_sure_the_figure_is_once_that_is_opened() -> None:
    test = run("overview")
    assert "Near duplicates" not in texts(test)
    test.session_state[evidence.EXPANDER_KEY] = True
    shown = texts(test.run())
    assert "without the 12 test images" in shown
    assert "ours, run `improved_cnn`" in shown
    assert not test.exception


def test_overview_answers_its_question_with_the_figures_of_feasibility() -> None:
    test = run("overview")
    assert test.header[0].value.startswith("Yes, for about 86 of 100 garments, at 99% correct")
    figures = {metric.label: metric.value for metric in test.metric}
    assert figures["No person needed"] == "85.6%"
    assert figures["No person needed"] in [metric.value for metric in run("feasibility").metric]


def test_a_damaged_data_file_is_named_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for published in fashion_mnist.PUBLISHED_FILES.values():
        (tmp_path / published.name).write_bytes(b"")
    monkeypatch.setenv("FASHION_MNIST_DIR", str(tmp_path))
    test = run("garments")
    assert not test.exception
    assert len(test.error) == 1
    assert "not the published file" in test.error[0].value.replace("\\", "")


def test_garments_can_be_narrowed_and_ordered() -> None:
    test = run("garments", order="Typical first")
    test.button_group[0].set_value([8]).run()
    assert_sound(test, "garments")
    assert "Bag images differ from the mean image of their class" in texts(test)
    assert "Bag images differ" in texts(run("garments", classes="8"))
    assert "Bag images differ" in texts(run("garments", classes="Bag"))
    assert "200 garments of the chosen classes" in texts(test)


@pytest.mark.slow
def test_compare_refuses_runs_of_different_data() -> None:
    dataset = SampleDataset()
    entry = RunStore().create_run(new_run_record(TrainConfig("mlp", 1), dataset, run_id="mine"))
    train_and_score_run(entry, dataset)
    test = run("compare", a="mine", b="mlp")
    assert not test.exception
    assert ["different data" in error.value for error in test.error] == [True]


def test_compare_names_what_is_never_predicted() -> None:
    test = run("compare", a="cnn", b="cnn-poster")
    lost = RunStore().get("cnn-poster").record
    assert lost is not None
    for c in lost.never_predicted:
        assert CLASS_NAMES[c] in texts(test).replace("\\", "").split("B: ")[1]


def test_compare_of_a_run_with_itself_says_so() -> None:
    test = run("compare", a="mlp", b="mlp")
    assert [info.value.startswith("A and B are the same") for info in test.info] == [True]


@pytest.mark.slow
def test_a_run_s_title_is_shown_as_text() -> None:
    dataset = SampleDataset()
    title = "<img src=x onerror=alert(1)> **bold** [link](http://example.org)"
    entry = RunStore().create_run(new_run_record(TrainConfig("mlp", 1), dataset, run_id="mine", title=title))
    train_and_score_run(entry, dataset)
    test = run("compare", a="mine", b="mine")
    assert "**bold**" not in texts(test).replace("**A:", "").replace("**B:", "")
    assert "\\*\\*bold" in texts(test)


def test_a_test_image_gets_one_verdict() -> None:
    test = run("try_it", source="Test image")
    assert_sound(test, "try_it")
    assert ["probability" in header.value for header in test.header] == [True]


def test_a_damaged_shipped_run_leaves_the_others_on_overview(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    zoo = tmp_path / "zoo"
    shutil.copytree(store.ZOO_FOLDER, zoo)
    (zoo / "cnn" / "test.npz").unlink()
    monkeypatch.setattr(store.RunStore.__init__, "__defaults__", (None, zoo))
    test = run("overview")
    assert_sound(test, "overview")
    assert [cells[0].replace("\\", "") for cells in table_rows(test)] == ["k-means", "MLP", "Improved CNN"]
    assert ["test.npz is missing" in warning.value.replace("\\", "") for warning in test.warning] == [True]
