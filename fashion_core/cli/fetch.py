"""``fetch``: download Fashion-MNIST."""

import argparse
import sys
from pathlib import Path
from typing import Any

from fashion_core.cli.arguments import add_json_argument
from fashion_core.data import download, fashion_mnist


def add_parser(subparsers: Any) -> None:
    """Add the command and its arguments."""
    parser = subparsers.add_parser("fetch", help="download Fashion-MNIST (31 MB)")
    parser.add_argument("--data", type=Path, metavar="DIR", help="where to put it (default: the per-user folder)")
    add_json_argument(parser)
    parser.set_defaults(run=run_fetch)


def run_fetch(args: argparse.Namespace) -> dict[str, Any]:
    """Download what is missing; progress goes to standard error."""
    printed = -1

    def report(progress: download.DownloadProgress) -> None:
        nonlocal printed
        percent = 100 * progress.bytes_done // progress.bytes_total
        if percent // 5 != printed // 5:
            printed = percent
            print(f"{percent:3d}%  {progress.file_name}", file=sys.stderr)

    folder = download.download_fashion_mnist(args.data, on_progress=report)
    if not args.json:
        print(folder)
    names = [f.name for f in fashion_mnist.PUBLISHED_FILES.values()]
    return {"folder": str(folder), "files": names, "source": "fashion-mnist"}
