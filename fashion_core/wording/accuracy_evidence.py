"""How far a network's accuracy can be trusted, in sentences."""

from collections.abc import Iterable, Iterator

from fashion_core.computed.accuracy_evidence import AccuracyEvidence
from fashion_core.data.published_networks import PublishedNetwork
from fashion_core.wording.numbers import format_percent, format_percent_range
from fashion_core.wording.training import format_kept_epoch


def describe_accuracy_evidence(evidence: AccuracyEvidence) -> list[str]:
    """One sentence or two on each: the sample, the seeds, near duplicates, calibration."""
    whole, distinct = evidence.all_images, evidence.distinct_images
    n_removed = whole.n - distinct.n
    return [
        f"Sample: {format_percent(whole.accuracy, 2)} of {whole.n:,} test images, with a 95% interval of "
        f"{format_percent_range(*whole.interval)}.",
        _describe_seeds(evidence),
        f"Near duplicates: without the {n_removed} test images that are nearly the same as a training image, "
        f"{format_percent(distinct.accuracy, 2)}.",
        f"Confidence: it differs from the accuracy by {100 * whole.calibration_error:.1f} points on average, and by "
        f"{100 * whole.calibration_error_with_temperature:.1f} with the temperature that Feasibility uses.",
    ]


def _describe_seeds(evidence: AccuracyEvidence) -> str:
    each = ", ".join(format_percent(seed.accuracy, 2)[:-1] for seed in evidence.seeds)
    if len(evidence.seeds) < 2:
        return "Chance: the network was trained on one seed only."
    mean, deviation = evidence.mean_and_deviation
    return (
        f"Chance: the same settings on {len(evidence.seeds)} seeds give {format_percent(mean, 2)[:-1]} ± "
        f"{100 * deviation:.2f}% ({each}) after the last epoch."
    )


def list_published_networks(evidence: AccuracyEvidence, networks: Iterable[PublishedNetwork]) -> Iterator[list[str]]:
    """A table of Markdown cells: its header, our network, then those of others."""
    yield ["Network", "Parameters", "Accuracy on test", "Images", "Epoch that counts"]
    record, accuracy = evidence.record, format_percent(evidence.all_images.accuracy, 2)[:-1]
    yield [f"ours, run `{record.id}`", f"{record.n_parameters:,}", accuracy, "today's", format_kept_epoch(record)]
    for each in networks:
        name = f"{each.name} ([{each.source}]({each.url}))"
        yield [name, each.parameters, each.accuracy, each.images, each.epoch]
