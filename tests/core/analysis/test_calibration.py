import numpy as np
import pytest
from sklearn.calibration import calibration_curve

from fashion_core.analysis import calibration

RNG = np.random.default_rng(9)


def overconfident_predictions(n: int, temperature: float) -> tuple[np.ndarray, np.ndarray]:
    """Labels drawn from a distribution, and that distribution made ``temperature`` times overconfident."""
    logits = RNG.normal(size=(n, 10)) * 2
    e = np.exp(logits)
    honest = e / e.sum(axis=1, keepdims=True)
    labels = (honest.cumsum(axis=1) > RNG.random((n, 1))).argmax(axis=1)
    return calibration.apply_temperature(honest, 1 / temperature), labels


def test_bins_equal_scikit_learn() -> None:
    probabilities, labels = overconfident_predictions(4000, 2.0)
    curve = calibration.reliability_curve(probabilities, labels, n_bins=10)
    right = probabilities.argmax(axis=1) == labels
    accuracy, confidence = calibration_curve(right, probabilities.max(axis=1), n_bins=10)
    filled = curve.counts > 0
    np.testing.assert_allclose(curve.accuracy[filled], accuracy, atol=1e-9)
    np.testing.assert_allclose(curve.confidence[filled], confidence, atol=1e-9)
    assert curve.counts.sum() == 4000
    weights = curve.counts[filled] / 4000
    assert curve.expected_calibration_error == pytest.approx((np.abs(accuracy - confidence) * weights).sum(), abs=1e-9)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0, 3.0])
def test_the_temperature_is_recovered(temperature: float) -> None:
    probabilities, labels = overconfident_predictions(20000, temperature)
    fitted = calibration.fit_temperature(probabilities, labels)
    assert fitted == pytest.approx(temperature, rel=0.05)
    before = calibration.reliability_curve(probabilities, labels).expected_calibration_error
    after = calibration.reliability_curve(
        calibration.apply_temperature(probabilities, fitted), labels
    ).expected_calibration_error
    assert after < 0.02
    assert after <= before + 0.005


def test_a_temperature_changes_no_prediction() -> None:
    probabilities, _ = overconfident_predictions(500, 1.0)
    warmer = calibration.apply_temperature(probabilities, 2.5)
    assert (warmer.argmax(axis=1) == probabilities.argmax(axis=1)).all()
    np.testing.assert_allclose(warmer.sum(axis=1), 1, rtol=1e-5)


def test_without_validation_images_the_temperature_is_1() -> None:
    assert calibration.fit_temperature(np.zeros((0, 10), np.float32), np.zeros(0, int)) == 1.0
