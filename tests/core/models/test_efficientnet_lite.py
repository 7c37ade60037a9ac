import numpy as np
import pytest
import torch

from fashion_core.errors import ConfigError
from fashion_core.models.efficientnet_lite import EfficientNetLite0
from fashion_core.models.graph_writer import write_graph
from fashion_core.models.onnx_engine import create_session


def random_network() -> EfficientNetLite0:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return EfficientNetLite0().eval()


def test_it_has_the_published_number_of_parameters_without_the_last_layer() -> None:
    n = sum(parameter.numel() for parameter in random_network().parameters())
    assert n == 4_652_008 - 1281 * 1000


@pytest.mark.parametrize("side", [64, 224])
def test_onnx_runtime_computes_the_same_features_at_any_size(side: int) -> None:
    network = random_network()
    x = torch.randn(2, 3, side, side, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        expected = network(x).numpy()
    state = {name: value.numpy() for name, value in network.state_dict().items()}
    session = create_session(write_graph(network, (3, "height", "width")), state)
    (features,) = session.run(None, {session.get_inputs()[0].name: x.numpy()})
    assert features.shape == (2, 1280)
    np.testing.assert_allclose(features, expected, atol=1e-4)


def test_published_arrays_are_loaded_in_order_and_others_are_refused() -> None:
    network, other = random_network(), EfficientNetLite0().eval()
    published = {f"a{number}": array for number, array in enumerate(network.state_dict().values())}
    published |= {"last.weight": torch.zeros(1000, 1280), "last.bias": torch.zeros(1000)}
    other.load_published_weights(published)
    for name, array in network.state_dict().items():
        assert torch.equal(array, other.state_dict()[name])
    with pytest.raises(ConfigError, match="other weights"):
        other.load_published_weights({"a": torch.zeros(1), "b": torch.zeros(1), "c": torch.zeros(1)})
