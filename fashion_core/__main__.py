"""Command line: ``fashion VERB``, or ``python -m fashion_core VERB``.

Exit status 0 on success, 1 with one line on a failure, 2 on bad usage.
"""

import argparse
import importlib
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from fashion_core.errors import FashionError

VERBS = (
    "dashboard", "fetch", "train", "evaluate", "predict", "feasibility", "drift", "review", "advise", "sort", "runs",
    "export", "data", "report", "api", "bench",
)  # fmt: skip


def build_parser() -> argparse.ArgumentParser:
    """Parser with one subcommand for each verb."""
    parser = argparse.ArgumentParser(
        prog="fashion" if Path(sys.argv[0]).stem == "fashion" else "python -m fashion_core",
        description="Classify pictures of clothing, and measure how well it works.",
    )
    subparsers = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for verb in VERBS:
        importlib.import_module(f"fashion_core.cli.{verb}").add_parser(subparsers)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; returns the exit status."""
    args = build_parser().parse_args(arguments)
    try:
        result = args.run(args)
        if getattr(args, "json", False):
            print(json.dumps(result))
        sys.stdout.flush()
    except FashionError as error:
        print(f"{args.verb}: {' '.join(str(error).split())}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # whoever read the output has closed it; without this, Python would complain again when it closes it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        print(f"{args.verb}: {error.filename or 'A file'} cannot be used ({error.strerror}).", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"{args.verb}: interrupted.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
