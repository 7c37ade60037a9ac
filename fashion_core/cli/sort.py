"""``sort``: put the pictures of a folder into one folder for each class, and those to check into another."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from fashion_core.cli.arguments import (
    add_data_argument,
    add_json_argument,
    add_run_argument,
    add_runs_argument,
    add_target_argument,
    find_chosen_run,
)
from fashion_core.errors import ConfigError
from fashion_core.models.registry import get_model_spec
from fashion_core.recognition.batch import predict_sources
from fashion_core.recognition.promises import load_reference_predictions
from fashion_core.recognition.shipped_recognizer import load_recognizer
from fashion_core.runs.capacity import cluster_address
from fashion_core.runs.run_data import read_run_options
from fashion_core.runs.store import RunEntry, RunStore
from fashion_core.runs.summary import RECOGNITION_RUN_IDS
from fashion_core.sorting.cluster import sort_on_cluster
from fashion_core.sorting.manifests import TABLE_FOLDER
from fashion_core.sorting.packed_model import pack_model
from fashion_core.sorting.promise import calibrate_labelled_results, make_promise
from fashion_core.sorting.shards import ManifestSorter, sort_here, sort_to_shards
from fashion_core.sorting.sort import SortingModel, SortProgress, sort_folder
from fashion_core.sorting.stores import URL_MARK, open_store
from fashion_core.sorting.transfer import MODES, Mode
from fashion_core.sorting.undo import undo_sort
from fashion_core.vision.picture_sources import open_picture_sources, replace_control_characters
from fashion_core.wording.promises import format_reference
from fashion_core.wording.sorting import describe_sort, describe_sorting_promise, describe_undo


def add_parser(subparsers: Any) -> None:
    """Add the command and its arguments."""
    parser = subparsers.add_parser("sort", help="sort a folder of pictures into one folder for each class")
    parser.add_argument(
        "source", nargs="?", metavar="SOURCE", help="a folder of pictures, or the URL of one in a store"
    )
    parser.add_argument("--out", metavar="DIR", help="the folder to sort into")
    add_run_argument(parser, "decides")
    add_target_argument(parser, "the automatically sorted pictures")
    parser.add_argument(
        "--calibrate", type=Path, metavar="FOLDER",
        help="choose the threshold on these pictures, in one sub-folder for each class, instead of on validation",
    )  # fmt: skip
    parser.add_argument(
        "--mode",
        choices=MODES,
        help="what happens to the files; table: only a table is written (copy; on a cluster, table)",
    )
    parser.add_argument("--parquet", action="store_true", help="also write the table as Parquet")
    parser.add_argument("--undo", type=Path, metavar="DIR", help="restore everything that was sorted into DIR")
    add_data_argument(parser)
    add_runs_argument(parser)
    add_json_argument(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Sort, or undo it."""
    if args.undo is not None:
        undone = undo_sort(args.undo)
        if not args.json:
            print(describe_undo(undone))
        return asdict(undone) | {"kept": [replace_control_characters(str(path)) for path in undone.kept]}
    if args.source is None or args.out is None:
        raise ConfigError("Give the folder to sort and, with --out, the one to sort into; or --undo and that folder.")
    into_table = bool(cluster_address()) or URL_MARK in args.source or URL_MARK in args.out
    if into_table and args.mode not in (None, "table"):
        raise ConfigError(
            f"--mode {args.mode} is for folders on this machine. On a cluster or in a store, only a table is written: "
            "leave out --mode, or unset FASHION_CLUSTER and give folders."
        )
    stores = (open_store(args.source), open_store(args.out)) if into_table else None
    store = RunStore(args.runs)
    chosen = find_chosen_run(store, args)
    model, entries = load_sorting_model(store, chosen, args.target / 100, args.data, args.calibrate)
    if not args.json:
        print(describe_sorting_promise(model.promise), flush=True)
    if stores:
        progress = sort_to_shards(*stores, _make_sorter(model, entries), _show_progress)
    else:
        mode: Mode = args.mode or "copy"
        folders = Path(args.source), Path(args.out)
        progress = sort_folder(model, *folders, mode=mode, parquet=args.parquet, report=_show_progress)
    if not args.json:
        print(describe_sort(progress, f"{stores[1].url}/{TABLE_FOLDER}" if stores else ""))
    return {
        "promise": asdict(model.promise) | {"sentence": describe_sorting_promise(model.promise)},
        "n": progress.n,
        "known": progress.n_known,
        "resumed": progress.n_resumed,
        "failed": progress.n_failed,
        "decisions": dict(progress.decisions),
    }


def _make_sorter(model: SortingModel, entries: Sequence[RunEntry]) -> ManifestSorter:
    """On the cluster if there is one, or else in this process."""
    address = cluster_address()
    return sort_on_cluster(address, pack_model(model, entries)) if address else sort_here(model)


def load_sorting_model(
    store: RunStore, run: RunEntry | None, target: float, data: str = "", calibrate: Path | None = None
) -> tuple[SortingModel, Sequence[RunEntry]]:
    """``run``, or the recognition networks together, with a promise for ``target``, and the runs of its networks.

    The threshold is chosen on the labelled folder ``calibrate``, or else on validation of the data set ``data`` or of
    the run's own.

    Raises ``RunError`` when the run can't be used, ``PictureError`` when the folder can't, and ``ConfigError`` when the
    run clusters or the target is not above 0 and below 1.
    """
    entries = [run] if run else [store.get(run_id) for run_id in RECOGNITION_RUN_IDS]
    entry = entries[0]
    if entry.record is not None and get_model_spec(entry.record.model).is_clustering:
        raise ConfigError(
            f"{entry.id} doesn't say how sure it is of a picture, so it promises nothing. Choose a network with --run."
        )
    recognizer = load_recognizer(store, run)
    classes, options = read_run_options(entry, "auto")
    assert entry.record is not None  # its model could be loaded
    if calibrate is not None:
        with open_picture_sources([calibrate]) as sources:
            results = predict_sources(recognizer, sources, options, thumbnail_side=0)
            # without images, which take most of the memory
            predictions = calibrate_labelled_results([replace(r, image=None) for r in results], classes)
        reference = f"those of {calibrate.resolve().name}"
    else:
        predictions = load_reference_predictions(store, run, data)
        reference = format_reference(entry.record.data.title)
    promise = make_promise("+".join(each.id for each in entries), predictions, target, reference)
    return SortingModel(recognizer, classes, options, promise), entries


def _show_progress(progress: SortProgress) -> None:
    """Count the pictures on standard error, if that is a terminal."""
    if sys.stderr.isatty():
        end = "\n" if progress.n_handled == progress.n else ""
        print(f"\r{progress.n_handled:,} of {progress.n:,}", end=end, file=sys.stderr, flush=True)
