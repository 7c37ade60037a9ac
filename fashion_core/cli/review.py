"""``review``: list test labels that may be wrong, and confirm or correct them."""

import argparse
from typing import Any

from fashion_core.cli.arguments import add_json_argument, add_runs_argument, find_run
from fashion_core.data.class_names import class_name_key
from fashion_core.data.classes import ClassList
from fashion_core.data.label_corrections import LabelCorrections, load_label_corrections, save_label_decisions
from fashion_core.errors import DataError, RunError
from fashion_core.runs.label_errors import RunLabelErrors, find_label_errors_of_runs
from fashion_core.runs.store import RunEntry, RunStore
from fashion_core.wording import label_errors as wording


def add_parser(subparsers: Any) -> None:
    """Add the command and its arguments."""
    parser = subparsers.add_parser("review", help="list test labels that may be wrong, and confirm or correct them")
    parser.add_argument("run_name", metavar="RUN", help="a run's name, or the path of its folder")
    index = {"type": int, "nargs": "+", "default": [], "metavar": "INDEX"}
    parser.add_argument("--confirm", help="test pictures whose label is right", **index)
    parser.add_argument(
        "--correct", type=_parse_correction, nargs="+", default=[], metavar="INDEX=CLASS",
        help="test pictures with another class, such as 12=Coat",
    )  # fmt: skip
    parser.add_argument("--undo", help="test pictures whose decision is taken back", **index)
    add_runs_argument(parser)
    add_json_argument(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Store decisions, or list the suspected label errors."""
    store = RunStore(args.runs)
    entry = find_run(store, args.run_name)
    found = _find_label_errors(store, entry)
    assert entry.record is not None
    classes, data = entry.record.data.class_list, entry.record.data
    split = data.test_fingerprint, data.n_test, len(classes)
    corrections = load_label_corrections(*split)
    decisions = _collect_decisions(args, found, corrections, classes)
    if decisions:
        corrections = save_label_decisions(*split, decisions)
    n_changed = len(corrections.changed_indices(found.labels))
    n_confirmed = len(corrections.reviewed) - n_changed
    suspects = _list_suspects(found, corrections, classes)
    if not args.json:
        if not decisions:
            _print_suspects(suspects, len(found.labels))
        print(wording.describe_decisions(n_confirmed, n_changed))
    return {
        "run": entry.id,
        "runs": list(found.run_ids),
        "n": len(found.labels),
        "test_fingerprint": data.test_fingerprint,
        "confirmed": n_confirmed,
        "corrected": n_changed,
        "suspects": suspects,
    }


def _find_label_errors(store: RunStore, entry: RunEntry) -> RunLabelErrors:
    """By the most accurate runs on the same test pictures; raises ``RunError`` when there is none."""
    store.load_predictions(entry)  # raises RunError
    same = [other for other in store.entries() if _test_fingerprint(other) == _test_fingerprint(entry)]
    if entry.path not in [other.path for other in same]:
        same.append(entry)  # one from a folder elsewhere
    found = find_label_errors_of_runs(same, store.load_predictions)
    if found is None:
        raise RunError(wording.NO_RUN_TEXT)
    return found


def _test_fingerprint(entry: RunEntry) -> str | None:
    return None if entry.record is None else entry.record.data.test_fingerprint


def _parse_correction(text: str) -> tuple[int, str]:
    """``12=Coat`` -> 12 and Coat."""
    number, equals, name = text.partition("=")
    if not equals or not number.strip().isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no correction; write it like 12=Coat")
    return int(number), name


def _collect_decisions(
    args: argparse.Namespace, found: RunLabelErrors, corrections: LabelCorrections, classes: ClassList
) -> dict[int, int | None]:
    """A class by the index of the picture; None to take a decision back. Raises ``DataError`` for what isn't there."""
    corrections.review(dict.fromkeys([*args.confirm, *args.undo]))  # raises DataError
    confirmed = {index: int(found.labels[index]) for index in args.confirm}
    corrected = {index: _find_class(classes, name) for index, name in args.correct}
    return {**confirmed, **corrected, **dict.fromkeys(args.undo)}


def _find_class(classes: ClassList, name: str) -> int:
    keys = [class_name_key(c) for c in classes.names]
    if class_name_key(name) not in keys:
        raise DataError(f"There is no class {name[:80]}. Choose one of: {', '.join(classes.names[:20])}.")
    return keys.index(class_name_key(name))


def _list_suspects(found: RunLabelErrors, corrections: LabelCorrections, classes: ClassList) -> list[dict[str, Any]]:
    """Most suspicious first; ``score`` is the probability of the label, ``decision`` a class or None."""
    errors = found.errors
    rows = zip(errors.indices.tolist(), errors.suggested, errors.label_probabilities.tolist(), strict=True)
    return [
        {
            "index": index,
            "label": classes[found.labels[index]].name,
            "suggestion": classes[suggested].name,
            "score": score,
            "decision": classes[corrections.reviewed[index]].name if index in corrections.reviewed else None,
        }
        for index, suggested, score in rows
    ]


def _print_suspects(suspects: list[dict[str, Any]], n_images: int) -> None:
    n_reviewed = sum(row["decision"] is not None for row in suspects)
    print(wording.describe_label_errors(len(suspects), n_images, n_reviewed))
    width = max((len(row["label"]) for row in suspects), default=0)
    for row in suspects:
        decision = "" if row["decision"] is None else f", decided: {row['decision']}"
        print(
            f"{row['index']:>9} {row['score']:>9.2%}  {row['label']:<{width}}  suggested: {row['suggestion']}{decision}"
        )
