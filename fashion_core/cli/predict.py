"""``predict``: classify picture files, folders of them and zips; with labels, say how well."""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from fashion_core.cli.arguments import add_json, add_runs
from fashion_core.computed.reference import TOGETHER
from fashion_core.data.labels import FOLDERS, NAMES
from fashion_core.errors import FashionError, PictureError
from fashion_core.recognition import batch, labelled
from fashion_core.recognition.batch import Row
from fashion_core.recognition.recognizer import Recognizer, shipped_recognizer
from fashion_core.recognition.sources import Source, gather
from fashion_core.runs.store import RunStore
from fashion_core.vision.pipeline import KINDS, Wishes

SHOWN = 3  # classes named for a picture


def add(verbs: Any) -> None:
    """Add the verb's arguments."""
    parser = verbs.add_parser("predict", help="say what garment is on a picture")
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="picture files, folders of them, or zips")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--model", metavar="NAME", help=f"one shipped run (default: {' and '.join(TOGETHER)} together)")
    which.add_argument("--run", dest="run_name", metavar="RUN", help="a run of yours")
    parser.add_argument("--kind", choices=["auto", *KINDS], default="auto")
    parser.add_argument(
        "--labelled",
        action="store_true",
        help=f"score answers against sub-folders named {' '.join(FOLDERS)}; any other is none of these",
    )
    parser.add_argument(
        "--no-correction", action="store_true", help="leave out the class-prior correction for the kind of picture"
    )
    parser.add_argument("--save-steps", type=Path, metavar="DIR", help="write the preparation's steps there as PNG")
    add_runs(parser)
    add_json(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Answer for each picture; one that cannot be read becomes a line that says why, and the others go on."""
    store = RunStore(args.runs)
    recognizer = _recognizer(store, args.run_name or args.model)
    with gather(args.paths) as sources:
        if not sources:
            raise PictureError("There are no pictures in these folders. Give PNG, JPEG, GIF, WebP, BMP or TIFF files.")
        start = time.perf_counter()
        rows = list(_told(_answers(args, recognizer, sources), len(sources), quiet=args.json or args.labelled))
        seconds = time.perf_counter() - start
    if all(row.error for row in rows):
        raise PictureError(f"{rows[0].name}: {rows[0].error}")
    return _scored(rows, seconds, args) if args.labelled else {"pictures": [_as_json(row) for row in rows]}


def _recognizer(store: RunStore, run_id: str | None) -> Recognizer:
    return Recognizer([store.classifier(store.get(run_id))]) if run_id else shipped_recognizer(store)


def _answers(args: argparse.Namespace, recognizer: Recognizer, sources: Sequence[Source]) -> Iterator[Row]:
    keep_steps = args.save_steps is not None
    found = batch.answers(
        recognizer, sources, Wishes(args.kind), corrected=not args.no_correction, keep_steps=keep_steps
    )
    for row in found:
        if row.steps:
            _save(row, args.save_steps / Path(row.name).stem)
        yield row


def _told(rows: Iterator[Row], n: int, *, quiet: bool) -> Iterator[Row]:
    """The rows without their steps, each printed as it comes unless ``quiet``; errors wait for the first answer, for
    nothing but errors is a failure. How far it is goes to a terminal's standard error."""
    waiting: list[str] = []
    answered = False
    watched = quiet and sys.stderr.isatty()
    for done, row in enumerate(rows, 1):
        answered = answered or not row.error
        if not quiet:
            waiting.append(_line(row))
            if answered:
                print("\n".join(waiting), flush=True)
                waiting = []
        if watched:
            print(f"\r{done:,} of {n:,}", end="" if done < n else "\n", file=sys.stderr, flush=True)
        yield batch.without_steps(row)


def _line(row: Row) -> str:
    if row.answer is None:
        return f"{row.name}: {row.error}"
    p = row.answer.probabilities
    told = ", ".join(f"{NAMES[c]} {p[c]:.1%}" for c in labelled.ranking(row)[:SHOWN])
    return f"{row.name}: {told}{'; probably none of these' if row.answer.is_strange else ''}"


def _as_json(row: Row) -> dict[str, Any]:
    if row.answer is None:
        return {"path": row.name, "error": row.error}
    p, strangeness = row.answer.probabilities, row.answer.strangeness
    return {
        "path": row.name,
        "kind": row.kind,
        "classes": [{"label": NAMES[c], "probability": float(p[c])} for c in labelled.ranking(row)[:SHOWN]],
        "strangeness": None if strangeness != strangeness else strangeness,  # JSON has no nan
        "warned": row.answer.is_strange,
    } | ({"same_as": row.same_as} if row.same_as else {})


def _scored(rows: list[Row], seconds: float, args: argparse.Namespace) -> dict[str, Any]:
    if not labelled.is_labelled(rows):
        raise PictureError(f"No picture lies in a folder named for a class. Name the folders {', '.join(FOLDERS)}.")
    found = labelled.score(rows)
    kinds = Counter(row.kind for row in rows if row.kind is not None)
    if not args.json:
        print("\n".join(_table(found)))
        print(f"Pictures taken as: {', '.join(f'{kind} {n:,}' for kind, n in kinds.most_common())}; {seconds:.1f} s")
    return {
        "n": found.n,
        "top1": found.top1,
        "top3": found.top3,
        "per_class": {
            FOLDERS[c]: {"n": of.n, "top1": of.top1, "top3": of.top3} for c, of in sorted(found.per_class.items())
        },
        "warned_known": found.warned_known,
        "warned_unknown": found.warned_unknown,
        "auroc_unknown": found.auroc_unknown,
        "n_unknown": found.n_unknown,
        "unreadable": found.unreadable + found.unreadable_unknown,
        "interval": list(found.interval),
        "corrected": not args.no_correction,
        "kinds": dict(kinds),
        "seconds": round(seconds, 2),
    }


def _table(found: labelled.Labelled) -> Iterator[str]:
    """The figures for people, percent with one decimal."""
    low, high = found.interval
    yield f"{'':12}{'n':>7}{'top 1':>9}{'top 3':>9}"
    for c, of in sorted(found.per_class.items()):
        yield f"{FOLDERS[c]:12}{of.n:7,}{of.top1:9.1%}{of.top3:9.1%}"
    yield f"{'all':12}{found.n:7,}{found.top1:9.1%}{found.top3:9.1%}"
    yield f"95% interval of top 1: {low:.1%} to {high:.1%}"
    if found.unreadable:
        yield f"{found.unreadable:,} of them could not be read, and count as wrong"
    if found.warned_known is not None:
        yield f"Warned as none of these: {found.warned_known:.1%} of the classes"
    if found.warned_unknown is not None:
        n = found.n_unknown - found.unreadable_unknown
        yield f"Warned as none of these: {found.warned_unknown:.1%} of {n:,} that are none"
    if found.auroc_unknown is not None:
        yield f"Area under the ROC curve, none of these against the classes: {found.auroc_unknown:.3f}"


def _save(row: Row, folder: Path) -> None:
    from PIL import Image

    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number, step in enumerate(row.steps, 1):
            Image.fromarray(step.image).save(folder / f"{number}.png")
    except OSError as error:
        raise FashionError(f"{folder} cannot be written ({error.strerror}). Choose another folder.") from error
