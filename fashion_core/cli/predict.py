"""``predict``: classify picture files, folders of them and zips; with labels, say how well."""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from fashion_core.cli.arguments import add_json_argument, add_runs_argument
from fashion_core.computed.reference_features import ENSEMBLE_RUN_IDS
from fashion_core.data.classes import CLASS_FOLDER_NAMES, CLASS_NAMES
from fashion_core.errors import FashionError, PictureError
from fashion_core.recognition import batch, labelled_folder
from fashion_core.recognition.batch import PictureResult
from fashion_core.recognition.picture_sources import PictureSource, open_picture_sources
from fashion_core.recognition.recognizer import Recognizer
from fashion_core.recognition.shipped_recognizer import load_shipped_recognizer
from fashion_core.runs.store import RunStore
from fashion_core.vision.preparation import PICTURE_KINDS, PreparationOptions

SHOWN_CLASSES = 3  # classes named for a picture


def add(verbs: Any) -> None:
    """Add the verb's arguments."""
    parser = verbs.add_parser("predict", help="say what garment is on a picture")
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="picture files, folders of them, or zips")
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--model", metavar="NAME", help=f"one shipped run (default: {' and '.join(ENSEMBLE_RUN_IDS)} together)"
    )
    which.add_argument("--run", dest="run_name", metavar="RUN", help="a run of yours")
    parser.add_argument("--kind", choices=["auto", *PICTURE_KINDS], default="auto")
    parser.add_argument(
        "--labelled",
        action="store_true",
        help=f"score answers against sub-folders named {' '.join(CLASS_FOLDER_NAMES)}; any other is none of these",
    )
    parser.add_argument(
        "--no-correction", action="store_true", help="leave out the class-prior correction for the kind of picture"
    )
    parser.add_argument("--save-steps", type=Path, metavar="DIR", help="write the preparation's steps there as PNG")
    add_runs_argument(parser)
    add_json_argument(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Answer for each picture; one that cannot be read becomes a line that says why, and the others go on."""
    store = RunStore(args.runs)
    recognizer = _load_recognizer(store, args.run_name or args.model)
    with open_picture_sources(args.paths) as sources:
        if not sources:
            raise PictureError("There are no pictures in these folders. Give PNG, JPEG, GIF, WebP, BMP or TIFF files.")
        start = time.perf_counter()
        rows = list(
            _print_progress(_predict(args, recognizer, sources), len(sources), quiet=args.json or args.labelled)
        )
        seconds = time.perf_counter() - start
    if all(row.error for row in rows):
        raise PictureError(f"{rows[0].name}: {rows[0].error}")
    return _score(rows, seconds, args) if args.labelled else {"pictures": [_result_to_json(row) for row in rows]}


def _load_recognizer(store: RunStore, run_id: str | None) -> Recognizer:
    return Recognizer([store.load_classifier(store.get(run_id))]) if run_id else load_shipped_recognizer(store)


def _predict(
    args: argparse.Namespace, recognizer: Recognizer, sources: Sequence[PictureSource]
) -> Iterator[PictureResult]:
    keep_steps = args.save_steps is not None
    found = batch.predict_pictures(
        recognizer,
        sources,
        PreparationOptions(args.kind),
        apply_correction=not args.no_correction,
        keep_steps=keep_steps,
    )
    for row in found:
        if row.steps:
            _save_steps(row, args.save_steps / Path(row.name).stem)
        yield row


def _print_progress(rows: Iterator[PictureResult], n: int, *, quiet: bool) -> Iterator[PictureResult]:
    """The rows without their steps, each printed as it comes unless ``quiet``; errors wait for the first answer, for
    nothing but errors is a failure. How far it is goes to a terminal's standard error."""
    waiting: list[str] = []
    answered = False
    watched = quiet and sys.stderr.isatty()
    for done, row in enumerate(rows, 1):
        answered = answered or not row.error
        if not quiet:
            waiting.append(_format_result(row))
            if answered:
                print("\n".join(waiting), flush=True)
                waiting = []
        if watched:
            print(f"\r{done:,} of {n:,}", end="" if done < n else "\n", file=sys.stderr, flush=True)
        yield batch.drop_steps(row)


def _format_result(row: PictureResult) -> str:
    if row.prediction is None:
        return f"{row.name}: {row.error}"
    p = row.prediction.probabilities
    told = ", ".join(f"{CLASS_NAMES[c]} {p[c]:.1%}" for c in labelled_folder.rank_classes(row)[:SHOWN_CLASSES])
    return f"{row.name}: {told}{'; probably none of these' if row.prediction.is_out_of_distribution else ''}"


def _result_to_json(row: PictureResult) -> dict[str, Any]:
    if row.prediction is None:
        return {"path": row.name, "error": row.error}
    p, strangeness = row.prediction.probabilities, row.prediction.ood_score
    return {
        "path": row.name,
        "kind": row.kind,
        "classes": [
            {"label": CLASS_NAMES[c], "probability": float(p[c])}
            for c in labelled_folder.rank_classes(row)[:SHOWN_CLASSES]
        ],
        "strangeness": None if strangeness != strangeness else strangeness,  # JSON has no nan
        "warned": row.prediction.is_out_of_distribution,
    } | ({"same_as": row.duplicate_of} if row.duplicate_of else {})


def _score(rows: list[PictureResult], seconds: float, args: argparse.Namespace) -> dict[str, Any]:
    if not labelled_folder.has_class_folders(rows):
        raise PictureError(
            f"No picture lies in a folder named for a class. Name the folders {', '.join(CLASS_FOLDER_NAMES)}."
        )
    found = labelled_folder.score_labelled_folder(rows)
    kinds = Counter(row.kind for row in rows if row.kind is not None)
    if not args.json:
        print("\n".join(_format_scores(found)))
        print(f"Pictures taken as: {', '.join(f'{kind} {n:,}' for kind, n in kinds.most_common())}; {seconds:.1f} s")
    return {
        "n": found.n,
        "top1": found.top1,
        "top3": found.top3,
        "per_class": {
            CLASS_FOLDER_NAMES[c]: {"n": of.n, "top1": of.top1, "top3": of.top3}
            for c, of in sorted(found.per_class.items())
        },
        "warned_known": found.known_warning_rate,
        "warned_unknown": found.unknown_warning_rate,
        "auroc_unknown": found.unknown_auroc,
        "n_unknown": found.n_unknown,
        "unreadable": found.n_unreadable + found.n_unknown_unreadable,
        "interval": list(found.top1_interval),
        "corrected": not args.no_correction,
        "kinds": dict(kinds),
        "seconds": round(seconds, 2),
    }


def _format_scores(found: labelled_folder.LabelledFolderScores) -> Iterator[str]:
    """The figures for people, percent with one decimal."""
    low, high = found.top1_interval
    yield f"{'':12}{'n':>7}{'top 1':>9}{'top 3':>9}"
    for c, of in sorted(found.per_class.items()):
        yield f"{CLASS_FOLDER_NAMES[c]:12}{of.n:7,}{of.top1:9.1%}{of.top3:9.1%}"
    yield f"{'all':12}{found.n:7,}{found.top1:9.1%}{found.top3:9.1%}"
    yield f"95% interval of top 1: {low:.1%} to {high:.1%}"
    if found.n_unreadable:
        yield f"{found.n_unreadable:,} of them could not be read, and count as wrong"
    if found.known_warning_rate is not None:
        yield f"Warned as none of these: {found.known_warning_rate:.1%} of the classes"
    if found.unknown_warning_rate is not None:
        n = found.n_unknown - found.n_unknown_unreadable
        yield f"Warned as none of these: {found.unknown_warning_rate:.1%} of {n:,} that are none"
    if found.unknown_auroc is not None:
        yield f"Area under the ROC curve, none of these against the classes: {found.unknown_auroc:.3f}"


def _save_steps(row: PictureResult, folder: Path) -> None:
    from PIL import Image

    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number, step in enumerate(row.steps, 1):
            Image.fromarray(step.image).save(folder / f"{number}.png")
    except OSError as error:
        raise FashionError(f"{folder} cannot be written ({error.strerror}). Choose another folder.") from error
