"""A torch network as a ``Classifier``."""

import copy
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from fashion_core.errors import RunError
from fashion_core.models.base import check_images, check_state_dict, images_to_tensor
from fashion_core.models.inference import NO_TEST_TIME_AUGMENTATION, Engine, TestTimeAugmentation, TorchEngine

if TYPE_CHECKING:
    from torch import nn

LEGACY_EARLY_EXIT_ARRAY_PREFIX = "exit."  # of arrays that older versions saved with a network


class TorchClassifier:
    """A network, how many views of an image it gets (``augmentation``), and what computes it (``engine``).

    The network is put into evaluation mode here and stays in it: several threads may predict at once. Only a trainer,
    which has the network for itself, changes the mode or the weights.
    """

    def __init__(self, network: "nn.Module", augmentation: TestTimeAugmentation = NO_TEST_TIME_AUGMENTATION) -> None:
        self.network = network.eval()
        self.augmentation = augmentation
        self.engine: Engine = TorchEngine(network)

    def without_augmentation(self) -> "TorchClassifier":
        """The same network and engine, with one view of each image."""
        single_view = copy.copy(self)
        single_view.augmentation = NO_TEST_TIME_AUGMENTATION
        return single_view

    @property
    def n_parameters(self) -> int:
        return sum(p.numel() for p in self.network.parameters())

    def predict_proba(self, images: np.ndarray) -> np.ndarray:
        from scipy.special import softmax

        return np.asarray(softmax(self.logits(images), axis=1))

    def logits(self, images: np.ndarray) -> np.ndarray:
        """Pre-softmax outputs float32 [n, classes]."""
        return self._augmented(images)[0]

    def count_views(self, images: np.ndarray) -> np.ndarray:
        """How many views of each image ``logits`` averages, int64 [n]."""
        return self._augmented(images)[1]

    def extract_features(self, images: np.ndarray) -> np.ndarray:
        """Input of the last linear layer, float32 [n, d]; with ``augmentation.mirror`` the mean over image and mirror
        image."""
        check_images(images)
        views = [images, images[:, :, ::-1]] if self.augmentation.mirror else [images]
        features: np.ndarray = np.mean([self._compute_features(view) for view in views], axis=0)
        return features

    def _compute_features(self, images: np.ndarray) -> np.ndarray:
        if hasattr(self.network, "forward_features"):
            return self.engine.compute(images)[1]
        from fashion_core.models.layers import compute_last_layer_inputs

        return compute_last_layer_inputs(self.network, images_to_tensor(images)).numpy()

    def mean_multiply_adds_per_image(self, images: np.ndarray) -> int:
        """See ``Classifier``."""
        from fashion_core.models.layers import count_multiply_adds

        return round(count_multiply_adds(self.network) * float(self.count_views(images).mean()))

    def compile_for_inference(self) -> None:
        """Compute with ONNX Runtime from now on, with the weights of now; on a CPU that is faster than torch.

        Torch stays where ONNX Runtime lacks one of the network's operations. Call it again when the weights change.
        """
        from fashion_core.models.onnx_engine import OnnxEngine, UnsupportedOperationError

        try:
            self.engine = OnnxEngine(self.network)
        except UnsupportedOperationError:
            self.engine = TorchEngine(self.network)

    def state_dict(self) -> dict[str, np.ndarray]:
        state = self.network.state_dict()
        return {name: value.detach().cpu().contiguous().numpy().copy() for name, value in state.items()}

    def last_layer_names(self) -> set[str]:
        """Names in ``state_dict`` of the last linear layer's arrays, whose sizes depend on the number of classes."""
        from torch import nn

        name = [name for name, module in self.network.named_modules() if isinstance(module, nn.Linear)][-1]
        return {key for key in self.network.state_dict() if key.rpartition(".")[0] == name}

    def load_state_dict(self, state: Mapping[str, np.ndarray]) -> None:
        import torch

        state = {name: array for name, array in state.items() if not name.startswith(LEGACY_EARLY_EXIT_ARRAY_PREFIX)}
        values = self.network.state_dict()
        check_state_dict(state, {name: tuple(value.shape) for name, value in values.items()})
        try:
            for name, value in values.items():
                value.copy_(torch.from_numpy(np.array(state[name])))
        except RuntimeError as error:
            raise RunError("The weights do not fit this model. Use the model that they were trained with.") from error
        self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.engine = TorchEngine(self.network)

    def _augmented(self, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        check_images(images)
        return self.augmentation.predict_logits_and_view_counts(lambda x: self.engine.compute(x)[0], images)
