"""Several settings in one go: every combination of some values, or settings drawn at random.

Random search finds more than a grid of the same size where few of the settings matter (J. Bergstra and Y. Bengio,
"Random Search for Hyper-Parameter Optimization", JMLR 2012).
"""

import dataclasses
import itertools
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from fashion_core.config.hyperparameter import Hyperparameter
from fashion_core.config.train_config import HYPERPARAMETERS, TrainConfig
from fashion_core.errors import ConfigError

MAX_SWEEP_RUNS = 64
SWEEP_TAG_PREFIX = "sweep-"  # of the tag that the runs of a sweep share
REPEATS_TAG_PREFIX = "repeats-"  # of the tag of runs that differ in their seeds alone
SAMPLED_VALUE_SIGNIFICANT_DIGITS = 3  # of a number drawn, so that it can be read and typed again
SWEEP_RANGE_PATTERN = re.compile(r"(\S+?)\s*(?::|\s+to\s+)\s*(\S+)")


@dataclass(frozen=True)
class SweepAxis:
    """What the setting ``field`` may be: one of ``values``, or a number within ``bounds`` if there are any."""

    field: str
    values: tuple[Any, ...] = ()
    bounds: tuple[float, float] | None = None

    def distribution(self) -> Any:
        """What scikit-learn's ``ParameterSampler`` draws from: a list, or a distribution of scipy."""
        from scipy.stats import loguniform, uniform

        if self.bounds is None:
            return list(self.values)
        low, high = self.bounds
        return loguniform(low, high) if HYPERPARAMETERS[self.field].log_scale else uniform(low, high - low)

    def round(self, value: Any) -> Any:
        """A drawn value as it is used: an integer, or a number of few digits, within the bounds."""
        if self.bounds is None:
            return value
        low, high = self.bounds
        rounded = round(value) if isinstance(low, int) else float(f"{value:.{SAMPLED_VALUE_SIGNIFICANT_DIGITS}g}")
        return min(max(rounded, low), high)


def parse_sweep_axis(base: TrainConfig, field: str, text: str, hyperparameter_names: Sequence[str]) -> SweepAxis:
    """Read ``text``: values with commas between them, or a range, ``0.0001 to 0.1`` or ``0.0001:0.1``.

    ``known``: the hyperparameters of ``base``'s model. Raises ``ConfigError`` when ``field`` is none of them, or a
    value is not one of its values.
    """
    if field not in hyperparameter_names:
        raise ConfigError(f"{base.model} has no setting {field!r} to vary; choose {', '.join(hyperparameter_names)}.")
    declaration = HYPERPARAMETERS[field]
    if bounds := SWEEP_RANGE_PATTERN.fullmatch(text.strip()):
        return SweepAxis(field, bounds=_parse_bounds(declaration, bounds[1], bounds[2]))
    texts = [part.strip() for part in text.split(",") if part.strip()]
    if not texts:
        raise ConfigError(f"{field} has no values; give some, such as {declaration.examples}.")
    values = tuple(dict.fromkeys(declaration.parse_without_range_check(part) for part in texts))
    for value in values:
        declaration.check(value)
    return SweepAxis(field, values)


def _parse_bounds(declaration: Hyperparameter, low_text: str, high_text: str) -> tuple[float, float]:
    if not declaration.is_number:
        raise ConfigError(f"{declaration.name} has no range; give some of its values, such as {declaration.examples}.")
    low, high = declaration.parse_without_range_check(low_text), declaration.parse_without_range_check(high_text)
    if not low < high:
        raise ConfigError(f"The range of {declaration.name} ends at {high:g}, which is not above {low:g}.")
    for bound in (low, high):
        declaration.check(bound)
    if declaration.log_scale and low <= 0:
        raise ConfigError(f"{declaration.name} is drawn on a logarithmic scale, so its range begins above 0.")
    return low, high


def make_sweep_configs(
    base: TrainConfig, texts: Iterable[tuple[str, str]], hyperparameter_names: Sequence[str], n_samples: int | None
) -> list[TrainConfig]:
    """The settings of a sweep as typed: fields of ``known`` and their values; a grid, or ``n_samples`` at random.

    Raises ``ConfigError`` as ``parse_sweep_axis``, ``make_grid`` and ``sample_configs`` do.
    """
    axes = [parse_sweep_axis(base, field, text, hyperparameter_names) for field, text in texts]
    return make_grid(base, axes) if n_samples is None else sample_configs(base, axes, n_samples, seed=base.seed)


def make_grid(base: TrainConfig, axes: Sequence[SweepAxis]) -> list[TrainConfig]:
    """``base`` with every combination of the axes' values, the last axis changing fastest.

    Raises ``ConfigError`` when there is nothing to vary, an axis is a range, or there are too many combinations.
    """
    _check_axes(axes)
    for axis in axes:
        if axis.bounds is not None:
            raise ConfigError(f"A grid needs values of {axis.field}; draw at random from a range.")
    _check_size(math.prod(len(axis.values) for axis in axes))
    fields = [axis.field for axis in axes]
    combinations = itertools.product(*(axis.values for axis in axes))
    return [dataclasses.replace(base, **dict(zip(fields, values, strict=True))) for values in combinations]


def sample_configs(base: TrainConfig, axes: Sequence[SweepAxis], n: int, *, seed: int) -> list[TrainConfig]:
    """``n`` different settings drawn from the axes, the same for the same ``seed``.

    Raises ``ConfigError`` when there is nothing to vary, ``n`` is not 2 to ``MAX_SWEEP_RUNS``, or the axes have fewer
    combinations.
    """
    from sklearn.model_selection import ParameterSampler

    _check_axes(axes)
    _check_size(n)
    n_draws = 100 * n
    if all(axis.bounds is None for axis in axes):  # drawn without replacement
        n_draws = min(n_draws, math.prod(len(axis.values) for axis in axes))
    draws = ParameterSampler({axis.field: axis.distribution() for axis in axes}, n_draws, random_state=seed)
    configs: dict[TrainConfig, None] = {}  # an ordered set
    for draw in draws:
        configs[dataclasses.replace(base, **{axis.field: axis.round(draw[axis.field]) for axis in axes})] = None
        if len(configs) == n:
            return list(configs)
    raise ConfigError(f"There are too few combinations to draw {n} different ones. Draw fewer, or give more values.")


def repeat_on_seeds(configs: Sequence[TrainConfig], n: int) -> list[TrainConfig]:
    """Each of ``configs`` on ``n`` seeds starting at its own; all configs of a seed come before the next seed.

    Raises ``ConfigError`` when these are more than ``MAX_SWEEP_RUNS``, or the seed is varied already.
    """
    if n > 1 and len({config.seed for config in configs}) > 1:
        raise ConfigError("The seed is among the settings that vary, so each of them is one run: leave Seeds at 1.")
    if len(configs) > 1:
        _check_size(n * len(configs))
    return [dataclasses.replace(config, seed=config.seed + k) for k in range(n) for config in configs]


def _check_axes(axes: Sequence[SweepAxis]) -> None:
    fields = [axis.field for axis in axes]
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
