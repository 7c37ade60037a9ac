"""Fit the stand-in's parameters on the real training images: ``python -m fashion_core.data.fit_stand_in``.

Run once by the authors; ``stand_in.npz`` is its output.
"""

import numpy as np

from fashion_core.data.labels import N_CLASSES
from fashion_core.data.loading import load
from fashion_core.data.stand_in import PARAMETERS
from fashion_core.errors import DataError

COMPONENTS = 60  # principal components a class; more add noise, not shape
MIXTURE = 8  # Gaussians a class
SPREAD = 0.65  # factor on the fitted standard deviations: tails of neighbouring classes overlap
SEED = 0


def main() -> None:
    """Fit each class on its part of the train split and write the parameters as float16."""
    from sklearn.decomposition import PCA
    from sklearn.mixture import GaussianMixture

    dataset = load()
    if dataset.is_stand_in:
        raise DataError("The stand-in is fitted on Fashion-MNIST. Set FASHION_MNIST_DIR, or run `fetch` first.")
    train = dataset.split("train")
    found: dict[str, list[np.ndarray]] = {name: [] for name in ("mean", "components", "weights", "centres", "factors")}
    for label in range(N_CLASSES):
        vectors = train.images[train.labels == label].reshape(-1, 784).astype(np.float32)
        pca = PCA(COMPONENTS, random_state=SEED).fit(vectors)
        mixture = GaussianMixture(MIXTURE, covariance_type="full", reg_covar=1.0, random_state=SEED)
        mixture.fit(pca.transform(vectors))
        found["mean"].append(pca.mean_)
        found["components"].append(pca.components_)
        found["weights"].append(mixture.weights_)
        found["centres"].append(mixture.means_)
        found["factors"].append(SPREAD * np.linalg.cholesky(mixture.covariances_))
    arrays = {name: np.stack(parts).astype(np.float16) for name, parts in found.items()}
    np.savez_compressed(PARAMETERS, **arrays)  # type: ignore[arg-type]
    print(f"{PARAMETERS.name}: {PARAMETERS.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
