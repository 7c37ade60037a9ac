"""Several finished runs on one data set, saved as one run that answers for all of them."""

import dataclasses
from collections.abc import Sequence

import numpy as np
import pandas as pd

from fashion_core.analysis import metrics
from fashion_core.analysis.predictions import Predictions
from fashion_core.config.train_config import TrainConfig
from fashion_core.errors import RunError
from fashion_core.models.ensemble import EnsembleClassifier, combine_probabilities
from fashion_core.models.registry import ENSEMBLE
from fashion_core.runs.execute import make_run_id
from fashion_core.runs.history_file import HISTORY_COLUMNS
from fashion_core.runs.record import (
    MAX_ENSEMBLE_MEMBERS,
    MAX_TITLE_LENGTH,
    METRIC_NAMES,
    EnsembleMember,
    RunRecord,
    check_title,
)
from fashion_core.runs.store import (
    RunEntry,
    RunStore,
    predictions_files,
    weights_and_history_files,
)  # fmt: skip


def create_ensemble(store: RunStore, entries: Sequence[RunEntry], *, title: str = "", run_id: str = "") -> RunEntry:
    """Save ``entries``, finished runs on the same data set, as an ensemble, with copies of their weights.

    Its test predictions and metrics come from theirs, so nothing is computed anew. Raises ``RunError`` when there are
    too few or too many runs, one is not finished or is an ensemble itself, their test pictures or classes differ, or
    ``title`` is too long.
    """
    records = _check_members(entries)
    predictions = [store.load_predictions(entry) for entry in entries]
    if any(not np.array_equal(each.labels, predictions[0].labels) for each in predictions):
        raise RunError("These runs were tested on different pictures. Choose runs on one data set.")
    probabilities = combine_probabilities([each.probabilities for each in predictions]).astype(np.float16)
    combined = Predictions(probabilities.astype(np.float32), predictions[0].labels, predictions[0].folds)
    classifier = EnsembleClassifier([store.load_classifier(entry) for entry in entries])
    record = _make_record(records, combined, title, run_id)
    record = dataclasses.replace(record, n_parameters=classifier.n_parameters)
    files = weights_and_history_files(pd.DataFrame(columns=HISTORY_COLUMNS), classifier) | predictions_files(combined)
    return store.create_run(record, files)


def _make_record(records: list[RunRecord], combined: Predictions, title: str, run_id: str) -> RunRecord:
    scored = metrics.classification_metrics(combined.labels, combined.predicted, combined.n_classes)
    name, now = make_run_id(ENSEMBLE, records[0].config.seed)
    return dataclasses.replace(
        max(records, key=lambda record: record.created),  # of the newest version of the data set
        id=run_id or name,
        title=check_title(title or " + ".join(record.title for record in records)[:MAX_TITLE_LENGTH]),
        config=TrainConfig(ENSEMBLE, 1),
        created=now.isoformat(timespec="microseconds"),
        seconds=sum(record.seconds for record in records),
        best_epoch=0,
        metrics={name: getattr(scored, name) for name in METRIC_NAMES},
        never_predicted=scored.never_predicted,
        note="",
        tag="",
        members=tuple(EnsembleMember(record.id, record.title, record.config) for record in records),
    )


def _check_members(entries: Sequence[RunEntry]) -> list[RunRecord]:
    if not 2 <= len({entry.path.resolve() for entry in entries}) == len(entries) <= MAX_ENSEMBLE_MEMBERS:
        raise RunError(f"An ensemble has two to {MAX_ENSEMBLE_MEMBERS} different runs. Choose as many.")
    records = []
    for entry in entries:
        if entry.record is None or entry.record.state != "finished":
            raise RunError(f"The run {entry.id} is not finished, or damaged. Choose a finished one.")
        if entry.record.members:
            raise RunError(f"The run {entry.id} is an ensemble itself. Choose the runs that it was made of.")
        records.append(entry.record)
    first = records[0].data
    for record in records[1:]:
        if record.data.classes != first.classes or record.data.test_fingerprint != first.test_fingerprint:
            raise RunError(
                f"{records[0].id} and {record.id} have other classes or test pictures. Choose runs on one data set, "
                "or train one of them again."
            )
    return records
