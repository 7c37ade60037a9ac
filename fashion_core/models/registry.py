"""The models there are. Pickers, command line, training, report and contract tests read this table.

To add a model, write its class in a file of its own and add an entry to ``MODELS``.
"""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from fashion_core.config.train_config import HYPERPARAMETERS, OutputActivation, Pooling, TrainConfig
from fashion_core.errors import ConfigError
from fashion_core.models.base import Classifier
from fashion_core.models.inference import TestTimeAugmentation

if TYPE_CHECKING:
    import onnx

GRAPHS_FOLDER = Path(__file__).parent / "graphs"
ENSEMBLE = "ensemble"  # model of runs that are made of others
_SPECIAL_HYPERPARAMETERS = {"ghost_batches", "low_resolution_share", "pooling", "clusters", "naming"}
COMMON_NETWORK_HYPERPARAMETERS = tuple(name for name in HYPERPARAMETERS if name not in _SPECIAL_HYPERPARAMETERS)


@dataclass(frozen=True)
class ModelSpec:
    """A registered model.

    ``factory`` makes it, untrained, for a number of classes; the config's ``seed`` determines its initial weights.
    ``trainer`` is how it is trained: by ``gradient`` descent (a ``TorchClassifier``), in independent
    ``restarts`` of which the one with the lowest training loss is kept (a ``RestartClassifier``), or on the
    ``features`` of pictures (a ``PretrainedClassifier``); an ensemble is not trained.
    ``inputs`` is what it takes: ``images`` of 28 x 28 pixels, ``pictures`` in colour, or ``both``.
    ``missing_requirement`` returns how to install what the model needs, or "" if that is there. ``default_start`` is
    the run whose weights training on a catalogue starts from, unless told otherwise.
    ``hyperparameters`` are the fields of ``TrainConfig`` that it uses. ``epoch_word`` is what
    ``TrainConfig.epochs`` counts. ``is_clustering``: it learns without labels and names its clusters afterwards.
    ``gains_from_bfloat16``: training is faster in bfloat16 where the processor has it.
    """

    name: str
    title: str
    summary: str
    factory: Callable[[TrainConfig, int], Classifier]
    presets: Mapping[str, TrainConfig]
    hyperparameters: tuple[str, ...] = COMMON_NETWORK_HYPERPARAMETERS
    trainer: Literal["gradient", "restarts", "features"] | None = "gradient"
    inputs: Literal["images", "pictures", "both"] = "images"
    missing_requirement: Callable[[], str] = lambda: ""
    default_start: str = ""
    epoch_word: str = "epochs"
    is_clustering: bool = False
    gains_from_bfloat16: bool = False

    def __post_init__(self) -> None:
        if unknown := set(self.hyperparameters) - set(HYPERPARAMETERS):
            raise ConfigError(f"{self.name} names the hyperparameter {min(unknown)!r}, which is not declared.")

    @property
    def is_trainable(self) -> bool:
        """Whether there is a way to train it, if what it needs is installed."""
        return self.trainer is not None


def make_network_factory(module: str, class_name: str) -> Callable[[TrainConfig, int], Classifier]:
    """Factory of a torch network, whose module is imported when it is first built.

    The class takes ``n_classes``, ``output_relu: bool`` and, if the model has that hyperparameter, ``pooling``. It maps
    normalised images float32 [n, 1, 28, 28] to logits [n, classes].
    """

    def build(config: TrainConfig, n_classes: int) -> Classifier:
        import torch

        from fashion_core.models.torch_classifier import TorchClassifier

        network_class = getattr(importlib.import_module(module), class_name)
        settings = {"pooling": config.pooling} if _has_pooling(config.model) else {}
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(config.seed)
            network = network_class(n_classes=n_classes, output_relu=config.output_activation == "relu", **settings)
        network = network.to(memory_format=torch.channels_last)
        return TorchClassifier(network, _augmentation(config))

    return build


def _augmentation(config: TrainConfig) -> TestTimeAugmentation:
    """As the network is trained."""
    return TestTimeAugmentation(config.mirror)


def _make_kmeans(config: TrainConfig, n_classes: int) -> Classifier:
    from fashion_core.models.kmeans import KMeansClassifier

    return KMeansClassifier(config.clusters, config.naming, n_classes)


def _make_pretrained(config: TrainConfig, n_classes: int) -> Classifier:
    from fashion_core.models.pretrained import PretrainedClassifier

    return PretrainedClassifier(n_classes)


def _refuse_to_make_ensemble(config: TrainConfig, n_classes: int) -> Classifier:
    raise ConfigError("An ensemble is made of trained runs. Choose them with `python -m fashion_core runs ensemble`.")


def _missing_pretrained_requirement() -> str:
    from fashion_core.models.pretrained import missing_requirement

    return missing_requirement()


def _poster(model: str, epochs: int) -> TrainConfig:
    return TrainConfig(model, epochs, one_cycle=False, output_activation="relu")


# Recipe of the improved CNN. The longer it trains, the more regularisation it needs.
_IMPROVED = {
    "pooling": "average",
    "batch_size": 250,
    "ghost_batches": 2,
    "optimizer": "muon",
    "learning_rate": 0.02,
    "weight_decay": 0.05,
    "label_smoothing": 0.1,
    "shift": 2,
    "mirror": True,
    "erase": 0.5,
    "ema_decay": 0.997,
}
# A few epochs need little regularisation; half of them train on smaller images (progressive resizing).
_QUICK = {"shift": 1, "erase": 0.0, "ema_decay": 0.99, "low_resolution_share": 0.5}

# the models that can be trained
MODELS: Mapping[str, ModelSpec] = {
    spec.name: spec
    for spec in (
        ModelSpec(
            "kmeans",
            "k-means",
            "Groups the 784 brightness values into clusters, without labels.",
            _make_kmeans,
            {
                "quick": TrainConfig("kmeans", 2),
                "poster": TrainConfig("kmeans", 10),
                "best": TrainConfig("kmeans", 10),
            },
            hyperparameters=("epochs", "seed", "clusters", "naming"),
            trainer="restarts",
            epoch_word="restarts",
            is_clustering=True,
        ),
        ModelSpec(
            "mlp",
            "MLP",
            "Three hidden layers of 100 nodes.",
            make_network_factory("fashion_core.models.mlp", "MLP"),
            {
                "quick": TrainConfig("mlp", 10, batch_size=256, learning_rate=2e-3),
                "poster": _poster("mlp", 90),
                "best": TrainConfig("mlp", 90, label_smoothing=0.1, weight_decay=0.02, shift=1, mirror=True),
            },
            default_start="mlp",
        ),
        ModelSpec(
            "cnn",
            "CNN",
            "Two convolution and subsampling layers, then three fully connected ones.",
            make_network_factory("fashion_core.models.cnn", "CNN"),
            {
                "quick": TrainConfig("cnn", 3),
                "poster": _poster("cnn", 10),
                "best": TrainConfig("cnn", 20, weight_decay=0.02, label_smoothing=0.1, shift=1, mirror=True),
            },
            default_start="cnn",
        ),
        ModelSpec(
            "improved_cnn",
            "Improved CNN",
            "Inception-ResNet's parallel branches and residual connections, at the size of a small picture.",
            make_network_factory("fashion_core.models.inception_resnet", "InceptionResNet"),
            {
                "quick": TrainConfig("improved_cnn", 4, **_IMPROVED | _QUICK),  # type: ignore[arg-type]
                "poster": TrainConfig("improved_cnn", 10, ghost_batches=2, pooling="average"),
                "best": TrainConfig("improved_cnn", 48, **_IMPROVED),  # type: ignore[arg-type]
            },
            hyperparameters=tuple(name for name in HYPERPARAMETERS if name not in {"clusters", "naming"}),
            default_start="recognition-1",
            gains_from_bfloat16=True,
        ),
        ModelSpec(
            "pretrained",
            "Pretrained",
            "EfficientNet-Lite0, trained on the photographs of ImageNet, describes each picture in colour by 1,280 "
            "numbers; logistic regression learns the classes from these.",
            _make_pretrained,
            {"best": TrainConfig("pretrained", 1)},
            hyperparameters=(),
            trainer="features",
            epoch_word="fits",
            inputs="pictures",
            missing_requirement=_missing_pretrained_requirement,
        ),
    )
}
ENSEMBLE_SPEC = ModelSpec(
    ENSEMBLE,
    "Ensemble",
    "Several runs answer together: the mean of their log probabilities.",
    _refuse_to_make_ensemble,
    {},
    hyperparameters=(),
    trainer=None,
    inputs="both",
)


DEFAULT_MODEL = "mlp"  # preselected in pickers


def get_model_spec(name: str) -> ModelSpec:
    """The model called ``name``, or the ensemble; raises ``ConfigError`` naming those that can be trained."""
    if name == ENSEMBLE:
        return ENSEMBLE_SPEC
    if name not in MODELS:
        raise ConfigError(f"There is no model named {name!r}; choose one of {', '.join(MODELS)}.")
    return MODELS[name]


def build_classifier(config: TrainConfig, n_classes: int) -> Classifier:
    """An untrained model of ``n_classes`` classes; the same seed gives the same initial weights."""
    return get_model_spec(config.model).factory(config, n_classes)


def build_trained_classifier(config: TrainConfig, n_classes: int) -> Classifier:
    """The model of a run that was trained with ``config``, for its weights; a network is computed without torch."""
    spec = get_model_spec(config.model)
    if spec.trainer != "gradient":
        return spec.factory(config, n_classes)
    from fashion_core.models.trained_network import TrainedNetwork

    return TrainedNetwork(_read_or_write_graph(architecture_of(config)), n_classes, _augmentation(config))


def architecture_of(config: TrainConfig) -> TrainConfig:
    """Only those settings that determine the layers of a network; all networks with equal ones have one graph."""
    pooling = config.pooling if _has_pooling(config.model) else TrainConfig.pooling
    return TrainConfig(config.model, 1, output_activation=config.output_activation, pooling=pooling)


def _has_pooling(model: str) -> bool:
    return "pooling" in get_model_spec(model).hyperparameters


def list_architectures() -> list[TrainConfig]:
    """The ``architecture_of`` every network that can be trained."""
    return list(
        dict.fromkeys(
            architecture_of(TrainConfig(name, 1, pooling=pooling, output_activation=activation))
            for name, spec in MODELS.items()
            if spec.trainer == "gradient"
            for pooling in get_args(Pooling)
            for activation in get_args(OutputActivation)
        )
    )


def graph_path(architecture: TrainConfig) -> Path:
    """Where the graph of these networks is, if it is shipped."""
    pooling = f"-{architecture.pooling}-pooling" if _has_pooling(architecture.model) else ""
    activation = "-relu" if architecture.output_activation == "relu" else ""
    return GRAPHS_FOLDER / f"{architecture.model}{pooling}{activation}.onnx"


def write_network_graph(architecture: TrainConfig) -> "onnx.ModelProto":
    """The graph of these networks; the last layer fits any number of classes."""
    from fashion_core.models.graph_writer import write_graph
    from fashion_core.models.torch_classifier import TorchClassifier

    classifier = build_classifier(architecture, n_classes=2)
    assert isinstance(classifier, TorchClassifier)
    return write_graph(classifier.network)


@cache
def _read_or_write_graph(architecture: TrainConfig) -> "onnx.ModelProto":
    import onnx

    path = graph_path(architecture)
    return onnx.load(path) if path.exists() else write_network_graph(architecture)


def select_device() -> str:
    """The fastest device of this machine: ``cuda``, ``mps`` or ``cpu``."""
    import torch

    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def uses_bfloat16(model: str, device: str) -> bool:
    """Whether the model trains in bfloat16 on this machine's ``device``.

    The improved CNN then trains 1.4 times as fast on a 2-core EPYC with AVX512-BF16; without such instructions many
    times slower.
    """
    if not get_model_spec(model).gains_from_bfloat16 or device == "mps":
        return False
    if device == "cuda":
        import torch

        return torch.cuda.is_bf16_supported()
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False  # other systems than Linux do not say
    return "avx512_bf16" in flags or "amx_bf16" in flags
