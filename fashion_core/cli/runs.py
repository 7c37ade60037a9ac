"""``runs``: list, show, resume, cancel, export, import, combine and delete run folders."""

import argparse
from pathlib import Path
from typing import Any

from fashion_core.cli.arguments import (
    add_data_argument,
    add_json_argument,
    add_runs_argument,
    find_run,
    read_file_argument,
    summarise_run_as_dict,
    write_file_argument,
)
from fashion_core.runs import archive, queue
from fashion_core.runs.ensemble import create_ensemble
from fashion_core.runs.run_data import find_run_dataset
from fashion_core.runs.store import RunStore
from fashion_core.wording.numbers import format_percent
from fashion_core.wording.runs import format_test_accuracy
from fashion_core.wording.text import to_single_line

CANCEL_TIMEOUT_SECONDS = 5.0  # seconds that a run may take to stop


def add_parser(subparsers: Any) -> None:
    """Add the command and its arguments."""
    parser = subparsers.add_parser("runs", help="list, show, resume, cancel, export, import, combine or delete runs")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    for name, text in (
        ("list", "every run, the shipped ones first"),
        ("show", "details of one run"),
        ("resume", "queue a run that was interrupted, cancelled or failed; it trains in the background"),
        ("cancel", "stop a run that waits or trains"),
        ("export", "write a run as a zip"),
        ("import", "import a run from a zip"),
        ("ensemble", "save several runs on one data set as one that answers for all of them"),
        ("delete", "delete a run of yours"),
    ):
        action = actions.add_parser(name, help=text)
        if name in ("show", "resume", "cancel", "export", "delete"):
            by_path = ", or the path of its folder" if name in ("show", "export") else ""
            action.add_argument("run_name", metavar="RUN", help=f"a run's name{by_path}")
        if name == "resume":
            add_data_argument(action)
        if name == "export":
            action.add_argument("--out", type=Path, metavar="FILE", help="default: RUN.zip in this folder")
        if name == "ensemble":
            action.add_argument("run_names", nargs="+", metavar="RUN", help="names of two or more runs")
            action.add_argument("--name", default="", help="name of the ensemble (default: its kind and time)")
            action.add_argument("--title", default="", help="name to show (default: those of the runs)")
        if name == "import":
            action.add_argument("file", type=Path, metavar="FILE", help="a zip that runs export wrote")
        add_runs_argument(action)
        add_json_argument(action)
        action.set_defaults(run=globals()[f"_{name}"])


def _list(args: argparse.Namespace) -> dict[str, Any]:
    runs = [summarise_run_as_dict(entry) for entry in RunStore(args.runs).entries()]
    if not args.json:
        for run in runs:
            accuracy = (
                format_percent(run["accuracy"], 2) if "accuracy" in run else to_single_line(run.get("reason", ""))
            )
            name = to_single_line(run["run"])
            print(f"{name:<36} {run['origin']:<5} {run['state']:<12} {run.get('data', ''):<14} {accuracy}")
    return {"runs": runs}


def _show(args: argparse.Namespace) -> dict[str, Any]:
    store = RunStore(args.runs)
    summary = summarise_run_as_dict(find_run(store, args.run_name))
    if not args.json:
        for key, value in summary.items():
            print(f"{key:<18} {to_single_line(str(value))}")
    return summary


def _resume(args: argparse.Namespace) -> dict[str, Any]:
    store = RunStore(args.runs)
    entry = store.get(args.run_name)
    queue.resume_run(store, entry, find_run_dataset(entry, args.data))
    if not args.json:
        print(f"{entry.id} is queued again.")
    return summarise_run_as_dict(store.get(entry.id))


def _cancel(args: argparse.Namespace) -> dict[str, Any]:
    store = RunStore(args.runs)
    entry = store.get(args.run_name)
    queue.cancel_run(store, entry)
    ended = queue.wait_for_run(entry, store, CANCEL_TIMEOUT_SECONDS)
    if not args.json:
        print(f"{entry.id} is {queue.run_phase(ended)}.")
    return summarise_run_as_dict(ended)


def _export(args: argparse.Namespace) -> dict[str, Any]:
    store = RunStore(args.runs)
    entry = find_run(store, args.run_name)
    out = args.out or Path(f"{entry.id}.zip")
    write_file_argument(out, archive.export_zip(entry))
    if not args.json:
        print(out)
    return {"run": entry.id, "file": str(out)}


def _import(args: argparse.Namespace) -> dict[str, Any]:
    entry = archive.import_zip(RunStore(args.runs), read_file_argument(args.file, archive.MAX_ZIP_BYTES))
    if not args.json:
        print(entry.id)
    return summarise_run_as_dict(entry)


def _ensemble(args: argparse.Namespace) -> dict[str, Any]:
    store = RunStore(args.runs)
    members = [store.get(name) for name in args.run_names]
    entry = create_ensemble(store, members, title=args.title, run_id=args.name)
    if not args.json:
        assert entry.record is not None
        print(f"{entry.id}: {format_test_accuracy(entry.record)}, in {entry.path}")
    return summarise_run_as_dict(entry)


def _delete(args: argparse.Namespace) -> dict[str, Any]:
    store = RunStore(args.runs)
    entry = store.get(args.run_name)
    queue.delete_run(store, entry)
    if not args.json:
        print(f"{entry.id} is deleted.")
    return {"run": entry.id, "deleted": True}
