"""What a run is doing, in words."""

from collections import Counter
from collections.abc import Sequence

import pandas as pd

from fashion_core.analysis.history import find_death_epoch_by_unit
from fashion_core.data.classes import ClassList
from fashion_core.models.registry import get_model_spec
from fashion_core.runs.capacity import cluster_address
from fashion_core.runs.queue import LIVE_PHASES, RunProgress, has_process, is_cancel_requested
from fashion_core.runs.record import RunRecord
from fashion_core.runs.store import RunEntry
from fashion_core.wording.numbers import format_duration, format_percent
from fashion_core.wording.runs import format_tested_pictures
from fashion_core.wording.text import join_with_and
from fashion_core.wording.training import format_epoch_count

PHASE_WORDS = {"queued": "waiting", "running": "training"}  # the others are words already


def format_phase(phase: str) -> str:
    """The state of a run in a word: "training"."""
    return PHASE_WORDS.get(phase, phase)


def format_phase_counts(phases: Sequence[str]) -> str:
    """How many runs are in which state: "12 finished, 8 cancelled"; of one run its state alone."""
    if len(phases) == 1:
        return format_phase(phases[0])
    return ", ".join(f"{n} {format_phase(phase)}" for phase, n in Counter(phases).most_common())


def describe_time_left(progress: RunProgress) -> str:
    """How long a run that waits or trains still takes."""
    return f"Time left: {'Estimating…' if progress.seconds_left is None else format_duration(progress.seconds_left)}"


def describe_epochs(record: RunRecord, epochs: pd.DataFrame) -> str:
    """The validation accuracy of the epoch that is kept, and the speed; ``epochs``: a row for each ``EpochResult``."""
    spec = get_model_spec(record.model)
    if epochs.empty:
        return f"Figures appear after the first {spec.epoch_word.removesuffix('s')}."
    kept, last = record.find_kept_epoch(epochs), epochs.iloc[-1]
    accuracy = format_percent(float(epochs.set_index("epoch")["val_accuracy"][kept]))
    reason = "" if kept == last["epoch"] else ", the best"
    parts = [f"Validation accuracy {accuracy} in {spec.epoch_word.removesuffix('s')} {kept}{reason}"]
    if rate := last["learning_rate"]:
        parts.append(f"learning rate {rate:.2g}")
    if speed := last.get("images_per_second", 0):
        parts.append(f"{speed:,.0f} images a second")
    return " · ".join(parts)


def describe_phase(entry: RunEntry, progress: RunProgress) -> str:
    """What the run is doing, or how it ended; follows its name and a colon."""
    record = entry.record
    if record is None:
        return f"damaged. {entry.damage}"
    if progress.phase in LIVE_PHASES and is_cancel_requested(entry):
        return "cancelling."
    done = f"Saved: {len(progress.epochs)} of {format_epoch_count(record.config)}. You can resume it."
    match progress.phase:
        case "queued":
            return _describe_waiting(entry)
        case "running":
            return "training. You can leave this page; the run goes on."
        case "interrupted":
            return f"its process ended before it was finished. {done}"
        case "cancelled":
            return f"cancelled. {done}"
        case "failed":
            return f"failed. {record.reason}"
        case "diverged":
            return f"diverged. {record.reason} The weights kept until then are saved."
        case "finished":
            accuracy = format_percent(record.metrics["accuracy"])
            seconds = format_duration(record.seconds)
            if record.data.n_folds:
                return f"finished in {seconds}; accuracy {accuracy} of {format_tested_pictures(record.data)}."
            return f"finished in {seconds}; test accuracy {accuracy} of {record.data.n_test:,} images."


def _describe_waiting(entry: RunEntry) -> str:
    if not has_process(entry):
        return "waiting for its turn."
    return "waiting for a free node of the cluster." if cluster_address() else "starting."


def describe_epochs_done(entry: RunEntry, progress: RunProgress) -> str:
    """How far the training is: "2 of 10 epochs done, step 430 of 2,150"; a restart of k-means reports no steps.

    Of a model that is fitted to features, how many pictures' features are computed.
    """
    assert entry.record is not None
    spec = get_model_spec(entry.record.model)
    is_imported = progress.phase == "finished" and progress.epochs.empty  # without its reports
    n_done = entry.record.config.epochs if is_imported else len(progress.epochs)
    done = f"{n_done} of {format_epoch_count(entry.record.config)} done"
    if progress.phase != "running":
        return done
    n_folds = entry.record.data.n_folds
    if fold := min(int(progress.fraction * (n_folds + 1) + 1e-9), n_folds):  # the run's own training comes first
        return f"{done}, testing fold {fold} of {n_folds}"
    n_steps = progress.n_steps // (n_folds + 1)
    if spec.trainer == "features":
        return f"Features of {progress.step:,} of {n_steps:,} pictures computed" if progress.step else "Starting"
    if spec.epoch_word != "epochs":
        return f"{done}, number {len(progress.epochs) + 1} in progress"
    return f"{done}, step {progress.step:,} of {n_steps:,}" if progress.step else done


def describe_lost_classes(epochs: pd.DataFrame, classes: ClassList) -> str:
    """Which classes have recall 0 on validation after the last epoch; empty when none has."""
    lost = [name for name, recall in zip(classes.names, epochs["recall"].iloc[-1], strict=True) if recall == 0]
    return f"Recall 0 on validation after the last epoch: {join_with_and(lost)}." if lost else ""


def describe_dead_units(epochs: pd.DataFrame, classes: ClassList) -> str:
    """Which output units are 0 for every validation image; empty when none is."""
    deaths = [
        f"{classes[unit].name} (since epoch {epoch})"
        for unit, epoch in sorted(find_death_epoch_by_unit(epochs).items())
    ]
    return f"Output units that are 0 for every validation image: {join_with_and(deaths)}." if deaths else ""
