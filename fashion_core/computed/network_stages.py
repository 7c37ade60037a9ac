"""How networks are built, stage by stage, known of the included ones without torch, which takes seconds to import."""

import dataclasses
import json
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from fashion_core.analysis.network_summary import BlockSummary, StageSummary, summarise_stages
from fashion_core.computed.computation import Computation, ProgressCallback
from fashion_core.computed.store import load_shipped_result
from fashion_core.config.train_config import Pooling, TrainConfig
from fashion_core.data import Dataset
from fashion_core.errors import RunError
from fashion_core.models import registry
from fashion_core.models.torch_classifier import TorchClassifier
from fashion_core.runs.record import RunRecord


@dataclass(frozen=True)
class NetworkStages(Computation):
    """The stages of the network called ``model``. Array: ``stages`` uint8 [n], a list of ``StageSummary`` as JSON."""

    model: str
    pooling: Pooling
    n_classes: int

    kind: ClassVar[str] = "network"
    arrays: ClassVar[tuple[str, ...]] = ("stages",)
    shapes: ClassVar[dict[str, str]] = {"stages": "n"}

    def compute(self, dataset: Dataset, report: ProgressCallback) -> dict[str, np.ndarray]:
        report(0.1, "building the network")
        stages = [dataclasses.asdict(stage) for stage in _summarise_network(self.model, self.pooling, self.n_classes)]
        return {"stages": np.frombuffer(json.dumps(stages).encode(), np.uint8)}


def load_network_stages(record: RunRecord) -> list[StageSummary]:
    """The stages of a run's network, the same with any weights; none where the run has no network of this program's."""
    if record.members:
        return []
    n_classes, pooling = len(record.data.classes), registry.architecture_of(record.config).pooling
    with suppress(RunError):
        arrays = load_shipped_result(NetworkStages(record.model, pooling, n_classes))
        return [_stage_from_json(values) for values in json.loads(arrays["stages"].tobytes())]
    return _summarise_network(record.model, pooling, n_classes)


def _summarise_network(model: str, pooling: Pooling, n_classes: int) -> list[StageSummary]:
    classifier = registry.build_classifier(TrainConfig(model, epochs=1, pooling=pooling), n_classes)
    return summarise_stages(classifier.network) if isinstance(classifier, TorchClassifier) else []


def _stage_from_json(values: dict[str, Any]) -> StageSummary:
    values = {name: _tuples_of_lists(value) for name, value in values.items()}
    block = values["block"] and {name: _tuples_of_lists(value) for name, value in values["block"].items()}
    return StageSummary(**values | {"block": block and BlockSummary(**block)})


def _tuples_of_lists(value: Any) -> Any:
    return tuple(map(_tuples_of_lists, value)) if isinstance(value, list) else value
