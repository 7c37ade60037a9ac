"""``report``: the results as an HTML file, PDF or PowerPoint file, or the settings to build them again."""

import argparse
import dataclasses
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from fashion_core.cli.arguments import (
    add_data_argument,
    add_json_argument,
    add_runs_argument,
    read_file_argument,
    write_file_argument,
)
from fashion_core.data import Dataset, find_dataset
from fashion_core.errors import DataError, FashionError, RunError
from fashion_core.report.content import SECTION_TITLES, Report
from fashion_core.report.settings import MAX_SETTINGS_BYTES, ReportSettings, default_report_settings
from fashion_core.runs.run_data import find_run_dataset
from fashion_core.runs.store import RunStore
from fashion_core.vision.decode import MAX_PICTURE_BYTES

REPORT_SUFFIXES = (".html", ".pdf", ".pptx", ".json")


def add_parser(subparsers: Any) -> None:
    """Add the command and its arguments."""
    parser = subparsers.add_parser("report", help="write the results as one HTML file, as PDF or as PowerPoint")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE",
        help=f"the file to write; its suffix chooses the format: {', '.join(REPORT_SUFFIXES)}",
    )  # fmt: skip
    parser.add_argument(
        "--settings", type=Path, metavar="FILE.json", help="saved settings; the options below override them"
    )
    parser.add_argument("--title", help="title of the report (default: a question about the data set)")
    parser.add_argument("--author", metavar="NAME", help="who wrote it (default: nobody is named)")
    parser.add_argument("--logo", type=Path, metavar="FILE", help="a picture for the first page")
    parser.add_argument("--run", action="append", dest="chosen", metavar="RUN", help="a run to report on; repeatable")
    parser.add_argument(
        "--section", action="append", choices=list(SECTION_TITLES), metavar="NAME",
        help=f"repeatable; one of {', '.join(SECTION_TITLES)}",
    )  # fmt: skip
    parser.add_argument("--paper", choices=["a4", "a1"], default="a4", help="of a PDF: A4 pages or one A1 poster")
    add_data_argument(parser)
    add_runs_argument(parser)
    add_json_argument(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Build the report and write the file, or raise ``FashionError`` and write nothing."""
    suffix = args.out.suffix.lower()
    if suffix not in REPORT_SUFFIXES:
        raise FashionError(
            f"{args.out.name} must end in one of {', '.join(REPORT_SUFFIXES)}, which chooses the format."
        )
    store = RunStore(args.runs)
    saved = (
        None
        if args.settings is None
        else ReportSettings.from_json(read_file_argument(args.settings, MAX_SETTINGS_BYTES))
    )
    dataset = _find_dataset(args.chosen or (saved.runs if saved else ()), store, args.data)
    settings = _change_settings(saved or default_report_settings(store, dataset), args)
    omissions: tuple[str, ...] = ()
    if suffix == ".json":
        content = settings.to_json().encode()
    else:
        from fashion_core.report.build import build_report

        report = build_report(settings, store, dataset)
        content, omissions = _render(report, suffix, args), report.omissions
    write_file_argument(args.out, content)
    if not args.json:
        for omission in omissions:
            print(f"report: {omission}", file=sys.stderr)
        print(args.out)
    return {"file": str(args.out), "bytes": len(content), "remarks": list(omissions)}


def _find_dataset(run_ids: Sequence[str], store: RunStore, name: str) -> Dataset:
    """The data set called ``name`` or, where that is empty, the one of the first run that has one on this machine."""
    for run_id in () if name else run_ids:
        with suppress(RunError, DataError):  # the report says what is missing
            return find_run_dataset(store.get(run_id), name)
    return find_dataset(name)


def _change_settings(settings: ReportSettings, args: argparse.Namespace) -> ReportSettings:
    """``settings`` with the options given on the command line."""
    lists = {"runs": args.chosen and tuple(args.chosen), "sections": args.section and tuple(args.section)}
    logo = None if args.logo is None else read_file_argument(args.logo, MAX_PICTURE_BYTES)
    changes = {"title": args.title, "author": args.author, "logo": logo, **lists}
    return dataclasses.replace(settings, **{name: value for name, value in changes.items() if value is not None})


def _render(report: Report, suffix: str, args: argparse.Namespace) -> bytes:
    if suffix == ".pptx":
        from fashion_core.report.powerpoint import render_powerpoint

        return render_powerpoint(report)
    from fashion_core.report.html import render_html
    from fashion_core.report.pdf import print_html_to_pdf

    html = render_html(report, args.paper)
    return print_html_to_pdf(html) if suffix == ".pdf" else html.encode()
