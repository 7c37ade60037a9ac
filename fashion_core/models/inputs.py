"""What a model sees of a data set: its 28 x 28 images, with every way the garment was cut out, or its pictures."""

from collections.abc import Callable, Sequence

import numpy as np

from fashion_core.data import Dataset
from fashion_core.data.dataset import PartName, SplitName
from fashion_core.models.base import Classifier
from fashion_core.models.ensemble import EnsembleClassifier, combine_probabilities
from fashion_core.models.picture_features import load_or_compute_features, read_picture
from fashion_core.models.pretrained import PretrainedClassifier

ReportFraction = Callable[[float], None]
IMAGES_PER_CHUNK = 500


def predict_split(
    classifier: Classifier, dataset: Dataset, split: SplitName, report: ReportFraction = lambda fraction: None
) -> np.ndarray:
    """Class probabilities float32 [n, classes] of a split, from its images or pictures, whichever the model takes.

    ``report`` gets the fraction done. Raises what ``load_or_compute_features`` raises.
    """
    if isinstance(classifier, EnsembleClassifier):
        n = len(classifier.members)
        return combine_probabilities(
            [
                predict_split(member, dataset, split, lambda fraction, k=k: report((k + fraction) / n))  # type: ignore[misc]
                for k, member in enumerate(classifier.members)
            ]
        )
    selected = dataset.split(split)
    part: PartName = "test" if split == "test" else "train"
    if isinstance(classifier, PretrainedClassifier):
        features = load_or_compute_features(dataset, part, lambda done, n: report(done / max(n, 1)))
        return classifier.predict_proba_of_features(features[selected.indices])
    views = dataset.views(part)[selected.indices]  # [n, v, 28, 28]
    parts = [np.zeros((0, len(dataset.classes)), np.float32)]
    for start in range(0, len(views), IMAGES_PER_CHUNK):
        parts.append(predict_views(classifier, views[start : start + IMAGES_PER_CHUNK]))
        report(min(1.0, (start + IMAGES_PER_CHUNK) / len(views)))
    return np.concatenate(parts)


def predict_views(classifier: Classifier, views: np.ndarray) -> np.ndarray:
    """Mean class probabilities float32 [n, classes] over the views of each image, uint8 [n, v, 28, 28]."""
    n, n_views = views.shape[:2]
    probabilities = classifier.predict_proba(views.reshape(-1, *views.shape[2:]))
    return probabilities.reshape(n, n_views, -1).mean(axis=1)


def read_test_inputs(dataset: Dataset, n: int) -> tuple[np.ndarray, Sequence[np.ndarray]]:
    """The first ``n`` of test as ``predict_pictures`` takes them: views uint8 [n, v, 28, 28] and pictures."""
    indices = dataset.split("test").indices[:n]
    return dataset.views("test")[indices], [read_picture(dataset, "test", index) for index in indices]


def multiply_adds_per_picture(classifier: Classifier, views: np.ndarray, pictures: Sequence[np.ndarray]) -> int:
    """Multiplications, each with an addition, to predict a picture: the mean over these."""
    if isinstance(classifier, EnsembleClassifier):
        return sum(multiply_adds_per_picture(member, views, pictures) for member in classifier.members)
    if isinstance(classifier, PretrainedClassifier):
        return classifier.mean_multiply_adds_per_image(pictures)
    n, n_views = views.shape[:2]
    return n_views * classifier.mean_multiply_adds_per_image(views.reshape(n * n_views, 28, 28))


def predict_pictures(
    classifier: Classifier, views: Sequence[np.ndarray] | np.ndarray, pictures: Sequence[np.ndarray]
) -> np.ndarray:
    """Class probabilities float32 [n, classes] of pictures outside of a data set.

    ``views``: of each picture uint8 [v, 28, 28], as the preparation gives them; ``pictures``: the picture itself, uint8
    [h, w, 3]. A model gets what it takes.
    """
    if isinstance(classifier, EnsembleClassifier):
        return combine_probabilities([predict_pictures(member, views, pictures) for member in classifier.members])
    if isinstance(classifier, PretrainedClassifier):
        return classifier.predict_proba(pictures)
    probabilities = classifier.predict_proba(np.concatenate([np.zeros((0, 28, 28), np.uint8), *views]))
    by_picture = np.split(probabilities, np.cumsum([len(each) for each in views])[:-1])
    return np.stack([each.mean(axis=0) for each in by_picture]) if len(views) else probabilities
