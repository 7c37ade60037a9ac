"""Arguments and results that several commands share."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fashion_core.analysis.feasibility import DEFAULT_TARGET_SELECTIVE_ACCURACY
from fashion_core.config.hyperparameter import Hyperparameter
from fashion_core.config.train_config import HYPERPARAMETERS
from fashion_core.errors import ConfigError, RunError, StorageError
from fashion_core.runs import queue
from fashion_core.runs.store import RunEntry, RunStore
from fashion_core.runs.summary import RECOGNITION_RUN_IDS
from fashion_core.storage.files import open_atomically, read_file

MAX_PORT = 2**16 - 1


def whole_number(low: int, high: int) -> Callable[[str], int]:
    """The type of an argument that is a whole number from ``low`` to ``high``."""

    def parse(text: str) -> int:
        if not text.isdecimal() or not low <= int(text) <= high:
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number from {low} to {high}")
        return int(text)

    return parse


def add_data_argument(parser: argparse.ArgumentParser) -> None:
    """``--data NAME``: the data set, for ``find_dataset``."""
    parser.add_argument("--data", default="", metavar="NAME", help="a catalogue, or a folder with Fashion-MNIST")


def add_run_argument(parser: argparse._ActionsContainer, what: str) -> None:
    """``--run RUN``: the run that does ``what``, for ``find_chosen_run``."""
    together = " and ".join(RECOGNITION_RUN_IDS)
    parser.add_argument(
        "--run", dest="run_name", metavar="RUN", help=f"the run that {what} (default: {together} together)"
    )


def find_chosen_run(store: RunStore, args: argparse.Namespace) -> RunEntry | None:
    """The run of ``--run``, or None for the recognition networks, which have no other data set.

    Raises ``RunError`` if there is no such run, and ``ConfigError`` for ``--data`` without ``--run``.
    """
    if args.data and not args.run_name:
        raise ConfigError("--data needs --run. Add the run that is validated on those data, or leave out --data.")
    return find_run(store, args.run_name) if args.run_name else None


def find_run(store: RunStore, name: str) -> RunEntry:
    """The run called ``name``, or the one in the folder at that path; raises ``RunError`` if there is none."""
    if "/" not in name and "\\" not in name:
        return store.get(name)
    folder = Path(name)
    if not folder.is_dir():
        raise RunError(f"There is no folder {name!r}. Give the path of a run's folder, or a run's name.")
    return store.read_entry(folder, "mine")


def read_file_argument(path: Path, max_bytes: int) -> bytes:
    """The content of a file named on the command line; raises ``StorageError`` as ``read_file`` does, with advice."""
    try:
        return read_file(path, max_bytes)
    except StorageError as error:
        raise StorageError(f"{error} Choose another file.") from error


def write_file_argument(path: Path, content: bytes) -> None:
    """Write a file named on the command line, whole or not at all; raises ``StorageError`` with advice."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open_atomically(path) as file:
            file.write(content)
    except OSError as error:
        raise StorageError(f"{path} cannot be written ({error.strerror}). Choose another file.") from error


def add_runs_argument(parser: argparse.ArgumentParser) -> None:
    """``--runs DIR``: where the user's runs are kept."""
    parser.add_argument("--runs", type=Path, metavar="DIR", help="folder of your runs (default: the per-user one)")


def add_target_argument(parser: argparse.ArgumentParser, what: str) -> None:
    """``--target PERCENT``: how many of ``what``, such as "the automated garments", are correct."""
    parser.add_argument(
        "--target",
        type=float,
        default=100 * DEFAULT_TARGET_SELECTIVE_ACCURACY,
        metavar="PERCENT",
        help=f"how many of {what} are correct (99)",
    )


def add_json_argument(parser: argparse.ArgumentParser) -> None:
    """``--json``: the answer as one JSON object on the last line of standard output."""
    parser.add_argument("--json", action="store_true", help="print the result as one JSON object, last")


def add_hyperparameter_arguments(parser: argparse.ArgumentParser) -> None:
    """A flag for every hyperparameter, such as ``--batch-size``; ``read_hyperparameters`` returns those given."""
    group = parser.add_argument_group("hyperparameters", "in place of the preset's")
    for declaration in HYPERPARAMETERS.values():
        values = declaration.format_range() if declaration.is_number else declaration.examples
        group.add_argument(
            f"--{declaration.name.replace('_', '-')}",
            type=_make_parser(declaration),
            metavar="VALUE",
            help=f"{declaration.help} ({values})",
        )


def read_hyperparameters(args: argparse.Namespace) -> dict[str, Any]:
    """The hyperparameters given on the command line."""
    given = {name: getattr(args, name) for name in HYPERPARAMETERS}
    return {name: value for name, value in given.items() if value is not None}


def _make_parser(declaration: Hyperparameter) -> Callable[[str], Any]:
    def parse(text: str) -> Any:
        try:
            return declaration.parse_without_range_check(text)
        except ConfigError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return parse


def summarise_run_as_dict(entry: RunEntry) -> dict[str, Any]:
    """A run as the command line reports it, damaged ones included."""
    summary: dict[str, Any] = {"run": entry.id, "origin": entry.origin, "path": str(entry.path)}
    record = entry.record
    if record is None:
        return summary | {"state": "damaged", "reason": entry.damage}
    return summary | {
        "model": record.model,
        "title": record.title,
        "state": queue.run_phase(entry),
        "reason": record.reason,
        "created": record.created,
        "seconds": round(record.seconds, 1),
        "parameters": record.n_parameters,
        "best_epoch": record.best_epoch,
        "data": record.data.name if record.data.source == "catalogue" else record.data.source,
        "fingerprint": record.data.fingerprint,
        "n": record.data.n_test,
        "n_folds": record.data.n_folds,
        **record.metrics,
        "never_predicted": [record.data.classes[c] for c in record.never_predicted],
        "config": record.config.to_dict(),
    }
