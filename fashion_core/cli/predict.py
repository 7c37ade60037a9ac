"""``predict``: classify picture files, folders of them and zips; score them if the folders are labelled."""

import argparse
import itertools
import math
import sys
import time
from collections import Counter
from collections.abc import Container, Iterator, Sequence
from pathlib import Path
from typing import Any

from fashion_core.cli.arguments import add_json_argument, add_run_argument, add_runs_argument, find_run
from fashion_core.data.classes import FASHION_CLASSES, ClassList
from fashion_core.errors import PictureError, StorageError
from fashion_core.recognition import batch, labelled_folder
from fashion_core.recognition.batch import PictureResult
from fashion_core.recognition.recognizer import Recognizer
from fashion_core.recognition.shipped_recognizer import load_recognizer
from fashion_core.runs.run_data import read_run_options
from fashion_core.runs.store import RunStore
from fashion_core.vision.decode import READABLE_FORMATS
from fashion_core.vision.picture_sources import PictureSource, open_picture_sources
from fashion_core.vision.preparation import PREPARATION_KINDS, PreparationOptions
from fashion_core.wording.recognition import N_CLASSES_LISTED, format_labelled_folder_scores, format_picture_result

MAX_FOLDERS_LISTED = 20  # of the classes in a message


def add_parser(subparsers: Any) -> None:
    """Add the command and its arguments."""
    parser = subparsers.add_parser("predict", help="classify pictures of garments")
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="picture files, folders of them, or zips")
    which = parser.add_mutually_exclusive_group()
    add_run_argument(which, "answers, included or yours")
    which.add_argument("--model", dest="run_name", help=argparse.SUPPRESS)  # of earlier versions
    kinds = ["auto", *PREPARATION_KINDS]
    parser.add_argument("--kind", choices=kinds, default="auto", help="how the pictures were made, if auto is wrong")
    parser.add_argument(
        "--labelled",
        action="store_true",
        help="score the predictions by sub-folder: the classes of the run, by default "
        f"{' '.join(FASHION_CLASSES.folder_names)}; any other is none of them",
    )
    parser.add_argument("--no-correction", action="store_true", help=argparse.SUPPRESS)  # of version 0.1; ignored
    parser.add_argument("--save-steps", type=Path, metavar="DIR", help="save the preparation steps there as PNG")
    add_runs_argument(parser)
    add_json_argument(parser)
    parser.set_defaults(run=run_predict)


def run_predict(args: argparse.Namespace) -> dict[str, Any]:
    """Predict each picture; one that can't be read becomes a line that says why."""
    store = RunStore(args.runs)
    run = find_run(store, args.run_name) if args.run_name else None
    recognizer = load_recognizer(store, run)
    classes, options = FASHION_CLASSES, PreparationOptions(args.kind)
    if run is not None:
        classes, options = read_run_options(run, args.kind)
    with open_picture_sources(args.paths) as sources:
        if not sources:
            raise PictureError(f"There are no pictures in these folders. Give {READABLE_FORMATS} files.")
        start = time.perf_counter()
        predicted = _predict(args, recognizer, sources, options)
        quiet = args.json or args.labelled
        shown = _show_count(predicted, len(sources)) if quiet else _print_results(predicted, len(sources), classes)
        results = [batch.drop_preparation_steps(result) for result in shown]
        seconds = time.perf_counter() - start
    if all(result.error for result in results):
        if len(results) == 1 or args.labelled:
            raise PictureError(f"{results[0].name}: {results[0].error}")
        if not args.json:
            raise PictureError("None of these pictures can be read. The lines above say why.")
    if args.labelled:
        return _score(results, seconds, classes, args)
    return {"pictures": [_result_to_json(r, classes) for r in results]}


def _predict(
    args: argparse.Namespace, recognizer: Recognizer, sources: Sequence[PictureSource], options: PreparationOptions
) -> Iterator[PictureResult]:
    results = batch.predict_sources(
        recognizer,
        sources,
        options,
        keep_steps=args.save_steps is not None,
    )
    taken: set[Path] = set()
    for result in results:
        if result.steps:
            folder = _choose_steps_folder(result, taken)
            taken.add(folder)
            _save_steps(result, args.save_steps / folder)
        yield result


def _choose_steps_folder(result: PictureResult, taken: Container[Path]) -> Path:
    """The folders of the picture and its name without dots at the ends, numbered if that is among those ``taken``."""
    stem = Path(result.name).stem.strip(".") or "picture"
    names = itertools.chain([stem], (f"{stem}-{number}" for number in itertools.count(2)))
    return next(path for path in (Path(*result.folders, name) for name in names) if path not in taken)


def _print_results(results: Iterator[PictureResult], n: int, classes: ClassList) -> Iterator[PictureResult]:
    """Print each result as it comes, except the error of a single picture, which is that of the command."""
    for result in results:
        if n > 1 or not result.error:
            print(format_picture_result(result, classes), flush=True)
        yield result


def _show_count(results: Iterator[PictureResult], n: int) -> Iterator[PictureResult]:
    """Count the results on standard error, if that is a terminal."""
    is_terminal = sys.stderr.isatty()
    for done, result in enumerate(results, 1):
        if is_terminal:
            print(f"\r{done:,} of {n:,}", end="" if done < n else "\n", file=sys.stderr, flush=True)
        yield result


def _result_to_json(result: PictureResult, classes: ClassList) -> dict[str, Any]:
    if result.prediction is None:
        return {"path": result.name, "error": result.error}
    p, ood_score = result.prediction.probabilities, result.prediction.ood_score
    return {
        "path": result.name,
        "kind": result.kind,
        "classes": [
            {"label": classes[c].name, "probability": float(p[c])}
            for c in labelled_folder.rank_classes(result)[:N_CLASSES_LISTED]
        ],
        "strangeness": None if math.isnan(ood_score) else ood_score,  # JSON has no nan
        "warned": result.prediction.is_out_of_distribution,
    } | {key: text for key, text in (("same_as", result.duplicate_of), ("notice", result.notice)) if text}


def _score(
    results: list[PictureResult], seconds: float, classes: ClassList, args: argparse.Namespace
) -> dict[str, Any]:
    if not labelled_folder.has_class_folders(results, classes):
        names = ", ".join(classes.folder_names[:MAX_FOLDERS_LISTED])
        more = " and so on" if len(classes) > MAX_FOLDERS_LISTED else ""
        raise PictureError(f"No picture lies in a folder named after a class. Name the folders {names}{more}.")
    scores = labelled_folder.score_labelled_folder(results, classes)
    kinds = Counter(result.kind for result in results if result.kind is not None)
    if not args.json:
        print("\n".join(format_labelled_folder_scores(scores, classes)))
        print(f"Kinds of picture: {', '.join(f'{kind} {n:,}' for kind, n in kinds.most_common())}; {seconds:.1f} s")
    return {
        "n": scores.n,
        "top1": scores.top1,
        "top3": scores.top3,
        "per_class": {
            classes[label].folder_name: {"n": accuracy.n, "top1": accuracy.top1, "top3": accuracy.top3}
            for label, accuracy in sorted(scores.per_class.items())
        },
        "warned_known": scores.known_warning_rate,
        "warned_unknown": scores.unknown_warning_rate,
        "auroc_unknown": scores.unknown_auroc,
        "n_unknown": scores.n_unknown,
        "unreadable": scores.n_unreadable + scores.n_unknown_unreadable,
        "interval": list(scores.top1_interval),
        "kinds": dict(kinds),
        "seconds": round(seconds, 2),
    }


def _save_steps(result: PictureResult, folder: Path) -> None:
    from PIL import Image

    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number, step in enumerate(result.steps, 1):
            Image.fromarray(step.image).save(folder / f"{number}.png")
    except OSError as error:
        raise StorageError(f"{folder} cannot be written ({error.strerror}). Choose another folder.") from error
