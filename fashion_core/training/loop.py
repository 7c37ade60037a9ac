"""Training as a generator of one result an epoch; page, command line and tests drive the same loop."""

import copy
import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from fashion_core.config.train_config import TrainConfig
from fashion_core.data import Dataset, Split
from fashion_core.errors import FashionError
from fashion_core.models import registry
from fashion_core.models.base import EXIT, Classifier, TorchClassifier, images_to_tensor
from fashion_core.models.kmeans import KMeansClassifier, restart_seed
from fashion_core.training.distributed import ProcessGroup
from fashion_core.training.snapshot import (
    TrainingSnapshot,
    add_name_prefix,
    generator_to_array,
    optimizers_to_arrays,
    restore_generator,
    restore_optimizers,
)

if TYPE_CHECKING:
    from torch import nn

SINGLE_PROCESS = ProcessGroup()
EXIT_IMAGES = 20_000  # training images that an early exit is fitted to


@dataclass(frozen=True)
class EpochResult:
    """One epoch's figures; for k-means one restart's, with the mean squared distance to the centroid as loss.

    Losses in nats; accuracies as shares; ``train_accuracy`` is taken on the augmented images as they are learnt;
    ``recall`` is each class's on validation [10]; ``seconds`` is the epoch's duration, with its look at validation;
    ``images_per_second`` counts the training alone. ``dead`` names the output units that are 0 for every validation
    image, which only a ReLU on the outputs can do.
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
    """The loss stopped being a number; the trainer's ``classifier`` is the best until then."""


class Trainer:
    """One training run. Iterate ``epochs()``; afterwards ``classifier`` is the best on validation.

    ``train``, ``validation``: the splits; the test split is never seen here. ``start``: weights to start from, as
    ``Classifier.state`` gives them. ``on_step`` is called with the steps done and their total; what it raises ends the
    training. ``snapshot`` may be taken after each epoch; a trainer made with it goes on from there, on the same
    machine's CPU to the same bits as one that was never interrupted. ``group``: the processes that train together,
    each with a trainer of its own.
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
        self.group = group
        self.on_step = on_step
        self.train = dataset.split("train")
        self.validation = dataset.split("validation")
        self.best_epoch = 0
        # an early exit is fitted to its own network, at the end
        self.start = start and {name: value for name, value in start.items() if not name.startswith(EXIT)}
        self.classifier: Classifier = registry.build_classifier(config)
        self._resume = resume
        self._snapshot: Callable[[], TrainingSnapshot] | None = None
        if self.start is not None and resume is None:
            self.classifier.load_state_dict(self.start)

    def train_epochs(self) -> Iterator[EpochResult]:
        """Train, yielding after each epoch. Raises ``Diverged`` when the loss is no longer a number."""
        if isinstance(self.classifier, KMeansClassifier):
            return self._restarts(self.classifier)
        assert isinstance(self.classifier, TorchClassifier)
        return self._epochs(self.classifier)

    def snapshot(self) -> TrainingSnapshot:
        """Everything that going on from the last whole epoch needs; raises ValueError before the first."""
        if self._snapshot is None:
            raise ValueError("no epoch is done yet")
        return self._snapshot()

    def _restarts(self, classifier: KMeansClassifier) -> Iterator[EpochResult]:
        best_inertia = math.inf
        best: Mapping[str, np.ndarray] = classifier.state_dict()
        first = 1
        if self._resume is not None:
            best, best_inertia = self._resume.get_arrays("best"), self._resume.get_number("best_inertia")
            self.best_epoch, first = self._resume.get_number("best_epoch"), self._resume.get_number("epoch") + 1
        for restart in range(first, self.config.epochs + 1):
            start = time.perf_counter()
            inertia = classifier.fit(
                self.train.images, self.train.labels, seed=restart_seed(self.config.seed, restart - 1)
            )
            if inertia < best_inertia:
                best_inertia, best, self.best_epoch = inertia, classifier.state_dict(), restart
            fitted = time.perf_counter() - start
            values = {"epoch": restart, "best_epoch": self.best_epoch, "best_inertia": best_inertia}
            self._snapshot = partial(TrainingSnapshot, add_name_prefix("best", best), values)
            self.on_step(restart, self.config.epochs)
            train_accuracy = float((classifier.predict_proba(self.train.images).argmax(1) == self.train.labels).mean())
            val_accuracy, recall = _scores(classifier.predict_proba(self.validation.images), self.validation)
            yield EpochResult(
                restart,
                inertia / len(self.train),
                train_accuracy,
                classifier.mean_squared_distance(self.validation.images),
                val_accuracy,
                0.0,
                time.perf_counter() - start,
                recall,
                len(self.train) / fitted,
            )
        classifier.load_state_dict(best)

    def _epochs(self, classifier: TorchClassifier) -> Iterator[EpochResult]:
        import torch
        from torch.nn import functional

        from fashion_core.training.augment import augment_training_batch, downsample
        from fashion_core.training.ghost_batches import GhostBatchGradients
        from fashion_core.training.optimizers import build_optimizers, learning_rate_factor

        config = self.config
        device = registry.select_device()
        halved = registry.uses_bfloat16(config.model, device)
        network = classifier.network.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        averaged = copy.deepcopy(network) if config.ema_decay else network
        watched = TorchClassifier(averaged, mirror=classifier.mirror, shift=classifier.shift)
        optimizers = build_optimizers(network, config)
        generator = torch.Generator().manual_seed(config.seed)
        images = images_to_tensor(self.train.images)  # [n, 1, 28, 28]
        labels = torch.from_numpy(self.train.labels.astype(np.int64))
        n = len(labels)
        steps_an_epoch = max(1, n // config.batch_size)
        n_steps = config.epochs * steps_an_epoch
        step, first, best_accuracy, best = 0, 1, -1.0, watched.state_dict()
        if (resume := self._resume) is not None:
            classifier.load_state_dict(resume.get_arrays("network"))
            if config.ema_decay:
                watched.load_state_dict(resume.get_arrays("averaged"))
            restore_optimizers(optimizers, resume.get_arrays("optimizers"))
            restore_generator(generator, resume.arrays.get("generator", np.zeros(0)))
            best, best_accuracy, self.best_epoch = (
                resume.get_arrays("best"),
                resume.get_number("best_accuracy"),
                resume.get_number("best_epoch"),
            )
            first, step = resume.get_number("epoch") + 1, resume.get_number("step")
        processes = self.group
        processes.broadcast_weights(network)
        if processes.size > 1 and resume is None and config.ema_decay:
            watched.load_state_dict(classifier.state_dict())
        parts = GhostBatchGradients(network, config.ghost_batches, processes, bfloat16=halved)
        groups = [group for optimizer in optimizers for group in optimizer.param_groups]
        for group in groups:
            group.setdefault("peak", group["lr"])
        average = _averager(averaged, network)
        criterion = partial(functional.cross_entropy, label_smoothing=config.label_smoothing, reduction="sum")
        for epoch in range(first, config.epochs + 1):
            start = time.perf_counter()
            order = torch.randperm(n, generator=generator)
            total, right, seen = 0.0, 0.0, 0
            small = (
                registry.get_model_spec(config.model).accepts_any_image_size
                and epoch <= config.low_resolution_share * config.epochs
            )
            with parts:
                for batch in order.split(config.batch_size)[:steps_an_epoch]:
                    share = learning_rate_factor(config, step, n_steps)
                    for group in groups:
                        group["lr"] = group["peak"] * share
                    own = labels[batch]
                    x, targets = augment_training_batch(images[batch], own, config, generator)
                    rows, logits, loss = parts.compute_gradients(downsample(x) if small else x, targets, criterion)
                    for optimizer in optimizers:
                        optimizer.step()
                    step += 1
                    self.on_step(step, n_steps)
                    if config.ema_decay:
                        average(min(config.ema_decay, step / (step + 10)))
                    total += loss * len(batch)
                    garments = rows[rows < len(batch)]  # pictures of no garment follow them
                    answers = logits[: len(garments)].argmax(1).cpu()
                    right += int((answers == own[garments]).sum())
                    seen += len(batch)
                    if processes.size == 1 and not math.isfinite(total):
                        break
            total, right = processes.sum_values(total, right)
            trained = time.perf_counter() - start
            if device == "cpu":
                watched.compile_for_inference()
            z = torch.from_numpy(watched.logits(self.validation.images))
            val_loss = float(functional.cross_entropy(z, torch.from_numpy(self.validation.labels.astype(np.int64))))
            if not (math.isfinite(total) and math.isfinite(val_loss)):
                classifier.load_state_dict(best)
                raise TrainingDivergedError(
                    f"The loss stopped being a number in epoch {epoch}. Choose a lower learning rate."
                )
            val_accuracy, recall = _scores(z.numpy(), self.validation)
            if val_accuracy >= best_accuracy:
                best_accuracy, best, self.best_epoch = val_accuracy, watched.state_dict(), epoch

            def snapshot(
                epoch: int = epoch,
                step: int = step,
                best: Mapping[str, np.ndarray] = best,
                best_accuracy: float = best_accuracy,
            ) -> TrainingSnapshot:
                arrays = {
                    **add_name_prefix("network", classifier.state_dict()),
                    **(add_name_prefix("averaged", watched.state_dict()) if config.ema_decay else {}),
                    **add_name_prefix("best", best),
                    **add_name_prefix("optimizers", optimizers_to_arrays(optimizers)),
                    "generator": generator_to_array(generator),
                }
                values = {"epoch": epoch, "step": step, "best_epoch": self.best_epoch, "best_accuracy": best_accuracy}
                return TrainingSnapshot(arrays, values)

            self._snapshot = snapshot
            yield EpochResult(
                epoch,
                total / seen,
                right / seen,
                val_loss,
                val_accuracy,
                float(optimizers[0].param_groups[0]["lr"]),
                time.perf_counter() - start,
                recall,
                seen / trained,
                find_dead_units(z.numpy()) if config.output_activation == "relu" else (),
            )
        classifier.load_state_dict(
            best if self.start is None else interpolate_weights(self.start, best, config.start_share)
        )
        classifier.network.cpu()
        classifier.compile_for_inference()
        classifier.fit_exit(self.train.images[:EXIT_IMAGES], self.validation.images)


def interpolate_weights(
    start: Mapping[str, np.ndarray], end: Mapping[str, np.ndarray], share: float
) -> dict[str, np.ndarray]:
    """Weights on the way from ``end`` to ``start``, ``share`` of it; counters are ``end``'s.

    Such an average often keeps what both know (M. Wortsman et al., "Robust fine-tuning of zero-shot models", CVPR
    2022).
    """
    return {
        name: ((1 - share) * value + share * start.get(name, value)).astype(value.dtype)
        if value.dtype.kind == "f"
        else value
        for name, value in end.items()
    }


def find_dead_units(logits: np.ndarray) -> tuple[int, ...]:
    """Output units that are 0 for each of ``logits`` float32 [n, 10], as a ReLU leaves them."""
    return tuple(int(unit) for unit in np.flatnonzero((logits == 0).all(axis=0)))


def _scores(scores: np.ndarray, split: Split) -> tuple[float, tuple[float, ...]]:
    """Accuracy and the ten recalls of the classes with the largest ``scores`` [n, 10]."""
    hits = scores.argmax(axis=1) == split.labels
    return float(hits.mean()), tuple(float(hits[split.labels == c].mean()) for c in range(10))


def _averager(averaged: "nn.Module", network: "nn.Module") -> Callable[[float], None]:
    """What moves ``averaged``'s parameters and batch statistics towards ``network``'s; counters are copied."""
    import torch
    from torch.optim.swa_utils import get_ema_multi_avg_fn

    pairs = list(zip(averaged.state_dict().values(), network.state_dict().values(), strict=True))
    floats = [list(each) for each in zip(*(pair for pair in pairs if pair[0].is_floating_point()), strict=True)]
    counters = [pair for pair in pairs if not pair[0].is_floating_point()]

    def average(decay: float) -> None:
        get_ema_multi_avg_fn(decay)(*floats, 0)
        with torch.no_grad():
            for mine, theirs in counters:
                mine.copy_(theirs)

    return average
