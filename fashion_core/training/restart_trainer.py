"""Training in independent restarts, of which the one with the lowest training loss is kept."""

import math
import time
from collections.abc import Iterator
from typing import Any

from fashion_core.models.base import RestartClassifier
from fashion_core.models.kmeans import restart_seed
from fashion_core.training.snapshot import TrainingSnapshot, add_name_prefix
from fashion_core.training.trainer import EpochResult, Trainer, accuracy_and_recall_by_class


class RestartTrainer(Trainer):
    """Fits a ``RestartClassifier`` once per epoch, each time from another seed."""

    classifier: RestartClassifier

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._epoch, self._best, self._best_loss = 0, self.classifier.state_dict(), math.inf
        if (resume := self.resume) is not None:
            self._epoch, self.best_epoch = resume.get_number("epoch"), resume.get_number("best_epoch")
            self._best, self._best_loss = resume.get_arrays("best"), resume.get_number("best_inertia")

    def train_epochs(self) -> Iterator[EpochResult]:
        """See ``Trainer``."""
        for epoch in range(self._epoch + 1, self.config.epochs + 1):
            yield self._train_epoch(epoch)
        self.classifier.load_state_dict(self._best)

    def _train_epoch(self, epoch: int) -> EpochResult:
        images, labels = self.train.images, self.train.labels
        start = time.perf_counter()
        loss = self.classifier.fit(images, labels, seed=restart_seed(self.config.seed, epoch - 1))
        fit_seconds = time.perf_counter() - start
        if loss < self._best_loss:
            self._best_loss, self._best, self.best_epoch = loss, self.classifier.state_dict(), epoch
        self._epoch = epoch
        self.on_step(epoch, self.config.epochs)
        train_accuracy, _ = accuracy_and_recall_by_class(self.classifier.predict_proba(images), self.train)
        val_accuracy, recall = accuracy_and_recall_by_class(
            self.classifier.predict_proba(self.validation.images), self.validation
        )
        return EpochResult(
            epoch,
            loss / len(self.train),
            train_accuracy,
            self.classifier.mean_loss(self.validation.images, self.validation.labels),
            val_accuracy,
            learning_rate=0.0,
            seconds=time.perf_counter() - start,
            recall=recall,
            images_per_second=len(self.train) / fit_seconds,
        )

    def snapshot(self) -> TrainingSnapshot:
        """See ``Trainer``."""
        if not self.best_epoch:
            raise ValueError("no epoch is done yet")
        values = {"epoch": self._epoch, "best_epoch": self.best_epoch, "best_inertia": self._best_loss}
        return TrainingSnapshot(add_name_prefix("best", self._best), values)
