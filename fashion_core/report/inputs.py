"""What a report is built from: the chosen runs with their predictions and intervals, and the test images."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from fashion_core.analysis.compare import ConfidenceInterval, paired_bootstrap
from fashion_core.data import Dataset
from fashion_core.data.classes import ClassList
from fashion_core.errors import RunError
from fashion_core.models.registry import ModelSpec, get_model_spec
from fashion_core.runs.record import DataInfo, RunRecord
from fashion_core.runs.store import RunEntry, RunStore
from fashion_core.runs.summary import RunSummary, summarize_runs
from fashion_core.wording.numbers import format_cross_validation, format_percent_with_interval
from fashion_core.wording.runs import format_run_source
from fashion_core.wording.text import to_single_line

MAX_RUN_TITLE_CHARACTERS_IN_FIGURE = 40  # letters of a run's title that fit in a figure
WILSON_INTERVAL_NOTE = "interval: Wilson, 95%"


@dataclass(frozen=True, eq=False)
class RunResult:
    """A run and its predictions on the test split: ``predicted_classes`` uint8 [n], ``confidence`` float32 [n].

    No two results have the same ``title``. ``intervals``: 95% bootstrap intervals by name of ``COMPARED_METRICS``.
    """

    summary: RunSummary
    record: RunRecord
    title: str
    predicted_classes: np.ndarray
    confidence: np.ndarray
    intervals: dict[str, ConfidenceInterval]

    @property
    def run(self) -> RunEntry:
        """The run's folder and record."""
        return self.summary.run

    @property
    def model(self) -> ModelSpec:
        """The kind of model that was trained."""
        return get_model_spec(self.record.model)

    @property
    def classes(self) -> ClassList:
        """The classes it predicts."""
        return self.record.data.class_list

    @property
    def has_relu_output(self) -> bool:
        """Whether its outputs go through a ReLU, the likely fault of the poster's networks."""
        return self.record.config.output_activation == "relu"

    @property
    def accuracy_with_interval_text(self) -> str:
        """Accuracy with its interval."""
        return format_percent_with_interval(self.summary.metrics.accuracy, *self.summary.accuracy_interval)

    @property
    def provenance(self) -> str:
        """Where its figures come from: run, seed, data, split, n and fingerprint."""
        return format_provenance([self])


@dataclass(frozen=True, eq=False)  # an identity of its own: what is computed from it can be cached
class ReportInputs:
    """``results`` in the chosen order, all on the same ``data`` with ``test_labels`` uint8 [n]. ``dataset`` has the
    images, None if they are not on this machine. ``omissions``: which chosen runs are left out, and why."""

    store: RunStore
    results: tuple[RunResult, ...]
    data: DataInfo
    test_labels: np.ndarray
    dataset: Dataset | None
    omissions: tuple[str, ...]

    @property
    def classes(self) -> ClassList:
        """The classes of the data on which the runs were scored."""
        return self.data.class_list

    @property
    def is_catalogue(self) -> bool:
        """Whether the runs were scored on your own pictures, of which the poster says nothing."""
        return self.data.source == "catalogue"

    @property
    def images_fingerprint(self) -> str:
        """The fingerprint by which results computed from the images are cached."""
        return self.data.fingerprint if self.dataset is None else self.dataset.fingerprint

    @property
    def is_sample_data(self) -> bool:
        """Whether the runs were scored on synthetic images."""
        return self.data.source == "stand-in"

    @property
    def test_images(self) -> np.ndarray | None:
        """The test images uint8 [n, 28, 28], if they are on this machine."""
        return None if self.dataset is None else self.dataset.published_test_arrays[0]

    @property
    def first_clustering_result(self) -> RunResult | None:
        """The first run whose model clusters images without labels."""
        return next((result for result in self.results if result.model.is_clustering), None)

    @property
    def networks_without_relu_output(self) -> list[RunResult]:
        """The networks without a ReLU on their outputs."""
        return [result for result in self.results if not (result.model.is_clustering or result.has_relu_output)]

    @property
    def networks_with_relu_output(self) -> list[RunResult]:
        """The networks with a ReLU on their outputs."""
        return [result for result in self.results if result.has_relu_output]


def find_most_accurate_result(results: Sequence[RunResult]) -> RunResult:
    """The result with the highest accuracy."""
    return max(results, key=lambda result: result.summary.metrics.accuracy)


def load_report_inputs(run_ids: Sequence[str], store: RunStore, dataset: Dataset) -> ReportInputs:
    """Load the runs that can be read. Raises ``RunError`` if none can, or if they were scored on different data."""
    summaries, errors = [], {}
    for run_id in run_ids:
        try:
            summaries += summarize_runs(store, (run_id,))
        except RunError as error:
            errors[run_id] = error
    if not summaries:
        raise RunError(f"None of the chosen runs has predictions on its test split. {next(iter(errors.values()))}")
    titles = _unique_titles(summaries)
    results = tuple(_load_result(store, summary, title) for summary, title in zip(summaries, titles, strict=True))
    first, data = results[0].run, results[0].record.data
    for other in results[1:]:
        if other.record.data.test_fingerprint != data.test_fingerprint:
            raise RunError(
                f"The runs {first.id} and {other.run.id} were scored on different data. Choose runs that were scored "
                "on the same data."
            )
    labels = store.load_predictions(first).labels
    is_same_data = dataset.test_fingerprint == data.test_fingerprint
    if is_same_data and not data.n_folds and not np.array_equal(labels, dataset.split("test").labels):
        raise RunError(f"The labels of the run {first.id} are not those of {dataset.title}. Choose another run.")
    return ReportInputs(
        store,
        results,
        data,
        labels,
        dataset if is_same_data else None,
        tuple(f"The run {run_id} is left out. {error}" for run_id, error in errors.items()),
    )


def _load_result(store: RunStore, summary: RunSummary, title: str) -> RunResult:
    assert summary.run.record is not None
    predictions = store.load_predictions(summary.run)
    predicted = predictions.probabilities.argmax(axis=1).astype(np.uint8)
    intervals = paired_bootstrap(predictions.labels, predicted, predicted, n_classes=predictions.n_classes).a
    return RunResult(summary, summary.run.record, title, predicted, predictions.probabilities.max(axis=1), intervals)


def _unique_titles(summaries: Sequence[RunSummary]) -> list[str]:
    """Titles that fit on a short line, with the run's id where several are alike."""
    titles = [to_single_line(summary.method) or summary.run.id for summary in summaries]
    titles = [
        title
        if len(title) <= MAX_RUN_TITLE_CHARACTERS_IN_FIGURE
        else f"{title[: MAX_RUN_TITLE_CHARACTERS_IN_FIGURE - 1]}…"
        for title in titles
    ]
    counts = Counter(titles)
    return [
        title if counts[title] == 1 else f"{title} ({summary.run.id})"
        for title, summary in zip(titles, summaries, strict=True)
    ]


def format_provenance(results: Sequence[RunResult], *notes: str) -> str:
    """Where the figures of these runs come from, with ``notes`` at the end."""
    source = format_run_source(*(result.run for result in results))
    return "; ".join([f"{source}, data {format_fingerprints(results)}", *notes])


def format_fingerprints(results: Sequence[RunResult]) -> str:
    """The data of these runs. It differs where pictures were added between them: the test pictures stay the same."""
    return ", ".join(dict.fromkeys(result.record.data.fingerprint for result in results))


def format_splits(inputs: ReportInputs) -> str:
    """How many images the runs were trained, validated and tested on: ``55,000 for training, ...``."""
    data, results = inputs.data, inputs.results
    if data.n_folds:
        return format_cross_validation(data.n_folds, data.n_test)
    return (
        f"{format_split_size(results, 'train')} for training, {format_split_size(results, 'validation')} for "
        f"validation and {data.n_test:,} for testing"
    )


def format_split_size(results: Sequence[RunResult], split: Literal["train", "validation"]) -> str:
    """``55,000``, or ``300 to 420`` where it differs between these runs."""
    sizes = sorted({getattr(result.record.data, f"n_{split}") for result in results})
    return f"{sizes[0]:,}" if len(sizes) == 1 else f"{sizes[0]:,} to {sizes[-1]:,}"
