"""Settings by the amount of data: presets are made for 55,000 training images, and a catalogue has fewer."""

import dataclasses
import math

from fashion_core.config.train_config import HYPERPARAMETERS, TrainConfig
from fashion_core.data import Dataset
from fashion_core.errors import ConfigError
from fashion_core.models.registry import ModelSpec

MANY_IMAGES = 20_000  # from so many training images on, a preset is used as it is
CATALOGUE_EPOCHS = {"quick": 3, "poster": 10, "best": 6}
CATALOGUE_STEPS = {"quick": 400, "poster": 1500, "best": 1500}
CATALOGUE_BATCH_SIZE = 64


def training_config_for(
    spec: ModelSpec, preset: str, dataset: Dataset, *, start_from: str | None = None
) -> TrainConfig:
    """The settings of ``preset`` for training on ``dataset``; Fashion-MNIST's are the preset's own.

    ``start_from``: the run whose weights training starts from, empty for random ones; by default, on a catalogue, the
    run ``spec.default_start``. There k-means makes as many clusters as there
    are classes, and with fewer than ``MANY_IMAGES`` images the number of steps is fixed instead of the number of passes
    over them. Raises ``ConfigError`` for a preset that the model does not have.
    """
    if preset not in spec.presets:
        raise ConfigError(f"{spec.name} has no preset {preset!r}; choose {', '.join(spec.presets)}.")
    config = spec.presets[preset]
    if start_from is None:
        start_from = "" if dataset.has_shipped_runs or config.output_activation == "relu" else spec.default_start
    if spec.trainer == "gradient":
        config = dataclasses.replace(config, start_from=start_from)
    if dataset.has_shipped_runs:
        return config
    if spec.is_clustering:
        return dataclasses.replace(config, clusters=max(2, len(dataset.classes)))
    if spec.trainer != "gradient":
        return config
    n = dataset.split_sizes["train"]
    return config if n >= MANY_IMAGES else _with_fixed_steps(config, preset, n)


def _with_fixed_steps(config: TrainConfig, preset: str, n: int) -> TrainConfig:
    """``config`` for ``n`` training images: about as many steps whatever ``n`` is, with AdamW and small batches.

    Weights that have learnt other classes need small steps, and few images much augmentation.
    """
    epochs = CATALOGUE_EPOCHS.get(preset, CATALOGUE_EPOCHS["best"])
    n_images = CATALOGUE_STEPS.get(preset, CATALOGUE_STEPS["best"]) * CATALOGUE_BATCH_SIZE
    passes = math.ceil(n_images / (epochs * max(n, 1)))
    config = dataclasses.replace(
        config,
        epochs=epochs,
        passes_per_epoch=min(max(1, passes), int(HYPERPARAMETERS["passes_per_epoch"].high)),
        batch_size=CATALOGUE_BATCH_SIZE,
        low_resolution_share=0.0,
    )
    if preset == "poster":
        return config
    return dataclasses.replace(
        config,
        optimizer="adam",
        learning_rate=3e-4 if config.start_from else 1e-3,
        weight_decay=0.05,
        label_smoothing=0.1,
        shift=2,
        mirror=True,
        mixup=1.0,
        erase=0.2,
        ema_decay=0.99,
    )
