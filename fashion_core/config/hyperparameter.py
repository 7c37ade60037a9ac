"""The declaration of a hyperparameter, which form, command line, sweeps and checks read."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fashion_core.errors import ConfigError

BOOLEAN_WORDS = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}


@dataclass(frozen=True)
class Hyperparameter:
    """Declaration of a hyperparameter.

    ``type`` is int, float, bool or str; ``default`` is ``dataclasses.MISSING`` where there is none. Numbers have a
    range from ``low`` to ``high``, whose ends may be exclusive; ``log_scale`` says that a random value is drawn on a
    logarithmic scale. Strings have ``choices``, some of them with a longer label. ``examples`` and ``example_range``
    show what may be typed for several values.
    """

    name: str
    type: type
    default: Any
    label: str
    unit: str = ""
    help: str = ""
    low: float = -math.inf
    high: float = math.inf
    low_is_exclusive: bool = False
    high_is_exclusive: bool = False
    log_scale: bool = False
    choices: tuple[str, ...] = ()
    choice_labels: Mapping[str, str] = field(default_factory=dict)
    examples: str = ""
    example_range: str = ""

    @property
    def is_number(self) -> bool:
        """Whether values lie in a range."""
        return self.type in (int, float)

    def format_range(self) -> str:
        """The range in words: "a number above 0 to 10"."""
        low, high = f"{self.low:.10g}", f"{self.high:.10g}"  # all digits of the largest seed
        start = f"a number above {low}" if self.low_is_exclusive else low
        return f"{start} {'to below' if self.high_is_exclusive else 'to'} {high}"

    def check(self, value: Any) -> None:
        """Raise ``ConfigError`` unless ``value`` has the type and lies in the range or among the choices."""
        accepted: tuple[type, ...] = (int, float) if self.type is float else (self.type,)
        if not isinstance(value, accepted) or (isinstance(value, bool) and self.type is not bool):
            raise ConfigError(f"{self.name} cannot be {value!r:.80}; it must be a {self.type.__name__}.")
        if self.is_number and not self._is_in_range(value):
            raise ConfigError(f"{self.name} is {value}; choose {self.format_range()}.")
        if self.choices and value not in self.choices:
            raise ConfigError(f"{self.name} is {value!r:.80}; choose {' or '.join(self.choices)}.")

    def _is_in_range(self, value: Any) -> bool:
        if not math.isfinite(value):
            return False
        above = value > self.low if self.low_is_exclusive else value >= self.low
        below = value < self.high if self.high_is_exclusive else value <= self.high
        return above and below

    def parse_without_range_check(self, text: str) -> Any:
        """The value that ``text`` stands for; raises ``ConfigError`` if it has another type."""
        if self.type is bool:
            if text.lower() not in BOOLEAN_WORDS:
                raise ConfigError(f"{self.name} cannot be {text!r}; choose yes or no.")
            return BOOLEAN_WORDS[text.lower()]
        if self.choices and text not in self.choices:
            raise ConfigError(f"{self.name} cannot be {text!r}; choose {' or '.join(self.choices)}.")
        try:
            return self.type(text)
        except ValueError as error:
            number = "a whole number" if self.type is int else "a number"
            raise ConfigError(f"{self.name} cannot be {text!r}; give {number}.") from error


def hyperparameter_metadata(label: str, **declaration: Any) -> dict[str, Any]:
    """Metadata of a field of ``TrainConfig``: what ``Hyperparameter`` says beyond name, type and default."""
    return {"hyperparameter": {"label": label, **declaration}}
