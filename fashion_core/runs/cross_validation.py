"""Cross-validation of a run: for each fold a model is trained on the others, and predicts the images of the fold."""

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from fashion_core.analysis.predictions import Predictions
from fashion_core.config.train_config import TrainConfig
from fashion_core.data import Dataset
from fashion_core.data.dataset import NO_FOLD
from fashion_core.data.folds import FoldDataset
from fashion_core.models.inputs import predict_split
from fashion_core.training.distributed import ProcessGroup
from fashion_core.training.loop import create_trainer
from fashion_core.training.trainer import SINGLE_PROCESS

StepCallback = Callable[[int, int], None]


def report_steps_of_part(on_step: StepCallback, part: int, n_parts: int) -> StepCallback:
    """What gets the steps of one of ``n_parts`` trainings and reports those of all; they count alike."""
    return lambda step, n_steps: on_step(part * n_steps + step, n_parts * n_steps)


def predict_folds(
    config: TrainConfig,
    dataset: Dataset,
    done: Mapping[int, np.ndarray],
    *,
    start: Mapping[str, np.ndarray] | None = None,
    group: ProcessGroup = SINGLE_PROCESS,
    on_step: StepCallback = lambda step, n_steps: None,
) -> Iterator[dict[int, np.ndarray]]:
    """Predict each fold that isn't ``done`` by a model that is trained on the others.

    Yields all predictions up to then, float16 [n, classes] by fold; nothing without folds. ``on_step`` counts the steps
    of the run's own training, which came before, and of all folds.
    """
    folds = dataset.fold_numbers
    for part, fold in enumerate(folds, 1):
        if fold in done:
            continue
        fold_dataset = FoldDataset(dataset, fold)
        report = report_steps_of_part(on_step, part, 1 + len(folds))
        trainer = create_trainer(config, fold_dataset, start=start, group=group, on_step=report)
        for _ in trainer.train_epochs():
            pass
        done = {**done, fold: predict_split(trainer.classifier, fold_dataset, "test").astype(np.float16)}
        yield done


def pool_folds(dataset: Dataset, by_fold: Mapping[int, np.ndarray]) -> Predictions:
    """The predictions of all folds, float16 [n, classes] by fold, in the order of the test images."""
    assert dataset.folds is not None
    folds = dataset.folds[dataset.folds != NO_FOLD]
    probabilities = np.zeros((len(folds), len(dataset.classes)), np.float32)
    for fold, of_fold in by_fold.items():
        probabilities[folds == fold] = of_fold
    return Predictions(probabilities, dataset.published_test_arrays[1], folds)
