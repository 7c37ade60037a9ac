"""The question, and the answer in a sentence."""

from fashion_core.report.content import Paragraphs, ReportSection
from fashion_core.report.inputs import WILSON_INTERVAL_NOTE, ReportInputs, find_most_accurate_result
from fashion_core.wording.numbers import format_count
from fashion_core.wording.runs import describe_best_run

QUESTION_TEXT = (
    "A shop has pictures of clothes and wants to sort them by type. Can a computer do it, how well, and with which "
    'method? The poster "Feasibility of automating image classification of clothing items using machine learning" '
    "(E. Ancilotto, Imperial College London) compared a method that needs no labels with three that learn from labels. "
    "This report repeats the comparison; its figures 1 to 5 correspond to the poster's."
)
CATALOGUE_QUESTION_TEXT = (
    "{title} holds pictures of {classes} classes. Can a computer sort them, how well, and with which method?"
)


def build_question_section(inputs: ReportInputs) -> ReportSection:
    """The question, the answer and the methods compared."""
    best = find_most_accurate_result(inputs.results)
    question = QUESTION_TEXT
    if inputs.is_catalogue:
        question = CATALOGUE_QUESTION_TEXT.format(title=inputs.data.title, classes=inputs.classes.count_word)
    models = {result.model.name: result.model for result in inputs.results}.values()
    methods = " ".join(f"{model.title}: {model.summary}" for model in models)
    return ReportSection(
        "question",
        describe_best_run(best.summary, best.title),
        f"{best.provenance}; {WILSON_INTERVAL_NOTE}",
        (Paragraphs((question, f"The report compares {format_count(len(models), 'method')}. {methods}")),),
    )
