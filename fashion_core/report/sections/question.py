"""The question, and the answer in a sentence."""

import numpy as np

from fashion_core.analysis.feasibility import DEFAULT_TARGET_SELECTIVE_ACCURACY
from fashion_core.report.automation import (
    assess_results,
    describe_threshold_choice,
    find_most_automating_result,
)
from fashion_core.report.content import BarChart, ChartSeries, Paragraphs, ReportBlock, ReportSection
from fashion_core.report.inputs import (
    WILSON_INTERVAL_NOTE,
    ReportInputs,
    find_most_accurate_result,
    format_provenance,
)  # fmt: skip
from fashion_core.wording.feasibility import describe_rest, format_automation_rate, summarize_answer
from fashion_core.wording.numbers import format_count, format_percent
from fashion_core.wording.runs import describe_best_run, summarize_accuracy

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
    best, assessed = find_most_accurate_result(inputs.results), find_most_automating_result(inputs)
    accuracy = describe_best_run(best.summary, best.title)
    blocks: list[ReportBlock] = []
    if assessed is not None and assessed.has_enough_pictures:
        headline = summarize_answer(assessed.assessment)
        sentences = describe_rest(assessed.assessment), accuracy
        blocks.append(_build_automation_chart(inputs))
    else:
        headline = summarize_accuracy(best.summary)
        sentences = accuracy, assessed.description if assessed is not None else ""
    question = QUESTION_TEXT
    if inputs.is_catalogue:
        question = CATALOGUE_QUESTION_TEXT.format(title=inputs.data.title, classes=inputs.classes.count_word)
    models = {result.model.name: result.model for result in inputs.results}.values()
    methods = " ".join(f"{model.title}: {model.summary}" for model in models)
    texts = (question, f"The report compares {format_count(len(models), 'method')}. {methods}")
    source = f"{best.provenance}; {WILSON_INTERVAL_NOTE}"
    return ReportSection("question", headline, " ".join(filter(None, sentences)), source, (*blocks, Paragraphs(texts)))


def _build_automation_chart(inputs: ReportInputs) -> BarChart:
    """How much each run can sort on its own at the default target."""
    assessed = assess_results(inputs)
    points = [run.assessment.test for run in assessed]
    intervals = [point.coverage_interval if point is not None and point.n_automated else (0.0, 0.0) for point in points]
    low, high = np.transpose(intervals)
    coverage = np.array([point.coverage if point is not None else 0.0 for point in points])
    target = format_percent(DEFAULT_TARGET_SELECTIVE_ACCURACY, 0)
    return BarChart(
        f"Garments that each method can sort without a person, if {target} of them have to be correct",
        "; ".join(f"{run.assessment.title}: {format_automation_rate(run.assessment)}" for run in assessed),
        format_provenance(
            [run.result for run in assessed], describe_threshold_choice(inputs, *assessed), WILSON_INTERVAL_NOTE
        ),
        tuple(run.assessment.title for run in assessed),
        (ChartSeries("No manual check", coverage, low, high),),
        "Garments without a manual check",
    )
