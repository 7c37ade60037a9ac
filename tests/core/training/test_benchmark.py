import json
from collections.abc import Iterator

import pytest
import torch

from fashion_core.__main__ import main
from fashion_core.config.train_config import TrainConfig
from fashion_core.data.sample_data import SampleDataset
from fashion_core.models import registry
from fashion_core.models.base import images_to_tensor
from fashion_core.models.torch_classifier import TorchClassifier
from fashion_core.training import benchmark


def test_multiply_adds_are_those_counted_by_hand() -> None:
    mlp, cnn = (registry.build_classifier(TrainConfig(name, 1), 10) for name in ("mlp", "cnn"))
    assert isinstance(mlp, TorchClassifier)
    assert isinstance(cnn, TorchClassifier)
    assert mlp.multiply_adds == 784 * 100 + 100 * 100 * 2 + 100 * 10
    convolutions = 28 * 28 * 16 * 25 + 14 * 14 * 32 * 25 * 16
    assert cnn.multiply_adds == convolutions + 1568 * 120 + 120 * 84 + 84 * 10


def test_a_part_is_the_first_images_of_the_whole() -> None:
    whole = SampleDataset()
    part = benchmark.DatasetSubset(whole, 600)
    assert len(part.split("train")) + len(part.split("validation")) == 600
    assert part.fingerprint == whole.fingerprint


def test_the_tutorials_pictures_are_those_that_networks_learn() -> None:
    split = SampleDataset().split("validation")
    pictures = benchmark.tutorial_dataset(split)
    assert len(pictures) == len(split)
    mine = images_to_tensor(split.images[:5])
    for i in range(5):
        tensor, label = pictures[i]
        torch.testing.assert_close(tensor, mine[i])
        assert label == split.labels[i]


def test_all_loops_train_the_same_network(monkeypatch: pytest.MonkeyPatch) -> None:
    configs: list[TrainConfig] = []

    def loop(*args: object) -> Iterator[float]:
        configs.extend(each for each in args if isinstance(each, TrainConfig))
        yield from (1.0, 1.0)

    monkeypatch.setattr(benchmark, "_run_own_loop", loop)
    monkeypatch.setattr(benchmark, "tutorial_loop_images_per_second", loop)
    monkeypatch.setattr(benchmark, "fraction_of_matmul_peak", lambda *_: (0.5, "float32"))
    benchmark.compare_training_speed_to_tutorial("improved_cnn", SampleDataset(), rounds=1)
    assert len(configs) == 3
    quick = registry.get_model_spec("improved_cnn").presets["quick"]
    assert set(map(registry.architecture_of, configs)) == {registry.architecture_of(quick)}


def test_what_is_compared_is_computed_where_networks_train(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "select_device", lambda: "meta")  # computes nothing, so no value can be read
    config = TrainConfig("mlp", 1)
    classifier = registry.build_classifier(config, 10)
    assert isinstance(classifier, TorchClassifier)
    loop = benchmark.tutorial_loop_images_per_second(classifier, config, SampleDataset().split("validation"))
    with pytest.raises(RuntimeError, match="meta tensors"):
        next(loop)
    with pytest.raises(RuntimeError, match="meta tensors"):
        benchmark.measure_matmul_peak(bfloat16=False, seconds=0)


@pytest.mark.exhaustive
def test_the_bench_measures_both_loops_in_turn(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("FASHION_MNIST_DIR", raising=False)
    monkeypatch.setattr(benchmark, "IMAGES_PER_ROUND", {"mlp": 600, "improved_cnn": 300})
    monkeypatch.setattr(benchmark, "MATRIX_SIDE", 256)
    assert main(["bench", "training", "--rounds", "1", "--json"]) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    for model in ("mlp", "improved_cnn"):
        assert found[model]["ratio"] > 0
        assert found[model]["ratio"] == pytest.approx(found[model]["ours"] / found[model]["tutorial"])
        assert found[model]["peak_share"] > 0
