"""The poster's failed networks, and the training fault that would explain them."""

from fashion_core.data import poster
from fashion_core.report.content import Block, Section, Text
from fashion_core.report.evidence import Evidence, source
from fashion_core.report.sections import LeftOut
from fashion_core.report.sections.confusion import matrix, recalls
from fashion_core.runs import summary


def section(evidence: Evidence) -> Section:
    """The runs with a ReLU on their outputs, beside the same networks without."""
    faulty = evidence.faulty
    if not faulty:
        raise LeftOut("no chosen run has a ReLU on its outputs.")
    models = {result.record.model for result in faulty}
    sound = [result for result in evidence.networks if result.record.model in models]
    finding = "; ".join(f"{result.title} {summary.never(result.row.scored)}" for result in faulty) + "."
    without = "; ".join(f"{result.title} {summary.never(result.row.scored)}" for result in sound)
    blocks: list[Block] = [Text((poster.EXPLANATION,))]
    if without:
        blocks.append(Text((f"Without it: {without}.",), source(sound)))
    blocks += [matrix(result) for result in faulty]
    blocks.append(recalls([*faulty, *sound], "Recall by class, with and without the fault", detail=True))
    return Section("failure", "What failed on the poster, and why it may have", finding, source(faulty), tuple(blocks))
