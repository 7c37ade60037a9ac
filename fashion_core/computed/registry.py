"""Every computation by its kind, so that a worker process can read one from JSON."""

import dataclasses
import importlib
import pkgutil
from typing import Any

from fashion_core import computed
from fashion_core.computed.computation import COMPUTATION_TYPES_BY_KIND, Computation
from fashion_core.errors import ConfigError


def computation_to_dict(computation: Computation) -> dict[str, Any]:
    """Plain values for JSON; ``computation_from_dict`` is the inverse."""
    return {"kind": computation.kind, "settings": dataclasses.asdict(computation)}  # type: ignore[call-overload]


def computation_from_dict(values: dict[str, Any]) -> Computation:
    """The computation that ``values`` describe; raises ``ConfigError`` if there is no such computation."""
    for module in pkgutil.iter_modules(computed.__path__):
        importlib.import_module(f"{computed.__name__}.{module.name}")  # each registers its computation
    try:
        return COMPUTATION_TYPES_BY_KIND[values["kind"]](**values["settings"])
    except (KeyError, TypeError) as error:
        raise ConfigError("This computation is unknown; it may come from a newer version.") from error
