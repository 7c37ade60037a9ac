"""What decides, as plain values that another machine makes it from."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from fashion_core.data.classes import make_classes
from fashion_core.recognition.recognizer import OodThreshold, Recognizer
from fashion_core.runs.store import EXPORTED_FILES, RunEntry, RunStore
from fashion_core.sorting.promise import SortingPromise
from fashion_core.sorting.sort import SortingModel
from fashion_core.storage.files import write_atomically
from fashion_core.vision.preparation import PreparationOptions


def pack_model(model: SortingModel, entries: Sequence[RunEntry]) -> dict[str, Any]:
    """What ``unpack_model`` makes ``model`` from; ``entries``: the runs of its networks, in their order."""
    return {
        "runs": [entry.id for entry in entries],
        "files": {f"{e.id}/{name}": (e.path / name).read_bytes() for e in entries for name in EXPORTED_FILES},
        "ood_thresholds": {kind: asdict(each) for kind, each in model.recognizer.ood_thresholds.items()},
        "classes": list(model.classes.names),
        "options": {each.name: getattr(model.options, each.name) for each in fields(model.options)},
        "promise": asdict(model.promise),
    }


def unpack_model(packed: Mapping[str, Any], folder: Path) -> SortingModel:
    """The model again; ``folder``: where the files of its runs may be written."""
    for name, content in packed["files"].items():
        write_atomically(folder / name, content)
    store = RunStore(folder)
    classifiers = [store.load_classifier(store.get(run)) for run in packed["runs"]]
    thresholds = {kind: OodThreshold(**values) for kind, values in packed["ood_thresholds"].items()}
    return SortingModel(
        Recognizer(classifiers, thresholds),
        make_classes(packed["classes"]),
        PreparationOptions(**packed["options"]),
        SortingPromise(**packed["promise"]),
    )
