"""Trained networks, computed from the shipped graphs."""

import dataclasses
import subprocess
import sys

import numpy as np
import onnx
import onnxruntime
import pytest

from fashion_core.config.train_config import TrainConfig
from fashion_core.errors import RunError
from fashion_core.models import registry
from fashion_core.models.registry import GRAPHS_FOLDER
from fashion_core.models.torch_classifier import TorchClassifier
from fashion_core.models.trained_network import TrainedNetwork

ARCHITECTURES = registry.list_architectures()
IMAGES = np.random.default_rng(0).integers(0, 256, (7, 28, 28), dtype=np.uint8)


def build_both(config: TrainConfig, n_classes: int) -> tuple[TorchClassifier, TrainedNetwork]:
    """The same network in training and trained."""
    in_training = registry.build_classifier(config, n_classes)
    trained = registry.build_trained_classifier(config, n_classes)
    assert isinstance(in_training, TorchClassifier)
    assert isinstance(trained, TrainedNetwork)
    trained.load_state_dict(in_training.state_dict())
    return in_training, trained


def name_graph(architecture: TrainConfig) -> str:
    """For the names of tests."""
    return registry.graph_path(architecture).stem


@pytest.mark.parametrize("n_classes", [2, 10, 31])
@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=name_graph)
def test_a_trained_network_answers_as_torch_does(architecture: TrainConfig, n_classes: int) -> None:
    config = dataclasses.replace(architecture, mirror=True, shift=1)
    in_training, trained = build_both(config, n_classes)
    np.testing.assert_allclose(trained.logits(IMAGES), in_training.logits(IMAGES), atol=1e-4)
    assert trained.n_parameters == in_training.n_parameters
    assert trained.multiply_adds == in_training.multiply_adds
    state = trained.state_dict()
    for key, value in in_training.state_dict().items():
        np.testing.assert_array_equal(state[key], value)


@pytest.mark.parametrize("n_classes", [2, 31])
@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=name_graph)
def test_other_programs_get_the_logits_from_the_images_themselves(architecture: TrainConfig, n_classes: int) -> None:
    in_training, trained = build_both(architecture, n_classes)
    model = trained.to_onnx()
    onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    (logits,) = session.run(["logits"], {"images": IMAGES})
    np.testing.assert_allclose(logits, in_training.logits(IMAGES), atol=1e-4)


@pytest.mark.parametrize("architecture", [each for each in ARCHITECTURES if each.output_activation == "none"])
def test_features_are_what_the_last_layer_gets(architecture: TrainConfig) -> None:
    _, trained = build_both(architecture, 10)
    weight, bias = (trained.state_dict()[key] for key in sorted(trained.last_layer_names, reverse=True))
    logits = trained.extract_features(IMAGES) @ weight.T + bias
    np.testing.assert_allclose(logits, trained.logits(IMAGES), atol=1e-4)


def test_features_are_averaged_over_the_image_and_its_mirror_image() -> None:
    _, trained = build_both(TrainConfig("improved_cnn", 1, mirror=True), 10)
    mirrored = np.ascontiguousarray(IMAGES[:, :, ::-1])
    np.testing.assert_allclose(trained.extract_features(IMAGES), trained.extract_features(mirrored), atol=1e-5)


@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=name_graph)
def test_the_shipped_graphs_are_those_of_the_networks(architecture: TrainConfig) -> None:
    shipped = onnx.load(registry.graph_path(architecture))
    written = registry.write_network_graph(architecture)
    assert shipped == written, "run python -m fashion_core.computed.build --only graph"


def test_no_other_graphs_are_shipped() -> None:
    assert set(GRAPHS_FOLDER.glob("*.onnx")) == set(map(registry.graph_path, ARCHITECTURES))


def test_weights_of_another_network_are_refused() -> None:
    _, trained = build_both(TrainConfig("mlp", 1), 10)
    state = trained.state_dict()
    biases = [np.full(100, np.nan, np.float32), np.zeros(100, np.complex64), np.zeros(100, bool)]
    for wrong in ({}, state | {"more": np.zeros(1)}, *(state | {"layers.1.bias": bias} for bias in biases)):
        with pytest.raises(RunError):
            trained.load_state_dict(wrong)


def test_an_early_exit_of_older_versions_is_ignored() -> None:
    _, trained = build_both(TrainConfig("improved_cnn", 1), 10)
    expected = trained.logits(IMAGES)
    trained.load_state_dict(trained.state_dict() | {"exit.sure": np.ones((), np.float32)})
    assert "exit.sure" not in trained.state_dict()
    np.testing.assert_array_equal(trained.logits(IMAGES), expected)


@pytest.mark.slow
def test_shipped_networks_answer_without_torch() -> None:
    script = (
        "import sys\n"
        "import numpy as np\n"
        "from fashion_core.runs.store import RunStore\n"
        "store = RunStore()\n"
        "for run in store.entries():\n"
        "    store.load_classifier(run).predict_proba(np.zeros((2, 28, 28), np.uint8))\n"
        "print('torch' in sys.modules)\n"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "False"
