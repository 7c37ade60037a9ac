"""Training a run: from the settings in its folder to its finished results."""

import dataclasses
import datetime
import json
import platform
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from fashion_core.analysis import metrics
from fashion_core.analysis.predictions import Predictions
from fashion_core.config.train_config import TrainConfig
from fashion_core.data import Dataset
from fashion_core.errors import ConfigError, RunError
from fashion_core.jobs.process import count_cores
from fashion_core.models import registry
from fashion_core.models.base import Classifier
from fashion_core.models.inputs import predict_split
from fashion_core.runs import checkpoint
from fashion_core.runs.checkpoint import Checkpoint
from fashion_core.runs.cross_validation import pool_folds, predict_folds, report_steps_of_part
from fashion_core.runs.history_file import HISTORY_COLUMNS
from fashion_core.runs.record import METRIC_NAMES, DataInfo, RunRecord, check_title
from fashion_core.runs.store import RunEntry, RunStore
from fashion_core.training.distributed import ProcessGroup
from fashion_core.training.loop import create_trainer
from fashion_core.training.snapshot import TrainingSnapshot
from fashion_core.training.trainer import SINGLE_PROCESS, EpochResult, TrainingDivergedError

if TYPE_CHECKING:
    import pandas as pd


def new_run_record(config: TrainConfig, dataset: Dataset, *, title: str = "", run_id: str = "") -> RunRecord:
    """A queued run of ``config`` on ``dataset``; without ``run_id`` it is named by model, seed and time.

    Raises ``ConfigError`` for an ensemble, and for a data set with one class or without test pictures, and ``RunError``
    when ``title`` is too long.
    """
    _check_trainable(config, dataset)
    name, now = make_run_id(config.model, config.seed)
    return RunRecord(
        id=run_id or name,
        title=check_title(title) if title else f"{registry.get_model_spec(config.model).title} {now:%d %b %H:%M:%S}",
        config=config,
        data=dataset_info(dataset),
        state="queued",
        created=now.isoformat(timespec="microseconds"),
        versions=library_versions(),
        hardware=processor_model_and_core_count(),  # the process that trains adds the device
    )


def _check_trainable(config: TrainConfig, dataset: Dataset) -> None:
    spec = registry.get_model_spec(config.model)
    if not spec.is_trainable:
        raise ConfigError(f"{spec.title} cannot be trained: it is made of trained runs.")
    if not dataset.is_labelled:
        raise ConfigError(f"{dataset.title} has one class, so there is nothing to learn. Name clusters of it first.")
    if not dataset.split_sizes["test"]:
        raise ConfigError(f"{dataset.title} has no test pictures. Split it again, or import it with more pictures.")


def make_run_id(model: str, seed: int) -> tuple[str, datetime.datetime]:
    """The name of a run that is created now, and the time in UTC."""
    now = datetime.datetime.now(datetime.UTC)
    return f"{model}-s{seed}-{now:%Y%m%d-%H%M%S-%f}", now


def dataset_info(dataset: Dataset) -> DataInfo:
    """Which images ``dataset`` holds."""
    n = dataset.split_sizes
    return DataInfo(
        dataset.source,
        dataset.fingerprint,
        n["train"],
        n["validation"],
        n["test"],
        name=dataset.name,
        title=dataset.title,
        test_fingerprint=dataset.test_fingerprint,
        classes=dataset.classes.names,
        n_folds=len(dataset.fold_numbers),
    )


def processor_model_and_core_count() -> str:
    """This machine's kind of processor and the number of its cores; ``hardware`` of its runs begins with it."""
    return f"{platform.machine()}, {count_cores()} cores"


def describe_hardware() -> str:
    """What this machine computes on; asking imports torch."""
    return f"{processor_model_and_core_count()}, {registry.select_device()}"


def library_versions() -> dict[str, str]:
    """Versions of what determines a result."""
    from importlib.metadata import version

    return {"python": platform.python_version()} | {name: version(name) for name in ("numpy", "scikit-learn", "torch")}


def train_and_score_run(
    entry: RunEntry,
    dataset: Dataset,
    *,
    on_epoch: Callable[[EpochResult], None] = lambda result: None,
    on_step: Callable[[int, int], None] = lambda step, n_steps: None,
    commit_lock: AbstractContextManager[object] | None = None,
    group: ProcessGroup = SINGLE_PROCESS,
) -> RunRecord:
    """Train the run in ``entry``'s folder, from its checkpoint if it has one; score it once on test and finish it.

    With cross-validation, a model for each fold is trained after the run's own, whose weights are kept; theirs are the
    test predictions. Returns its final record. ``on_step`` gets the number of steps done and of all steps; ``on_epoch``
    gets an epoch's result once its checkpoint is written. An exception from training or a callback leaves the folder
    unfinished, with its last checkpoint; a diverging run keeps its weights until then. ``commit_lock`` is held last.
    """
    assert entry.record is not None
    config, store = entry.record.config, RunStore(entry.path.parent)
    last = checkpoint.load_checkpoint(entry.path)
    broadcast_run(group, config, dataset, entry.path)
    start = load_start_weights(store, config.start_from, dataset) if config.start_from else None
    resume, report = last and last.snapshot, report_steps_of_part(on_step, 0, 1 + len(dataset.fold_numbers))
    trainer = create_trainer(config, dataset, start=start, resume=resume, group=group, on_step=report)
    started = {"n_parameters": trainer.classifier.n_parameters, "hardware": describe_hardware()}
    store.update_record(entry.path, state="running", **started)
    done = last or Checkpoint(TrainingSnapshot({}, {}), (), 0.0)
    begin = time.perf_counter() - done.seconds
    try:
        for result in trainer.train_epochs():
            done = Checkpoint(trainer.snapshot(), (*done.epoch_results, result), time.perf_counter() - begin)
            checkpoint.save_checkpoint(entry.path, done)
            on_epoch(result)
        for by_fold in predict_folds(config, dataset, done.by_fold, start=start, group=group, on_step=on_step):
            done = dataclasses.replace(done, by_fold=by_fold, seconds=time.perf_counter() - begin)
            checkpoint.save_checkpoint(entry.path, done)
    except TrainingDivergedError:
        if done.epoch_results:
            store.save_weights_and_history(entry.path, history_frame(done.epoch_results), trainer.classifier)
        raise
    scores = score_and_save_results(entry.path, done, trainer.classifier, dataset)
    with commit_lock or nullcontext():
        finished = {"state": "finished", "seconds": done.seconds, "best_epoch": trainer.best_epoch}
        record = store.update_record(entry.path, **finished, **scores)
        checkpoint.remove_checkpoint(entry.path)
    return record


def match_start_architecture(config: TrainConfig, store: RunStore) -> TrainConfig:
    """``config`` with the layers of the run whose weights it starts from, which fit no others.

    Raises ``RunError`` when there is no such run.
    """
    start = store.get(config.start_from).record if config.start_from else None
    return config if start is None else dataclasses.replace(config, pooling=start.config.pooling)


def load_start_weights(store: RunStore, run_id: str, dataset: Dataset) -> dict[str, np.ndarray]:
    """The weights of a run to start from; without the last linear layer's if it was trained for other classes.

    Raises ``RunError`` when there is no such run, or it has seen pictures that cross-validation is to test.
    """
    from fashion_core.models.trained_network import TrainedNetwork

    entry = store.get(run_id)
    classifier = store.load_classifier(entry)
    state = classifier.state_dict()
    assert entry.record is not None
    if dataset.fold_numbers and entry.record.data.name == dataset.name:
        raise RunError(
            f"The run {run_id} has seen the pictures that cross-validation tests. Start from a run on another data set."
        )
    if entry.record.data.classes == dataset.classes.names or not isinstance(classifier, TrainedNetwork):
        return state
    last_layer = classifier.last_layer_names
    return {name: array for name, array in state.items() if name not in last_layer}


def broadcast_run(group: ProcessGroup, config: TrainConfig, dataset: Dataset, folder: Path) -> None:
    """Send the other processes of ``group`` what is trained and from where; see ``train_as_follower``."""
    group.broadcast_bytes(json.dumps({"config": config.to_dict(), "fingerprint": dataset.fingerprint}).encode())
    group.broadcast_bytes(checkpoint.read_checkpoint_bytes(folder))


def train_as_follower(group: ProcessGroup, dataset: Dataset) -> None:
    """Train along with rank 0 of ``group``, which writes the run folder.

    Raises ``RunError`` when ``dataset`` is another than rank 0's.
    """
    run = json.loads(group.broadcast_bytes(b""))
    content = group.broadcast_bytes(b"")
    if run["fingerprint"] != dataset.fingerprint:
        raise RunError("This process has other data than the first. Give all of them the same with --data.")
    last = checkpoint.parse_checkpoint(content) if content else None
    config, resume = TrainConfig.from_dict(run["config"]), None if last is None else last.snapshot
    for _ in create_trainer(config, dataset, resume=resume, group=group).train_epochs():
        pass
    for _ in predict_folds(config, dataset, {} if last is None else last.by_fold, group=group):
        pass


def score_and_save_results(folder: Path, done: Checkpoint, classifier: Classifier, dataset: Dataset) -> dict[str, Any]:
    """Score ``classifier`` once on the test split, or the predictions of the folds, and write the results.

    Returns their fields of the record.
    """
    if done.by_fold:
        predictions = pool_folds(dataset, done.by_fold)
        scored = metrics.classification_metrics(predictions.labels, predictions.predicted, predictions.n_classes)
    else:
        predictions, scored = score_on_test(classifier, dataset)
    RunStore.save_weights_and_history(folder, history_frame(done.epoch_results), classifier)
    RunStore.save_predictions(folder, predictions)
    return {
        "metrics": {name: getattr(scored, name) for name in METRIC_NAMES},
        "never_predicted": scored.never_predicted,
    }


def history_frame(results: Sequence[EpochResult]) -> "pd.DataFrame":
    """What ``history.csv`` holds of ``results``."""
    import pandas as pd

    return pd.DataFrame([dataclasses.asdict(r) for r in results])[HISTORY_COLUMNS]


def score_on_test(classifier: Classifier, dataset: Dataset) -> tuple[Predictions, metrics.ClassificationMetrics]:
    """Predictions on the test split, rounded to the float16 of run folders, and the metrics of just those."""
    labels = dataset.split("test").labels
    probabilities = predict_split(classifier, dataset, "test").astype(np.float16)
    scored = metrics.classification_metrics(labels, probabilities.argmax(axis=1), len(dataset.classes))
    return Predictions(probabilities.astype(np.float32), labels), scored
