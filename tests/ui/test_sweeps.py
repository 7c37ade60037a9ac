"""Sweeps on the page Train, without a browser."""

import dataclasses

import pytest
from streamlit.testing.v1 import AppTest

from fashion_core.config import sweep
from fashion_core.config.train_config import TrainConfig
from fashion_core.data.sample_data import SampleDataset
from fashion_core.models import registry
from fashion_core.runs import queue, worker
from fashion_core.runs.execute import new_run_record
from fashion_core.runs.store import RunEntry, RunStore
from tests.ui.train_page import MARKUP, ended, mine, page, pressed, texts


def swept(test: AppTest, *fields: str) -> AppTest:
    next(group for group in test.pills if group.label == "Settings to vary").set_value(list(fields)).run()
    return test


def typed(test: AppTest, label: str, text: str) -> AppTest:
    next(box for box in test.text_input if box.label == label).set_value(text).run()
    return test


def test_a_sweep_is_queued_and_says_before_how_many_runs_it_has(started: list[str]) -> None:
    test = swept(page().run(), "learning_rate", "batch_size")
    typed(test, "Learning rate", "0.001, 0.003, 0.01")
    assert "9 runs of 10 epochs." in texts(test)
    pressed(test, "Start 9 runs")
    assert not test.exception
    assert {(r.config.learning_rate, r.config.batch_size) for r in mine()} == {
        (rate, size) for rate in (0.001, 0.003, 0.01) for size in (64, 128, 256)
    }
    assert len({record.tag for record in mine()}) == 1
    assert mine()[0].tag.startswith("sweep-")
    assert mine()[-1].title == "MLP, learning rate 0.001, batch size 64"
    assert len(started) == 1
    test = page("Sweeps").run()
    assert "9 runs: 9 waiting." in texts(test)
    pressed(test, "Cancel all waiting (8)")
    assert [queue.run_phase(RunStore().get(record.id)) for record in mine()] == ["cancelled"] * 8 + ["queued"]


def test_a_random_sweep_is_drawn_by_the_seed(started: list[str]) -> None:
    test = swept(page().run(), "learning_rate")
    next(c for c in test.segmented_control if c.label == "Combinations").set_value("Random").run()
    typed(test, "Learning rate", "0.0001 to 0.1")
    next(box for box in test.number_input if box.key == "sweep-draws").set_value(5).run()
    pressed(test, "Start 5 runs")
    base = registry.MODELS["mlp"].presets["quick"]
    axis = sweep.parse_sweep_axis(
        base, "learning_rate", "0.0001:0.1", registry.get_model_spec(base.model).hyperparameters
    )
    assert {record.config for record in mine()} == set(sweep.sample_configs(base, [axis], 5, seed=0))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("0.001, fast", "give a number"),
        ("0.001", "at least two runs"),
        (",".join(f"0.0{n}" for n in range(100, 165)), "65 runs"),
    ],
)
def test_a_sweep_that_cannot_be_meant_is_told_and_not_started(text: str, reason: str, started: list[str]) -> None:
    test = typed(swept(page().run(), "learning_rate"), "Learning rate", text)
    pressed(test, "Start training")
    assert len(test.error) == 1
    assert reason in test.error[0].value
    assert started == mine() == []
    assert "Included runs" in texts(test)  # the page goes on


def finished_sweep() -> list[RunEntry]:
    """Two runs on the stand-in that were really trained, with one tag, and one that failed."""
    store, entries = RunStore(), []
    for rate in (0.0001, 0.003):
        config = TrainConfig("mlp", 1, batch_size=256, learning_rate=rate)
        record = dataclasses.replace(new_run_record(config, SampleDataset()), tag="sweep-abc")
        entries.append(store.create_run(record))
        worker.train_in_foreground(entries[-1], SampleDataset())
    ended("failed", tag="sweep-abc", reason=MARKUP)
    return entries


def test_a_finished_sweep_shows_its_best_on_validation_and_the_time_it_took() -> None:
    entries = finished_sweep()
    best = max(entries, key=lambda entry: queue.run_progress(entry).epochs["val_accuracy"].max())
    assert best.record is not None
    test = page("Sweeps").run()
    assert not test.exception
    found = next(element.value for element in test.markdown if "Best on validation" in element.value)
    assert f"learning rate {best.record.config.learning_rate:g}, with" in found.replace("\\", "")
    assert "3 runs: 2 finished, 1 failed." in texts(test)
    table = next(frame.value for frame in test.dataframe if "Learning rate" in frame.value)
    assert list(table["State"]) == ["finished", "finished", "failed"]
    assert table["Run"].iloc[0] == best.id
    assert len(test.get("download_button")) == 1
    test = swept(page().run(), "learning_rate")
    assert "Start 2 runs" in {button.label for button in test.button}
