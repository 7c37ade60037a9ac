"""Adding a model takes one class and one registry entry; everything else finds it."""

import dataclasses

import pytest
import torch
from streamlit.testing.v1 import AppTest
from torch import nn

from fashion_core.__main__ import build_parser
from fashion_core.config.train_config import TrainConfig
from fashion_core.data.sample_data import SampleDataset
from fashion_core.models import registry
from fashion_core.models.registry import ModelSpec, make_network_factory
from fashion_core.report.build import build_report
from fashion_core.report.settings import ReportSettings
from fashion_core.runs.execute import new_run_record, train_and_score_run
from fashion_core.runs.repeats import group_repeated_runs
from fashion_core.runs.store import RunEntry, RunStore
from fashion_core.wording.training import format_model_with_failure_cause
from tests.conftest import PROJECT
from tests.core.models.contract import CHECKS


class SoftmaxRegression(nn.Module):
    """784 -> classes: the class of the toy model."""

    def __init__(self, n_classes: int, *, output_relu: bool = False) -> None:
        super().__init__()
        output = nn.ReLU() if output_relu else nn.Identity()
        self.layers = nn.Sequential(nn.Flatten(), nn.Linear(784, n_classes), output)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Normalised images float32 [n, 1, 28, 28] -> logits [n, 10]."""
        return self.layers(x)


TOY = ModelSpec(
    "toy",
    "Softmax regression",
    "One linear layer.",
    make_network_factory(__name__, "SoftmaxRegression"),
    {"fast": TrainConfig("toy", 2, batch_size=250, learning_rate=3e-3)},
)


@pytest.fixture(autouse=True)
def toy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The registry with the toy model."""
    monkeypatch.setitem(registry.MODELS, TOY.name, TOY)  # type: ignore[arg-type]


def train_toy(seed: int = 0) -> RunEntry:
    """A finished run of the toy model on the sample data."""
    store, dataset = RunStore(), SampleDataset()
    config = dataclasses.replace(TOY.presets["fast"], epochs=1, seed=seed)
    entry = store.create_run(new_run_record(config, dataset, run_id=f"toy-{seed}"))
    train_and_score_run(entry, dataset)
    return store.get(entry.id)


def open_page(name: str, **query: str) -> AppTest:
    """A page as it opens."""
    test = AppTest.from_file(str(PROJECT / "pages" / f"{name}.py"), default_timeout=120)
    test.query_params.update(query)
    test.run()
    assert not test.exception
    return test


@pytest.mark.slow
def test_it_keeps_the_contract() -> None:
    for check in CHECKS:
        check("toy")


def test_the_command_line_offers_it_with_its_presets() -> None:
    args = build_parser().parse_args(["train", "toy", "--preset", "fast", "--batch-size", "64"])
    assert (args.model, args.preset, args.batch_size) == ("toy", "fast", 64)


def test_the_form_offers_it_with_its_presets_and_hyperparameters() -> None:
    test = open_page("train")
    (box,) = [box for box in test.selectbox if box.label == "Model"]
    box.select("Softmax regression").run()
    assert not test.exception
    keys = {element.key for kind in ("number_input", "selectbox", "checkbox") for element in test.get(kind)}
    assert {f"{name}-toy-fast" for name in TOY.hyperparameters if name != "start_share"} <= keys


@pytest.mark.slow
def test_its_runs_are_in_the_history_and_in_the_report() -> None:
    runs = [train_toy(seed) for seed in (0, 1)]
    assert all(run.record is not None and run.record.state == "finished" for run in runs)
    (repeated,) = group_repeated_runs([run.record for run in runs if run.record is not None])
    assert format_model_with_failure_cause(repeated.records[0].config) == "Softmax regression"
    tables = [frame.value for frame in open_page("train", tab="Runs").dataframe]
    assert any(frame.astype(str).stack().str.contains("Softmax regression").any() for frame in tables)
    report = build_report(ReportSettings(runs=("toy-0", "toy-1")), RunStore(), SampleDataset())
    titles = [block.title for section in report.sections for block in section.blocks if hasattr(block, "title")]
    assert any("Softmax regression" in title for title in titles)
