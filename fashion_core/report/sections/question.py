"""What is asked, and the answer in a sentence."""

from fashion_core.models import registry
from fashion_core.report.content import Paragraphs, ReportSection
from fashion_core.report.inputs import WILSON_INTERVAL_NOTE, ReportInputs
from fashion_core.wording.runs import describe_best_run

QUESTION_TEXT = (
    "A shop has pictures of clothes and wants them sorted into kinds. Can a machine do it, how well, and with which "
    'method? The poster "Feasibility of automating image classification of clothing items using machine learning" '
    "(E. Ancilotto, Imperial College London) compared one method that sees no label with three that learn from "
    "labels. This report asks the same again; its figures 1 to 5 are here in our version."
)


def build_question_section(evidence: ReportInputs) -> ReportSection:
    """The question, the headline and the methods compared."""
    best = evidence.best_result
    models = list(dict.fromkeys(result.record.model for result in evidence.results))
    methods = [f"{registry.get_model_spec(model).title}: {registry.get_model_spec(model).summary}" for model in models]
    paragraphs = (
        QUESTION_TEXT,
        f"{'Methods' if len(methods) > 1 else 'The method'} compared here. {' '.join(methods)}",
    )
    answer = describe_best_run(best.summary, best.title)
    return ReportSection(
        "question", "The question", answer, f"{best.provenance}; {WILSON_INTERVAL_NOTE}", (Paragraphs(paragraphs),)
    )
