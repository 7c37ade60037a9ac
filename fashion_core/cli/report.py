"""``report``: the results as one HTML file."""

import argparse
from pathlib import Path
from typing import Any

from fashion_core.cli.arguments import add_json
from fashion_core.errors import FashionError
from fashion_core.runs.files import write_whole
from fashion_core.runs.store import RunStore


def add(verbs: Any) -> None:
    """Add the verb's arguments."""
    parser = verbs.add_parser("report", help="write the results on the shipped runs as one HTML file")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.html")
    add_json(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Build the report and write it whole or not at all."""
    if args.out.suffix.lower() not in (".html", ".htm"):
        raise FashionError(f"{args.out.name} does not end in .html; that is the form a report is written in.")
    from fashion_core.report.html import build

    content = build(RunStore()).encode()
    write_whole(args.out, content)
    if not args.json:
        print(args.out)
    return {"file": str(args.out), "bytes": len(content)}
