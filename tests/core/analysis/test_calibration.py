import numpy as np
import pytest
from sklearn.calibration import calibration_curve

from fashion_core.analysis import calibration

RNG = np.random.default_rng(9)


def drawn(n: int, temperature: float) -> tuple[np.ndarray, np.ndarray]:
    """Labels drawn from a distribution, and that distribution made ``temperature`` times too sure of itself."""
    logits = RNG.normal(size=(n, 10)) * 2
    e = np.exp(logits)
    honest = e / e.sum(axis=1, keepdims=True)
    labels = (honest.cumsum(axis=1) > RNG.random((n, 1))).argmax(axis=1)
    return calibration.apply_temperature(honest, 1 / temperature), labels


def test_bins_are_scikit_learn_s() -> None:
    probabilities, labels = drawn(4000, 2.0)
    found = calibration.reliability_curve(probabilities, labels, n_bins=10)
    right = probabilities.argmax(axis=1) == labels
    accuracy, confidence = calibration_curve(right, probabilities.max(axis=1), n_bins=10)
    filled = found.counts > 0
    np.testing.assert_allclose(found.accuracy[filled], accuracy, atol=1e-9)
    np.testing.assert_allclose(found.confidence[filled], confidence, atol=1e-9)
    assert found.counts.sum() == 4000
    weights = found.counts[filled] / 4000
    assert found.expected_calibration_error == pytest.approx((np.abs(accuracy - confidence) * weights).sum(), abs=1e-9)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0, 3.0])
def test_the_temperature_that_was_put_on_is_found(temperature: float) -> None:
    probabilities, labels = drawn(20000, temperature)
    fitted = calibration.fit_temperature(probabilities, labels)
    assert fitted == pytest.approx(temperature, rel=0.05)
    before = calibration.reliability_curve(probabilities, labels).expected_calibration_error
    after = calibration.reliability_curve(
        calibration.apply_temperature(probabilities, fitted), labels
    ).expected_calibration_error
    assert after < 0.02
    assert after <= before + 0.005


def test_a_temperature_changes_no_answer() -> None:
    probabilities, _ = drawn(500, 1.0)
    warmer = calibration.apply_temperature(probabilities, 2.5)
    assert (warmer.argmax(axis=1) == probabilities.argmax(axis=1)).all()
    np.testing.assert_allclose(warmer.sum(axis=1), 1, rtol=1e-5)
