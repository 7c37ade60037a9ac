"""One of several processes that train together: ``torchrun ... together.py MODEL OUT``; the first saves the weights."""

import dataclasses
import sys
from pathlib import Path

from safetensors.numpy import save_file

from fashion_core.config.train_config import TrainConfig
from fashion_core.models import registry
from fashion_core.training import distributed
from fashion_core.training.loop import create_trainer
from fashion_core.training.trainer import Trainer
from tests.core.datasets import ToyDataset

CONFIGS = {
    "mlp": TrainConfig("mlp", 2, batch_size=55, mirror=True, shift=1, label_smoothing=0.1),
    "improved_cnn": dataclasses.replace(
        registry.MODELS["improved_cnn"].presets["best"],
        epochs=1,
        batch_size=27,
        ghost_batches=4,
        ema_decay=0.9,
    ),
}


def train(model: str, group: distributed.ProcessGroup) -> Trainer:
    """The model on a tiny data set, in float32 so that the parts add up to the whole."""
    registry.uses_bfloat16 = lambda model, device: False
    trainer = create_trainer(CONFIGS[model], ToyDataset(12 if model == "improved_cnn" else 48), group=group)
    for _ in trainer.train_epochs():
        pass
    return trainer


if __name__ == "__main__":
    together = distributed.join_process_group()
    state = train(sys.argv[1], together).classifier.state_dict()
    if together.rank == 0:
        save_file(state, Path(sys.argv[2]))
    together.close()
