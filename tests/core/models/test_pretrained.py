import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from fashion_core.errors import ConfigError
from fashion_core.models.pretrained import (
    INVERSE_REGULARISATION,
    N_FEATURES,
    PretrainedClassifier,
    cut_out_garment,
    extract_features,
    missing_requirement,
    normalise_pictures,
)


def random_features(n_classes: int, per_class: int = 20) -> tuple[np.ndarray, np.ndarray]:
    """Features of length 1 around a centre for each class, and labels."""
    rng = np.random.default_rng(n_classes)
    labels = np.repeat(np.arange(n_classes), per_class)
    features = rng.random((n_classes, N_FEATURES))[labels] + rng.random((len(labels), N_FEATURES))
    return features / np.linalg.norm(features, axis=1, keepdims=True), labels


@pytest.mark.parametrize("n_classes", [2, 7])
def test_it_is_scikit_learn_s_logistic_regression(n_classes: int) -> None:
    features, labels = random_features(n_classes)
    classifier = PretrainedClassifier(n_classes)
    classifier.fit(features, labels)
    expected = LogisticRegression(C=INVERSE_REGULARISATION, max_iter=1000).fit(features.astype(np.float32), labels)
    np.testing.assert_allclose(
        classifier.predict_proba_of_features(features), expected.predict_proba(features), atol=1e-4
    )


def test_a_class_without_training_pictures_is_never_predicted() -> None:
    features, labels = random_features(3)
    classifier = PretrainedClassifier(4)
    classifier.fit(features, np.array([0, 1, 3])[labels])
    probabilities = classifier.predict_proba_of_features(features)
    assert probabilities[:, 2].max() < 1e-6
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)


def test_one_class_alone_is_refused() -> None:
    with pytest.raises(ConfigError, match="two classes"):
        PretrainedClassifier(2).fit(np.ones((3, N_FEATURES)), np.zeros(3, np.int64))


def test_pictures_are_padded_to_squares_by_their_edges() -> None:
    picture = np.zeros((100, 50, 3), np.uint8)
    picture[:, :10] = 255
    x = normalise_pictures([picture], 64)
    assert x.shape == (1, 3, 64, 64)
    assert x[0, :, 32, 0].min() == 1  # the left edge goes on
    assert x[0, :, 32, -1].max() == -1


def test_a_garment_is_cut_out_of_its_background_and_nothing_out_of_an_image() -> None:
    picture = np.full((220, 165, 3), 250, np.uint8)
    picture[50:170, 40:120] = (30, 60, 160)
    garment = cut_out_garment(picture)
    assert garment is not None
    assert 120 <= garment.shape[0] < 150  # as many pixels as in the picture, and a margin
    assert 80 <= garment.shape[1] < 110
    assert garment[garment.shape[0] // 2, garment.shape[1] // 2].tolist() == [30, 60, 160]
    assert cut_out_garment(np.zeros((28, 28), np.uint8)) is None


def test_features_do_not_depend_on_the_other_pictures() -> None:
    if sentence := missing_requirement():
        pytest.skip(sentence)
    rng = np.random.default_rng(0)
    small, large = (rng.integers(0, 256, (side, side, 3), dtype=np.uint8) for side in (40, 120))
    together = extract_features([small, large, small])
    np.testing.assert_allclose(together[0], extract_features([small])[0], atol=1e-5)
    np.testing.assert_allclose(together[1], extract_features([large])[0], atol=1e-5)
    np.testing.assert_array_equal(together[0], together[2])
