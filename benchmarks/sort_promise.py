"""Does the promise of ``fashion sort --calibrate`` hold for other people's pictures?

``python -m benchmarks.sort_promise FOLDER [--target 90] [--draws 20]``. FOLDER has one sub-folder for each class and
``people.csv`` with the columns ``file`` and ``person``. Each seeded draw chooses the threshold on the pictures of half
of the people and sorts those of the others. Prints how much was promised and is automated, how many of those are
correct, in how many draws the share lies in the 95 % interval of the promised one, and in how many the target is
violated (an exact one-sided binomial test has p < 0.05).

``--trained-on PHOTOGRAPHS --hold-out FRACTION --runs RUNS`` instead chooses the threshold once, on the photographs that
``fashion_core.recognition.train`` held out when it trained the networks in RUNS.
"""

import argparse
import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from fashion_core.analysis.metrics import wilson_interval
from fashion_core.data.classes import FASHION_CLASSES
from fashion_core.recognition.batch import PictureResult, predict_sources
from fashion_core.recognition.labelled_folder import labels_from_folders
from fashion_core.recognition.shipped_recognizer import load_shipped_recognizer
from fashion_core.recognition.training_pictures import find_held_out_photographs
from fashion_core.runs.store import RunStore
from fashion_core.sorting.decision import decide
from fashion_core.sorting.promise import calibrate_labelled_results, make_promise
from fashion_core.vision.picture_sources import open_picture_sources

Pictures = list[PictureResult]


def predict_by_person(folder: Path, store: RunStore) -> tuple[Pictures, np.ndarray]:
    """A result for each readable picture of ``folder``, and who took it, str [n]."""
    with (folder / "people.csv").open(encoding="utf-8", newline="") as file:
        person_by_file = {row["file"]: row["person"] for row in csv.DictReader(file)}
    with open_picture_sources([folder]) as sources:
        found = predict_sources(load_shipped_recognizer(store), sources, thumbnail_side=0)
        results = [result for result in found if result.prediction is not None]
    return results, np.array([person_by_file[Path(r.name).relative_to(folder).as_posix()] for r in results])


def draw_people(results: Pictures, person: np.ndarray, n: int) -> Iterator[tuple[Pictures, Pictures]]:
    """``n`` times the pictures of half of the people, and those of the others."""
    people = np.unique(person)
    for seed in range(n):
        is_chosen = np.isin(person, np.random.default_rng(seed).permutation(people)[: len(people) // 2])
        halves = [[r for r, c in zip(results, is_chosen, strict=True) if c == half] for half in (True, False)]
        yield halves[0], halves[1]


def main() -> None:
    """Print a line for each draw, and the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--target", type=float, default=90, metavar="PERCENT")
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--trained-on", type=Path, metavar="PHOTOGRAPHS")
    parser.add_argument("--hold-out", type=float, default=0.2, metavar="FRACTION")
    parser.add_argument("--runs", type=Path)
    args = parser.parse_args()
    for folder in filter(None, (args.folder, args.trained_on)):
        if not (folder / "people.csv").is_file():
            parser.error(f"needs {folder / 'people.csv'}, which says who took which picture")
    from scipy.stats import binom

    store = RunStore(zoo=args.runs) if args.runs else RunStore()
    results, person = predict_by_person(args.folder, store)
    if args.trained_on:
        paths = find_held_out_photographs(args.trained_on, args.hold_out)
        held_out = [r for r in predict_by_person(args.trained_on, store)[0] if Path(r.name) in paths]
        draws = iter([(held_out, results)])
    else:
        draws = draw_people(results, person, args.draws)
    n_draws = n_violated = n_inside = 0
    for fit_on, others in draws:
        fit = calibrate_labelled_results(fit_on, FASHION_CLASSES)
        promise = make_promise("recognition", fit, args.target / 100, "")
        labels = labels_from_folders(others, FASHION_CLASSES)
        decided = decide(others, FASHION_CLASSES, promise)
        automatic = [(d, label) for d, label in zip(decided, labels, strict=True) if d.decision == "automatic"]
        n_correct = sum(d.candidates[0] == FASHION_CLASSES[int(c)].name for d, c in automatic if c >= 0)
        low, high = wilson_interval(promise.n_automated, promise.n)
        share = len(automatic) / len(others)
        n_inside += low <= share <= high
        n_violated += binom.sf(len(automatic) - n_correct - 1, len(automatic), 1 - args.target / 100) < 0.05
        print(
            f"draw {n_draws}: {promise.n_automated / promise.n:.1%} of {promise.n} promised ({low:.1%} to {high:.1%}), "
            f"{share:.1%} of {len(others)} automated, {n_correct} of {len(automatic)} correct"
        )
        n_draws += 1
    print(f"target {args.target:g}%: share inside {n_inside} of {n_draws}, violated {n_violated} of {n_draws}")


if __name__ == "__main__":
    main()
