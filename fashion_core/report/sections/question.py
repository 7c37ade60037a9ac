"""What is asked, and the answer in a sentence."""

from fashion_core.models import registry
from fashion_core.report.content import Section, Text
from fashion_core.report.evidence import WILSON, Evidence
from fashion_core.runs import summary

ASKED = (
    "A shop has pictures of clothes and wants them sorted into kinds. Can a machine do it, how well, and with which "
    'method? The poster "Feasibility of automating image classification of clothing items using machine learning" '
    "(E. Ancilotto, Imperial College London) compared one method that sees no label with three that learn from "
    "labels. This report asks the same again; its figures 1 to 5 are here in our version."
)


def section(evidence: Evidence) -> Section:
    """The question, the headline and the methods compared."""
    best = evidence.best
    models = list(dict.fromkeys(result.record.model for result in evidence.results))
    methods = [f"{registry.spec(model).title}: {registry.spec(model).summary}" for model in models]
    paragraphs = (ASKED, f"{'Methods' if len(methods) > 1 else 'The method'} compared here. {' '.join(methods)}")
    answer = summary.headline(best.row, best.title)
    return Section("question", "The question", answer, f"{best.source}; {WILSON}", (Text(paragraphs),))
