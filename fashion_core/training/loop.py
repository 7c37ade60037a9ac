"""Which trainer trains which model."""

import importlib
from typing import Any

from fashion_core.config.train_config import TrainConfig
from fashion_core.data import Dataset
from fashion_core.errors import ConfigError
from fashion_core.models.registry import get_model_spec
from fashion_core.training.trainer import Trainer

# imported when first needed: one of them needs torch
TRAINERS = {
    "gradient": ("fashion_core.training.gradient_trainer", "GradientTrainer"),
    "restarts": ("fashion_core.training.restart_trainer", "RestartTrainer"),
    "features": ("fashion_core.training.feature_trainer", "FeatureTrainer"),
}


def create_trainer(config: TrainConfig, dataset: Dataset, **options: Any) -> Trainer:
    """The trainer of ``config``'s model; ``options`` are those of ``Trainer``.

    Raises ``ConfigError`` for a model that cannot be trained.
    """
    spec = get_model_spec(config.model)
    if spec.trainer is None:
        raise ConfigError(f"{spec.title} cannot be trained: it is made of trained runs.")
    module, class_name = TRAINERS[spec.trainer]
    trainer_class: type[Trainer] = getattr(importlib.import_module(module), class_name)
    return trainer_class(config, dataset, **options)
