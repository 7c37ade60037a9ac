import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score, precision_score, recall_score
from statsmodels.stats.contingency_tables import mcnemar as oracle_mcnemar
from statsmodels.stats.multitest import multipletests

from fashion_core.analysis import compare, metrics

RNG = np.random.default_rng(12)
LABELS = RNG.integers(0, 10, 3000)
A = np.where(RNG.random(3000) < 0.8, LABELS, RNG.integers(0, 10, 3000))
B = np.where(RNG.random(3000) < 0.84, LABELS, RNG.integers(0, 9, 3000))


def test_estimates_equal_scikit_learn() -> None:
    result = compare.paired_bootstrap(LABELS, A, B, n_resamples=10, n_classes=10)
    for figures, answers in ((result.a, A), (result.b, B)):
        assert figures["accuracy"].estimate == pytest.approx(accuracy_score(LABELS, answers), abs=1e-9)
        for name, score in (("precision", precision_score), ("recall", recall_score), ("f1", f1_score)):
            expected = score(LABELS, answers, average="macro", zero_division=0)
            assert figures[f"macro_{name}"].estimate == pytest.approx(expected, abs=1e-9)
    for name, interval in result.difference.items():
        assert interval.estimate == pytest.approx(result.b[name].estimate - result.a[name].estimate, abs=1e-12)


def test_classes_that_do_not_occur_do_not_count() -> None:
    labels, answers = np.array([0, 0, 1, 1, 1, 3] * 20), np.array([0, 5, 1, 0, 1, 1] * 20)
    interval = compare.paired_bootstrap(labels, answers, answers, n_resamples=10, n_classes=10).a["macro_recall"]
    assert interval.estimate == pytest.approx(recall_score(labels, answers, average="macro", zero_division=0))


def test_intervals_equal_those_of_resampling_single_images() -> None:
    result = compare.paired_bootstrap(LABELS, A, B, n_resamples=4000, n_classes=10)
    gaps, f1 = [], []
    for _ in range(1500):
        some = RNG.integers(0, len(LABELS), len(LABELS))
        a, b = (metrics.classification_metrics(LABELS[some], answers[some], 10) for answers in (A, B))
        gaps.append(b.accuracy - a.accuracy)
        f1.append(b.macro_f1)
    for interval, expected in ((result.difference["accuracy"], gaps), (result.b["macro_f1"], f1)):
        low, high = np.quantile(expected, (0.025, 0.975))
        assert interval.low == pytest.approx(low, abs=0.002)
        assert interval.high == pytest.approx(high, abs=0.002)


def test_the_interval_covers_the_truth_at_its_level() -> None:
    n_covered = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        labels = rng.integers(0, 10, 500)
        a = np.where(rng.random(500) < 0.7, labels, (labels + 1) % 10)
        b = np.where(rng.random(500) < 0.75, labels, (labels + 1) % 10)
        gap = compare.paired_bootstrap(labels, a, b, n_resamples=300, seed=seed, n_classes=10).difference["accuracy"]
        n_covered += gap.low <= 0.05 <= gap.high
    assert 0.89 <= n_covered / 200 <= 0.99


def test_a_run_does_not_differ_from_itself() -> None:
    gap = compare.paired_bootstrap(LABELS, A, A, n_classes=10).difference["macro_f1"]
    assert (gap.estimate, gap.low, gap.high) == (0, 0, 0)
    assert compare.mcnemar_test(A == LABELS, A == LABELS).p_value == 1


def test_mcnemar_equals_statsmodels() -> None:
    a, b = LABELS == A, LABELS == B
    table = [[(a & b).sum(), (a & ~b).sum()], [(~a & b).sum(), (~a & ~b).sum()]]
    test = compare.mcnemar_test(a, b)
    assert test.p_value == pytest.approx(oracle_mcnemar(table, exact=True).pvalue, abs=1e-9)
    assert (test.n_fixed, test.n_new_mistakes) == (table[1][0], table[0][1])


@pytest.mark.slow
def test_holm_equals_statsmodels() -> None:
    for p in (RNG.random(10), np.array([0.001, 0.04, 0.03, 0.03, 1.0]), np.zeros(3)):
        np.testing.assert_allclose(compare.holm_adjust_p_values(p), multipletests(p, method="holm")[1], atol=1e-12)
    tests = compare.holm_corrected_mcnemar_by_class(LABELS, LABELS == A, LABELS == B, 10)
    adjusted = multipletests([test.p_value for test in tests], method="holm")[1]
    np.testing.assert_allclose([test.adjusted_p_value for test in tests], adjusted, atol=1e-9)
    assert sum(test.n_fixed for test in tests) == compare.mcnemar_test(LABELS == A, LABELS == B).n_fixed


def test_every_image_has_one_pattern() -> None:
    right = RNG.random((4, 500)) < 0.7
    occurring, of_image = compare.find_unique_correctness_patterns(right)
    assert (right == occurring[of_image].T).all()
    counts = np.bincount(of_image)
    assert counts.tolist() == sorted(counts, reverse=True)
    assert len(np.unique(occurring, axis=0)) == len(occurring) == len(np.unique(right, axis=1).T)


def test_often_confused_classes_are_neighbours() -> None:
    confusion = np.eye(10, dtype=int) * 100
    for pair in ((0, 6), (2, 4), (5, 9)):
        confusion[pair] = confusion[pair[::-1]] = 60
    order = compare.order_confused_classes_adjacently(confusion).tolist()
    assert sorted(order) == list(range(10))
    assert all(abs(order.index(i) - order.index(j)) == 1 for i, j in ((0, 6), (2, 4), (5, 9)))


def test_the_most_confused_class_is_the_most_frequent_mistake() -> None:
    scored = metrics.classification_metrics(LABELS, A, 10)
    for c, other in enumerate(compare.find_most_frequent_wrong_class_by_class(scored)):
        mistakes = np.bincount(A[(c == LABELS) & (c != A)], minlength=10)
        assert mistakes[other] == mistakes.max()
    assert compare.find_most_frequent_wrong_class_by_class(
        metrics.classification_metrics(LABELS, LABELS, 10)
    ).tolist() == list(range(10))
