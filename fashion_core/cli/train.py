"""``train``: one run from the command line, in the foreground."""

import argparse
import dataclasses
import os
import sys
from typing import Any

from fashion_core.cli.arguments import add_data, add_json, add_runs, run_summary
from fashion_core.data import Dataset, load
from fashion_core.errors import ConfigError, RunError
from fashion_core.models import registry
from fashion_core.runs import job, queue, worker
from fashion_core.runs.execute import follow, new_record
from fashion_core.runs.store import RunEntry, RunStore
from fashion_core.training import distributed
from fashion_core.training.loop import EpochResult


def add(verbs: Any) -> None:
    """Add the verb's arguments."""
    parser = verbs.add_parser("train", help="train a model and keep it as a run")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("model", nargs="?", choices=list(registry.MODELS))
    what.add_argument("--resume", metavar="RUN", help="go on with a run that was interrupted, cancelled or failed")
    parser.add_argument("--preset", choices=["quick", "poster", "best", "robust", "wild"], default="best")
    parser.add_argument("--epochs", type=int, help="passes over the training images (k-means: restarts)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--name", help="name of the run (default: model, seed and time)")
    parser.add_argument("--title", default="", help="name to show (default: model and time)")
    add_data(parser)
    add_runs(parser)
    add_json(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Train in this process; progress goes to standard error."""
    dataset = load(args.data)
    store = RunStore(args.runs)
    group = distributed.join()
    if group.size > 1 and args.model == "kmeans":
        raise ConfigError("k-means trains in one process. Start it without torchrun.")
    if group.rank > 0:
        follow(group, dataset)
        group.leave()
        return {"rank": group.rank}
    if args.resume:
        entry = store.get(args.resume)
        queue.resume(store, entry, dataset, pid=os.getpid())
        entry = store.get(entry.id)
    else:
        entry = _created(args, store, dataset)
    assert entry.record is not None
    config = entry.record.config
    print(f"Training {config.model} as {entry.id} on {dataset.title}.", file=sys.stderr)

    def report(result: EpochResult) -> None:
        print(
            f"{result.epoch}/{config.epochs}  loss {result.train_loss:.4f}  validation {result.val_accuracy:.2%}  "
            f"{result.seconds:.1f} s",
            file=sys.stderr,
        )

    record = worker.train(entry, dataset, on_epoch=report, group=group)
    queue.tend(store)
    if record.state != "finished":
        raise RunError(f"The run {entry.id} {record.state}. {record.reason}")
    group.leave()
    summary = run_summary(store.get(entry.id))
    if not args.json:
        print(f"{entry.id}: test accuracy {record.metrics['accuracy']:.2%} of {record.data.n_test:,}, in {entry.path}")
    return summary


def _created(args: argparse.Namespace, store: RunStore, dataset: Dataset) -> RunEntry:
    """A new run as the arguments describe it."""
    presets = registry.spec(args.model).presets
    if args.preset not in presets:
        raise ConfigError(f"{args.model} has no preset {args.preset!r}; choose {', '.join(presets)}.")
    config = dataclasses.replace(presets[args.preset], seed=args.seed)
    if args.epochs is not None:
        config = dataclasses.replace(config, epochs=args.epochs)
    record = new_record(config, dataset, run_id=args.name or "", title=args.title)
    return store.create(record, {job.STARTED: job.started(os.getpid())})
