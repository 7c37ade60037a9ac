"""Probes of every model, and what may differ between two runs that are as fast."""

import dataclasses
import itertools

import pytest

from fashion_core.config.train_config import TrainConfig
from fashion_core.models import registry
from fashion_core.training import probe
from tests.core.datasets import ToyDataset

CONFIGS = {name: spec.presets["quick"] for name, spec in registry.MODELS.items()} | {
    "wild": registry.MODELS["improved_cnn"].presets["wild"]
}


@pytest.mark.parametrize("name", list(CONFIGS))
def test_every_model_is_measured(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "SECONDS", (0.0, 0.3))
    found = probe.measure(dataclasses.replace(CONFIGS[name], clusters=5), ToyDataset())
    assert found.count >= 1
    assert found.seconds > 0
    train = len(ToyDataset().split("train"))
    steps = train // CONFIGS[name].batch_size
    expected = found.seconds if name == "kmeans" else found.seconds / found.count * steps
    assert found.epoch >= expected * (1 - CONFIGS[name].low_resolution_share) * 0.999


def test_smaller_images_at_first_are_told_to_take_less_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "SECONDS", (0.0, 0.3))
    monkeypatch.setattr(probe, "LEAST", 1)
    clock = itertools.count()
    monkeypatch.setattr(probe.time, "perf_counter", lambda: float(next(clock)))  # each step seems to take a second
    config = dataclasses.replace(CONFIGS["improved_cnn"], batch_size=22)
    whole, half = (
        probe.measure(dataclasses.replace(config, low_resolution_share=s), ToyDataset(12)) for s in (0.0, 0.5)
    )
    assert (whole.count, whole.seconds) == (half.count, half.seconds)
    an_epoch = whole.seconds / whole.count * (len(ToyDataset(12).split("train")) // 22)
    assert whole.epoch - half.epoch == pytest.approx(an_epoch * 0.5 * (1 - 20**2 / 28**2))


def test_a_probe_gives_way() -> None:
    told = iter([False] * 3)
    with pytest.raises(probe.Stopped):
        probe.measure(TrainConfig("mlp", 3), ToyDataset(), stop=lambda: next(told, True))
    assert next(told, None) is None


def test_a_batch_as_large_as_the_data_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "SECONDS", (0.0, 0.3))
    assert probe.measure(TrainConfig("mlp", 1, batch_size=8192), ToyDataset()).epoch > 0


def test_rates_and_lengths_leave_the_speed_alone_and_work_does_not() -> None:
    base = TrainConfig("mlp", 3)
    for alike in ({"epochs": 90}, {"seed": 4}, {"learning_rate": 0.1}, {"one_cycle": False}, {"weight_decay": 0.1}):
        assert probe.relevant(dataclasses.replace(base, **alike)) == probe.relevant(base)  # type: ignore[arg-type]
    for other in ({"batch_size": 64}, {"optimizer": "muon"}, {"robust": True}, {"mirror": True}, {"ema_decay": 0.9}):
        assert probe.relevant(dataclasses.replace(base, **other)) != probe.relevant(base)  # type: ignore[arg-type]
