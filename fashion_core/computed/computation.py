"""Base class of everything that is computed once and cached on disk."""

import dataclasses
import hashlib
import json
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, Literal, get_args, get_type_hints

import numpy as np

from fashion_core.data import Dataset
from fashion_core.errors import ConfigError

ProgressCallback = Callable[[float, str], None]  # the fraction done, 0 to 1, and the current step
ImageSet = Literal["test", "all"]  # the test split, or the published train images and then those only in test


COMPUTATION_TYPES_BY_KIND: dict[
    str, type["Computation"]
] = {}  # every subclass by its kind; each registers itself when imported


class Computation(ABC):
    """Base of frozen dataclasses whose fields are the settings. Equal settings on equal data are computed once."""

    kind: ClassVar[str]
    version: ClassVar[int] = 1  # raised when the same settings give different arrays
    arrays: ClassVar[tuple[str, ...]]  # names of the arrays that ``compute`` returns
    # their shapes, such as "n 28 28": a setting's name is its value, any other word the same number in all arrays
    shapes: ClassVar[Mapping[str, str]] = {}

    def __init_subclass__(cls) -> None:
        COMPUTATION_TYPES_BY_KIND[cls.kind] = cls

    def __post_init__(self) -> None:
        """Raise ``ConfigError`` for a number out of range, or a value that its Literal type or pattern excludes."""
        types = get_type_hints(type(self))
        for field in dataclasses.fields(self):  # type: ignore[arg-type]
            value, title = getattr(self, field.name), field.name.replace("_", " ")
            low, high = field.metadata.get("range", (value, value))
            if not low <= value <= high:
                raise ConfigError(f"{title} is {value}; choose {low} to {high}.")
            if value not in (get_args(types[field.name]) or (value,)):
                raise ConfigError(f"{title} is {value!r}; choose {' or '.join(get_args(types[field.name]))}.")
            if "pattern" in field.metadata and not re.fullmatch(field.metadata["pattern"], value):
                raise ConfigError(f"{title} is {value!r}; choose one of {field.metadata['choices']}.")

    @abstractmethod
    def compute(self, dataset: Dataset, report: ProgressCallback) -> dict[str, np.ndarray]:
        """Return the arrays; raises ``FashionError`` if the settings do not suit the data."""

    def refine(
        self, dataset: Dataset, report: ProgressCallback
    ) -> Iterator[tuple["Computation", dict[str, np.ndarray]]]:
        """Arrays that can be shown meanwhile, each with the computation that they are the result of; this one last."""
        yield self, self.compute(dataset, report)

    def fits(self, arrays: Mapping[str, np.ndarray]) -> bool:
        """Whether ``arrays`` hold numbers and have the shapes that a result has."""
        sizes: dict[str, int] = {}
        for name, shape in self.shapes.items():
            words = shape.split()
            if arrays[name].dtype.kind not in "biuf" or arrays[name].ndim != len(words):
                return False
            for word, size in zip(words, arrays[name].shape, strict=True):
                expected = int(word) if word.isdecimal() else getattr(self, word, sizes.setdefault(word, size))
                if size != expected:
                    return False
        return True

    def key(self, fingerprint: str) -> str:
        """Name of the result on the data set with this ``fingerprint``: the kind and 16 hex digits.

        A field that was added later counts only where it isn't at its default, so earlier results keep their names.
        """
        settings = dataclasses.asdict(self)  # type: ignore[call-overload]
        for field in dataclasses.fields(self):  # type: ignore[arg-type]
            if field.metadata.get("is_added") and settings[field.name] == field.default:
                del settings[field.name]
        content = [self.kind, self.version, settings, fingerprint]
        digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
        return f"{self.kind}-{digest[:16]}"


def bounded_number_field(default: float, *, low: float, high: float) -> Any:
    """A field with a number from ``low`` to ``high``."""
    return dataclasses.field(default=default, metadata={"range": (low, high)})
