"""Whether a promise is kept, against scipy and statsmodels."""

import numpy as np
import pytest
from scipy.stats import binomtest
from statsmodels.stats.proportion import proportion_confint

from fashion_core.analysis.promise_check import check_automation_rate, check_error_rate, exact_interval


@pytest.mark.parametrize(("n_hits", "n"), [(0, 1), (1, 1), (0, 20), (3, 20), (20, 20), (7, 4000)])
def test_the_exact_interval_is_that_of_scipy_and_statsmodels(n_hits: int, n: int) -> None:
    interval = binomtest(n_hits, n).proportion_ci(0.95, method="exact")
    assert exact_interval(n_hits, n) == pytest.approx((interval.low, interval.high), abs=1e-12)
    assert exact_interval(n_hits, n) == pytest.approx(proportion_confint(n_hits, n, method="beta"), abs=1e-9)


def test_nothing_observed_has_no_interval() -> None:
    with pytest.raises(ValueError, match="at least one"):
        exact_interval(0, 0)


@pytest.mark.parametrize(
    ("n_wrong", "n", "verdict"),
    [(0, 20, "undecided"), (0, 367, "undecided"), (0, 368, "kept"), (1, 20, "undecided"), (4, 20, "broken")],
)
def test_one_percent_of_errors_is_kept_or_broken_once_that_is_certain(n_wrong: int, n: int, verdict: str) -> None:
    assert check_error_rate(n_wrong, n, 0.99).verdict == verdict


def test_a_kept_error_rate_is_rarely_called_broken_and_a_high_one_rarely_kept() -> None:
    rng = np.random.default_rng(0)
    at_limit = [check_error_rate(int(k), 500, 0.9).verdict for k in rng.binomial(500, 0.1, 2000)]
    assert at_limit.count("broken") / 2000 <= 0.035
    assert at_limit.count("kept") / 2000 <= 0.035


def test_new_pictures_lie_in_the_range_to_expect_in_95_of_100_cases() -> None:
    rng = np.random.default_rng(0)
    rates = rng.uniform(0.2, 0.95, 400)
    checks = [
        check_automation_rate(int(rng.binomial(300, rate)), 300, int(rng.binomial(500, rate)), 500) for rate in rates
    ]
    inside = np.mean([check.low <= check.rate <= check.high for check in checks])
    assert 0.92 <= inside <= 0.99


def test_fewer_than_expected_is_broken_and_more_is_not() -> None:
    assert check_automation_rate(40, 100, 800, 1000).verdict == "broken"
    assert check_automation_rate(80, 100, 800, 1000).verdict == "kept"
    assert check_automation_rate(100, 100, 800, 1000).verdict == "kept"
