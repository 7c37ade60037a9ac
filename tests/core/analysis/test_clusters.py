import numpy as np
import pytest
from scipy.stats import f_oneway
from sklearn.linear_model import LinearRegression
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score
from sklearn.metrics.cluster import contingency_matrix

from fashion_core.analysis import clusters
from fashion_core.models.kmeans import NO_CLASS

RNG = np.random.default_rng(2)


def test_every_figure_is_scikit_learn_s() -> None:
    labels = RNG.integers(0, 10, 3000)
    found = np.where(RNG.random(3000) < 0.6, labels, RNG.integers(0, 10, 3000))
    report = clusters.cluster_metrics(found, labels, 10)
    table = contingency_matrix(labels, found)
    assert report.contingency.T.tolist() == table.tolist()
    assert report.ari == pytest.approx(adjusted_rand_score(labels, found), abs=1e-12)
    assert report.nmi == pytest.approx(normalized_mutual_info_score(labels, found), abs=1e-12)
    assert report.purity == pytest.approx(table.max(axis=0).sum() / 3000, abs=1e-12)
    for names in (np.arange(10), RNG.permutation(10), np.full(10, 4)):
        assert report.accuracy(names) == pytest.approx((names[found] == labels).mean(), abs=1e-12)
    some = np.where(np.arange(10) < 6, np.arange(10), NO_CLASS)
    assert report.accuracy(some) == pytest.approx((some[found] == labels).mean(), abs=1e-12)


def test_variance_explained_agrees_with_the_f_statistic() -> None:
    values, groups = RNG.normal(size=300), RNG.integers(0, 4, 300)
    values = values + groups
    eta = clusters.eta_squared(values, groups)
    f = f_oneway(*(values[groups == g] for g in range(4))).statistic
    assert eta / (1 - eta) * (300 - 4) / 3 == pytest.approx(f)


def test_a_constant_has_no_variance_to_explain() -> None:
    assert clusters.eta_squared(np.ones(5), np.arange(5)) == 0.0


def test_membership_explained_is_the_regression_of_the_indicators() -> None:
    groups, found = RNG.integers(0, 5, 400), RNG.integers(0, 4, 400)
    found = np.where(RNG.random(400) < 0.5, groups % 4, found)
    indicators, design = np.eye(4)[found], np.eye(5)[groups]
    residuals = indicators - LinearRegression(fit_intercept=False).fit(design, indicators).predict(design)
    expected = 1 - (residuals**2).sum() / ((indicators - indicators.mean(axis=0)) ** 2).sum()
    assert clusters.goodman_kruskal_tau(found, groups) == pytest.approx(expected, abs=1e-12)


def test_membership_is_explained_wholly_by_itself_and_not_at_all_by_one_group() -> None:
    found = RNG.integers(0, 4, 100)
    assert clusters.goodman_kruskal_tau(found, found) == pytest.approx(1)
    assert clusters.goodman_kruskal_tau(found, np.zeros(100, int)) == pytest.approx(0)
    assert clusters.goodman_kruskal_tau(np.zeros(100, int), found) == 0.0


def test_levels_are_equally_filled() -> None:
    filled = np.bincount(clusters.quantile_bins(RNG.normal(size=1000)))
    assert len(filled) == 20
    assert filled.min() >= 49
