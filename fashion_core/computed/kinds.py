"""Every kind of computation by name, for the worker that is handed one as JSON."""

import dataclasses
from typing import Any

from fashion_core.computed.clustering import Clustering
from fashion_core.computed.computation import Computation
from fashion_core.computed.duplicates import Duplicates
from fashion_core.computed.facts import Facts
from fashion_core.computed.projection import Projection
from fashion_core.computed.reference import Reference
from fashion_core.computed.speed import Speed
from fashion_core.computed.sweep import Sweep
from fashion_core.computed.validation import Validation
from fashion_core.errors import ConfigError

KINDS: dict[str, type[Computation]] = {
    kind.kind: kind for kind in (Clustering, Duplicates, Facts, Projection, Reference, Speed, Sweep, Validation)
}


def to_dict(computation: Computation) -> dict[str, Any]:
    """Plain values for JSON; ``from_dict`` is the inverse."""
    return {"kind": computation.kind, "settings": dataclasses.asdict(computation)}  # type: ignore[call-overload]


def from_dict(values: dict[str, Any]) -> Computation:
    """The computation that ``values`` describe; raises ``ConfigError`` if there is none such."""
    try:
        return KINDS[values["kind"]](**values["settings"])
    except (KeyError, TypeError) as error:
        raise ConfigError("This computation is unknown; it may come from a newer version.") from error
