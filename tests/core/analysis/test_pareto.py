import numpy as np

from fashion_core.analysis.pareto import pareto_front_mask


def test_the_front_is_what_no_other_point_beats() -> None:
    rng = np.random.default_rng(2)
    cost, error = rng.integers(0, 8, 60).astype(float), rng.integers(0, 8, 60).astype(float)
    for i, on_front in enumerate(pareto_front_mask(cost, error)):
        beaten = any(
            cost[j] <= cost[i] and error[j] <= error[i] and (cost[j] < cost[i] or error[j] < error[i])
            for j in range(60)
        )
        assert on_front != beaten
