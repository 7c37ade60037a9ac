"""What follows from the figures, sentence by sentence, each from the runs at hand."""

from fashion_core.data.labels import NAMES
from fashion_core.report.content import Section, Text, joined, one_line, with_interval
from fashion_core.report.evidence import WILSON, Evidence, source
from fashion_core.report.sections.feasibility import most_automated
from fashion_core.runs import summary


def section(evidence: Evidence) -> Section:
    """The findings together, and what they mean for who wants garments sorted."""
    best = evidence.best
    low, high = best.row.interval
    wrong = with_interval(1 - best.row.scored.accuracy, 1 - high, 1 - low)
    finding = (
        f"Sorting clothing pictures by machine is feasible where {wrong} of wrong answers can be borne, or where a "
        "person looks at the doubtful ones."
    )
    paragraphs = [sentence for sentence in (_clusters(evidence), _networks(evidence), _fault(evidence)) if sentence]
    if automated := most_automated(evidence):
        paragraphs.append(f"With a person for the doubtful ones: {automated.sentence}")
    paragraphs.append(
        f"For {best.title}, {summary.hardest(best.row.scored)} It has {best.row.parameters:,} "
        f"parameters and was trained in {summary.duration(best.row.seconds)} on {one_line(best.record.hardware)}."
    )
    text = Text(tuple(paragraphs), source(evidence.results, WILSON))
    return Section("conclusion", "What follows", finding, f"{best.source}; {WILSON}", (text,))


def _clusters(evidence: Evidence) -> str:
    result = evidence.kmeans
    if result is None:
        return ""
    lost = [NAMES[c] for c in result.row.scored.never_predicted]
    loses = f" and has no cluster for {joined(lost)}" if lost else ""
    right = with_interval(result.row.scored.accuracy, *result.row.interval)
    return (
        f"{result.title}, which sees no label, puts {right} of the garments in a cluster named for their class{loses}: "
        "enough to explore pictures and to have a baseline, not to sort them."
    )


def _networks(evidence: Evidence) -> str:
    if not evidence.networks:
        return ""
    told = [
        f"{result.title} sorts {with_interval(result.row.scored.accuracy, *result.row.interval)} right and "
        f"{summary.never(result.row.scored)}"
        for result in evidence.networks
    ]
    return f"Of the networks that learn from labels, {joined(told)}."


def _fault(evidence: Evidence) -> str:
    lossy = [result.title for result in evidence.faulty if result.row.scored.never_predicted]
    if not lossy:
        return ""
    return (
        f"{joined(lossy)} {'loses' if len(lossy) == 1 else 'lose'} classes, as the poster's MLP and CNN did. In these "
        "runs that is a fault of training and no limit of the architecture; whether it was the poster's cannot be told."
    )
