import numpy as np
import pytest
from scipy.stats import f_oneway
from sklearn.linear_model import LinearRegression
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score
from sklearn.metrics.cluster import contingency_matrix

from fashion_core.analysis import clusters
from fashion_core.models.kmeans import UNASSIGNED_CLUSTER_CLASS

RNG = np.random.default_rng(2)


def test_every_metric_equals_scikit_learn() -> None:
    labels = RNG.integers(0, 10, 3000)
    assigned = np.where(RNG.random(3000) < 0.6, labels, RNG.integers(0, 10, 3000))
    result = clusters.cluster_metrics(assigned, labels, 10, 10)
    table = contingency_matrix(labels, assigned)
    assert result.contingency.T.tolist() == table.tolist()
    assert result.ari == pytest.approx(adjusted_rand_score(labels, assigned), abs=1e-12)
    assert result.nmi == pytest.approx(normalized_mutual_info_score(labels, assigned), abs=1e-12)
    assert result.purity == pytest.approx(table.max(axis=0).sum() / 3000, abs=1e-12)
    for names in (np.arange(10), RNG.permutation(10), np.full(10, 4)):
        assert result.accuracy_of_assigned_classes(names) == pytest.approx(
            (names[assigned] == labels).mean(), abs=1e-12
        )
    some = np.where(np.arange(10) < 6, np.arange(10), UNASSIGNED_CLUSTER_CLASS)
    assert result.accuracy_of_assigned_classes(some) == pytest.approx((some[assigned] == labels).mean(), abs=1e-12)


def test_eta_squared_agrees_with_the_f_statistic() -> None:
    values, groups = RNG.normal(size=300), RNG.integers(0, 4, 300)
    values = values + groups
    eta = clusters.eta_squared(values, groups)
    f = f_oneway(*(values[groups == g] for g in range(4))).statistic
    assert eta / (1 - eta) * (300 - 4) / 3 == pytest.approx(f)


def test_a_constant_has_no_variance_to_explain() -> None:
    assert clusters.eta_squared(np.ones(5), np.arange(5)) == 0.0


def test_tau_is_the_explained_variance_of_a_regression() -> None:
    groups, assigned = RNG.integers(0, 5, 400), RNG.integers(0, 4, 400)
    assigned = np.where(RNG.random(400) < 0.5, groups % 4, assigned)
    indicators, design = np.eye(4)[assigned], np.eye(5)[groups]
    residuals = indicators - LinearRegression(fit_intercept=False).fit(design, indicators).predict(design)
    expected = 1 - (residuals**2).sum() / ((indicators - indicators.mean(axis=0)) ** 2).sum()
    assert clusters.goodman_kruskal_tau(assigned, groups) == pytest.approx(expected, abs=1e-12)


def test_tau_is_1_for_itself_and_0_for_one_group() -> None:
    assigned = RNG.integers(0, 4, 100)
    assert clusters.goodman_kruskal_tau(assigned, assigned) == pytest.approx(1)
    assert clusters.goodman_kruskal_tau(assigned, np.zeros(100, int)) == pytest.approx(0)
    assert clusters.goodman_kruskal_tau(np.zeros(100, int), assigned) == 0.0


def test_quantile_bins_have_equal_size() -> None:
    filled = np.bincount(clusters.assign_quantile_bins(RNG.normal(size=1000)))
    assert len(filled) == 20
    assert filled.min() >= 49
