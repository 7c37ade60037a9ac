"""``export``: write a run as one folder that works without this program."""

import argparse
from pathlib import Path
from typing import Any

from fashion_core.cli.arguments import (
    add_data_argument,
    add_json_argument,
    add_runs_argument,
    add_target_argument,
    find_run,
)
from fashion_core.export import folder as folders
from fashion_core.export.run_files import export_files
from fashion_core.runs.store import RunStore


def add_parser(subparsers: Any) -> None:
    """Add the command and its arguments."""
    parser = subparsers.add_parser("export", help="write a run as one folder that works without this program")
    parser.add_argument("run_name", metavar="RUN", help="a run's name, or the path of its folder")
    parser.add_argument("--out", type=Path, metavar="DIR", required=True, help="the new folder")
    add_target_argument(parser, "the automated pictures")
    add_data_argument(parser)
    add_runs_argument(parser)
    add_json_argument(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Write the folder and print its path."""
    folders.check_is_new(args.out)  # before anything is computed
    store = RunStore(args.runs)
    entry = find_run(store, args.run_name)
    files = export_files(store, entry, args.target / 100, args.data)
    folders.save_folder(args.out, files)
    if not args.json:
        print(args.out)
    return {"run": entry.id, "folder": str(args.out), "files": {name: len(content) for name, content in files.items()}}
