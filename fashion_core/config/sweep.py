"""Many settings in one go: every combination of some values, or settings drawn at random.

Random search finds more than a grid of the same size where few of the settings matter (J. Bergstra and Y. Bengio,
"Random Search for Hyper-Parameter Optimization", JMLR 2012).
"""

import dataclasses
import itertools
import math
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fashion_core.config.train_config import CHOICES, HYPERPARAMETERS, TrainConfig
from fashion_core.errors import ConfigError

MAX_SWEEP_RUNS = 64  # runs of one sweep
SWEEP_TAG_PREFIX = "sweep-"  # what the tags of these runs begin with
REPEATS_TAG_PREFIX = "repeats-"  # and those of runs that differ in their seeds alone
LOG_SCALE_FIELDS = (
    "learning_rate",
    "weight_decay",
    "batch_size",
)  # drawn so that each doubling is as likely as another
SIGNIFICANT_DIGITS = 3  # of a number drawn, so that it can be read and typed again
RANGE = re.compile(r"(\S+?)\s*(?::|\s+to\s+)\s*(\S+)")
EXAMPLES = {  # of each number among the settings: some values, and a range
    "epochs": ("5, 10", "2 to 20"),
    "seed": ("0, 1, 2", "0 to 999"),
    "batch_size": ("64, 128, 256", "32 to 512"),
    "ghost_batches": ("1, 2, 5", "1 to 8"),
    "learning_rate": ("0.001, 0.003", "0.0001 to 0.01"),
    "weight_decay": ("0, 0.02", "0.001 to 0.1"),
    "label_smoothing": ("0, 0.1", "0 to 0.2"),
    "shift": ("0, 1, 2", "0 to 3"),
    "erase": ("0, 0.3", "0 to 0.5"),
    "low_resolution_share": ("0, 0.5", "0 to 0.8"),
    "outliers": ("0, 0.12", "0 to 0.3"),
    "start_share": ("0, 0.5", "0 to 1"),
    "ema_decay": ("0, 0.99", "0.9 to 0.999"),
    "clusters": ("10, 20, 40", "5 to 50"),
}
BOOLEANS = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}


@dataclass(frozen=True)
class SweepAxis:
    """What the setting ``field`` may be: one of ``values`` or, where there are ``ends``, a number between them."""

    field: str
    values: tuple[Any, ...] = ()
    bounds: tuple[float, float] | None = None


def parse_sweep_axis(base: TrainConfig, field: str, text: str, known: Sequence[str]) -> SweepAxis:
    """Read ``text``: values with commas between them, or a range, ``0.0001 to 0.1`` or ``0.0001:0.1``.

    ``known``: the settings of ``base``'s model. Raises ``ConfigError`` when ``field`` is none of them, or a value is
    not one of its values.
    """
    if field not in known:
        raise ConfigError(f"{base.model} has no setting {field!r} to vary; choose {', '.join(known)}.")
    if ends := RANGE.fullmatch(text.strip()):
        return _range(base, field, ends[1], ends[2])
    texts = [part.strip() for part in text.split(",") if part.strip()]
    if not texts:
        raise ConfigError(f"{field} has no values; give some, such as {example_values(field)}.")
    values = tuple(dict.fromkeys(_value(field, part) for part in texts))
    for value in values:
        dataclasses.replace(base, **{field: value})  # which names a value outside its range
    return SweepAxis(field, values)


def _range(base: TrainConfig, field: str, low_text: str, high_text: str) -> SweepAxis:
    if field not in HYPERPARAMETERS:
        raise ConfigError(f"{field} has no range; give some of its values, such as {example_values(field)}.")
    low, high = (_value(field, text) for text in (low_text, high_text))
    if not low < high:
        raise ConfigError(f"The range of {field} ends at {high:g}, which is not above {low:g}.")
    for end in (low, high):
        dataclasses.replace(base, **{field: end})
    if field in LOG_SCALE_FIELDS and low <= 0:
        raise ConfigError(f"{field} is drawn on a logarithmic scale, so its range begins above 0.")
    return SweepAxis(field, bounds=(low, high))


def _value(field: str, text: str) -> Any:
    kind = type(getattr(TrainConfig("mlp", 1), field))
    if kind is bool:
        if text.lower() not in BOOLEANS:
            raise ConfigError(f"{field} cannot be {text!r}; choose yes or no.")
        return BOOLEANS[text.lower()]
    if field in CHOICES:
        if text not in CHOICES[field]:
            raise ConfigError(f"{field} cannot be {text!r}; choose {' or '.join(CHOICES[field])}.")
        return text
    try:
        return kind(text)
    except ValueError as error:
        number = "a whole number" if kind is int else "a number"
        raise ConfigError(f"{field} cannot be {text!r}; give {number}.") from error


def example_values(field: str, *, of_range: bool = False) -> str:
    """Some values of the setting, or, of a number, a range, as they may be typed."""
    if field in EXAMPLES:
        return EXAMPLES[field][of_range]
    return ", ".join(CHOICES.get(field, ("yes", "no")))


def make_grid(base: TrainConfig, axes: Sequence[SweepAxis]) -> list[TrainConfig]:
    """``base`` with every combination of the axes' values, the last axis changing fastest.

    Raises ``ConfigError`` when there is nothing to vary, an axis is a range, or there are more than ``LIMIT``.
    """
    _check(axes)
    for each in axes:
        if each.bounds is not None:
            raise ConfigError(f"A grid needs values of {each.field}; draw at random from a range.")
    _check_size(math.prod(len(each.values) for each in axes))
    fields = [each.field for each in axes]
    combinations = itertools.product(*(each.values for each in axes))
    return [dataclasses.replace(base, **dict(zip(fields, values, strict=True))) for values in combinations]


def sample_configs(base: TrainConfig, axes: Sequence[SweepAxis], n: int, *, seed: int) -> list[TrainConfig]:
    """``n`` different settings drawn from the axes, the same for the same ``seed``; ``LOGARITHMIC`` ones so.

    Raises ``ConfigError`` when there is nothing to vary, ``n`` is not 2 to ``LIMIT``, or there are too few to draw.
    """
    _check(axes)
    _check_size(n)
    dice = random.Random(seed)
    found: dict[TrainConfig, None] = {}  # an ordered set
    for _ in range(100 * n):
        found[dataclasses.replace(base, **{each.field: _draw(each, dice) for each in axes})] = None
        if len(found) == n:
            return list(found)
    raise ConfigError(f"There are too few combinations to draw {n} different ones. Draw fewer, or give more values.")


def _draw(axis: SweepAxis, dice: random.Random) -> Any:
    if axis.bounds is None:
        return dice.choice(axis.values)
    low, high = axis.bounds
    if axis.field in LOG_SCALE_FIELDS:
        value = math.exp(dice.uniform(math.log(low), math.log(high)))
    else:
        value = dice.uniform(low, high)
    if isinstance(low, int):
        return min(max(round(value), low), high)
    return min(max(float(f"{value:.{SIGNIFICANT_DIGITS}g}"), low), high)


def repeat_on_seeds(configs: Sequence[TrainConfig], n: int) -> list[TrainConfig]:
    """Each of ``configs`` on ``n`` seeds from its own on, seed by seed, so that the first figures of all come early.

    Raises ``ConfigError`` when that is more than ``LIMIT``, or the seed is varied already.
    """
    if n > 1 and len({config.seed for config in configs}) > 1:
        raise ConfigError("The seed is among the settings that vary, so each of them is one run: leave Seeds at 1.")
    if len(configs) > 1:
        _check_size(n * len(configs))
    return [dataclasses.replace(config, seed=config.seed + k) for k in range(n) for config in configs]


def _check(axes: Sequence[SweepAxis]) -> None:
    fields = [each.field for each in axes]
    if not fields:
        raise ConfigError("A sweep varies at least one setting. Choose one.")
    if twice := [field for field in fields if fields.count(field) > 1]:
        raise ConfigError(f"{twice[0]} is given twice; give all its values at once.")


def _check_size(n: int) -> None:
    if n < 2:
        raise ConfigError("A sweep has at least two runs. Give more values.")
    if n > MAX_SWEEP_RUNS:
        raise ConfigError(
            f"That makes {n:,} runs; a sweep has at most {MAX_SWEEP_RUNS}. Give fewer values, or draw at random."
        )


def hyperparameter_label(field: str) -> str:
    """What the setting is called."""
    return HYPERPARAMETERS[field].label if field in HYPERPARAMETERS else field.replace("_", " ").capitalize()


def format_settings(config: TrainConfig, fields: Sequence[str]) -> str:
    """The values of ``fields`` in words: ``learning rate 0.003, batch size 64``."""
    return ", ".join(
        f"{hyperparameter_label(field).lower()} {format_setting_value(getattr(config, field))}" for field in fields
    )


def format_setting_value(value: Any) -> str:
    """A setting's value as text."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)
