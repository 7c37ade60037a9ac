"""``report``: the results as an HTML file, a PDF, a PowerPoint file, or the settings to build them again."""

import argparse
import dataclasses
import sys
from pathlib import Path
from typing import Any

from fashion_core.cli.arguments import add_data_argument, add_json_argument, add_runs_argument
from fashion_core.data import load_dataset
from fashion_core.errors import FashionError
from fashion_core.report.settings import SECTION_TITLES, ReportSettings
from fashion_core.runs.store import RunStore
from fashion_core.storage.files import write_atomically

REPORT_SUFFIXES = (".html", ".pdf", ".pptx", ".json")


def add(verbs: Any) -> None:
    """Add the verb's arguments."""
    parser = verbs.add_parser("report", help="write the results as one HTML file, as PDF or as PowerPoint")
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="FILE",
        help=f"its ending says the form: {', '.join(REPORT_SUFFIXES)}",
    )
    parser.add_argument(
        "--settings", type=Path, metavar="FILE.json", help="settings that were saved; the rest goes over them"
    )
    parser.add_argument("--title")
    parser.add_argument("--author", metavar="NAME")
    parser.add_argument("--logo", type=Path, metavar="FILE", help="a picture for the first page")
    parser.add_argument("--run", action="append", dest="chosen", metavar="RUN", help="a run to report on; repeatable")
    parser.add_argument(
        "--section",
        action="append",
        choices=list(SECTION_TITLES),
        metavar="NAME",
        help=f"repeatable; of {', '.join(SECTION_TITLES)}",
    )
    parser.add_argument("--paper", choices=["a4", "a1"], default="a4", help="of the PDF: A4 pages or one A1 poster")
    add_data_argument(parser)
    add_runs_argument(parser)
    add_json_argument(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Build the report and write it whole or not at all."""
    form = args.out.suffix.lower()
    if form not in REPORT_SUFFIXES:
        raise FashionError(f"{args.out.name} ends in none of {', '.join(REPORT_SUFFIXES)}; the ending says the form.")
    settings = _settings(args)
    content, remarks = _built(form, settings, args)
    write_atomically(args.out, content)
    if not args.json:
        for remark in remarks:
            print(f"report: {remark}", file=sys.stderr)
        print(args.out)
    return {"file": str(args.out), "bytes": len(content), "remarks": list(remarks)}


def _settings(args: argparse.Namespace) -> ReportSettings:
    settings = ReportSettings() if args.settings is None else ReportSettings.from_json(_read(args.settings))
    changes: dict[str, Any] = {
        name: getattr(args, name) for name in ("title", "author") if getattr(args, name) is not None
    }
    if args.chosen:
        changes["runs"] = tuple(args.chosen)
    if args.section:
        changes["sections"] = tuple(args.section)
    if args.logo is not None:
        from fashion_core.report import logo

        changes["logo"] = logo.convert_logo_to_png(_read(args.logo))
    return dataclasses.replace(settings, **changes)


def _built(form: str, settings: ReportSettings, args: argparse.Namespace) -> tuple[bytes, tuple[str, ...]]:
    """The file's bytes, and what was left out of it."""
    if form == ".json":
        return settings.to_json().encode(), ()
    from fashion_core.report.build import build_report

    document = build_report(settings, RunStore(args.runs), load_dataset(args.data))
    if form == ".pptx":
        from fashion_core.report.powerpoint import render_powerpoint

        return render_powerpoint(document), document.omissions
    from fashion_core.report.html import render_html

    html = render_html(document, args.paper)
    if form == ".pdf":
        from fashion_core.report.pdf import print_html_to_pdf

        return print_html_to_pdf(html), document.omissions
    return html.encode(), document.omissions


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise FashionError(f"{path} cannot be read ({error.strerror}).") from error
