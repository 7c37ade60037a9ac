"""How much of the sorting a model can automate, and what that saves."""

from collections.abc import Sequence

import numpy as np

from fashion_core.analysis.class_promises import plan_by_class, promise_by_class
from fashion_core.analysis.compare import ConfidenceInterval
from fashion_core.analysis.feasibility import (
    DEFAULT_TARGET_SELECTIVE_ACCURACY,
    TARGET_GUARANTEE_PROBABILITY,
    AutomationAssessment,
)
from fashion_core.analysis.feasibility_costs import (
    HUMAN_ACCURACY_SAMPLE_SIZE,
    CostModel,
    DeferralPolicy,
    can_estimate_costs,
    choose_cheapest_policy_on_validation,
    choose_deferral_policy,
    default_human_accuracy,
    equal_mistake_costs,
    measure_deferral_policy,
)
from fashion_core.report.automation import (
    AssessedResult,
    assess_results,
    describe_threshold_choice,
    suggest_for_result,
)
from fashion_core.report.content import ChartSeries, LineChart, Paragraphs, ReportBlock, ReportSection, ReportTable
from fashion_core.report.inputs import WILSON_INTERVAL_NOTE, ReportInputs, format_provenance
from fashion_core.report.sections import SectionUnavailable
from fashion_core.wording.advice import ADVICE_METHOD_TEXT, describe_suggestion
from fashion_core.wording.feasibility import explain_nothing_automated
from fashion_core.wording.feasibility_costs import TOO_FEW_FOR_COSTS_TEXT, describe_saving
from fashion_core.wording.numbers import format_percent, format_percent_with_interval, format_with_range
from fashion_core.wording.promises import PRIOR_NOTE, describe_plan
from fashion_core.wording.text import join_with_and

MAX_SUGGESTIONS_IN_REPORT = 3
CURVE_COVERAGE_PERCENTAGES = np.arange(5, 101)  # percent of the garments at which the curves are drawn


def build_feasibility_section(inputs: ReportInputs) -> ReportSection:
    """What each run can automate at the default target, its curve, and its cost at the default prices."""
    assessed = assess_results(inputs)
    if not assessed:
        raise SectionUnavailable(
            "it needs the predictions of the runs on the validation images. The page Feasibility computes them."
        )
    results = [run.result for run in assessed]
    best = max(assessed, key=lambda run: run.validation_coverage)
    meets_target = best.has_enough_pictures and best.validation_coverage > 0
    policies = _choose_policies(assessed, inputs, meets_target=meets_target)
    chosen = describe_threshold_choice(inputs, *assessed)
    blocks: list[ReportBlock] = [
        _automation_table(assessed, chosen),
        _automation_curves(assessed, best.assessment),
    ]
    if policies:
        titles = [policy.title for policy in policies]
        at_target = meets_target and best.assessment.title in titles
        saving = describe_saving(
            policies[titles.index(best.assessment.title)]
            if at_target
            else choose_cheapest_policy_on_validation(policies)
        )
        blocks.append(Paragraphs((saving,), format_provenance(results, chosen)))
        blocks.append(_cost_table(assessed, policies, chosen, inputs))
    else:
        blocks.append(Paragraphs((TOO_FEW_FOR_COSTS_TEXT,)))
    if meets_target:
        blocks += _promises_by_class(best, inputs, chosen)
    if unknown := [r.run.id for r in inputs.results if not r.has_relu_output and r not in results]:
        blocks.append(Paragraphs((f"Not assessed, without predictions on validation: {join_with_and(unknown)}.",)))
    if suggestions := suggest_for_result(inputs, best)[:MAX_SUGGESTIONS_IN_REPORT]:
        classes = best.result.classes
        texts = tuple(f"{n}. {describe_suggestion(each, classes)}" for n, each in enumerate(suggestions, 1))
        advice_source = format_provenance([best.result], ADVICE_METHOD_TEXT)
        blocks.append(Paragraphs(("What to do next:", *texts), advice_source, is_detail=True))
    provenance = format_provenance([best.result], describe_threshold_choice(inputs, best), WILSON_INTERVAL_NOTE)
    return ReportSection("feasibility", _summarize(best), best.description, provenance, tuple(blocks))


def _summarize(best: AssessedResult) -> str:
    """How much needs no manual check, as a title."""
    if not best.has_enough_pictures:
        return "More pictures are needed to tell how much can be automated"
    coverage = best.assessment.test.coverage if best.assessment.test is not None else 0.0
    if not coverage:
        return "Every garment needs a manual check"
    return f"{format_percent(coverage)} of the garments need no manual check"


def _choose_policies(
    assessed: Sequence[AssessedResult], inputs: ReportInputs, *, meets_target: bool
) -> list[DeferralPolicy]:
    """The policy of each run that has enough pictures to estimate costs: with the threshold that meets the target, as
    in the rest of the section, or else with the cheapest."""
    costs, policies = _cost_model(inputs), []
    for run in assessed:
        title, splits, threshold = run.result.title, (run.validation, run.test), run.assessment.threshold
        if not can_estimate_costs(*map(len, splits)):
            continue
        if meets_target:
            policies.append(measure_deferral_policy(title, np.inf if threshold is None else threshold, *splits, costs))
        else:
            policies.append(choose_deferral_policy(title, *splits, costs))
    return policies


def _cost_model(inputs: ReportInputs) -> CostModel:
    """The default costs."""
    classes = inputs.classes
    human_accuracy = default_human_accuracy(inputs.data.source)
    return CostModel(equal_mistake_costs(len(classes)), human_accuracy=human_accuracy, classes=classes)


def _automation_table(assessed: Sequence[AssessedResult], chosen: str) -> ReportTable:
    goal = format_percent(DEFAULT_TARGET_SELECTIVE_ACCURACY, 0)
    rows = []
    for run in assessed:
        point, cells = run.assessment.test, (explain_nothing_automated(run.assessment), "–")
        if point is not None and point.n_automated:
            cells = (
                format_percent_with_interval(point.coverage, *point.coverage_interval),
                format_percent_with_interval(point.selective_accuracy, *point.selective_accuracy_interval),
            )
        rows.append((run.assessment.title, *cells))
    certainty = f"so that {goal} holds with {format_percent(TARGET_GUARANTEE_PROBABILITY, 0)} certainty"
    return ReportTable(
        f"What each run can automate when {goal} of it has to be correct",
        "Automation rate of each method, and how much of that is correct",
        format_provenance([run.result for run in assessed], chosen, certainty, WILSON_INTERVAL_NOTE),
        ("Method", "No manual check", "Correct of those, on test"),
        tuple(rows),
    )


def _automation_curves(assessed: Sequence[AssessedResult], best: AutomationAssessment) -> LineChart:
    assessments = [run.assessment for run in assessed]
    coverage = best.test.coverage if best.test is not None else 0.0
    is_on_axis = 100 * coverage >= CURVE_COVERAGE_PERCENTAGES[0]
    return LineChart(
        "How much of what is automated is wrong (logarithmic scale)",
        " ".join(dict.fromkeys(run.description for run in assessed)),
        format_provenance(
            [run.result for run in assessed], "confidence calibrated on validation; every threshold measured on test"
        ),
        CURVE_COVERAGE_PERCENTAGES.astype(float),
        tuple(
            # garments of equal confidence are automated together: there is no curve before the first group
            ChartSeries(
                a.title,
                np.interp(
                    CURVE_COVERAGE_PERCENTAGES / 100, a.curve.coverage, a.curve.selective_error_rate, left=np.nan
                ),
            )
            for a in assessments
        ),
        "Automated garments, the most confident first, in percent",
        "Wrong of those",
        100 * coverage if is_on_axis else None,
        f"{format_percent(coverage)} automated by {best.title}" if is_on_axis else "",
        is_logarithmic=True,
    )


def _promises_by_class(best: AssessedResult, inputs: ReportInputs, chosen: str) -> list[ReportBlock]:
    """The target promised for each predicted class, and which classes are left to people."""
    classes, target = inputs.classes, best.assessment.target
    promises = promise_by_class(best.validation, best.test, target, len(classes))
    goal = format_percent(target, 0)
    rows = []
    for promise in promises:
        test, cells = promise.test, ("left to people", "–")
        if promise.threshold is not None and test.n_automated:
            cells = (
                format_percent(test.coverage),
                format_percent_with_interval(test.selective_accuracy, *test.selective_accuracy_interval),
            )
        rows.append((classes[promise.class_index].name, *cells))
    provenance = format_provenance([best.result], chosen, PRIOR_NOTE, WILSON_INTERVAL_NOTE)
    plan = describe_plan(plan_by_class(promises), target, classes)
    table = ReportTable(
        f"What {best.result.title} can automate when {goal} of each class has to be correct",
        "Automation rate of each predicted class, and how much of that is correct",
        provenance,
        ("Predicted class", "No manual check", "Correct of those, on test"),
        tuple(rows),
        is_detail=True,
    )
    return [Paragraphs((plan,), provenance, is_detail=True), table]


def _cost_table(
    assessed: Sequence[AssessedResult], policies: Sequence[DeferralPolicy], chosen: str, inputs: ReportInputs
) -> ReportTable:
    def cell(interval: ConfidenceInterval) -> str:
        return format_with_range(interval.estimate, interval.low, interval.high)

    costs = _cost_model(inputs)
    people = f"people sort {format_percent(costs.human_accuracy)} correctly"
    measured = f"(n = {HUMAN_ACCURACY_SAMPLE_SIZE:,}, the data set's authors)"
    return ReportTable(
        f"Cost per 1,000 garments when a mistake costs 1 and a manual check {costs.manual_check_cost:g}",
        "Cost of each run with manual checks of the garments it is unsure about, and of manual sorting",
        format_provenance(
            [run.result for run in assessed],
            chosen,
            f"{people} {measured if inputs.data.source == 'fashion-mnist' else '(assumed, as nobody measured it)'}",
            "95% intervals: bootstrap of the images",
        ),
        ("Method with manual checks", "Automated", "Cost", "Manual sorting", "Saving"),
        tuple(
            (p.title, format_percent(p.coverage), cell(p.cost), cell(p.manual_cost), cell(p.saving)) for p in policies
        ),
        is_detail=True,
    )
