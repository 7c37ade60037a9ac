"""What a report is built on: the chosen runs with their answers and intervals, and the pictures they were scored on."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fashion_core.analysis import compare
from fashion_core.analysis.compare import ConfidenceInterval
from fashion_core.data import Dataset
from fashion_core.data.dataset import DATASET_TITLES
from fashion_core.errors import RunError
from fashion_core.runs import summary
from fashion_core.runs.record import RunRecord
from fashion_core.runs.store import RunEntry, RunStore
from fashion_core.wording.text import join_with_and, to_single_line

MAX_TITLE_LENGTH = 40  # letters of a run's title that a figure has room for
WILSON_INTERVAL_NOTE = "interval: Wilson, 95%"


@dataclass(frozen=True)
class RunResult:
    """One run. ``title`` is unlike every other's; ``answers`` uint8 [n] and ``confidence`` float32 [n] on the test
    split; ``intervals``: bootstrap 95% intervals by name of ``compare.FIGURES``."""

    summary: summary.RunSummary
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
    def has_relu_output(self) -> bool:
        """Whether its ten outputs had the fault that the poster's seem to have had."""
        return self.record.config.output_activation == "relu"

    @property
    def provenance(self) -> str:
        """Provenance of its figures: run, seed, data, split, n and fingerprint."""
        return format_provenance([self])


@dataclass(frozen=True)
class ReportInputs:
    """``results`` in the chosen order, all scored on the same ``labels`` uint8 [n]; ``dataset`` holds those pictures,
    None where they are not at hand. ``remarks``: which chosen runs are not among them, and why."""

    store: RunStore
    results: tuple[RunResult, ...]
    test_labels: np.ndarray
    dataset: Dataset | None
    omissions: tuple[str, ...]

    @property
    def best_result(self) -> RunResult:
        """The run with the highest accuracy."""
        return max(self.results, key=lambda result: result.summary.metrics.accuracy)

    @property
    def first_record(self) -> RunRecord:
        """A record that tells the data of all."""
        return self.results[0].record

    @property
    def is_sample_data(self) -> bool:
        """Whether the runs were scored on synthetic pictures."""
        return self.first_record.data.source == "stand-in"

    @property
    def test_images(self) -> np.ndarray | None:
        """The test split's pictures uint8 [n, 28, 28], where they are at hand."""
        return None if self.dataset is None else self.dataset.published_test_arrays[0]

    @property
    def kmeans_result(self) -> RunResult | None:
        """The first run of k-means."""
        return next((result for result in self.results if result.record.model == "kmeans"), None)

    @property
    def network_results(self) -> list[RunResult]:
        """The networks whose outputs are as they should be."""
        return [result for result in self.results if result.record.model != "kmeans" and not result.has_relu_output]

    @property
    def relu_output_results(self) -> list[RunResult]:
        """The networks with a ReLU on their outputs."""
        return [result for result in self.results if result.has_relu_output]


def load_report_inputs(run_ids: Sequence[str], store: RunStore, dataset: Dataset) -> ReportInputs:
    """The runs that can be read; raises ``RunError`` when there is none, or they were scored on different data."""
    rows, remarks = [], []
    for run_id in run_ids:
        try:
            rows += summary.summarize_runs(store, (run_id,))
        except RunError as error:
            remarks.append(f"The run {run_id} is left out. {error}")
    if not rows:
        why = remarks[0].split(". ", 1)[1]
        raise RunError(f"None of the chosen runs has answers on its test split to report. {why}")
    titles = _titles(rows)
    results = tuple(_result(store, row, title) for row, title in zip(rows, titles, strict=True))
    labels = store.load_predictions(results[0].run).labels
    for other in results[1:]:
        if other.record.data != results[0].record.data:
            raise RunError(
                f"The runs {results[0].run.id} and {other.run.id} were scored on different data. Choose runs that "
                "were scored on the same."
            )
    at_hand = dataset if dataset.fingerprint == results[0].record.data.fingerprint else None
    return ReportInputs(store, results, labels, at_hand, tuple(remarks))


def _result(store: RunStore, row: summary.RunSummary, title: str) -> RunResult:
    assert row.run.record is not None
    predictions = store.load_predictions(row.run)
    answers = predictions.probabilities.argmax(axis=1).astype(np.uint8)
    intervals = compare.paired_bootstrap(predictions.labels, answers, answers).a
    return RunResult(row, row.run.record, title, answers, predictions.probabilities.max(axis=1), intervals)


def _titles(rows: list[summary.RunSummary]) -> list[str]:
    """Their titles, fit to show on a short line, with the run's name where several would be alike."""
    whole = [to_single_line(row.method) or row.run.id for row in rows]
    titles = [title if len(title) <= MAX_TITLE_LENGTH else f"{title[: MAX_TITLE_LENGTH - 1]}…" for title in whole]
    counts = Counter(titles)
    return [title if counts[title] == 1 else f"{title} ({row.run.id})" for title, row in zip(titles, rows, strict=True)]


def format_provenance(results: Sequence[RunResult], *notes: str) -> str:
    """Provenance of figures of several runs, and ``more``."""
    records = [result.record for result in results]
    data = records[0].data
    seeds = sorted({record.config.seed for record in records})
    return "; ".join(
        [
            f"{'run' if len(records) == 1 else 'runs'} {join_with_and([result.run.id for result in results])}, "
            f"seed {join_with_and([str(seed) for seed in seeds])}, {DATASET_TITLES[data.source]} test, n = {data.n_test:,}, "
            f"data {data.fingerprint}",
            *notes,
        ]
    )
