import numpy as np
import pandas as pd

from fashion_core.charts import parallel


def test_each_setting_is_an_axis_and_the_figure_the_last_one_and_the_colour() -> None:
    runs = pd.DataFrame(
        {
            "learning_rate": [0.001, 0.1, 0.01],
            "optimizer": ["sgd", "adam", "sgd"],
            "mirror": [True, False, True],
            "validation": [0.9, 0.8, 0.85],
        }
    )
    labels = {"learning_rate": "Learning rate", "optimizer": "Optimizer", "mirror": "Mirror"}
    (trace,) = parallel.coordinates(runs, labels, "validation", "Validation, %", logarithmic=("learning_rate",)).data
    rate, optimizer, mirror, figure = trace.dimensions
    np.testing.assert_allclose(rate["values"], [-3, -1, -2])
    assert list(rate["ticktext"]) == ["0.001", "0.01", "0.1"]
    assert [optimizer["ticktext"][place] for place in optimizer["values"]] == ["sgd", "adam", "sgd"]
    assert list(mirror["ticktext"]) == ["no", "yes"]
    assert figure["label"] == "Validation, %"
    np.testing.assert_allclose(figure["values"], [90, 80, 85])
    np.testing.assert_allclose(trace.line.color, [90, 80, 85])


def test_many_values_share_round_ticks_and_zero_is_drawn_on_a_plain_scale() -> None:
    rates = np.geomspace(0.0013, 0.08, 40)
    runs = pd.DataFrame({"weight_decay": np.arange(40) / 100, "rate": rates, "validation": np.linspace(0.5, 0.9, 40)})
    labels = {"weight_decay": "Weight decay", "rate": "Rate"}
    (trace,) = parallel.coordinates(runs, labels, "validation", "%", logarithmic=("weight_decay", "rate")).data
    decay, rate, _ = trace.dimensions
    np.testing.assert_allclose(decay["values"], runs["weight_decay"])
    assert decay["ticktext"] is None
    np.testing.assert_allclose(rate["values"], np.log10(rates))
    assert list(rate["ticktext"]) == ["0.002", "0.005", "0.01", "0.02", "0.05"]
    np.testing.assert_allclose(10 ** np.array(rate["tickvals"]), [0.002, 0.005, 0.01, 0.02, 0.05])
