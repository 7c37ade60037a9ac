import numpy as np
import pytest

from fashion_core.analysis import network_summary
from fashion_core.computed import speed
from fashion_core.computed.speed import SpeedMeasurement
from fashion_core.errors import RunError
from fashion_core.models.base import TorchClassifier
from fashion_core.runs.store import RunStore
from tests.core.datasets import ToyDataset

IMAGES = np.concatenate(
    [
        ToyDataset(12).published_test_arrays[0][:10],
        np.random.default_rng(0).integers(0, 256, (10, 28, 28), dtype=np.uint8),
    ]
)


@pytest.mark.parametrize("run_id", ["kmeans", "mlp"])
def test_a_run_is_measured_on_this_machine(run_id: str) -> None:
    run = RunStore().get(run_id)
    wanted = speed.speed_measurement(run)
    assert wanted.machine == speed.machine_name()
    assert "cores" in wanted.machine
    shares: list[float] = []
    found = wanted.compute(ToyDataset(), lambda share, doing: shares.append(share))
    assert set(found) == set(SpeedMeasurement.arrays)
    assert all(value.shape == () and value > 0 for value in found.values())
    assert shares == sorted(shares)


def test_a_run_that_was_replaced_is_not_measured_for_another() -> None:
    with pytest.raises(RunError, match="was replaced"):
        SpeedMeasurement("0" * 12, "mlp", "any").compute(ToyDataset(), lambda share, doing: None)


def test_multiply_adds_are_those_of_the_layers_once_a_pass() -> None:
    runs = RunStore()
    mlp = runs.load_classifier(runs.get("mlp-poster"))
    assert speed.count_multiply_adds(mlp, IMAGES) == 784 * 100 + 100 * 100 + 100 * 100 + 100 * 10
    network = runs.load_classifier(runs.get("improved_cnn"))
    assert isinstance(network, TorchClassifier)
    assert network.exit is not None
    whole = sum(layer.multiply_adds for layer in network_summary.summarise_layers(network))
    until = sum(layer.multiply_adds for layer in network_summary.summarise_layers(network, until_exit=True))
    assert until < 0.3 * whole
    leaving = 3136 * 10
    left, again = network.count_views(IMAGES)
    passes = np.where(left, until, whole) + leaving + again * (whole + leaving)
    assert speed.count_multiply_adds(network, IMAGES) == pytest.approx(passes.mean(), abs=1)
    assert speed.count_multiply_adds(runs.load_classifier(runs.get("kmeans")), IMAGES) == 10 * 784


def test_the_front_is_what_no_other_beats() -> None:
    rng = np.random.default_rng(2)
    cost, error = rng.integers(0, 8, 60).astype(float), rng.integers(0, 8, 60).astype(float)
    for i, on_front in enumerate(speed.pareto_front(cost, error)):
        beaten = any(
            cost[j] <= cost[i] and error[j] <= error[i] and (cost[j] < cost[i] or error[j] < error[i])
            for j in range(60)
        )
        assert on_front != beaten
