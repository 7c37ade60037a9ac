import numpy as np

from fashion_core.recognition.fit_correction import cross_val_predict_correction, fit_prior_correction


def biased(n: int = 600) -> tuple[np.ndarray, np.ndarray]:
    """Log probabilities whose class 2 is always put too low by 2."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 4, n)
    z = rng.normal(0, 1, (n, 10))
    z[np.arange(n), labels] += 2
    z[:, 4:] -= 6
    z[:, 2] -= 2
    return z - np.log(np.exp(z).sum(axis=1, keepdims=True)), labels


def test_an_underestimated_class_is_raised_and_others_stay() -> None:
    logs, labels = biased()
    correction = fit_prior_correction(logs, labels, "made up")
    shift = np.array(correction.shift)
    assert shift[2] == shift.max() > 0.8
    assert abs(shift.sum()) < 1e-3
    assert (shift[4:] == 0).all()
    assert correction.n == len(labels)


def test_the_correction_helps_on_other_pictures_too() -> None:
    logs, labels = biased()
    before = (logs.argmax(axis=1) == labels).mean()
    assert (cross_val_predict_correction(logs, labels).argmax(axis=1) == labels).mean() > before + 0.03
