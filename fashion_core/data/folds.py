"""Cross-validation: each fold of a data set is tested once, by a model that is trained on the others."""

import numpy as np

from fashion_core.data.dataset import Dataset, PartName


class FoldDataset(Dataset):
    """The images of ``fold`` as the test part of ``whole``, and all others to train and validate on."""

    def __init__(self, whole: Dataset, fold: int) -> None:
        assert whole.folds is not None
        self._whole = whole
        self._rows: dict[PartName, np.ndarray] = {
            "train": np.flatnonzero(whole.folds != fold),
            "test": np.flatnonzero(whole.folds == fold),
        }
        self.name, self.title, self.source, self.folder = whole.name, whole.title, whole.source, whole.folder
        self.fingerprint, self.classes = f"{whole.fingerprint}-{fold}", whole.classes
        self.is_labelled, self.has_pictures = whole.is_labelled, whole.has_pictures
        self.validation_indices = np.flatnonzero(np.isin(self._rows["train"], whole.validation_indices))

    def read_part(self, part: PartName) -> tuple[np.ndarray, np.ndarray]:
        images, labels = self._whole.published_train_arrays
        return images[self._rows[part]], labels[self._rows[part]]

    def views(self, part: PartName) -> np.ndarray:
        return self._whole.views("train")[self._rows[part]]

    def read_picture(self, part: PartName, index: int) -> bytes:
        return self._whole.read_picture("train", int(self._rows[part][index]))
