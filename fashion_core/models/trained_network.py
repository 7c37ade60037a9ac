"""A trained network as a ``Classifier``: its graph and its weights, computed without torch."""

from collections.abc import Mapping

import numpy as np
import onnx
from onnx import helper

from fashion_core.models.base import check_images, check_state_dict
from fashion_core.models.inference import NO_TEST_TIME_AUGMENTATION, TestTimeAugmentation
from fashion_core.models.network_classifier import NetworkClassifier
from fashion_core.models.onnx_engine import (
    CLASSES_DIMENSION,
    OnnxEngine,
    count_multiply_adds,
    with_raw_images,
    with_weights,
)

LEGACY_EARLY_EXIT_ARRAY_PREFIX = "exit."  # of arrays that older versions saved with a network
# arrays of a batch normalisation that are measured, not fitted
STATISTICS = ("running_mean", "running_var", "num_batches_tracked")


class TrainedNetwork(NetworkClassifier):
    """A graph, as ``graph_writer`` writes it, for ``n_classes`` classes; its weights are 0 until they are loaded.

    Several threads may predict at once.
    """

    def __init__(
        self, graph: onnx.ModelProto, n_classes: int, augmentation: TestTimeAugmentation = NO_TEST_TIME_AUGMENTATION
    ) -> None:
        super().__init__(augmentation)
        self._graph = graph
        self._n_classes = n_classes
        self._arrays: dict[str, np.ndarray] = {}
        self._last_layer: set[str] = set()
        for given in self._graph.graph.input[1:]:  # after the images
            tensor = given.type.tensor_type
            if any(dimension.dim_param == CLASSES_DIMENSION for dimension in tensor.shape.dim):
                self._last_layer.add(given.name)
            shape = [n_classes if each.dim_param else each.dim_value for each in tensor.shape.dim]
            self._arrays[given.name] = np.zeros(shape, helper.tensor_dtype_to_np_dtype(tensor.elem_type))

    @property
    def n_parameters(self) -> int:
        """See ``Classifier``."""
        return sum(array.size for name, array in self._arrays.items() if name.rpartition(".")[2] not in STATISTICS)

    @property
    def multiply_adds(self) -> int:
        """See ``NetworkClassifier``."""
        return count_multiply_adds(self._graph, self._arrays)

    @property
    def last_layer_names(self) -> set[str]:
        """Names in ``state_dict`` of the last linear layer's arrays, whose sizes depend on the number of classes."""
        return self._last_layer

    def to_onnx(self) -> onnx.ModelProto:
        """The network with its weights for other programs, see ``with_raw_images``; one view of each image."""
        return with_raw_images(with_weights(self._graph, self._arrays), self._n_classes)

    def extract_features(self, images: np.ndarray) -> np.ndarray:
        """Input of the last linear layer, float32 [n, d]; with ``augmentation.mirror`` the mean over image and mirror
        image."""
        check_images(images)
        views = [images, images[:, :, ::-1]] if self.augmentation.mirror else [images]
        features: np.ndarray = np.mean([self.engine.compute(view)[1] for view in views], axis=0)
        return features

    def state_dict(self) -> dict[str, np.ndarray]:
        """See ``Classifier``."""
        return dict(self._arrays)

    def load_state_dict(self, state: Mapping[str, np.ndarray]) -> None:
        """See ``Classifier``."""
        state = {name: array for name, array in state.items() if not name.startswith(LEGACY_EARLY_EXIT_ARRAY_PREFIX)}
        check_state_dict(state, {name: array.shape for name, array in self._arrays.items()})
        self._arrays = {name: np.array(state[name], array.dtype) for name, array in self._arrays.items()}
        self.engine = OnnxEngine(self._graph, self._arrays)
