"""Fit the sample data's parameters on the real training images: ``python -m fashion_core.data.fit_sample_data``.

The authors ran it once; it writes ``sample_data.npz``.
"""

import numpy as np

from fashion_core.data.classes import N_CLASSES
from fashion_core.data.loading import load_dataset
from fashion_core.data.sample_data import SAMPLE_PARAMETERS_PATH
from fashion_core.errors import DataError

COMPONENTS_PER_CLASS = 60  # principal components; more add noise, not shape
GAUSSIANS_PER_CLASS = 8
STANDARD_DEVIATION_FACTOR = 0.65  # below 1, or the tails of neighbouring classes overlap
SAMPLE_FIT_SEED = 0


def main() -> None:
    """Fit each class on its part of the train split and write the parameters as float16."""
    from sklearn.decomposition import PCA
    from sklearn.mixture import GaussianMixture

    dataset = load_dataset()
    if dataset.is_sample_data:
        raise DataError("The sample data is fitted on Fashion-MNIST. Set FASHION_MNIST_DIR, or run `fetch` first.")
    train = dataset.split("train")
    parameters: dict[str, list[np.ndarray]] = {
        name: [] for name in ("mean", "components", "weights", "centres", "factors")
    }
    for label in range(N_CLASSES):
        vectors = train.images[train.labels == label].reshape(-1, 784).astype(np.float32)
        pca = PCA(COMPONENTS_PER_CLASS, random_state=SAMPLE_FIT_SEED).fit(vectors)
        mixture = GaussianMixture(
            GAUSSIANS_PER_CLASS, covariance_type="full", reg_covar=1.0, random_state=SAMPLE_FIT_SEED
        )
        mixture.fit(pca.transform(vectors))
        parameters["mean"].append(pca.mean_)
        parameters["components"].append(pca.components_)
        parameters["weights"].append(mixture.weights_)
        parameters["centres"].append(mixture.means_)
        parameters["factors"].append(STANDARD_DEVIATION_FACTOR * np.linalg.cholesky(mixture.covariances_))
    arrays = {name: np.stack(parts).astype(np.float16) for name, parts in parameters.items()}
    np.savez_compressed(SAMPLE_PARAMETERS_PATH, **arrays)  # type: ignore[arg-type]
    print(f"{SAMPLE_PARAMETERS_PATH.name}: {SAMPLE_PARAMETERS_PATH.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
