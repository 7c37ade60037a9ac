"""Training on the features of pictures: they are computed once a picture, and the model is fitted to them in one go."""

import time
from collections.abc import Iterator

import numpy as np

from fashion_core.data import Split
from fashion_core.models.picture_features import load_or_compute_features
from fashion_core.models.pretrained import PretrainedClassifier
from fashion_core.training.snapshot import TrainingSnapshot, add_name_prefix
from fashion_core.training.trainer import EpochResult, Trainer, accuracy_and_recall_by_class


class FeatureTrainer(Trainer):
    """Fits a ``PretrainedClassifier``, in one epoch. A step is a picture whose features are computed.

    The features of the test pictures are computed here too, without their labels, so that one bar shows all progress.
    """

    classifier: PretrainedClassifier

    def train_epochs(self) -> Iterator[EpochResult]:
        """See ``Trainer``."""
        if self.resume is not None:
            self.classifier.load_state_dict(self.resume.get_arrays("fitted"))
            self.best_epoch = 1
            return
        start = time.perf_counter()
        sizes = self.dataset.split_sizes
        n_train, n = sizes["train"] + sizes["validation"], sum(sizes.values())
        features = load_or_compute_features(self.dataset, "train", lambda done, _: self.on_step(done, n))
        load_or_compute_features(self.dataset, "test", lambda done, _: self.on_step(n_train + done, n))
        self.classifier.fit(features[self.train.indices], self.train.labels)
        self.best_epoch = 1
        (train_loss, train_accuracy, _), (val_loss, val_accuracy, recall) = (
            self._score(features[split.indices], split) for split in (self.train, self.validation)
        )
        seconds = time.perf_counter() - start
        speed = len(self.train) / seconds
        yield EpochResult(1, train_loss, train_accuracy, val_loss, val_accuracy, 0.0, seconds, recall, speed)

    def _score(self, features: np.ndarray, split: Split) -> tuple[float, float, tuple[float, ...]]:
        """Cross-entropy, accuracy and the recall of each class."""
        probabilities = self.classifier.predict_proba_of_features(features)
        chosen = probabilities[np.arange(len(split)), split.labels]
        return float(-np.log(np.maximum(chosen, 1e-12)).mean()), *accuracy_and_recall_by_class(probabilities, split)

    def snapshot(self) -> TrainingSnapshot:
        """See ``Trainer``."""
        if not self.best_epoch:
            raise ValueError("no epoch is done yet")
        return TrainingSnapshot(add_name_prefix("fitted", self.classifier.state_dict()), {"epoch": 1})
