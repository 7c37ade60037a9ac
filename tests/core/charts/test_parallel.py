import numpy as np
import pandas as pd
import pytest

from fashion_core.charts import parallel

RUNS = pd.DataFrame(
    {
        "learning_rate": [0.001, 0.1, 0.01],
        "optimizer": ["sgd", "adam", "<b>"],
        "mirror": [True, False, True],
        "validation": [0.9, 0.8, 0.85],
    }
)
LABELS = {"learning_rate": "Learning rate", "optimizer": "Optimizer", "mirror": "Mirror"}
RANGES = [(0.0, 1.0), (22.8, 89.7), (88.1, 89.7), (32.0, 512.0), (-3.0, 7.0), (0.9, 0.999)]


def ticks(figure, axis: int) -> dict[str, float]:
    return {a.text: a.y for a in figure.layout.annotations if a.x == axis and a.xanchor == "right"}


def test_each_setting_is_an_axis_and_the_figure_the_last_one_and_the_colour() -> None:
    figure = parallel.parallel_coordinates_chart(
        RUNS, LABELS, "validation", "Validation, %", logarithmic=("learning_rate",)
    )
    worst, middle, best = figure.data
    np.testing.assert_allclose(best.y, [0, 1, 1, 1])
    np.testing.assert_allclose(middle.y, [0.5, 0, 1, 0.5], atol=1e-9)
    np.testing.assert_allclose(worst.y, [1, 0.5, 0, 0])
    assert (worst.line.color, best.line.color) == ("#94a4a2", "#e76300")
    assert "Learning rate: 0.001<br>Optimizer: sgd<br>Mirror: yes<br>Validation, %: 90.0" in best.hovertemplate
    assert "<b>" not in middle.hovertemplate
    assert ticks(figure, 0) == pytest.approx({"0.001": 0, "0.01": 0.5, "0.1": 1})
    assert "<b>" not in ticks(figure, 1)
    assert ticks(figure, 2) == {"no": 0, "yes": 1}
    titles = [a.text for a in figure.layout.annotations if a.yanchor == "bottom"]
    assert titles == ["Learning rate", "Optimizer", "Mirror", "Validation, %"]


def test_many_values_share_round_ticks_and_zero_is_drawn_on_a_plain_scale() -> None:
    rates = np.geomspace(0.0013, 0.08, 40)
    runs = pd.DataFrame({"weight_decay": np.arange(40) / 100, "rate": rates, "validation": np.linspace(0.512, 0.9, 40)})
    labels = {"weight_decay": "Weight decay", "rate": "Rate"}
    figure = parallel.parallel_coordinates_chart(runs, labels, "validation", "%", logarithmic=("weight_decay", "rate"))
    assert list(ticks(figure, 0)) == ["0", "0.1", "0.2", "0.3"]
    assert list(ticks(figure, 1)) == ["0.002", "0.005", "0.01", "0.02", "0.05"]
    assert list(ticks(figure, 2)) == ["60.0", "70.0", "80.0", "90.0"]
    np.testing.assert_allclose([line.y[0] for line in figure.data], np.arange(40) / 39)


def test_runs_that_are_all_as_good_are_drawn_too() -> None:
    same = pd.DataFrame({"shift": [1, 2], "validation": [0.5, 0.5]})
    figure = parallel.parallel_coordinates_chart(same, {"shift": "Shift"}, "validation", "%")
    assert [list(line.y) for line in figure.data] == [[0, 0], [1, 0]]
    assert {line.line.color for line in figure.data} == {"#e76300"}


@pytest.mark.parametrize(("low", "high"), RANGES)
def test_round_ticks_are_few_and_within(low: float, high: float) -> None:
    found = parallel.round_ticks(low, high)
    assert 2 <= len(found) <= parallel.MAX_TICKS_PER_AXIS
    assert low <= found[0] <= found[-1] <= high
