"""What every way of training has in common: a generator of one result an epoch."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from fashion_core.config.train_config import TrainConfig
from fashion_core.data import Dataset, Split
from fashion_core.errors import ConfigError, FashionError
from fashion_core.models.registry import build_classifier
from fashion_core.training.distributed import ProcessGroup
from fashion_core.training.snapshot import TrainingSnapshot

SINGLE_PROCESS = ProcessGroup()


@dataclass(frozen=True)
class EpochResult:
    """One epoch's figures; of a model trained in restarts, one restart's.

    Losses are means per image: cross-entropy in nats, for k-means the squared distance to the nearest centroid.
    Accuracies are fractions; ``train_accuracy`` is measured on the augmented images during the epoch. ``recall`` is
    each class's on validation [classes]. ``seconds`` is the epoch's duration with validation, ``images_per_second``
    counts the training alone. ``dead`` are the output units that are 0 for every validation image, which only a
    ReLU on the outputs can cause.
    """

    epoch: int
    train_loss: float
    train_accuracy: float
    val_loss: float
    val_accuracy: float
    learning_rate: float
    seconds: float
    recall: tuple[float, ...]
    images_per_second: float = 0.0
    dead: tuple[int, ...] = ()


class TrainingDivergedError(FashionError):
    """The loss is no longer a number; the trainer's ``classifier`` has the weights that were kept until then."""


class Trainer(ABC):
    """One training run. Iterate ``train_epochs()``; afterwards ``classifier`` has the weights that are kept.

    ``train`` and ``validation`` are the splits; where nothing is held out for validation, it is done on the training
    images. The labels of the test split are never read. ``start``: weights to start from, by the names of
    ``Classifier.state_dict``; those that it lacks are drawn. ``resume``: a ``snapshot()`` taken after an epoch;
    training continues from it, on the CPU of the same machine with bit-for-bit the result of an uninterrupted one.
    ``group``: the processes that train together, each with its own trainer. ``on_step`` gets the number of steps done
    and their total; what it raises ends the training.
    """

    def __init__(
        self,
        config: TrainConfig,
        dataset: Dataset,
        *,
        start: Mapping[str, np.ndarray] | None = None,
        resume: TrainingSnapshot | None = None,
        group: ProcessGroup = SINGLE_PROCESS,
        on_step: Callable[[int, int], None] = lambda step, n_steps: None,
    ) -> None:
        self.config = config
        self.dataset = dataset
        self.train = dataset.split("train")
        self.validation = dataset.split("validation")
        if not len(self.train):
            raise ConfigError(f"{dataset.title} has no training pictures. Add some, or split it again.")
        if not len(self.validation):
            self.validation = self.train
        self.start = start
        self.resume = resume
        self.group = group
        self.on_step = on_step
        self.best_epoch = 0
        self.classifier = build_classifier(config, len(dataset.classes))
        if start is not None and resume is None:
            self.classifier.load_state_dict({**self.classifier.state_dict(), **start})

    @abstractmethod
    def train_epochs(self) -> Iterator[EpochResult]:
        """Train, yielding after each epoch. Raises ``TrainingDivergedError`` when the loss is no longer a number."""

    @abstractmethod
    def snapshot(self) -> TrainingSnapshot:
        """Everything needed to resume after the last whole epoch; raises ValueError before the first."""


def accuracy_and_recall_by_class(scores: np.ndarray, split: Split) -> tuple[float, tuple[float, ...]]:
    """Accuracy and each class's recall, when the class with the largest of ``scores`` [n, classes] is predicted.

    The recall of a class without images is 0.
    """
    correct = scores.argmax(axis=1) == split.labels
    hits, support = (np.bincount(labels, minlength=scores.shape[1]) for labels in (split.labels[correct], split.labels))
    return float(correct.mean()), tuple((hits / np.maximum(support, 1)).tolist())
