"""Does the promise of ``fashion sort --calibrate`` hold for other people's pictures?

``python -m benchmarks.sort_promise FOLDER [--target 90] [--draws 20]``. FOLDER has one sub-folder for each class and
``people.csv`` with the columns ``file`` and ``person``. Each seeded draw chooses the threshold on the pictures of half
of the people and sorts those of the others. Prints how much was promised and is automated, how many of those are
correct, in how many draws the share lies in the 95 % interval of the promised one, and in how many the target is
violated (an exact one-sided binomial test has p < 0.05).
"""

import argparse
import csv
from pathlib import Path

import numpy as np

from fashion_core.analysis.metrics import wilson_interval
from fashion_core.data.classes import FASHION_CLASSES
from fashion_core.recognition.batch import PictureResult, predict_sources
from fashion_core.recognition.labelled_folder import labels_from_folders
from fashion_core.recognition.shipped_recognizer import load_shipped_recognizer
from fashion_core.runs.store import RunStore
from fashion_core.sorting.decision import decide
from fashion_core.sorting.promise import calibrate_labelled_results, make_promise
from fashion_core.vision.picture_sources import open_picture_sources


def predict_by_person(folder: Path) -> tuple[list[PictureResult], np.ndarray]:
    """A result for each readable picture of ``folder``, and who took it, str [n]."""
    with (folder / "people.csv").open(encoding="utf-8", newline="") as file:
        person_by_file = {row["file"]: row["person"] for row in csv.DictReader(file)}
    with open_picture_sources([folder]) as sources:
        recognizer = load_shipped_recognizer(RunStore())
        results = [r for r in predict_sources(recognizer, sources, thumbnail_side=0) if r.prediction is not None]
    return results, np.array([person_by_file[Path(r.name).relative_to(folder).as_posix()] for r in results])


def main() -> None:
    """Print a line for each draw, and the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--target", type=float, default=90, metavar="PERCENT")
    parser.add_argument("--draws", type=int, default=20)
    args = parser.parse_args()
    from scipy.stats import binom

    results, person = predict_by_person(args.folder)
    people = np.unique(person)
    n_violated = n_inside = 0
    for seed in range(args.draws):
        chosen = np.random.default_rng(seed).permutation(people)[: len(people) // 2]
        is_fit = np.isin(person, chosen)
        fit = calibrate_labelled_results([r for r, f in zip(results, is_fit, strict=True) if f], FASHION_CLASSES)
        promise = make_promise("recognition", fit, args.target / 100, "half of the people")
        others = [r for r, f in zip(results, is_fit, strict=True) if not f]
        labels = labels_from_folders(others, FASHION_CLASSES)
        decided = decide(others, FASHION_CLASSES, promise)
        automatic = [(d, label) for d, label in zip(decided, labels, strict=True) if d.decision == "automatic"]
        n_correct = sum(d.candidates[0] == FASHION_CLASSES[int(c)].name for d, c in automatic if c >= 0)
        low, high = wilson_interval(promise.n_automated, promise.n)
        share = len(automatic) / len(others)
        n_inside += low <= share <= high
        n_violated += binom.sf(len(automatic) - n_correct - 1, len(automatic), 1 - args.target / 100) < 0.05
        print(
            f"seed {seed}: {promise.n_automated / promise.n:.1%} of {promise.n} promised ({low:.1%} to {high:.1%}), "
            f"{share:.1%} of {len(others)} automated, {n_correct} of {len(automatic)} correct"
        )
    print(f"target {args.target:g}%: share inside {n_inside} of {args.draws}, violated {n_violated} of {args.draws}")


if __name__ == "__main__":
    main()
