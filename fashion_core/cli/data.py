"""``data``: import, list, show, export, delete and split catalogues of your own pictures, and change their classes."""

import argparse
import dataclasses
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from fashion_core.cli.arguments import add_json_argument, whole_number
from fashion_core.data import catalogue_edits
from fashion_core.data.catalogue import Catalogue
from fashion_core.data.catalogue_archive import export_catalogue
from fashion_core.data.catalogue_labels import NO_LABEL
from fashion_core.data.catalogue_list import delete_catalogue, find_catalogue, list_catalogues
from fashion_core.data.dataset import MAX_SEED, SPLIT_SEED
from fashion_core.data.importing.build import suggest_title
from fashion_core.data.importing.jobs import import_in_foreground
from fashion_core.data.importing.report import load_report
from fashion_core.vision.kind import PREPARATION_KINDS
from fashion_core.wording.catalogue import describe_findings, describe_import, describe_kinds, describe_split
from fashion_core.wording.numbers import format_count

parse_seed = whole_number(0, MAX_SEED)


def add_parser(subparsers: Any) -> None:
    """Add the command and its arguments."""
    parser = subparsers.add_parser("data", help="import, list, show, export, delete, split or change catalogues")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    _add_import_parser(actions)
    for name, text, run in (
        ("list", "every catalogue", _list),
        ("show", "classes, splits and what the import found", _show),
        ("export", "write a catalogue as a zip, which can be imported anywhere", _export),
        ("delete", "delete a catalogue", _delete),
        ("split", "choose train, validation and test anew", _split),
        ("rename-class", "give a class another name", _rename_class),
        ("merge-classes", "make one class of several", _merge_classes),
        ("delete-class", "leave a class out; its pictures have no label then", _delete_class),
        ("apply-corrections", "move test pictures into the classes that their labels were corrected to", _apply),
        ("undo", "take back the last change of classes or splits", _undo),
    ):
        action = actions.add_parser(name, help=text)
        if name != "list":
            action.add_argument("name", metavar="NAME", help="a catalogue's name or title")
        if name == "export":
            action.add_argument("file", type=Path, metavar="FILE", nargs="?", help="default: NAME.zip in this folder")
        if name == "split":
            action.add_argument(
                "--seed", type=parse_seed, default=SPLIT_SEED, metavar="N", help="another seed, another split"
            )
        if name in ("rename-class", "delete-class"):
            action.add_argument("class_name", metavar="CLASS", help="a class's name")
        if name == "merge-classes":
            action.add_argument("class_names", metavar="CLASS", nargs="+", help="names of two or more classes")
        if name in ("rename-class", "merge-classes"):
            action.add_argument("--to", required=True, metavar="CLASS", help="the name it has then")
        add_json_argument(action)
        action.set_defaults(run=run)


def _add_import_parser(actions: Any) -> None:
    parser = actions.add_parser("import", help="import pictures as a catalogue")
    parser.add_argument(
        "path",
        type=Path,
        metavar="PATH",
        help="a folder or zip with a folder for each class, a CSV beside its pictures, IDX files, an .npz, "
        "or an exported catalogue",
    )
    parser.add_argument("--name", metavar="NAME", help="default: the name of the file or folder")
    kinds = ["auto", *PREPARATION_KINDS]
    parser.add_argument("--kind", choices=kinds, default="auto", help="how the pictures were made, if auto is wrong")
    parser.add_argument("--seed", type=parse_seed, default=SPLIT_SEED, metavar="N", help="of the split")
    add_json_argument(parser)
    parser.set_defaults(run=_import)


def _import(args: argparse.Namespace) -> dict[str, Any]:
    shown = -1

    def report(fraction: float, message: str) -> None:
        nonlocal shown
        if round(100 * fraction) != shown and sys.stderr.isatty():
            shown = round(100 * fraction)
            print(f"\r{shown:3d}% {message:<40}", end="", file=sys.stderr)

    title = args.name or suggest_title(args.path)
    catalogue = import_in_foreground(args.path, title, kind=args.kind, seed=args.seed, report=report)
    if shown >= 0:
        print(file=sys.stderr)
    return _report(args, catalogue)


def _list(args: argparse.Namespace) -> dict[str, Any]:
    found = []
    for entry in list_catalogues():
        catalogue = entry.catalogue
        found.append(
            {"name": entry.name, "damage": entry.damage}
            if catalogue is None
            else {"name": entry.name, **_summarise(catalogue)}
        )
    if not args.json:
        for row in found:
            print(f"{row['name']:<30} {row.get('damage') or _describe(row)}")
        if not found:
            print("You have no catalogues. `python -m fashion_core data import PATH --name NAME` makes one.")
    return {"catalogues": found}


def _show(args: argparse.Namespace) -> dict[str, Any]:
    return _report(args, find_catalogue(args.name))


def _export(args: argparse.Namespace) -> dict[str, Any]:
    catalogue = find_catalogue(args.name)
    path = args.file or Path(f"{catalogue.name}.zip")
    export_catalogue(catalogue, path)
    if not args.json:
        print(path)
    return {"name": catalogue.name, "file": str(path)}


def _delete(args: argparse.Namespace) -> dict[str, Any]:
    delete_catalogue(args.name)
    if not args.json:
        print(f"{args.name} is deleted.")
    return {"name": args.name, "deleted": True}


def _split(args: argparse.Namespace) -> dict[str, Any]:
    return _change(args, lambda catalogue: catalogue_edits.split_again(catalogue, args.seed))


def _rename_class(args: argparse.Namespace) -> dict[str, Any]:
    return _change(args, lambda catalogue: catalogue_edits.rename_class(catalogue, args.class_name, args.to))


def _merge_classes(args: argparse.Namespace) -> dict[str, Any]:
    return _change(args, lambda catalogue: catalogue_edits.merge_classes(catalogue, args.class_names, args.to))


def _delete_class(args: argparse.Namespace) -> dict[str, Any]:
    return _change(args, lambda catalogue: catalogue_edits.delete_class(catalogue, args.class_name))


def _apply(args: argparse.Namespace) -> dict[str, Any]:
    return _change(args, catalogue_edits.apply_label_corrections)


def _undo(args: argparse.Namespace) -> dict[str, Any]:
    return _change(args, catalogue_edits.undo)


def _change(args: argparse.Namespace, change: Callable[[Catalogue], Catalogue]) -> dict[str, Any]:
    catalogue = change(find_catalogue(args.name))
    if not args.json:
        _print_classes(catalogue)
    return {"name": catalogue.name, **_summarise(catalogue)}


def _report(args: argparse.Namespace, catalogue: Catalogue) -> dict[str, Any]:
    report = load_report(catalogue.folder)
    if not args.json:
        print(f"{catalogue.title}, named {catalogue.name}")
        _print_classes(catalogue)
        if report is not None:
            print("\nThe import:")
            lines = [
                describe_import(report),
                describe_split(report),
                describe_kinds(report),
                *describe_findings(report),
            ]
            print(*filter(None, lines), sep="\n")
    findings = None if report is None else dataclasses.asdict(report)
    return {"name": catalogue.name, **_summarise(catalogue), "report": findings}


def _describe(row: dict[str, Any]) -> str:
    pictures, classes = format_count(row["n_pictures"], "picture"), format_count(row["n_classes"], "class", "classes")
    return f"{pictures:>16} {classes:>12}  {row['title']}"


def _print_classes(catalogue: Catalogue) -> None:
    for name, (n, n_test) in _count_classes(catalogue).items():
        print(f"{format_count(n, 'picture'):>17}, {n_test:,} of them to test: {name}")


def _count_classes(catalogue: Catalogue) -> dict[str, tuple[int, int]]:
    """Pictures and test pictures of each class."""
    labels, is_test = catalogue.labels.labels, catalogue.labels.is_test
    n = np.bincount(labels[labels != NO_LABEL], minlength=len(catalogue.classes))
    n_test = np.bincount(labels[is_test], minlength=len(catalogue.classes))
    return {c.name: (int(n[c.index]), int(n_test[c.index])) for c in catalogue.classes}


def _summarise(catalogue: Catalogue) -> dict[str, Any]:
    return {
        "title": catalogue.title,
        "folder": str(catalogue.folder),
        "n_pictures": catalogue.n_pictures,
        "n_classes": len(catalogue.classes),
        "classes": list(catalogue.classes.names),
        "splits": catalogue.split_sizes,
        "n_folds": len(catalogue.fold_numbers),
        "fingerprint": catalogue.fingerprint,
        "test_fingerprint": catalogue.test_fingerprint,
    }
