"""Training a network by gradient descent, an epoch at a time."""

import copy
import math
import time
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from torch.optim.swa_utils import get_ema_multi_avg_fn

from fashion_core.data import Dataset, Split
from fashion_core.data.classes import NONE_OF_THESE_LABEL
from fashion_core.models import registry
from fashion_core.models.base import images_to_tensor
from fashion_core.models.ensemble import MIN_PROBABILITY
from fashion_core.models.inputs import predict_views
from fashion_core.models.torch_classifier import TorchClassifier
from fashion_core.training.augment import augment_training_batch, downsample
from fashion_core.training.extra_pictures import ExtraPictures
from fashion_core.training.ghost_batches import GhostBatchGradients
from fashion_core.training.optimizers import build_optimizers, learning_rate_factor
from fashion_core.training.snapshot import (
    TrainingSnapshot,
    add_name_prefix,
    generator_to_array,
    optimizers_to_arrays,
    restore_generator,
    restore_optimizers,
)
from fashion_core.training.trainer import EpochResult, Trainer, TrainingDivergedError, accuracy_and_recall_by_class


class GradientTrainer(Trainer):
    """Trains a ``TorchClassifier``; keeps the weights, or their moving average, of one epoch.

    With the one-cycle schedule that is the last epoch, which ends at a learning rate of 0; with a constant learning
    rate the best on validation.
    """

    classifier: TorchClassifier

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        config = self.config
        spec = registry.get_model_spec(config.model)
        self._device = registry.select_device()
        network = self.classifier.network
        self._network = network.to(device=self._device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        averaged = copy.deepcopy(self._network) if config.ema_decay else self._network
        self._averaged = TorchClassifier(averaged, self.classifier.augmentation)  # what is validated
        self._optimizers = build_optimizers(self._network, config)
        self._generator = torch.Generator().manual_seed(config.seed)
        self._labels = torch.from_numpy(self.train.labels.astype(np.int64))
        self._pictures = ExtraPictures.load(config.pictures) if config.pictures else None
        self._views = select_several_views(self.dataset, self.train)
        self._validation_views = select_several_views(self.dataset, self.validation)
        self._sampling_weights = square_root_sample_weights(self._labels)
        self._steps_per_epoch = max(1, config.passes_per_epoch * len(self.train) // config.batch_size)
        n_low_resolution = config.low_resolution_share * config.epochs
        self._n_low_resolution = n_low_resolution if "low_resolution_share" in spec.hyperparameters else 0
        self._step, self._epoch = 0, 0
        self._kept, self._kept_accuracy = self._averaged.state_dict(), -1.0
        if self.resume is not None:
            self._restore(self.resume)
        self.group.broadcast_weights(self._network)
        if self.group.size > 1 and self.resume is None and config.ema_decay:
            self._averaged.load_state_dict(self.classifier.state_dict())
        self._gradients = GhostBatchGradients(
            self._network,
            config.ghost_batches,
            self.group,
            bfloat16=registry.uses_bfloat16(config.model, self._device),
        )
        self._parameter_groups = [group for optimizer in self._optimizers for group in optimizer.param_groups]
        for group in self._parameter_groups:
            group.setdefault("peak", group["lr"])
        self._loss = partial(functional.cross_entropy, label_smoothing=config.label_smoothing, reduction="sum")
        self._ema = ExponentialWeightAverage(averaged, self._network)

    def train_epochs(self) -> Iterator[EpochResult]:
        """See ``Trainer``."""
        for epoch in range(self._epoch + 1, self.config.epochs + 1):
            yield self._train_and_validate(epoch)
        final = self._kept
        if self.start is not None:
            final = interpolate_weights(self.start, self._kept, self.config.start_share)
        self.classifier.load_state_dict(final)
        self.classifier.network.cpu()
        self.classifier.compile_for_inference()

    def _train_and_validate(self, epoch: int) -> EpochResult:
        start = time.perf_counter()
        train_loss, train_accuracy, n_images = self._train_epoch(epoch)
        train_seconds = time.perf_counter() - start
        if self._device == "cpu":
            self._averaged.compile_for_inference()  # the weights have changed
        logits = self._validate()
        labels = torch.from_numpy(self.validation.labels.astype(np.int64))
        val_loss = float(functional.cross_entropy(torch.from_numpy(logits), labels))
        if not (math.isfinite(train_loss) and math.isfinite(val_loss)):
            self.classifier.load_state_dict(self._kept)
            raise TrainingDivergedError(
                f"The loss stopped being a number in epoch {epoch}. Choose a lower learning rate."
            )
        val_accuracy, recall = accuracy_and_recall_by_class(logits, self.validation)
        if self.config.one_cycle or val_accuracy >= self._kept_accuracy:
            self._kept_accuracy, self._kept, self.best_epoch = val_accuracy, self._averaged.state_dict(), epoch
        self._epoch = epoch
        return EpochResult(
            epoch,
            train_loss,
            train_accuracy,
            val_loss,
            val_accuracy,
            learning_rate=float(self._parameter_groups[0]["lr"]),
            seconds=time.perf_counter() - start,
            recall=recall,
            images_per_second=n_images / train_seconds,
            dead=self._find_dead_units(),
        )

    def _train_epoch(self, epoch: int) -> tuple[float, float, int]:
        """Mean loss and accuracy over the epoch's images that have a class, and their number."""
        loss, n_correct, n_images = 0.0, 0.0, 0
        order = self._draw_epoch()
        with self._gradients:
            for batch in order.split(self.config.batch_size)[: self._steps_per_epoch]:
                step_loss, step_correct, n = self._train_step(batch, low_resolution=epoch <= self._n_low_resolution)
                loss += step_loss * n
                n_correct += step_correct
                n_images += n
                if self.group.size == 1 and not math.isfinite(loss):
                    break
        loss, n_correct = self.group.sum_values(loss, n_correct)
        return loss / n_images, n_correct / n_images, n_images

    def _find_dead_units(self) -> tuple[int, ...]:
        if self.config.output_activation != "relu":
            return ()
        return find_dead_units(self._averaged.logits(self.validation.images))

    def _validate(self) -> np.ndarray:
        """Logits of the validation images float32 [n, classes]; of several views, the log of their mean probability."""
        if self._validation_views is None:
            return self._averaged.logits(self.validation.images)
        return np.log(np.maximum(predict_views(self._averaged, self._validation_views), MIN_PROBABILITY))

    def _draw_epoch(self) -> torch.Tensor:
        """Indices of the images that an epoch shows, in order, int64 [passes * n]."""
        n, passes = len(self._labels), self.config.passes_per_epoch
        if self._sampling_weights is not None:
            return torch.multinomial(self._sampling_weights, passes * n, replacement=True, generator=self._generator)
        return torch.cat([torch.randperm(n, generator=self._generator) for _ in range(passes)])

    def _draw_views(self, batch: torch.Tensor) -> np.ndarray:
        """A view of each of these images, uint8 [n, 28, 28], at random where there are several."""
        if self._views is None:
            return self.train.images[batch.numpy()]
        views = torch.randint(self._views.shape[1], (len(batch),), generator=self._generator)
        return self._views[batch.numpy(), views.numpy()]

    def _train_step(self, batch: torch.Tensor, *, low_resolution: bool) -> tuple[float, int, int]:
        """One optimizer step on the images of these indices.

        Returns this process's part of the mean loss, its hits, and the number of images that have a class.
        """
        n_steps = self.config.epochs * self._steps_per_epoch
        factor = learning_rate_factor(self.config, self._step, n_steps)
        for group in self._parameter_groups:
            group["lr"] = group["peak"] * factor
        labels = self._labels[batch]
        x = images_to_tensor(self._draw_views(batch))
        x, targets = augment_training_batch(
            x, labels, self.config, self._generator, len(self.dataset.classes), self._pictures
        )
        x = downsample(x) if low_resolution else x
        rows, logits, loss = self._gradients.compute_gradients(x, targets, self._loss)
        for optimizer in self._optimizers:
            optimizer.step()
        self._step += 1
        self.on_step(self._step, n_steps)
        if self.config.ema_decay:
            self._ema.update(min(self.config.ema_decay, self._step / (self._step + 10)))
        if targets.ndim == 2:  # of none of the classes where all probabilities are equal
            least = 1.001 / targets.shape[1]
            probability, targets = targets.max(dim=1)
            targets[probability < least] = NONE_OF_THESE_LABEL
        hits = logits.argmax(1).cpu() == targets[rows]
        return loss, int(hits.sum()), int((targets >= 0).sum())

    def snapshot(self) -> TrainingSnapshot:
        """See ``Trainer``."""
        if not self._epoch:
            raise ValueError("no epoch is done yet")
        averaged = self._averaged.state_dict() if self.config.ema_decay else {}
        arrays = {
            **add_name_prefix("network", self.classifier.state_dict()),
            **add_name_prefix("averaged", averaged),
            **add_name_prefix("best", self._kept),
            **add_name_prefix("optimizers", optimizers_to_arrays(self._optimizers)),
            "generator": generator_to_array(self._generator),
        }
        values = {
            "epoch": self._epoch,
            "step": self._step,
            "best_epoch": self.best_epoch,
            "best_accuracy": self._kept_accuracy,
        }
        return TrainingSnapshot(arrays, values)

    def _restore(self, resume: TrainingSnapshot) -> None:
        self.classifier.load_state_dict(resume.get_arrays("network"))
        if self.config.ema_decay:
            self._averaged.load_state_dict(resume.get_arrays("averaged"))
        restore_optimizers(self._optimizers, resume.get_arrays("optimizers"))
        restore_generator(self._generator, resume.arrays.get("generator", np.zeros(0)))
        self._epoch, self._step = resume.get_number("epoch"), resume.get_number("step")
        self._kept, self._kept_accuracy = resume.get_arrays("best"), resume.get_number("best_accuracy")
        self.best_epoch = resume.get_number("best_epoch")


def select_several_views(dataset: Dataset, split: Split) -> np.ndarray | None:
    """The views of the images of ``split``, train or validation, uint8 [n, v, 28, 28]; None if each has but one."""
    views = dataset.views("train")
    return views[split.indices] if views.shape[1] > 1 else None


def square_root_sample_weights(labels: torch.Tensor) -> torch.Tensor | None:
    """How often each image is drawn, relative to the others, float64 [n]; None where all classes are of equal size.

    A class is drawn in proportion to the square root of its size: a rare one more often than it occurs, and its images
    not so often that they are learnt by heart (D. Mahajan et al., "Exploring the Limits of Weakly Supervised
    Pretraining", ECCV 2018).
    """
    counts = torch.bincount(labels).double()
    present = counts[counts > 0]
    return None if bool((present == present[0]).all()) else counts[labels] ** -0.5


class ExponentialWeightAverage:
    """Exponential moving average of a network's parameters and batch statistics; counters are copied."""

    def __init__(self, averaged: nn.Module, network: nn.Module) -> None:
        pairs = list(zip(averaged.state_dict().values(), network.state_dict().values(), strict=True))
        floats = [pair for pair in pairs if pair[0].is_floating_point()]
        self._averages, self._values = (list(column) for column in zip(*floats, strict=True))
        self._counters = [pair for pair in pairs if not pair[0].is_floating_point()]

    @torch.no_grad()
    def update(self, decay: float) -> None:
        """Move the average towards the network: ``decay`` of it stays."""
        get_ema_multi_avg_fn(decay)(self._averages, self._values, 0)
        for average, value in self._counters:
            average.copy_(value)


def interpolate_weights(
    start: Mapping[str, np.ndarray], end: Mapping[str, np.ndarray], start_fraction: float
) -> dict[str, np.ndarray]:
    """Weights between ``end`` and ``start``; counters are ``end``'s.

    Such an average often keeps what both networks know (M. Wortsman et al., "Robust fine-tuning of zero-shot models",
    CVPR 2022).
    """
    return {
        name: ((1 - start_fraction) * value + start_fraction * start.get(name, value)).astype(value.dtype)
        if value.dtype.kind == "f"
        else value
        for name, value in end.items()
    }


def find_dead_units(logits: np.ndarray) -> tuple[int, ...]:
    """Output units that are 0 for each of ``logits`` float32 [n, classes], as a ReLU leaves them."""
    return tuple(int(unit) for unit in np.flatnonzero((logits == 0).all(axis=0)))
