"""Counters of the API in Prometheus' text format.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from collections import Counter
from collections.abc import Iterable

BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)  # seconds
MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """What was answered. Only the event loop counts, so there is no lock."""

    def __init__(self, decisions: Iterable[str]) -> None:
        self._requests: Counter[int] = Counter()  # by status
        self._pictures = Counter(dict.fromkeys(decisions, 0))
        self._buckets: Counter[float] = Counter()  # predictions by upper limit of the bucket
        self._seconds = 0.0

    def count_request(self, status: int) -> None:
        """Count an answer by its status."""
        self._requests[status] += 1

    def count_picture(self, decision: str) -> None:
        """Count a picture by what was decided."""
        self._pictures[decision] += 1

    def observe_seconds(self, seconds: float) -> None:
        """Count how long an answer with predictions took."""
        self._buckets[next((limit for limit in BUCKETS if seconds <= limit), float("inf"))] += 1
        self._seconds += seconds

    def format(self, n_running: int, n_waiting: int) -> str:
        """All of them as text, with the length of the queue."""
        n_observed = sum(self._buckets.values())
        histogram = [
            *(f'_bucket{{le="{limit:g}"}} {sum(self._buckets[b] for b in BUCKETS if b <= limit)}' for limit in BUCKETS),
            f'_bucket{{le="+Inf"}} {n_observed}',
            f"_sum {self._seconds:.6f}",
            f"_count {n_observed}",
        ]
        families = (
            ("fashion_requests_total", "counter", "Answers by HTTP status.", _labelled("status", self._requests)),
            ("fashion_pictures_total", "counter", "Pictures by decision.", _labelled("decision", self._pictures)),
            ("fashion_answer_seconds", "histogram", "From request to answer, with predictions.", histogram),
            ("fashion_predictions_running", "gauge", "Requests that are predicted now.", [f" {n_running}"]),
            ("fashion_queue_length", "gauge", "Requests that wait to be predicted.", [f" {n_waiting}"]),
        )
        lines = []
        for name, kind, text, samples in families:
            lines += [f"# HELP {name} {text}", f"# TYPE {name} {kind}", *(name + sample for sample in samples)]
        return "\n".join(lines) + "\n"


def _labelled(label: str, counts: Counter) -> list[str]:
    return [f'{{{label}="{value}"}} {n}' for value, n in sorted(counts.items())]
