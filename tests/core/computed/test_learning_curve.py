import pytest

from fashion_core.computed.learning_curve import LearningCurve
from fashion_core.errors import RunError
from tests.core.datasets import ToyDataset


def test_a_run_that_was_replaced_is_not_measured_for_another() -> None:
    with pytest.raises(RunError, match="was replaced"):
        LearningCurve("0" * 12, "mlp").compute(ToyDataset(), lambda fraction, step: None)
