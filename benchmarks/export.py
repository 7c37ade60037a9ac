"""What the simple preparation of an exported example costs: ``python -m benchmarks.export FOLDER ... [--save]``.

FOLDER holds labelled pictures, in a folder for each class. Exports the run recognition-1 and prints, for each FOLDER,
how many pictures its ``predict.py`` and this program classify correctly with the same single network, and Wilson's 95 %
intervals. ``--save`` writes the counts to the file from which the example's docstring is made.
"""

import argparse
import importlib.util
import io
import json
import tempfile
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import onnxruntime

from fashion_core.analysis.metrics import wilson_interval
from fashion_core.data.classes import FASHION_CLASSES
from fashion_core.export.card import SIMPLE_PREPARATION_PATH
from fashion_core.export.folder import save_folder
from fashion_core.export.run_files import export_files
from fashion_core.recognition.batch import predict_sources
from fashion_core.recognition.labelled_folder import labels_from_folders
from fashion_core.recognition.recognizer import Recognizer
from fashion_core.runs.store import RunStore
from fashion_core.vision.picture_sources import open_picture_sources
from fashion_core.wording.numbers import format_percent_with_interval

RUN_ID = "recognition-1"


def load_example(folder: Path) -> ModuleType:
    """The exported ``predict.py`` as a module."""
    spec = importlib.util.spec_from_file_location("predict", folder / "predict.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def compare_folder(pictures: Path, exported: Path) -> dict[str, Any]:
    """Correct answers with both preparations on the pictures of the classes."""
    store = RunStore()
    recognizer = Recognizer([store.load_classifier(store.get(RUN_ID))])
    example = load_example(exported)
    card = json.loads((exported / "card.json").read_text(encoding="utf-8"))
    with open_picture_sources([pictures]) as sources:
        results = list(predict_sources(recognizer, sources))
        images = [example.prepare(io.BytesIO(source.read()), card["preparation"]["kind"]) for source in sources]
    labels = labels_from_folders(results, FASHION_CLASSES)
    known = labels >= 0
    ours = np.array([-1 if r.prediction is None else r.prediction.probabilities.argmax() for r in results])
    session = onnxruntime.InferenceSession(exported / "model.onnx")
    simple = example.predict(np.stack(images), session, card).argmax(axis=1)
    kinds = Counter(str(result.kind) for result, is_known in zip(results, known, strict=True) if is_known)
    return {
        "kind": kinds.most_common(1)[0][0],
        "n": int(known.sum()),
        "n_correct": int((ours == labels)[known].sum()),
        "n_correct_simple": int((simple == labels)[known].sum()),
    }


def main() -> None:
    """Export the run, then print and save a row for each folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--save", action="store_true", help="replace the figures that the example quotes")
    args = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as temporary:
        exported = Path(temporary, "exported")
        save_folder(exported, export_files(RunStore(), RunStore().get(RUN_ID)))
        for folder in args.folders:
            row = compare_folder(folder, exported)
            rows.append(row)
            n = row["n"]
            ours, simple = (
                format_percent_with_interval(row[key] / n, *wilson_interval(row[key], n))
                for key in ("n_correct", "n_correct_simple")
            )
            print(f"{folder.name}, mostly {row['kind']}, n = {n:,}: this program {ours}, example {simple}")
    if args.save:
        values = {"command": "python -m benchmarks.export FOLDER ... --save", "run": RUN_ID, "folders": rows}
        SIMPLE_PREPARATION_PATH.write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
