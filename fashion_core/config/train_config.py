"""The settings of a training run: one frozen dataclass, in which every hyperparameter is declared once.

The form, the command line, sweeps and the checks read these declarations from ``HYPERPARAMETERS``.
"""

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args, get_origin

from fashion_core.config.hyperparameter import Hyperparameter, hyperparameter_metadata
from fashion_core.errors import ConfigError

OptimizerName = Literal["adam", "sgd", "muon"]
OutputActivation = Literal["none", "relu"]
Pooling = Literal["average", "max"]
ClusterNaming = Literal["majority", "one-to-one"]
LOW_RESOLUTION_SIDE = 20  # pixels; about half of the pixels of 28 x 28, and of the time of a step
RETIRED_SETTINGS = ("robust", "outliers")


@dataclass(frozen=True)
class TrainConfig:
    """Every setting of a run; with the data and the machine it determines the result.

    Raises ``ConfigError`` naming the field that is outside its range.
    """

    model: str  # registry name
    epochs: int = field(
        metadata=hyperparameter_metadata(
            "Epochs",
            help="Passes over the training images; for k-means the number of restarts.",
            low=1,
            high=1000,
            examples="5, 10",
            example_range="2 to 20",
        )
    )
    seed: int = field(
        default=0,
        metadata=hyperparameter_metadata(
            "Seed",
            help="Seed of every random number of the run.",
            low=0,
            high=2**31 - 1,
            examples="0, 1, 2",
            example_range="0 to 999",
        ),
    )
    batch_size: int = field(
        default=128,
        metadata=hyperparameter_metadata(
            "Batch size",
            unit="images per step",
            help="Training images per optimizer step.",
            low=1,
            high=8192,
            log_scale=True,
            examples="64, 128, 256",
            example_range="32 to 512",
        ),
    )
    passes_per_epoch: int = field(
        default=1,
        metadata=hyperparameter_metadata(
            "Passes per epoch",
            help="How often an epoch shows each training image, on average: several times where there are few.",
            low=1,
            high=1000,
            log_scale=True,
            examples="1, 5, 10",
            example_range="1 to 10",
        ),
    )
    ghost_batches: int = field(
        default=1,
        metadata=hyperparameter_metadata(
            "Ghost batches",
            unit="parts of a batch",
            help="Parts of a batch that batch normalisation treats separately.",
            low=1,
            high=64,
            examples="1, 2, 5",
            example_range="1 to 8",
        ),
    )
    optimizer: OptimizerName = field(
        default="adam",
        metadata=hyperparameter_metadata(
            "Optimizer",
            help="AdamW, SGD with Nesterov momentum, or Muon with AdamW for the last layer.",
        ),
    )
    learning_rate: float = field(
        default=1e-3,
        metadata=hyperparameter_metadata(
            "Learning rate",
            unit="peak of the schedule",
            help="The highest learning rate of the schedule.",
            low=0,
            high=10,
            low_is_exclusive=True,
            log_scale=True,
            examples="0.001, 0.003",
            example_range="0.0001 to 0.01",
        ),
    )
    one_cycle: bool = field(
        default=True,
        metadata=hyperparameter_metadata(
            "One-cycle schedule",
            help="Raise the learning rate over the first tenth of the steps, lower it to 0, and keep the last epoch; "
            "otherwise it is constant, and the best epoch on validation is kept.",
        ),
    )
    weight_decay: float = field(
        default=0.0,
        metadata=hyperparameter_metadata(
            "Weight decay",
            help="Each step shrinks the weights by this times the learning rate. Decoupled from the gradient for adam "
            "and muon.",
            low=0,
            high=1,
            log_scale=True,
            examples="0, 0.02",
            example_range="0.001 to 0.1",
        ),
    )
    label_smoothing: float = field(
        default=0.0,
        metadata=hyperparameter_metadata(
            "Label smoothing",
            unit="fraction of the target",
            help="Part of the target that is spread over all classes.",
            low=0,
            high=1,
            high_is_exclusive=True,
            examples="0, 0.1",
            example_range="0 to 0.2",
        ),
    )
    shift: int = field(
        default=0,
        metadata=hyperparameter_metadata(
            "Shift",
            unit="pixels, at most",
            help="Move training images at random by up to this many pixels.",
            low=0,
            high=8,
            examples="0, 1, 2",
            example_range="0 to 3",
        ),
    )
    mirror: bool = field(
        default=False,
        metadata=hyperparameter_metadata(
            "Mirror images",
            help="Mirror half of the training images. Predictions of images that the network is unsure of are averaged "
            "with those of their mirror images.",
        ),
    )
    erase: float = field(
        default=0.0,
        metadata=hyperparameter_metadata(
            "Random erasing",
            unit="fraction of the images",
            help="Probability of erasing a random rectangle of a training image.",
            low=0,
            high=1,
            examples="0, 0.3",
            example_range="0 to 0.5",
        ),
    )
    mixup: float = field(
        default=0.0,
        metadata=hyperparameter_metadata(
            "Mixup",
            unit="parameter of the Beta distribution; 0 is off",
            help="Mix each training image with another of its batch, and their targets alike.",
            low=0,
            high=2,
            examples="0, 0.4, 1",
            example_range="0 to 1",
        ),
    )
    low_resolution_share: float = field(
        default=0.0,
        metadata=hyperparameter_metadata(
            "Low resolution at first",
            unit="fraction of the epochs",
            help=f"The first epochs train on images of {LOW_RESOLUTION_SIDE} pixels a side, which takes half the time.",
            low=0,
            high=1,
            high_is_exclusive=True,
            examples="0, 0.5",
            example_range="0 to 0.8",
        ),
    )
    # name of the prepared pictures to train on beside the data set; empty: none. See ``training.extra_pictures``.
    pictures: str = ""
    start_from: str = ""  # name of a run of the same model whose weights training starts from; empty: from scratch
    start_share: float = field(
        default=0.0,
        metadata=hyperparameter_metadata(
            "Blend with starting weights",
            unit="fraction",
            help="How far the final weights are moved back towards the weights that training started from.",
            low=0,
            high=1,
            examples="0, 0.5",
            example_range="0 to 1",
        ),
    )
    ema_decay: float = field(
        default=0.0,
        metadata=hyperparameter_metadata(
            "Weight averaging",
            unit="decay per step; 0 is off",
            help="Decay of an exponential moving average of the weights, which is what is evaluated and kept.",
            low=0,
            high=1,
            high_is_exclusive=True,
            examples="0, 0.99",
            example_range="0.9 to 0.999",
        ),
    )
    output_activation: OutputActivation = field(
        default="none",
        metadata=hyperparameter_metadata(
            "Output activation",
            help="A ReLU on the output units is the poster's failure: units can die and lose their class.",
            choice_labels={"none": "None (recommended)", "relu": "ReLU (the poster's failure)"},
        ),
    )
    pooling: Pooling = field(
        default="max",  # of runs of earlier versions, which do not say; the presets choose the average
        metadata=hyperparameter_metadata(
            "Pooling",
            help="What the blocks' pooling branches take of 3 x 3 pixels. The average trains faster.",
            choice_labels={"average": "Average (recommended)", "max": "Maximum (earlier versions)"},
        ),
    )
    clusters: int = field(
        default=10,
        metadata=hyperparameter_metadata(
            "Clusters", help="Number of clusters.", low=2, high=200, examples="10, 20, 40", example_range="5 to 50"
        ),
    )
    naming: ClusterNaming = field(
        default="majority",
        metadata=hyperparameter_metadata(
            "Clusters named by",
            help="How clusters are mapped to classes.",
            choice_labels={"majority": "majority class", "one-to-one": "one-to-one assignment"},
        ),
    )

    def __post_init__(self) -> None:
        for name in ("model", "pictures", "start_from"):
            if not isinstance(getattr(self, name), str):
                raise ConfigError(f"{name} cannot be {getattr(self, name)!r}; it must be a str.")
        if not re.fullmatch(r"[\w-]{0,80}", self.pictures):
            raise ConfigError(f"pictures cannot be {self.pictures[:80]!r}; use letters, digits, dashes or underscores.")
        for name, declaration in HYPERPARAMETERS.items():
            declaration.check(getattr(self, name))
        if self.ghost_batches > self.batch_size:
            raise ConfigError(
                f"ghost_batches is {self.ghost_batches}; choose at most the batch size, {self.batch_size}, so that no "
                "part is empty."
            )

    def to_dict(self) -> dict[str, Any]:
        """Plain values by field name, for JSON."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "TrainConfig":
        """The inverse of ``to_dict``; raises ``ConfigError`` on an unknown or missing field.

        Settings that earlier versions had are left out.
        """
        values = {name: value for name, value in values.items() if name not in RETIRED_SETTINGS}
        known = {field.name for field in dataclasses.fields(cls)}
        if foreign := set(values) - known:
            raise ConfigError(f"The setting {min(foreign)!r} is unknown; the run may come from a newer version.")
        if missing := {"model", "epochs"} - set(values):
            raise ConfigError(f"The setting {min(missing)!r} is missing.")
        return cls(**values)


def _declared(each: "dataclasses.Field[Any]") -> Hyperparameter:
    choices: tuple[str, ...] = get_args(each.type) if get_origin(each.type) is Literal else ()
    declaration = {"examples": ", ".join(choices or ("yes", "no"))} | each.metadata["hyperparameter"]
    type_ = str if choices else each.type
    return Hyperparameter(each.name, type_, each.default, choices=choices, **declaration)  # type: ignore[arg-type]


HYPERPARAMETERS: Mapping[str, Hyperparameter] = {
    each.name: _declared(each) for each in dataclasses.fields(TrainConfig) if each.metadata
}
