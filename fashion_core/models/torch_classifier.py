"""A torch network as a ``Classifier``, while it is trained."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from fashion_core.errors import RunError
from fashion_core.models.base import check_state_dict
from fashion_core.models.inference import NO_TEST_TIME_AUGMENTATION, TestTimeAugmentation, TorchEngine
from fashion_core.models.network_classifier import NetworkClassifier

if TYPE_CHECKING:
    from torch import nn


class TorchClassifier(NetworkClassifier):
    """A network that can be trained.

    It is put into evaluation mode here. A trainer, which has the network for itself, changes mode and weights.
    """

    def __init__(self, network: "nn.Module", augmentation: TestTimeAugmentation = NO_TEST_TIME_AUGMENTATION) -> None:
        super().__init__(augmentation)
        self.network = network.eval()
        self.engine = TorchEngine(network)

    @property
    def n_parameters(self) -> int:
        """See ``Classifier``."""
        return sum(p.numel() for p in self.network.parameters())

    @property
    def multiply_adds(self) -> int:
        """See ``NetworkClassifier``."""
        from fashion_core.models.graph_writer import write_graph
        from fashion_core.models.onnx_engine import count_multiply_adds

        return count_multiply_adds(write_graph(self.network), self.state_dict())

    def compile_for_inference(self) -> None:
        """Compute with ONNX Runtime from now on, with the weights of now; on a CPU that is faster than torch.

        Call it again when the weights change.
        """
        from fashion_core.models.graph_writer import write_graph
        from fashion_core.models.onnx_engine import OnnxEngine

        self.engine = OnnxEngine(write_graph(self.network), self.state_dict())

    def state_dict(self) -> dict[str, np.ndarray]:
        """See ``Classifier``."""
        state = self.network.state_dict()
        return {name: value.detach().cpu().contiguous().numpy().copy() for name, value in state.items()}

    def load_state_dict(self, state: Mapping[str, np.ndarray]) -> None:
        """See ``Classifier``."""
        import torch

        values = self.network.state_dict()
        check_state_dict(state, {name: tuple(value.shape) for name, value in values.items()})
        try:
            for name, value in values.items():
                value.copy_(torch.from_numpy(np.array(state[name])))
        except RuntimeError as error:
            raise RunError("The weights do not fit this model. Use the model that they were trained with.") from error
        self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.engine = TorchEngine(self.network)
