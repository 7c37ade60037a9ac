"""What a training run is told: one frozen dataclass, checked where it is made."""

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from fashion_core.errors import ConfigError

OptimizerName = Literal["adam", "sgd", "muon"]
OutputActivation = Literal["none", "relu"]
ClusterNaming = Literal["majority", "one-to-one"]
LOW_RESOLUTION_SIDE = 20  # pixels a side of smaller images: about half of the pixels, and of the time of a step


@dataclass(frozen=True)
class Hyperparameter:
    """What may be asked about a number among the settings: its ``label``, ``unit`` and range.

    ``above`` and ``below`` say that the lower or the upper end itself is not allowed.
    """

    label: str
    unit: str
    low: float
    high: float
    low_is_exclusive: bool = False
    high_is_exclusive: bool = False

    def contains(self, value: float) -> bool:
        """Whether ``value`` is in the range."""
        if (
            not math.isfinite(value)
            or (self.low_is_exclusive and value == self.low)
            or (self.high_is_exclusive and value == self.high)
        ):
            return False
        return self.low <= value <= self.high

    @property
    def format_range(self) -> str:
        """The range in words."""
        low = f"a number above {self.low:g}" if self.low_is_exclusive else f"{self.low:g}"
        return f"{low} {'to below' if self.high_is_exclusive else 'to'} {self.high:g}"


HYPERPARAMETERS: Mapping[str, Hyperparameter] = {
    "epochs": Hyperparameter("Epochs", "passes over the training images", 1, 1000),
    "seed": Hyperparameter("Seed", "", 0, 2**31 - 1),
    "batch_size": Hyperparameter("Batch size", "images a step", 1, 8192),
    "ghost_batches": Hyperparameter("Ghost batches", "parts of a batch that are normalised apart", 1, 64),
    "learning_rate": Hyperparameter("Learning rate", "peak of the schedule", 0, 10, low_is_exclusive=True),
    "weight_decay": Hyperparameter("Weight decay", "share a step, times the rate", 0, 1),
    "label_smoothing": Hyperparameter("Label smoothing", "share of the target", 0, 1, high_is_exclusive=True),
    "shift": Hyperparameter("Shift", "pixels, at most", 0, 8),
    "erase": Hyperparameter("Erasing", "share of the images", 0, 1),
    "low_resolution_share": Hyperparameter(
        "Low resolution at first", "share of the epochs", 0, 1, high_is_exclusive=True
    ),
    "outliers": Hyperparameter("Pictures of no garment", "share of the batch", 0, 1),
    "start_share": Hyperparameter("Way back to the weights started from", "share", 0, 1),
    "ema_decay": Hyperparameter("Weight averaging", "decay a step; 0 is off", 0, 1, high_is_exclusive=True),
    "clusters": Hyperparameter("Clusters", "", 2, 200),
}
CHOICES: Mapping[str, tuple[str, ...]] = {
    "optimizer": get_args(OptimizerName),
    "output_activation": get_args(OutputActivation),
    "naming": get_args(ClusterNaming),
}


@dataclass(frozen=True)
class TrainConfig:
    """Every setting of a run; with the data and the machine it determines the result.

    Raises ``ConfigError`` naming the field that is outside its range.
    """

    model: str
    epochs: int  # passes over the training split, 1 to 1000; for k-means: restarts
    seed: int = 0  # 0 to 2**31 - 1
    batch_size: int = 128  # images a step, 1 to 8192
    ghost_batches: int = 1  # parts of a batch that batch normalisation sees apart (training/parts.py), 1 to 64
    optimizer: OptimizerName = "adam"
    learning_rate: float = 1e-3  # peak of the schedule, above 0, at most 10
    one_cycle: bool = True  # rise over the first tenth, then fall to 0; otherwise constant
    weight_decay: float = 0.0  # 0 to 1; decoupled for adam and muon
    label_smoothing: float = 0.0  # 0 to below 1
    shift: int = 0  # largest random shift, pixels, 0 to 8
    mirror: bool = False  # mirror each training image with probability 1/2, and predict from both when unsure
    erase: float = 0.0  # probability of erasing a random rectangle, 0 to 1
    low_resolution_share: float = 0.0  # share of the epochs, the first, at SMALL pixels a side, 0 to below 1
    robust: bool = False  # also bend, relight, tear and draw the training images (training/robust.py)
    outliers: float = 0.0  # pictures of no garment added to each batch, to be unsure of; share of the batch, 0 to 1
    start_from: str = ""  # name of a run of the same model whose weights training starts from; empty: from scratch
    start_share: float = 0.0  # share of those weights in the result, 0 to 1: nearer to what they knew
    ema_decay: float = 0.0  # decay of the weights' moving average per step, 0 (off) to below 1
    output_activation: OutputActivation = "none"
    clusters: int = 10  # k-means only, 2 to 200
    naming: ClusterNaming = "majority"  # k-means only: how clusters are carried to classes

    def __post_init__(self) -> None:
        kinds: dict[str, type | tuple[type, ...]] = {"int": int, "float": (int, float), "bool": bool, "str": str}
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            expected = kinds.get(getattr(field.type, "__name__", ""), str)
            if not isinstance(value, expected) or (isinstance(value, bool) and expected is not bool):
                raise ConfigError(
                    f"{field.name} cannot be {value!r}; it must be a {getattr(field.type, '__name__', 'word')}."
                )
        for name, setting in HYPERPARAMETERS.items():
            if not setting.contains(getattr(self, name)):
                raise ConfigError(f"{name} is {getattr(self, name)}; choose {setting.format_range}.")
        for name, choices in CHOICES.items():
            if getattr(self, name) not in choices:
                raise ConfigError(f"{name} is {getattr(self, name)!r}; choose {' or '.join(choices)}.")

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
        """The inverse of ``to_dict``; raises ``ConfigError`` on an unknown or missing field."""
        known = {field.name for field in dataclasses.fields(cls)}
        if foreign := set(values) - known:
            raise ConfigError(f"The setting {min(foreign)!r} is unknown; the run may come from a newer version.")
        if missing := {"model", "epochs"} - set(values):
            raise ConfigError(f"The setting {min(missing)!r} is missing.")
        return cls(**values)
