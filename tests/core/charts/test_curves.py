import pandas as pd
import pytest

from fashion_core.charts import curves


@pytest.mark.parametrize(("n", "step"), [(1, 1), (6, 1), (10, 2), (30, 5), (90, 20), (3000, 500)])
def test_numbers_of_epochs_are_whole_round_few_and_upright(n: int, step: int) -> None:
    epochs = range(1, n + 1)
    history = pd.DataFrame({"epoch": epochs, "train_loss": 1.0, "val_loss": 1.0})
    axis = curves.loss_chart(history).layout.xaxis
    assert (axis.tick0, axis.dtick, axis.tickangle) == (0, step, 0)
