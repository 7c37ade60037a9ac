"""Several models as one: the mean of their log probabilities."""

from collections.abc import Mapping, Sequence

import numpy as np

from fashion_core.errors import RunError
from fashion_core.models.base import Classifier

MIN_PROBABILITY = 1e-7  # a class that one model excludes keeps this much, about the least that float16 holds


class EnsembleClassifier:
    """The fitted ``members``; its arrays are theirs, named ``<number>/<name>``."""

    def __init__(self, members: Sequence[Classifier]) -> None:
        self.members = tuple(members)

    @property
    def n_parameters(self) -> int:
        return sum(member.n_parameters for member in self.members)

    def predict_proba(self, images: np.ndarray) -> np.ndarray:
        return combine_probabilities([member.predict_proba(images) for member in self.members])

    def mean_multiply_adds_per_image(self, images: np.ndarray) -> int:
        """See ``Classifier``: of all members."""
        return sum(member.mean_multiply_adds_per_image(images) for member in self.members)

    def state_dict(self) -> dict[str, np.ndarray]:
        return {
            f"{number}/{name}": array
            for number, member in enumerate(self.members)
            for name, array in member.state_dict().items()
        }

    def load_state_dict(self, state: Mapping[str, np.ndarray]) -> None:
        parts: list[dict[str, np.ndarray]] = [{} for _ in self.members]
        for key, array in state.items():
            number, _, name = key.partition("/")
            if not (number.isdecimal() and int(number) < len(parts) and name):
                raise RunError(f"The weights hold {key[:80]!r}, which no member of this ensemble has.")
            parts[int(number)][name] = array
        for member, part in zip(self.members, parts, strict=True):
            member.load_state_dict(part)


def combine_probabilities(probabilities: Sequence[np.ndarray]) -> np.ndarray:
    """The normalised exponential of the mean log probabilities, float32 [n, classes].

    A geometric mean, so a model that is sure counts more than one that is not (G. Hinton, "Products of experts",
    ICANN 1999).
    """
    from scipy.special import softmax

    logs = [np.log(np.maximum(each, MIN_PROBABILITY)) for each in probabilities]
    return np.asarray(softmax(np.mean(logs, axis=0), axis=1), dtype=np.float32)
