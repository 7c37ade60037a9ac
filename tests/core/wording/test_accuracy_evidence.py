import dataclasses

from fashion_core.computed.accuracy_evidence import AccuracyEvidence, ImagesEvidence, SeedResult
from fashion_core.data.published_networks import PublishedNetwork
from fashion_core.runs.store import RunStore
from fashion_core.wording.accuracy_evidence import describe_accuracy_evidence, list_published_networks
from fashion_core.wording.training import format_kept_epoch

RECORD = RunStore().get("improved_cnn").record
assert RECORD is not None
EVIDENCE = AccuracyEvidence(
    RECORD,
    ImagesEvidence(1000, 950, 0.07, 0.02),
    ImagesEvidence(990, 941, 0.07, 0.02),
    (SeedResult(0, 0.95, 60.0), SeedResult(1, 0.96, 60.0)),
)


def test_each_doubt_gets_its_sentence() -> None:
    sample, chance, duplicates, confidence = describe_accuracy_evidence(EVIDENCE)
    assert "95.00% of 1,000 test images" in sample
    assert "2 seeds give 95.50 ± 0.71% (95.00, 96.00)" in chance
    assert "10 test images" in duplicates
    assert "95.05%" in duplicates
    assert "7.0 points on average, and by 2.0" in confidence


def test_one_seed_has_no_deviation() -> None:
    _, chance, *_ = describe_accuracy_evidence(dataclasses.replace(EVIDENCE, seeds=EVIDENCE.seeds[:1]))
    assert "one seed only" in chance


def test_a_published_network_links_to_its_source() -> None:
    network = PublishedNetwork("Net", "Author", "https://example.org", "", "95.0", "today's", "last")
    header, ours, row = list_published_networks(EVIDENCE, [network])
    assert len(header) == len(ours) == len(row)
    assert ours == ["ours, run `improved_cnn`", "405,250", "95.00", "today's", format_kept_epoch(EVIDENCE.record)]
    assert row[0] == "Net ([Author](https://example.org))"
