"""A summary needs test pictures."""

import numpy as np
import pytest

from fashion_core.analysis.predictions import Predictions
from fashion_core.errors import RunError
from fashion_core.runs.store import RunStore
from fashion_core.runs.summary import summarize_run


def test_a_run_without_test_pictures_says_what_to_do() -> None:
    nothing = Predictions(np.zeros((0, 10), np.float32), np.zeros(0, np.uint8))
    with pytest.raises(RunError, match="mlp has no test pictures"):
        summarize_run(RunStore().get("mlp"), nothing)
