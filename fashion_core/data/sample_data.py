"""Synthetic sample data, so that every page works without Fashion-MNIST.

Each class is a Gaussian mixture in the space of its principal components, fitted on the real training images by
``fit_sample_data``. Samples look like blurred garments. No figure computed on them is a Fashion-MNIST result.
"""

import hashlib
from functools import cached_property
from pathlib import Path

import numpy as np

from fashion_core.data.classes import N_CLASSES
from fashion_core.data.dataset import Dataset, PartName
from fashion_core.errors import DataError, StorageError
from fashion_core.storage.arrays import arrays_from_npz_bytes

SAMPLE_PARAMETERS_PATH = Path(__file__).with_name("sample_data.npz")
PARAMETERS = ("mean", "components", "weights", "centres", "factors")
TRAIN_PER_CLASS, TEST_PER_CLASS = 600, 200
SAMPLE_SEEDS = {"train": 1, "test": 2}
PCA_SCORE_STEPS = 64  # principal component scores are rounded to 1 / 64
BACKGROUND_BRIGHTNESS_THRESHOLD = 40  # darker pixels become background; otherwise samples between two modes look hazy


class SampleDataset(Dataset):
    """6,000 synthetic images for train and validation and 2,000 for test, the same on every machine."""

    name = "fashion-mnist"  # it stands in for it
    source = "stand-in"
    title = "Synthetic sample data"
    folder = None

    @cached_property
    def fingerprint(self) -> str:  # type: ignore[override]
        """Of the shipped parameters and the constants that decide which samples are drawn."""
        constants = f"{TRAIN_PER_CLASS} {TEST_PER_CLASS} {SAMPLE_SEEDS} {PCA_SCORE_STEPS}"
        return hashlib.sha256(SAMPLE_PARAMETERS_PATH.read_bytes() + constants.encode()).hexdigest()[:16]

    def read_part(self, part: PartName) -> tuple[np.ndarray, np.ndarray]:
        n_per_class = TRAIN_PER_CLASS if part == "train" else TEST_PER_CLASS
        return generate_sample_images(n_per_class, SAMPLE_SEEDS[part])


def generate_sample_images(n_per_class: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw ``n_per_class`` images of each class: images uint8 [n, 28, 28] and labels uint8 [n], shuffled.

    Raises ``DataError`` when the shipped parameters are missing or damaged.
    """
    try:
        arrays = arrays_from_npz_bytes(SAMPLE_PARAMETERS_PATH.read_bytes(), PARAMETERS)
    except (OSError, StorageError) as error:
        raise DataError(f"{SAMPLE_PARAMETERS_PATH} is missing or damaged. Install the program again.") from error
    parameters = {name: array.astype(np.float64) for name, array in arrays.items()}
    rng = np.random.default_rng(seed)
    images = np.concatenate([_sample_class(parameters, c, n_per_class, rng) for c in range(N_CLASSES)])
    labels = np.repeat(np.arange(N_CLASSES, dtype=np.uint8), n_per_class)
    order = rng.permutation(len(labels))
    return images[order], labels[order]


def _sample_class(parameters: dict[str, np.ndarray], label: int, n: int, rng: np.random.Generator) -> np.ndarray:
    """Draw ``n`` images uint8 [n, 28, 28] of one class.

    ``parameters``: "mean" [10, 784] brightness; "components" [10, d, 784]; "weights" [10, m]; "centres" [10, m, d];
    "factors" [10, m, d, d], Cholesky factors of the covariances.
    """
    weights = parameters["weights"][label]
    chosen = rng.choice(len(weights), n, p=weights / weights.sum())
    noise = rng.standard_normal((n, parameters["centres"].shape[2]), dtype=np.float32)
    steps = np.einsum("nij,nj->ni", parameters["factors"][label][chosen], noise.astype(np.float64))  # [n, d]
    # float64 sums of products of float16 parameters and rounded scores are exact, so the pixels don't depend on the
    # order in which a processor adds them up; with float32 some pixels differed by one between machines
    scores = np.rint((parameters["centres"][label][chosen] + steps) * PCA_SCORE_STEPS) / PCA_SCORE_STEPS
    pixels = parameters["mean"][label] + scores @ parameters["components"][label]  # [n, 784]
    pixels[pixels < BACKGROUND_BRIGHTNESS_THRESHOLD] = 0
    return np.clip(np.rint(pixels), 0, 255).astype(np.uint8).reshape(n, 28, 28)
