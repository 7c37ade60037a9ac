"""The card of an exported run: what a program needs to use its network, as values for ``card.json``."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fashion_core.analysis.feasibility import (
    TARGET_GUARANTEE_PROBABILITY,
    AutomationAssessment,
    CalibratedPredictions,
    OperatingPoint,
)
from fashion_core.analysis.metrics import wilson_interval
from fashion_core.errors import RunError
from fashion_core.models.base import PIXEL_MEAN, PIXEL_STD
from fashion_core.models.inference import SINGLE_VIEW_CONFIDENCE
from fashion_core.models.registry import get_model_spec
from fashion_core.runs.record import RunRecord
from fashion_core.runs.store import RunEntry, RunStore, hash_weights
from fashion_core.runs.summary import require_test_pictures

if TYPE_CHECKING:
    from fashion_core.models.trained_network import TrainedNetwork

CARD_SCHEMA = 2
SIMPLE_PREPARATION_PATH = Path(__file__).with_name("simple_preparation.json")
MIT_SOURCES = ("fashion-mnist", "stand-in")  # of data: Zalando's, and what this program draws


def load_network(store: RunStore, entry: RunEntry) -> "TrainedNetwork":
    """The network of a run that can be exported; raises ``RunError`` saying what to export instead for any other."""
    from fashion_core.models.trained_network import TrainedNetwork

    check_exportable(entry)
    network = store.load_classifier(entry)
    assert isinstance(network, TrainedNetwork)
    return network


def check_exportable(entry: RunEntry) -> None:
    """Raise ``RunError`` unless the run is one finished network that was tested."""
    record = entry.record
    if record is None:
        raise RunError(f"The run {entry.id} is damaged. {entry.damage}")
    if record.state != "finished":
        raise RunError(f"The run {entry.id} is not finished. Export it when it is.")
    require_test_pictures(entry, record.data.n_test)
    if record.members:
        members = ", ".join(member.id for member in record.members)
        raise RunError(f"The run {entry.id} is an ensemble. Export one of its members instead: {members}.")
    if get_model_spec(record.model).trainer != "gradient":
        raise RunError(
            f"The run {entry.id} is no network on images of 28 x 28 pixels. Export one, such as a run of "
            f"{get_model_spec('improved_cnn').title}."
        )


def build_card(
    entry: RunEntry,
    network: "TrainedNetwork",
    kind: str,
    calibrated: tuple[CalibratedPredictions, CalibratedPredictions],
    assessment: AutomationAssessment,
) -> dict[str, Any]:
    """The card as JSON values. ``kind``: of the preparation of pictures; ``calibrated``: the predictions on validation
    and test that ``assessment`` was made from. Rates are 0 to 1, intervals Wilson's with 95 %."""
    record = entry.record
    assert record is not None
    on_validation, on_test = calibrated
    return {
        "schema": CARD_SCHEMA,
        "run": {
            "id": entry.id,
            "title": record.title,
            "model": record.model,
            "created": record.created,
            "n_parameters": network.n_parameters,
            "weights_sha256_prefix": hash_weights(entry.path),
        },
        "classes": list(record.data.classes),
        "preparation": {
            "kind": kind,
            "image": "uint8 [n, 28, 28], light on black, longest edge 28, centred",
            "normalisation": {"in_graph": True, "mean": PIXEL_MEAN, "std": PIXEL_STD},
        },
        "test_time_augmentation": {
            "mirror": network.augmentation.mirror,
            "single_view_confidence": SINGLE_VIEW_CONFIDENCE,
        },
        "temperature": assessment.temperature,
        "threshold": assessment.threshold,
        "promise": _promise_to_json(assessment, len(on_validation), len(on_test)),
        "evaluation": _evaluation_to_json(record),
        "data": _data_to_json(record),
        "licence": "MIT" if entry.origin == "zoo" else None,
    }


def _promise_to_json(assessment: AutomationAssessment, n_validation: int, n_test: int) -> dict[str, Any]:
    test = assessment.test
    return {
        "confidence": "probability of the most probable class / sum of the two most probable, at this temperature",
        "target": assessment.target,
        "certainty": TARGET_GUARANTEE_PROBABILITY,
        "n_validation": n_validation,
        "n_test": n_test,
        "test": None if test is None else _point_to_json(test),
    }


def _point_to_json(point: OperatingPoint) -> dict[str, Any]:
    automated = {"n_automated": point.n_automated, "n_correct": point.n_correct}
    coverage = {"coverage": point.coverage, "coverage_interval": list(point.coverage_interval)}
    if not point.n_automated:
        return {**automated, **coverage, "accuracy": None, "accuracy_interval": None}
    return {
        **automated,
        **coverage,
        "accuracy": point.selective_accuracy,
        "accuracy_interval": list(point.selective_accuracy_interval),
    }


def _evaluation_to_json(record: RunRecord) -> dict[str, Any]:
    n = record.data.n_test
    interval = wilson_interval(round(record.metrics["accuracy"] * n), n)
    return {"n": n, "n_folds": record.data.n_folds, **record.metrics, "accuracy_interval": list(interval)}


def _data_to_json(record: RunRecord) -> dict[str, Any]:
    data = record.data
    return {
        "title": data.title,
        "name": data.name,
        "source": data.source,
        "fingerprint": data.fingerprint,
        "n_train": data.n_train,
        "n_validation": data.n_validation,
        "licence": "MIT" if data.source in MIT_SOURCES else None,
        "extra_pictures": record.config.pictures,
        "start_from": record.config.start_from,
        "is_imported": record.is_imported,
    }


def load_preparation_costs() -> tuple[list[dict[str, Any]], str]:
    """How often the example's simple preparation and this program's are correct, and the run that was measured.

    Of each folder of labelled pictures: ``kind``, ``n``, ``n_correct`` and ``n_correct_simple``, as
    ``python -m benchmarks.export`` counted them.
    """
    values = json.loads(SIMPLE_PREPARATION_PATH.read_text(encoding="utf-8"))
    return values["folders"], values["run"]
