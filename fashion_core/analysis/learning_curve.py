"""How an error rate falls with more pictures or more epochs, and where it would be with more still.

The odds of an error follow a power law: ``error / (1 - error) = a * n ** -b``. Where errors are few, that is the power
law of the error (J. Hestness et al., "Deep Learning Scaling is Predictable, Empirically", arXiv:1712.00409); it also
holds for a class so rare that nearly all of it is predicted wrongly, as an error rate can't exceed 1.
"""

from dataclasses import dataclass

import numpy as np

N_NEWTON_STEPS = 50
PRIOR_ERRORS = 0.5  # added to wrong and to correct ones, so that no errors at all leave finite odds
# More of the same never teaches less. On 24 subsets of Fashion-MNIST with 7 to 120 pictures of one class, exponents up
# to this agree best with what more pictures brought; steeper ones come from few points.
MIN_EXPONENT, MAX_EXPONENT = 0.0, 1.5


@dataclass(frozen=True)
class ErrorCurve:
    """A fitted power law: ``log(error / (1 - error)) = intercept - exponent * log(n / reference)``.

    ``covariance`` float64 [2, 2] is that of intercept and exponent.
    """

    intercept: float
    exponent: float
    reference: float
    covariance: np.ndarray

    def draw_error_ratios(self, n: float, n_draws: int, rng: np.random.Generator) -> np.ndarray:
        """Draws of the error rate at ``n`` divided by that at ``reference``, float64 [n_draws], 0 to 1."""
        draws = rng.multivariate_normal([self.intercept, self.exponent], self.covariance, n_draws)
        draws[:, 1] = np.clip(draws[:, 1], MIN_EXPONENT, MAX_EXPONENT)
        return np.minimum(_error_rate(draws.T, np.log(n / self.reference)) / _error_rate(draws.T, 0.0), 1.0)


def _error_rate(parameters: np.ndarray, log_n: float) -> np.ndarray:
    rate: np.ndarray = 1 / (1 + np.exp(-(parameters[0] - parameters[1] * log_n)))
    return rate


def fit_error_curve(n: np.ndarray, wrong: np.ndarray, total: np.ndarray) -> ErrorCurve | None:
    """Logistic regression of the errors on ``log(n)``, by Newton's method; None with fewer than two different ``n``.

    ``n`` float64 [k]: pictures or epochs of each training, above 0; ``wrong`` of ``total`` images were predicted
    wrongly, int64 [k] each. Where the points scatter more than counts do, the covariance grows as much.
    """
    if len(np.unique(n)) < 2 or not total.all():
        return None
    reference = float(n.max())
    design = np.column_stack([np.ones(len(n)), -np.log(n / reference)])  # [k, 2]
    wrong, total = wrong + PRIOR_ERRORS, total + 2 * PRIOR_ERRORS
    beta = np.array([np.log(wrong.sum() / (total - wrong).sum()), 0.0])
    for _ in range(N_NEWTON_STEPS):
        expected = 1 / (1 + np.exp(-design @ beta))
        information = design.T @ (design * (total * expected * (1 - expected))[:, None])
        step = np.linalg.solve(information, design.T @ (wrong - total * expected))
        beta = np.clip(beta + np.clip(step, -2, 2), (-20, -5), (20, 5))
        if np.abs(step).max() < 1e-9:
            break
    squares = (wrong - total * expected) ** 2 / (total * expected * (1 - expected))
    dispersion = max(1.0, float(squares.sum() / max(len(n) - 2, 1)))
    return ErrorCurve(float(beta[0]), float(beta[1]), reference, dispersion * np.linalg.inv(information))
