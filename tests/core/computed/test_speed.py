import numpy as np
import pytest

from fashion_core.computed import speed
from fashion_core.computed.speed import SpeedMeasurement
from fashion_core.errors import RunError
from fashion_core.runs.store import RunStore, hash_weights
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
    wanted = SpeedMeasurement(hash_weights(run.path), run_id, speed.processor_and_usable_cores())
    assert "cores" in wanted.machine
    shares: list[float] = []
    found = wanted.compute(ToyDataset(), lambda share, doing: shares.append(share))
    assert set(found) == set(SpeedMeasurement.arrays)
    assert all(value.shape == () and value > 0 for value in found.values())
    assert shares == sorted(shares)


def test_a_run_that_was_replaced_is_not_measured_for_another() -> None:
    with pytest.raises(RunError, match="was replaced"):
        SpeedMeasurement("0" * 12, "mlp", "any").compute(ToyDataset(), lambda share, doing: None)
