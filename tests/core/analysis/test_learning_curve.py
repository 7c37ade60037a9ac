"""The error curve against scikit-learn's and statsmodels' logistic regression."""

import numpy as np
import pytest
import statsmodels.api as sm

from fashion_core.analysis.learning_curve import MAX_EXPONENT, fit_error_curve

N = np.array([10.0, 20.0, 40.0])
TOTAL = np.array([300, 300, 300])


def test_the_fit_is_a_logistic_regression_on_the_logarithm_of_n() -> None:
    wrong = np.array([150, 101, 60])
    curve = fit_error_curve(N, wrong, TOTAL)
    assert curve is not None
    counts = np.column_stack([wrong + 0.5, TOTAL - wrong + 0.5])
    reference = sm.GLM(counts, sm.add_constant(-np.log(N / 40)), family=sm.families.Binomial()).fit()
    assert (curve.intercept, curve.exponent) == pytest.approx(tuple(reference.params), rel=1e-6)
    assert curve.covariance == pytest.approx(reference.cov_params(), rel=1e-4)


def test_a_power_law_of_the_odds_is_found_and_extrapolated() -> None:
    odds = 0.25 * (N / 40) ** -0.8
    total = np.full(3, 1_000_000)
    curve = fit_error_curve(N, np.rint(odds / (1 + odds) * total), total)
    assert curve is not None
    assert curve.exponent == pytest.approx(0.8, abs=0.01)
    goal = 0.25 * 4**-0.8
    ratios = curve.draw_error_ratios(160, 500, np.random.default_rng(0))
    assert ratios.mean() == pytest.approx(goal / (1 + goal) / 0.2, abs=0.01)


def test_no_errors_or_nothing_but_errors_leave_a_finite_curve() -> None:
    for wrong in (np.zeros(3, int), TOTAL):
        curve = fit_error_curve(N, wrong, TOTAL)
        assert curve is not None
        assert np.isfinite(curve.draw_error_ratios(160, 50, np.random.default_rng(0))).all()


def test_more_pictures_are_never_expected_to_harm_nor_to_help_without_limit() -> None:
    worse, steep = fit_error_curve(N, np.array([30, 60, 120]), TOTAL), fit_error_curve(N, np.array([290, 60, 1]), TOTAL)
    assert worse is not None
    assert steep is not None
    assert worse.draw_error_ratios(160, 50, np.random.default_rng(0)).min() == 1
    assert steep.draw_error_ratios(160, 50, np.random.default_rng(0)).min() > 4**-MAX_EXPONENT / 2


@pytest.mark.parametrize(("n", "total"), [([10, 10], [5, 5]), ([10], [5]), ([10, 20], [5, 0])])
def test_too_few_points_have_no_curve(n: list[float], total: list[int]) -> None:
    assert fit_error_curve(np.array(n, float), np.zeros(len(n)), np.array(total)) is None
