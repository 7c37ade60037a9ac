"""The models there are. Pickers, command line and contract tests read this table; a model added here is in all."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from fashion_core.config.train_config import TrainConfig
from fashion_core.errors import ConfigError
from fashion_core.models.base import Classifier


@dataclass(frozen=True)
class ModelSpec:
    """A kind of model: its registry ``name``, the ``title`` shown, one ``summary`` sentence, its ``presets``.

    ``epoch_word`` names what ``TrainConfig.epochs`` counts; ``normalised`` says that it has batch normalisation,
    ``any_size`` that it takes images of any size.
    """

    name: str
    title: str
    summary: str
    presets: Mapping[str, TrainConfig]
    epoch_word: str = "epochs"
    has_batch_norm: bool = False
    accepts_any_image_size: bool = False

    @property
    def hyperparameters(self) -> tuple[str, ...]:
        """Fields of ``TrainConfig`` that mean something to this model, beside ``model`` and ``start_from``."""
        if self.name == "kmeans":
            return ("epochs", "seed", "clusters", "naming")
        names = [field.name for field in dataclasses.fields(TrainConfig)]
        foreign = {"model", "start_from", "clusters", "naming"}
        if not self.has_batch_norm:
            foreign.add("ghost_batches")
        if not self.accepts_any_image_size:
            foreign.add("low_resolution_share")
        return tuple(name for name in names if name not in foreign)

    @property
    def has_output_activation(self) -> bool:
        """Whether ``output_activation`` means anything to this model."""
        return self.name != "kmeans"


def _poster(model: str, epochs: int) -> TrainConfig:
    return TrainConfig(model, epochs, one_cycle=False, output_activation="relu")


# recipe of the improved CNN; how long it trains, and how much it is kept from learning by heart, belong together
_IMPROVED = {
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
# what is learnt in few epochs need not be kept from being learnt by heart; half of them by progressive resizing
_QUICK = {"shift": 1, "erase": 0.0, "ema_decay": 0.99, "low_resolution_share": 0.5}

# of the run improved_cnn-wild: the improved CNN taught what garments look like on a floor and in a drawing
WILD_PRESET = TrainConfig(
    "improved_cnn",
    12,
    **_IMPROVED | {"learning_rate": 0.006, "shift": 1, "erase": 0.15},  # type: ignore[arg-type]
    robust=True,
    outliers=0.12,
    start_from="improved_cnn",
)

MODELS: Mapping[str, ModelSpec] = {
    spec.name: spec
    for spec in (
        ModelSpec(
            "kmeans",
            "k-means",
            "Groups the 784 brightness values into ten clusters without looking at a label.",
            {
                "quick": TrainConfig("kmeans", 2),
                "poster": TrainConfig("kmeans", 10),
                "best": TrainConfig("kmeans", 10),
            },
            epoch_word="restarts",
        ),
        ModelSpec(
            "mlp",
            "MLP",
            "Three hidden layers of 100 nodes.",
            {
                "quick": TrainConfig("mlp", 10, batch_size=256, learning_rate=2e-3),
                "poster": _poster("mlp", 90),
                "best": TrainConfig("mlp", 90, label_smoothing=0.1, weight_decay=0.02, shift=1, mirror=True),
            },
        ),
        ModelSpec(
            "cnn",
            "CNN",
            "Two convolution and subsampling layers, then three fully connected ones.",
            {
                "quick": TrainConfig("cnn", 3),
                "poster": _poster("cnn", 10),
                "best": TrainConfig("cnn", 20, weight_decay=0.02, label_smoothing=0.1, shift=1, mirror=True),
            },
        ),
        ModelSpec(
            "improved_cnn",
            "Improved CNN",
            "Inception-ResNet's parallel branches and residual connections, at the size of a small picture.",
            {
                "quick": TrainConfig("improved_cnn", 4, **_IMPROVED | _QUICK),  # type: ignore[arg-type]
                "poster": TrainConfig("improved_cnn", 10, ghost_batches=2),
                "best": TrainConfig("improved_cnn", 48, **_IMPROVED),  # type: ignore[arg-type]
                "robust": replace(WILD_PRESET, start_share=0.6),
                "wild": WILD_PRESET,
            },
            has_batch_norm=True,
            accepts_any_image_size=True,
        ),
    )
}


def get_model_spec(name: str) -> ModelSpec:
    """The model called ``name``; raises ``ConfigError`` naming those there are."""
    if name not in MODELS:
        raise ConfigError(f"There is no model named {name!r}; choose one of {', '.join(MODELS)}.")
    return MODELS[name]


def build_classifier(config: TrainConfig) -> Classifier:
    """A model as ``config`` describes it, not yet trained; the same seed gives the same initial weights."""
    get_model_spec(config.model)
    if config.model == "kmeans":
        from fashion_core.models.kmeans import KMeansClassifier

        return KMeansClassifier(config.clusters, config.naming)
    import torch

    from fashion_core.models.base import TorchClassifier
    from fashion_core.models.cnn import CNN
    from fashion_core.models.inception_resnet import InceptionResNet
    from fashion_core.models.mlp import MLP

    network_class = {"mlp": MLP, "cnn": CNN, "improved_cnn": InceptionResNet}[config.model]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        network = network_class(output_relu=config.output_activation == "relu")
    network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return TorchClassifier(network, mirror=config.mirror, shift=config.shift > 0)


def select_device() -> str:
    """The fastest device of this machine: ``cuda``, ``mps`` or ``cpu``."""
    import torch

    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def uses_bfloat16(model: str, device: str) -> bool:
    """Whether training's forward pass gains from bfloat16: the improved CNN's, on a processor with instructions for it.

    1.4 times as fast on a 2-core EPYC with AVX512-BF16; many times slower without the instructions.
    """
    if model != "improved_cnn" or device == "mps":
        return False
    if device == "cuda":
        import torch

        return torch.cuda.is_bf16_supported()
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False  # not Linux; what the processor has cannot be told
    return "avx512_bf16" in flags or "amx_bf16" in flags
