"""How long an epoch takes on this machine, from a few steps of training that are then thrown away."""

import dataclasses
import time
from collections.abc import Callable
from dataclasses import dataclass

from fashion_core.config.train_config import LOW_RESOLUTION_SIDE, TrainConfig
from fashion_core.data import Dataset
from fashion_core.models.kmeans import KMeansClassifier, restart_seed
from fashion_core.models.torch_classifier import TorchClassifier
from fashion_core.training.loop import create_trainer

WARM_UP = 2  # steps that are not counted: memory is taken, and the fastest way to compute is looked for
LEAST = 8  # steps that are
SECONDS = (0.5, 3.0)  # steps are counted for so long at least, and hardly longer than that
VALIDATED = 1000  # images that are looked at as after an epoch
SAMPLE = 2750  # images that k-means clusters: a twentieth


@dataclass(frozen=True)
class Probe:
    """What was measured: ``count`` steps (k-means: images clustered) in ``seconds``, and so the ``epoch`` in seconds,
    with its look at validation (k-means: a restart)."""

    count: int
    seconds: float
    epoch: float


class Stopped(Exception):
    """Something more urgent has come up."""


class _Enough(Exception):
    """Enough steps were counted."""


def relevant(config: TrainConfig) -> TrainConfig:
    """``config`` with what hardly changes the time of an epoch set to one value: what is equal now is as fast."""
    return dataclasses.replace(
        config,
        epochs=1,
        seed=0,
        learning_rate=1e-3,
        one_cycle=False,
        weight_decay=0.0,
        label_smoothing=0.0,
        start_from="",
        start_share=0.0,
        output_activation="none",
        naming="majority",
    )


def measure(config: TrainConfig, dataset: Dataset, *, stop: Callable[[], bool] = lambda: False) -> Probe:
    """Train some steps of ``config`` on ``dataset``; raises ``Stopped`` soon after ``stop`` says so.

    Of k-means one start on a sample is taken, from which a restart is a rough guess: it is not told beforehand how
    many iterations either needs.
    """
    config = relevant(config)
    return _restart(config, dataset) if config.model == "kmeans" else _steps(config, dataset, stop)


def _steps(config: TrainConfig, dataset: Dataset, stop: Callable[[], bool]) -> Probe:
    ends: list[float] = []

    def on_step(step: int, n_steps: int) -> None:
        if stop():
            raise Stopped
        ends.append(time.perf_counter())
        counted, seconds = len(ends) - WARM_UP, ends[-1] - ends[min(len(ends), WARM_UP) - 1]
        if (counted >= LEAST and seconds > SECONDS[0]) or (counted > 0 and seconds > SECONDS[1]):
            raise _Enough

    trainer = create_trainer(
        dataclasses.replace(config, epochs=1000, low_resolution_share=0.0), dataset, on_step=on_step
    )
    classifier = trainer.classifier
    assert isinstance(classifier, TorchClassifier)
    try:
        for _ in trainer.train_epochs():
            pass
    except _Enough:
        pass
    count, seconds = len(ends) - WARM_UP, ends[-1] - ends[WARM_UP - 1]
    begin = time.perf_counter()
    images = trainer.validation.images[:VALIDATED]
    classifier.logits(images)
    validation = (time.perf_counter() - begin) * len(trainer.validation) / len(images)
    steps = max(1, len(trainer.train) // config.batch_size)
    saved = config.low_resolution_share * (
        1 - LOW_RESOLUTION_SIDE**2 / 28**2
    )  # a step takes about as long as its images have pixels
    return Probe(count, seconds, (1 - saved) * steps * seconds / count + validation)


def _restart(config: TrainConfig, dataset: Dataset) -> Probe:
    import sklearn.cluster  # noqa: F401  (not to be measured)

    train = dataset.split("train")
    images, labels = train.images[:SAMPLE], train.labels[:SAMPLE]
    classifier = KMeansClassifier(min(config.clusters, len(images)))
    begin = time.perf_counter()
    classifier.fit(images, labels, seed=restart_seed(config.seed, 0))
    classifier.predict_proba(images)
    seconds = time.perf_counter() - begin
    return Probe(len(images), seconds, seconds * len(train) / len(images))
