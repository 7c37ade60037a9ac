"""Prepared pictures that a network is trained on beside the images of the data set."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from fashion_core.data.classes import N_CLASSES
from fashion_core.errors import ConfigError, StorageError
from fashion_core.storage.arrays import arrays_from_npz_bytes, arrays_to_npz_bytes
from fashion_core.storage.files import write_atomically
from fashion_core.storage.folder import shared_data_folder

ARRAY_NAMES = ("images", "labels", "weights")


@dataclass(frozen=True)
class ExtraPictures:
    """``images`` uint8 [n, 28, 28], light on black; ``labels`` int64 [n], ``NONE_OF_THESE_LABEL`` for none of the ten
    classes; ``weights`` float64 [n]: how often each is sampled, relative to the others."""

    images: np.ndarray
    labels: np.ndarray
    weights: np.ndarray

    def sample(self, n: int, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        """``n`` pictures sampled by weight: float32 [n, 1, 28, 28], 0 to 1, and targets float32 [n, 10].

        The target of a picture of none of the ten classes is uniform (D. Hendrycks et al., "Deep Anomaly Detection with
        Outlier Exposure", ICLR 2019).
        """
        chosen = torch.multinomial(torch.from_numpy(self.weights), n, replacement=True, generator=generator).numpy()
        labels = torch.from_numpy(self.labels[chosen])
        targets = torch.full((n, N_CLASSES), 1 / N_CLASSES)
        known = labels >= 0
        targets[known] = torch.eye(N_CLASSES)[labels[known]]
        return torch.from_numpy(self.images[chosen]).unsqueeze(1).float() / 255, targets

    def save(self, name: str) -> Path:
        """Write the pictures for runs whose ``pictures`` setting is ``name``."""
        path = _path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, arrays_to_npz_bytes({key: getattr(self, key) for key in ARRAY_NAMES}))
        return path

    @classmethod
    def load(cls, name: str) -> "ExtraPictures":
        """The pictures that were saved as ``name``; raises ``ConfigError`` when there are none."""
        try:
            return cls(**arrays_from_npz_bytes(_path(name).read_bytes(), ARRAY_NAMES))
        except (OSError, StorageError) as error:
            raise ConfigError(
                f"The training pictures {name!r} are missing or damaged. Prepare them again (docs/recognition.md)."
            ) from error


def _path(name: str) -> Path:
    return shared_data_folder() / "pictures" / f"{name}.npz"
