"""``train``: a run, or several in turn (a sweep, several seeds), in the foreground."""

import argparse
import dataclasses
import secrets
import sys
from collections.abc import Sequence
from statistics import mean, stdev
from typing import Any

from fashion_core.cli.arguments import (
    add_data_argument,
    add_hyperparameter_arguments,
    add_json_argument,
    add_runs_argument,
    read_hyperparameters,
    summarise_run_as_dict,
    whole_number,
)
from fashion_core.config import sweep
from fashion_core.config.train_config import TrainConfig
from fashion_core.data import Dataset, find_dataset
from fashion_core.errors import ConfigError, RunError
from fashion_core.models import registry
from fashion_core.runs import queue, worker
from fashion_core.runs import trials as analysis
from fashion_core.runs.execute import match_start_architecture, new_run_record, train_as_follower
from fashion_core.runs.record import RunRecord
from fashion_core.runs.run_data import find_run_dataset
from fashion_core.runs.store import RunEntry, RunStore
from fashion_core.training import distributed
from fashion_core.training.distributed import ProcessGroup
from fashion_core.training.settings import training_config_for
from fashion_core.training.trainer import SINGLE_PROCESS, EpochResult
from fashion_core.wording.numbers import format_percent
from fashion_core.wording.runs import format_test_accuracy
from fashion_core.wording.text import join_with_and
from fashion_core.wording.training import describe_best_settings, format_settings

NO_START = "none"  # value of --start for random initial weights


def add_parser(subparsers: Any) -> None:
    """Add the command and its arguments."""
    parser = subparsers.add_parser("train", help="train a model and save it as a run")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "model", nargs="?", choices=list(registry.MODELS), metavar="MODEL", help=f"one of {', '.join(registry.MODELS)}"
    )
    what.add_argument("--resume", metavar="RUN", help="continue a run that was interrupted, cancelled or failed")
    presets = dict.fromkeys(preset for spec in registry.MODELS.values() for preset in spec.presets)
    parser.add_argument(
        "--preset",
        choices=list(presets),
        help="settings by name: quick takes minutes, poster repeats the project's poster, best is the most accurate "
        "(default: best, if the model has it)",
    )
    parser.add_argument(
        "--seeds",
        type=whole_number(1, 20),
        default=1,
        metavar="N",
        help="train the same settings on N seeds from --seed on (1 to 20); prints mean and standard deviation",
    )
    parser.add_argument(
        "--sweep",
        action="append",
        default=[],
        metavar="SETTING=VALUES",
        help="train a run with each of the values, separated by commas; repeat it to train each combination",
    )
    parser.add_argument(
        "--random", type=int, metavar="N", help="draw N runs of the sweep at random (by --seed); ranges are LOW:HIGH"
    )
    parser.add_argument("--name", help="name of the run (default: model, seed and time)")
    parser.add_argument("--title", default="", help="name to show (default: model and time)")
    parser.add_argument(
        "--start",
        metavar="RUN",
        help=f"run whose weights training starts from, or {NO_START} (default: {NO_START} on Fashion-MNIST, on a "
        "catalogue an included run)",
    )
    add_hyperparameter_arguments(parser)
    add_data_argument(parser)
    add_runs_argument(parser)
    add_json_argument(parser)
    parser.set_defaults(run=run_train)


def run_train(args: argparse.Namespace) -> dict[str, Any]:
    """Train in this process; progress goes to standard error."""
    if args.resume:
        _check_resume(args)
    store = RunStore(args.runs)
    dataset = find_run_dataset(store.get(args.resume), args.data) if args.resume else find_dataset(args.data)
    group = distributed.join_process_group()
    if group.size > 1 and args.model and registry.get_model_spec(args.model).trainer != "gradient":
        raise ConfigError(f"{args.model} trains in one process. Start it without torchrun.")
    several = bool(args.sweep) or args.random is not None or args.seeds > 1
    if group.size > 1 and several:
        raise ConfigError("Several runs are trained in one process. Start them without torchrun.")
    if group.rank > 0:
        train_as_follower(group, dataset)
        group.close()
        return {"rank": group.rank}
    if several:
        return _several(args, store, dataset)
    if args.resume:
        entry = store.get(args.resume)
        queue.resume_run(store, entry, dataset, foreground=True)
        entry = store.get(entry.id)
    else:
        entry = _created(store, dataset, _config(args, dataset), run_id=args.name or "", title=args.title)
    record = _trained(store, entry, dataset, group)
    if record.state != "finished":
        raise RunError(f"The run {entry.id} {record.state}. {record.reason}")
    group.close()
    summary = summarise_run_as_dict(store.get(entry.id))
    if not args.json:
        print(f"{entry.id}: {format_test_accuracy(record)}, in {entry.path}")
    return summary


def _check_resume(args: argparse.Namespace) -> None:
    """Raise ``ConfigError`` when there are arguments that only a new run heeds."""
    given = [name for name in ("preset", "sweep", "random", "name", "title", "start") if getattr(args, name)]
    given += [*(["seeds"] if args.seeds > 1 else []), *read_hyperparameters(args)]
    if given:
        flags = join_with_and([f"--{name.replace('_', '-')}" for name in given])
        raise ConfigError(f"A resumed run keeps its settings. Leave out {flags}.")


def _trained(store: RunStore, entry: RunEntry, dataset: Dataset, group: ProcessGroup = SINGLE_PROCESS) -> RunRecord:
    """Train the run in this process, then start the next waiting one; returns the final record."""
    assert entry.record is not None
    config = entry.record.config
    print(f"Training {config.model} as {entry.id} on {dataset.title}.", file=sys.stderr)

    def report(result: EpochResult) -> None:
        print(
            f"{result.epoch}/{config.epochs}  loss {result.train_loss:.4f}  "
            f"validation {format_percent(result.val_accuracy, 2)}  {result.seconds:.1f} s",
            file=sys.stderr,
        )

    def report_waiting() -> None:
        print("It waits until another run has ended.", file=sys.stderr)

    record = worker.train_in_foreground(entry, dataset, on_epoch=report, on_wait=report_waiting, group=group)
    queue.start_waiting_runs(store)
    return record


def _several(args: argparse.Namespace, store: RunStore, dataset: Dataset) -> dict[str, Any]:
    """Train the runs of a sweep or of several seeds in turn; one that fails or diverges does not stop the others."""
    if args.name:
        raise ConfigError("Several runs get their names automatically. Leave out --name.")
    swept = bool(args.sweep) or args.random is not None
    base = _config(args, dataset)
    configs, varied = _swept(base, args.sweep, args.random) if swept else ([base], ())
    configs = sweep.repeat_on_seeds(configs, args.seeds)
    shown_fields = (*varied, "seed") if args.seeds > 1 else varied
    tag = f"{sweep.SWEEP_TAG_PREFIX if swept else sweep.REPEATS_TAG_PREFIX}{secrets.token_hex(3)}"
    trials = []
    for number, config in enumerate(configs, 1):
        settings = format_settings(config, shown_fields)
        print(f"Run {number} of {len(configs)}: {settings}", file=sys.stderr)
        title = f"{args.title[:40] or registry.get_model_spec(config.model).title}, {settings}"[:80]
        entry = _created(store, dataset, config, title=title, tag=tag)
        record = _trained(store, entry, dataset)
        if record.state == "cancelled":
            raise RunError(f"The run {entry.id} was cancelled, and the others of {tag} with it.")
        trials.append(analysis.make_trial(record, record.state, queue.run_progress(store.get(entry.id)).epochs))
        if not args.json:
            print(_line(trials[-1], settings))
    groups = analysis.group_trials(trials, varied)
    if not groups:
        raise RunError(f"No run of {tag} finished. The last one says: {trials[-1].record.reason}")
    n = trials[0].record.data.n_validation
    if swept:
        comparison = analysis.compare_settings(groups, n)
        finding = describe_best_settings(comparison, varied) if comparison else ""
    else:
        finding = _spread(trials)
    if not args.json:
        print(finding)
    runs = [
        summarise_run_as_dict(store.get(each.record.id)) | {"validation": each.validation_accuracy} for each in trials
    ]
    return {"tag": tag, "varied": list(varied), "finding": finding, "runs": runs}


def _spread(trials: Sequence[analysis.Trial]) -> str:
    """Mean and standard deviation (n - 1) of the accuracies over the seeds that finished."""
    finished = [trial for trial in trials if trial.is_finished]
    if len(finished) < 2:
        return ""
    data = finished[0].record.data
    validation = [trial.validation_accuracy or 0.0 for trial in finished]
    test = [trial.record.metrics["accuracy"] for trial in finished]
    return (
        f"{len(finished)} seeds: accuracy on validation (n = {data.n_validation:,}) {_mean_and_deviation(validation)}, "
        f"on test (n = {data.n_test:,}) {_mean_and_deviation(test)}."
    )


def _mean_and_deviation(accuracies: Sequence[float]) -> str:
    return f"{format_percent(mean(accuracies), 2)} ± {100 * stdev(accuracies):.2f}"


def _line(trial: analysis.Trial, settings: str) -> str:
    accuracy = (
        "" if trial.validation_accuracy is None else f", validation {format_percent(trial.validation_accuracy, 2)}"
    )
    return f"{trial.record.id}: {settings}: {trial.phase}{accuracy}"


def _swept(base: TrainConfig, texts: Sequence[str], n_samples: int | None) -> tuple[list[TrainConfig], tuple[str, ...]]:
    """The settings of each run as ``--sweep`` and ``--random`` say, and which of them vary."""
    axes = []
    for text in texts:
        field, equals, values = text.partition("=")
        if not equals:
            raise ConfigError(f"--sweep {text} has no values. Write it as --sweep learning_rate=0.001,0.003.")
        axes.append((field.strip(), values))
    known = registry.get_model_spec(base.model).hyperparameters
    return sweep.make_sweep_configs(base, axes, known, n_samples), tuple(field for field, _ in axes)


def _config(args: argparse.Namespace, dataset: Dataset) -> TrainConfig:
    """The settings as the arguments describe them."""
    spec = registry.get_model_spec(args.model)
    preset = args.preset or ("best" if "best" in spec.presets else next(iter(spec.presets)))
    given = read_hyperparameters(args)
    start_from = "" if args.start == NO_START else args.start
    if unused := [name for name in given if name not in spec.hyperparameters]:
        print(f"{args.model} does not use {', '.join(unused)}.", file=sys.stderr)
    return dataclasses.replace(training_config_for(spec, preset, dataset, start_from=start_from), **given)


def _created(
    store: RunStore, dataset: Dataset, config: TrainConfig, *, run_id: str = "", title: str = "", tag: str = ""
) -> RunEntry:
    """A new run that this process is about to train."""
    config = match_start_architecture(config, store)
    record = dataclasses.replace(new_run_record(config, dataset, run_id=run_id, title=title), tag=tag)
    return queue.create_foreground_run(store, record, dataset)
