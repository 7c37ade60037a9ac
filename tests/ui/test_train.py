"""The Train page without a browser: what it refuses, and what can be done with a run."""

import dataclasses
import shutil
import subprocess
import sys

import pytest
from filelock import Timeout
from streamlit.testing.v1 import AppTest

from fashion_core.config.train_config import TrainConfig
from fashion_core.data.sample_data import SampleDataset
from fashion_core.errors import RunError
from fashion_core.jobs.job import Job
from fashion_core.models import registry
from fashion_core.runs import archive, queue
from fashion_core.runs.execute import new_run_record, processor_model_and_core_count
from fashion_core.runs.store import RunStore
from fashion_core.training.trainer import EpochResult
from tests.conftest import PROJECT
from tests.ui.catalogues import save_run, write_catalogue
from tests.ui.train_page import MARKUP, ended, mine, page, pressed, texts
from ui import run_notices, shell
from ui.train import form, panel, run_list, view


@pytest.mark.parametrize("model", list(registry.MODELS))
def test_the_form_asks_for_what_the_model_has(model: str) -> None:
    test = page()
    test.query_params["model"] = registry.MODELS[model].title
    test.run()
    assert not test.exception
    keys = {str(widget.key) for widget in [*test.number_input, *test.checkbox, *test.selectbox]}
    for name in registry.MODELS[model].hyperparameters:
        assert any(key.startswith(f"{name}-{model}-") for key in keys), name


def test_a_value_at_an_open_end_of_its_range_is_told_in_a_sentence(started: list[str]) -> None:
    test = page().run()
    next(box for box in test.number_input if str(box.key).startswith("learning_rate")).set_value(0.0)
    pressed(test, "Start training")
    assert [error.value for error in test.error] == [r"learning\_rate is 0\.0; choose a number above 0 to 10\."]
    assert started == []


def test_repeats_are_queued_as_runs_with_a_shared_tag(started: list[str]) -> None:
    test = page().run()
    next(box for box in test.number_input if box.key == "repeats").set_value(3)
    next(box for box in test.text_input if str(box.key).startswith("title")).set_value(MARKUP)
    pressed(test, "Start training")
    assert not test.exception
    records = [entry.record for entry in RunStore().entries() if entry.origin == "mine" and entry.record]
    assert sorted(record.config.seed for record in records) == [0, 1, 2]
    assert len({record.tag for record in records}) == 1
    assert len(started) == 1
    assert not any("<b>" in element.value for element in [*test.markdown, *test.caption])


def test_start_counts_though_another_tab_is_clicked_at_once(started: list[str]) -> None:
    test = page().run()
    next(box for box in test.number_input if str(box.key).startswith("epochs")).set_value(2)
    next(button for button in test.button if button.label == "Start training").click()
    key = "train-view-fashion-mnist"  # the page answers to both clicks at once
    test.session_state[key] = dataclasses.replace(test.session_state[key], tab=view.RUNS)
    test.run()
    assert not test.exception
    [run] = RunStore().own_entries()
    assert started == [run.id]
    assert run.record is not None
    assert run.record.config.epochs == 2


def test_the_time_is_estimated_from_a_past_run_of_the_model(started: list[str]) -> None:
    config = registry.MODELS["mlp"].presets["quick"]
    assert "10 epochs. The time left appears once training has begun." in texts(page().run())
    hardware = f"{processor_model_and_core_count()}, cpu"
    figures = dict.fromkeys(("accuracy", "macro_precision", "macro_recall", "macro_f1"), 0.5)
    record = dataclasses.replace(
        new_run_record(config, SampleDataset(), run_id="alike"),
        state="finished",
        seconds=30.0,
        hardware=hardware,
        metrics=figures,
    )
    entry = RunStore().create_run(record)
    for name in ("weights.safetensors", "history.csv", "test.npz"):
        (entry.path / name).touch()
    test = page().run()
    assert "10 epochs: about 30 s, as the run alike with the same settings took." in texts(test)
    pressed(test, "Start training")
    assert "Time left: 30 s" in texts(page().run())
    other = page()
    other.query_params["model"] = "CNN"
    assert "3 epochs. The time left appears once training has begun." in texts(other.run())


def test_without_a_past_run_the_time_left_is_being_estimated(started: list[str]) -> None:
    assert "Time left: Estimating…" in texts(pressed(page().run(), "Start training"))


@pytest.mark.slow
def test_the_page_with_nothing_training_does_not_import_torch() -> None:
    code = (
        "import sys\n"
        "from streamlit.testing.v1 import AppTest\n"
        f"test = AppTest.from_file({str(PROJECT / 'pages' / 'train.py')!r}, default_timeout=120).run()\n"
        "assert not test.exception\n"
        "print({'torch', 'onnxruntime', 'umap', 'numba', 'cv2'} & set(sys.modules))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PROJECT)
    assert done.stdout.strip() == "set()"


def test_no_space_for_a_run_is_told_where_it_was_started_and_the_page_goes_on(
    started: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    test = page().run()

    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", full)
        pressed(test, "Start training")
    assert not test.exception
    assert ["No space left on device" in error.value for error in test.error] == [True]
    assert "Included runs" in texts(test)
    assert started == mine() == []
    pressed(test, "Start training")
    assert len(started) == len(mine()) == 1


def test_a_stuck_lock_is_a_sentence_where_a_run_is_started_and_the_page_goes_on(
    started: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    test = page().run()
    monkeypatch.setattr("fashion_core.storage.locks.FileLock.acquire", raise_timeout)
    pressed(test, "Start training")
    assert not test.exception
    assert any("locked by another process" in error.value for error in test.error)
    assert "0 of 10 epochs done" in texts(test)
    assert started == []


def raise_timeout(*arguments: object) -> None:
    raise Timeout("the lock")


def test_the_poster_s_experiment_is_twenty_queued_runs_that_can_be_cancelled(started: list[str]) -> None:
    test = page(view.POSTER_EXPERIMENT).run()
    pressed(test, "Train all 20 runs")
    assert not test.exception
    runs = [entry for entry in RunStore().entries() if entry.origin == "mine"]
    assert len(runs) == 20
    assert len({entry.record.tag for entry in runs if entry.record}) == 1
    assert len(started) == 1
    pressed(test, "Cancel the rest")
    assert {queue.run_phase(RunStore().get(entry.id)) for entry in runs} == {"cancelled"}
    assert len(started) == 1


def test_a_cancelled_run_is_resumed(started: list[str]) -> None:
    entry = ended()
    test = page(watched_run=entry.id).run()
    assert "Cancelled. Saved: 0 of 3 epochs." in texts(test)
    pressed(test, "Resume")
    assert started == [entry.id]
    assert queue.run_phase(RunStore().get(entry.id)) == "queued"


def test_a_figure_that_a_run_does_not_have_is_a_dash_in_the_table() -> None:
    ended()
    table = next(frame for frame in page(view.RUNS).run().dataframe if "Validation" in frame.value)
    assert table.value["Validation"].isna().all()
    assert table.proto.placeholder == shell.MISSING_VALUE


def test_a_diverged_run_says_why_and_is_not_resumed() -> None:
    entry = ended("diverged", reason="The loss stopped being a number in epoch 1.")
    test = page(watched_run=entry.id).run()
    assert "The weights kept until then are saved" in texts(test)
    assert "Resume" not in {button.label for button in test.button}
    with pytest.raises(RunError, match="nothing to resume"):
        queue.resume_run(RunStore(), entry, SampleDataset())


def test_a_duplicate_starts_from_the_run_s_settings(started: list[str]) -> None:
    entry = ended()
    test = page(train_template=entry.id).run()
    assert entry.record is not None
    pressed(test, "Start training")
    copy = next(e.record for e in RunStore().entries() if e.origin == "mine" and e.id != entry.id)
    assert copy is not None
    assert copy.config == entry.record.config
    assert len(started) == 1


def test_a_name_with_markup_is_shown_as_text() -> None:
    entry = ended()
    queue.set_run_title_and_note(RunStore(), entry, title=f" {MARKUP}\n", note="a\n# b")
    record = RunStore().get(entry.id).record
    assert record is not None
    assert (record.title, record.note) == (MARKUP, "a\n# b")
    test = page(watched_run=entry.id).run()
    assert not any("<b>" in element.value for element in [*test.markdown, *test.caption])
    for title, note in (("", ""), ("x" * 81, ""), ("x", "y" * 901)):
        with pytest.raises(RunError, match=r"at most|1 to 80"):
            queue.set_run_title_and_note(RunStore(), entry, title=title, note=note)
    with pytest.raises(RunError, match="shipped"):
        queue.set_run_title_and_note(RunStore(), RunStore().get("mlp"), title="mine", note="")


def test_a_run_that_ends_is_told_by_a_toast_on_any_page_and_by_a_badge() -> None:
    entry = ended(title="Mine")
    test = AppTest.from_file(str(PROJECT / "pages" / "report.py"), default_timeout=120)
    test.session_state[run_notices.PHASES_KEY] = {entry.id: "running"}
    test.run()
    assert [toast.value for toast in test.toast] == ["Mine: cancelled"]
    test.run()
    assert "Mine: cancelled" in "\n".join(element.value for element in test.sidebar.markdown)
    assert [toast.value for toast in test.toast] == []


def test_a_waiting_run_does_not_move_the_elements_of_a_page(started: list[str]) -> None:
    """A fragment's id depends on its position: a click in a fragment that has moved would be lost."""
    test = AppTest.from_file(str(PROJECT / "pages" / "report.py"), default_timeout=120).run()
    before = len(test.main.children)
    queue.queue_run(RunStore(), TrainConfig("mlp", 1), SampleDataset())
    test.run()
    assert "waiting" in "\n".join(caption.value for caption in test.sidebar.caption)
    assert len(test.main.children) == before


def test_the_session_keys_are_what_the_tests_set() -> None:
    keys = (panel.FOLLOWED_RUN_KEY, form.TEMPLATE_KEY, run_list.SELECTED_RUNS_KEY)
    assert keys == ("watched-run", "train-template", "selected-runs")


def test_a_run_that_waits_says_for_what(started: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    entry = queue.queue_run(RunStore(), TrainConfig("mlp", 3), SampleDataset())
    assert "Starting." in texts(page(**{panel.FOLLOWED_RUN_KEY: entry.id}).run())
    monkeypatch.setenv("FASHION_CLUSTER", "ray://10.0.0.1:10001")
    assert "Waiting for a free node of the cluster." in texts(page(**{panel.FOLLOWED_RUN_KEY: entry.id}).run())


def test_the_panel_follows_the_next_run_in_training_unless_others_are_selected(started: list[str]) -> None:
    store = RunStore()
    first, second = queue.queue_runs(
        store, [(TrainConfig("mlp", 3), "First"), (TrainConfig("mlp", 3), "Second")], SampleDataset(), tag="repeats-a"
    )
    assert "**First**" in texts(page(watched_run=first.id).run())
    queue.cancel_run(store, first)
    assert "**Second**" in texts(page(watched_run=first.id).run())
    assert "**First**" in texts(page(watched_run=second.id, selected_runs=[first.id]).run())


def test_all_charts_are_there_after_the_first_epoch_of_a_run_that_goes_on(started: list[str]) -> None:
    entry = queue.queue_run(RunStore(), TrainConfig("mlp", 3), SampleDataset())
    Job(entry.path).report(dataclasses.asdict(EpochResult(1, 0.5, 0.8, 0.5, 0.8, 0.001, 1.0, (0.8,) * 10)))
    test = page(watched_run=entry.id).run()
    assert not test.exception
    assert len(test.get("plotly_chart")) == 3


def test_runs_of_a_batch_are_one_row_that_says_how_each_ended(started: list[str]) -> None:
    for state in ("cancelled", "cancelled", "failed"):
        ended(state, tag="poster-abc")
    ended(title="Alone")
    test = page(view.RUNS).run()
    table = next(frame.value for frame in test.dataframe if "Progress" in frame.value)
    assert list(table["Run"].str.split(" ").str[0]) == ["Alone", "Poster"]
    assert table["State"][1] == "2 cancelled, 1 failed"
    next(toggle for toggle in test.toggle).set_value(True).run()
    assert len(next(frame.value for frame in test.dataframe if "Progress" in frame.value)) == 4


def test_several_runs_are_deleted_at_once_but_none_in_training(started: list[str]) -> None:
    kept, *gone = [ended() for _ in range(3)]
    test = page(view.RUNS, selected_runs=[run.id for run in gone]).run()
    pressed(test, ":red[Delete 2 runs]")
    assert not test.exception
    assert [record.id for record in mine()] == [kept.id]


def test_a_duplicate_opens_the_form(started: list[str]) -> None:
    entry = ended()
    test = page(view.RUNS, selected_runs=[entry.id]).run()
    pressed(test, "Duplicate")
    assert any(button.label == "Start training" for button in test.button)
    assert entry.title in texts(test)


def imported(content: bytes) -> AppTest:
    test = page(view.RUNS).run()
    test.file_uploader[0].set_value([("run.zip", content, "application/zip")]).run()
    assert not test.exception
    return test


def test_an_imported_run_is_in_the_list(started: list[str]) -> None:
    test = imported(archive.export_zip(RunStore().get("mlp")))
    assert [success.value for success in test.success] == ["The run is in the list above."]
    assert [record.is_imported for record in mine()] == [True]


def test_an_imported_run_of_another_data_set_says_where_it_is(started: list[str]) -> None:
    catalogue = write_catalogue("things", 2)
    run, title = save_run(catalogue, "coats", 0.9), catalogue.title
    content = archive.export_zip(run)
    shutil.rmtree(run.path)
    test = imported(content)
    assert [f"data set {title}" in s.value.replace("\\", "") for s in test.success] == [True]


def test_a_zip_that_holds_no_run_is_refused(started: list[str]) -> None:
    assert [error.value for error in imported(b"no zip").error] == [
        "This file is not a readable zip\\. Choose one that was exported here\\."
    ]
    assert mine() == []


def test_one_mlp_that_fails_is_two_runs_beside_each_other(started: list[str]) -> None:
    test = page(view.POSTER_EXPERIMENT).run()
    pressed(test, "Watch one MLP fail")
    assert not test.exception
    assert {record.config.output_activation for record in mine()} == {"none", "relu"}
    assert "MLP with output ReLU: waiting, 0 of 3 epochs done" in texts(test)
    pressed(test, "Cancel")
    assert {queue.run_phase(RunStore().get(record.id)) for record in mine()} == {"cancelled"}


def test_a_batch_ends_with_one_toast() -> None:
    runs = [ended(tag="poster-abc") for _ in range(3)]
    test = AppTest.from_file(str(PROJECT / "pages" / "report.py"), default_timeout=120)
    test.session_state[run_notices.PHASES_KEY] = {run.id: "running" for run in runs}
    test.run()
    assert [toast.value for toast in test.toast] == ["Poster experiment: 3 cancelled"]
