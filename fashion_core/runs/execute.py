"""A run from its folder's config to its finished results; what the worker and the command line both do."""

import dataclasses
import datetime
import json
import platform
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from fashion_core.analysis import metrics
from fashion_core.analysis.predictions import Predictions
from fashion_core.config.train_config import TrainConfig
from fashion_core.data import Dataset
from fashion_core.errors import RunError
from fashion_core.jobs.process import count_cores
from fashion_core.models import registry
from fashion_core.models.base import Classifier
from fashion_core.runs import checkpoint
from fashion_core.runs.checkpoint import Checkpoint
from fashion_core.runs.record import DataInfo, RunRecord
from fashion_core.runs.store import HISTORY_COLUMNS, RunEntry, RunStore
from fashion_core.training.distributed import ProcessGroup
from fashion_core.training.loop import create_trainer
from fashion_core.training.trainer import SINGLE_PROCESS, EpochResult, TrainingDivergedError


def new_run_record(config: TrainConfig, dataset: Dataset, *, title: str = "", run_id: str = "") -> RunRecord:
    """A queued run of ``config`` on ``dataset``; without ``run_id`` it is named by model, seed and time."""
    now = datetime.datetime.now(datetime.UTC)
    name = run_id or f"{config.model}-s{config.seed}-{now:%Y%m%d-%H%M%S-%f}"
    return RunRecord(
        id=name,
        title=title or f"{registry.get_model_spec(config.model).title} {now:%d %b %H:%M:%S}",
        config=config,
        data=dataset_info(dataset),
        state="queued",
        created=now.isoformat(timespec="microseconds"),
        versions=library_versions(),
        hardware=machine_name(),  # the process that trains knows what it computes on
    )


def dataset_info(dataset: Dataset) -> DataInfo:
    """Which images ``dataset`` holds."""
    n = dataset.split_sizes
    return DataInfo(dataset.source, dataset.fingerprint, n["train"], n["validation"], n["test"])


def machine_name() -> str:
    """This machine's kind of processor and how many of them may be used; what ``hardware`` of its runs begins with."""
    return f"{platform.machine()}, {count_cores()} cores"


def describe_hardware() -> str:
    """What this machine computes on; asking imports torch."""
    return f"{machine_name()}, {registry.select_device()}"


def library_versions() -> dict[str, str]:
    """Versions of what determines a result."""
    from importlib.metadata import version

    return {"python": platform.python_version()} | {name: version(name) for name in ("numpy", "scikit-learn", "torch")}


def train_run(
    entry: RunEntry,
    dataset: Dataset,
    *,
    on_epoch: Callable[[EpochResult], None] = lambda result: None,
    on_step: Callable[[int, int], None] = lambda step, n_steps: None,
    commit_lock: AbstractContextManager[object] | None = None,
    group: ProcessGroup = SINGLE_PROCESS,
) -> RunRecord:
    """Train the run in ``entry``'s folder, from its checkpoint if it has one; score it once on test and finish it.

    Returns its final record. ``on_step`` gets the steps done and their total; ``on_epoch`` a whole epoch once it is
    kept. An exception from training or a callback leaves the folder unfinished, with its last checkpoint, and is the
    caller's to handle; of a diverging run the best weights until then are kept as well. ``ending`` is entered before
    the run is told to be finished.
    """
    record = entry.record
    assert record is not None
    origin = record.config.start_from
    kept = checkpoint.load_checkpoint(entry.path)
    broadcast_run(group, record.config, dataset, entry.path)
    weights = _weights_of(origin, RunStore(entry.path.parent)) if origin else None
    trainer = create_trainer(
        record.config,
        dataset,
        start=weights,
        resume=None if kept is None else kept.snapshot,
        group=group,
        on_step=on_step,
    )
    RunStore.update_record(
        entry.path, state="running", n_parameters=trainer.classifier.n_parameters, hardware=describe_hardware()
    )
    results, seconds = ([], 0.0) if kept is None else (list(kept.epoch_results), kept.seconds)
    start = time.perf_counter() - seconds
    try:
        for result in trainer.train_epochs():
            results.append(result)
            seconds = time.perf_counter() - start
            checkpoint.save_checkpoint(entry.path, Checkpoint(trainer.snapshot(), tuple(results), seconds))
            on_epoch(result)
    except TrainingDivergedError:
        if results:
            RunStore.save_weights(entry.path, history_frame(results), trainer.classifier)
        raise
    figures = save_results(entry.path, results, trainer.classifier, dataset)
    with commit_lock or nullcontext():
        record = RunStore.update_record(
            entry.path, state="finished", seconds=seconds, best_epoch=trainer.best_epoch, **figures
        )
        checkpoint.remove_checkpoint(entry.path)
    return record


def broadcast_run(group: ProcessGroup, config: TrainConfig, dataset: Dataset, folder: Path) -> None:
    """Tell the other processes of ``group`` what is trained and from where; see ``follow``."""
    group.broadcast_bytes(json.dumps({"config": config.to_dict(), "fingerprint": dataset.fingerprint}).encode())
    group.broadcast_bytes(checkpoint.read_checkpoint_bytes(folder))


def train_as_follower(group: ProcessGroup, dataset: Dataset) -> None:
    """Train along with rank 0 of ``group``, which keeps the run.

    Raises ``RunError`` when ``dataset`` is another than rank 0's.
    """
    told = json.loads(group.broadcast_bytes(b""))
    content = group.broadcast_bytes(b"")
    if told["fingerprint"] != dataset.fingerprint:
        raise RunError("This process has other data than the first. Give all of them the same with --data.")
    resume = checkpoint.parse_checkpoint(content).snapshot if content else None
    for _ in create_trainer(TrainConfig.from_dict(told["config"]), dataset, resume=resume, group=group).train_epochs():
        pass


def _weights_of(run_id: str, store: RunStore) -> Mapping[str, np.ndarray]:
    return store.load_classifier(store.get(run_id)).state_dict()


def save_results(folder: Path, results: list[EpochResult], classifier: Classifier, dataset: Dataset) -> dict[str, Any]:
    """Score ``classifier`` once on the test split and write the results; returns the record's fields that tell them."""
    predictions, scored = score_on_test(classifier, dataset)
    RunStore.save_weights(folder, history_frame(results), classifier)
    RunStore.save_predictions(folder, predictions)
    metrics = {
        "accuracy": scored.accuracy,
        "macro_precision": scored.macro_precision,
        "macro_recall": scored.macro_recall,
        "macro_f1": scored.macro_f1,
    }
    return {"metrics": metrics, "never_predicted": scored.never_predicted}


def history_frame(results: list[EpochResult]) -> pd.DataFrame:
    """What ``history.csv`` holds of ``results``."""
    return pd.DataFrame([dataclasses.asdict(r) for r in results])[HISTORY_COLUMNS]


def score_on_test(classifier: Classifier, dataset: Dataset) -> tuple[Predictions, metrics.ClassificationMetrics]:
    """Answers on the test split, rounded to the float16 that run folders keep, and the figures of just those."""
    test = dataset.split("test")
    probabilities = classifier.predict_proba(test.images).astype(np.float16)
    scored = metrics.classification_metrics(test.labels, probabilities.argmax(axis=1))
    return Predictions(probabilities.astype(np.float32), test.labels), scored
