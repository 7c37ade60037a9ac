"""Which trainer trains which model."""

import importlib
from typing import Any

from fashion_core.config.train_config import TrainConfig
from fashion_core.data import Dataset
from fashion_core.models.registry import get_model_spec
from fashion_core.training.trainer import Trainer

# imported when first needed: one of them needs torch
TRAINERS = {
    "gradient": ("fashion_core.training.gradient_trainer", "GradientTrainer"),
    "restarts": ("fashion_core.training.restart_trainer", "RestartTrainer"),
}


def create_trainer(config: TrainConfig, dataset: Dataset, **options: Any) -> Trainer:
    """The trainer of ``config``'s model; ``options`` are those of ``Trainer``."""
    module, class_name = TRAINERS[get_model_spec(config.model).trainer]
    trainer_class: type[Trainer] = getattr(importlib.import_module(module), class_name)
    return trainer_class(config, dataset, **options)
