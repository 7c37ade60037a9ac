"""How much of the sorting can be left to a model, and what that saves."""

import numpy as np

from fashion_core.analysis import feasibility, feasibility_costs
from fashion_core.analysis.feasibility import AutomationAssessment
from fashion_core.analysis.feasibility_costs import CostModel, DeferralPolicy
from fashion_core.analysis.predictions import Predictions
from fashion_core.computed import validation
from fashion_core.report.content import ChartSeries, LineChart, Paragraphs, ReportBlock, ReportSection, ReportTable
from fashion_core.report.inputs import WILSON_INTERVAL_NOTE, ReportInputs, RunResult, format_provenance
from fashion_core.report.sections import SectionUnavailable
from fashion_core.wording.numbers import format_percent_with_interval
from fashion_core.wording.text import join_with_and

CURVE_COVERAGES = np.arange(5, 101)  # percent of the garments at which the curves are drawn


def build_feasibility_section(evidence: ReportInputs) -> ReportSection:
    """What each run can take over at the standard target, its curve, and its cost at the standard prices."""
    known = _results_with_validation(evidence)
    if not known:
        raise SectionUnavailable(
            "it needs the answers of the runs on the validation images, which the page Feasibility computes."
        )
    assessed = [_assess_result(evidence, result, answers) for result, answers in known]
    results = [result for result, _ in known]
    most = max(assessed, key=_validation_coverage)
    chosen = f"threshold chosen on validation, n = {evidence.first_record.data.n_validation:,}"
    plans = [_cheapest_policy(evidence, result, answers) for result, answers in known]
    blocks: list[ReportBlock] = [
        _automation_table(results, assessed, chosen),
        _automation_curves(results, assessed),
        Paragraphs(
            (feasibility_costs.describe_saving(feasibility_costs.cheapest_policy(plans)),),
            format_provenance(results, chosen),
        ),
        _cost_table(results, plans, chosen),
    ]
    if unknown := [r.run.id for r in evidence.results if not r.has_relu_output and r not in results]:
        blocks.append(
            Paragraphs((f"Not assessed, for want of answers on the validation images: {join_with_and(unknown)}.",))
        )
    told = format_provenance([results[assessed.index(most)]], chosen, WILSON_INTERVAL_NOTE)
    return ReportSection("feasibility", "How much can be left to the model", most.sentence, told, tuple(blocks))


def most_automated_run(evidence: ReportInputs) -> AutomationAssessment | None:
    """The run that can take over most by validation, None when none has answers there or none can."""
    assessed = [_assess_result(evidence, result, answers) for result, answers in _results_with_validation(evidence)]
    best = max(assessed, key=_validation_coverage, default=None)
    return best if best is not None and _validation_coverage(best) else None


def _results_with_validation(evidence: ReportInputs) -> list[tuple[RunResult, Predictions]]:
    """The runs without the output fault whose answers on validation are at hand, with those."""
    found = []
    for result in evidence.results:
        answers = None if result.has_relu_output else validation.load_validation_predictions(result.run)
        if answers is not None:
            found.append((result, answers))
    return found


def _assess_result(evidence: ReportInputs, result: RunResult, answers: Predictions) -> AutomationAssessment:
    return feasibility.assess_automation(answers, evidence.store.load_predictions(result.run), title=result.title)


def _validation_coverage(found: AutomationAssessment) -> float:
    """How much is automated on validation, by which the best is chosen; test only says what it is worth."""
    return found.validation.coverage if found.validation is not None else 0.0


def _cheapest_policy(evidence: ReportInputs, result: RunResult, answers: Predictions) -> DeferralPolicy:
    chosen_on, tried_on, _ = feasibility.calibrate_predictions(answers, evidence.store.load_predictions(result.run))
    return feasibility_costs.choose_deferral_policy(result.title, chosen_on, tried_on, CostModel())


def _automation_table(results: list[RunResult], assessed: list[AutomationAssessment], chosen: str) -> ReportTable:
    goal = f"{feasibility.DEFAULT_TARGET:.0%}"
    lines = []
    for found in assessed:
        cells = ("0.0%", "none automated")
        if found.test is not None and found.test.n_automated:
            cells = (
                format_percent_with_interval(found.test.coverage, *found.test.coverage_interval),
                format_percent_with_interval(found.test.selective_accuracy, *found.test.selective_accuracy_interval),
            )
        lines.append((found.title, *cells))
    return ReportTable(
        f"What each run can take over when {goal} of it has to be right",
        "Share of the garments that need no person, and how much of that is right",
        format_provenance(
            results,
            chosen,
            f"so that {goal} holds with {feasibility.GUARANTEE_LEVEL:.0%} assurance",
            WILSON_INTERVAL_NOTE,
        ),
        ("Method", "Need no person", "Right of those, on test"),
        tuple(lines),
    )


def _automation_curves(results: list[RunResult], assessed: list[AutomationAssessment]) -> LineChart:
    return LineChart(
        "How much of what is left to the model is right",
        "; ".join(found.sentence for found in assessed),
        format_provenance(results, "confidence calibrated on validation; every threshold tried on test"),
        CURVE_COVERAGES.astype(float),
        tuple(
            # of equally sure garments all or none are left to the model: there is no curve before the first
            ChartSeries(
                found.title, np.interp(CURVE_COVERAGES / 100, found.curve.coverage, 1 - found.curve.error, left=np.nan)
            )
            for found in assessed
        ),
        "Garments left to the model, the surest first, in percent",
        "Right of those",
    )


def _cost_table(results: list[RunResult], plans: list[DeferralPolicy], chosen: str) -> ReportTable:
    prices = CostModel()
    return ReportTable(
        f"Cost per 1,000 garments when a mistake costs 1 and a person's look {prices.manual_check_cost:g}",
        "Cost of each run with people for what it is unsure of, against people alone",
        format_provenance(
            results,
            chosen,
            f"people sort {prices.human_accuracy:.1%} right (n = {feasibility_costs.HUMAN_SAMPLE_SIZE:,}, the data set's authors)",
            "95% intervals: bootstrap of the images",
        ),
        ("Method with people", "Left to the model", "Cost", "People alone", "Saved"),
        tuple(
            (
                plan.title,
                f"{100 * plan.coverage:.1f}%",
                *(
                    _format_cost_interval(figure.estimate, figure.low, figure.high)
                    for figure in (plan.cost, plan.manual_cost, plan.saving)
                ),
            )
            for plan in plans
        ),
        is_detail=True,
    )


def _format_cost_interval(value: float, low: float, high: float) -> str:
    return f"{value:,.1f} ({low:,.1f} to {high:,.1f})".replace("-", "−").replace(" to ", "\u00a0to\u00a0")
