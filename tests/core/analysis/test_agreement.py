"""Agreement of two people, against scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from fashion_core.analysis.agreement import measure_agreement


@pytest.mark.parametrize("n_classes", [2, 10, 200])
def test_kappa_is_that_of_scikit_learn(n_classes: int) -> None:
    rng = np.random.default_rng(n_classes)
    first = rng.integers(0, n_classes, 300)
    second = np.where(rng.random(300) < 0.7, first, rng.integers(0, n_classes, 300))
    agreement = measure_agreement([(f"class {a}", f"class {b}") for a, b in zip(first, second, strict=True)])
    assert agreement.kappa == pytest.approx(cohen_kappa_score(first, second), abs=1e-12)
    assert agreement.rate == pytest.approx((first == second).mean())


def test_one_class_alone_has_no_kappa() -> None:
    assert measure_agreement([("Dress", "Dress")] * 5).kappa is None
    assert measure_agreement([("Dress", "Coat")] * 5).kappa == 0.0
