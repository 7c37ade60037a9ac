"""Every kind of computation by name, for the worker that is handed one as JSON."""

import dataclasses
from typing import Any

from fashion_core.computed.cluster_counts import ClusterCountSearch
from fashion_core.computed.clustering import KMeansClustering
from fashion_core.computed.computation import Computation
from fashion_core.computed.duplicates import DuplicateSearch
from fashion_core.computed.image_statistics import ImageStatistics
from fashion_core.computed.projection import Projection
from fashion_core.computed.reference_features import ReferenceFeatures
from fashion_core.computed.speed import SpeedMeasurement
from fashion_core.computed.validation import ValidationPredictions
from fashion_core.errors import ConfigError

COMPUTATIONS: dict[str, type[Computation]] = {
    kind.kind: kind
    for kind in (
        KMeansClustering,
        DuplicateSearch,
        ImageStatistics,
        Projection,
        ReferenceFeatures,
        SpeedMeasurement,
        ClusterCountSearch,
        ValidationPredictions,
    )
}


def computation_to_dict(computation: Computation) -> dict[str, Any]:
    """Plain values for JSON; ``from_dict`` is the inverse."""
    return {"kind": computation.kind, "settings": dataclasses.asdict(computation)}  # type: ignore[call-overload]


def computation_from_dict(values: dict[str, Any]) -> Computation:
    """The computation that ``values`` describe; raises ``ConfigError`` if there is none such."""
    try:
        return COMPUTATIONS[values["kind"]](**values["settings"])
    except (KeyError, TypeError) as error:
        raise ConfigError("This computation is unknown; it may come from a newer version.") from error
