"""How much of the sorting a model can automate, and what that saves."""

from dataclasses import dataclass

import numpy as np

from fashion_core.analysis.compare import ConfidenceInterval
from fashion_core.analysis.feasibility import (
    DEFAULT_TARGET_SELECTIVE_ACCURACY,
    TARGET_GUARANTEE_PROBABILITY,
    AutomationAssessment,
    assess_automation_from_calibrated,
    calibrate_predictions_on_validation,
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
)
from fashion_core.analysis.predictions import Predictions
from fashion_core.computed import validation
from fashion_core.report.content import ChartSeries, LineChart, Paragraphs, ReportBlock, ReportSection, ReportTable
from fashion_core.report.inputs import (
    WILSON_INTERVAL_NOTE,
    ReportInputs,
    RunResult,
    format_provenance,
    format_split_size,
)
from fashion_core.report.sections import SectionUnavailable
from fashion_core.wording.feasibility import (
    TOO_FEW_FOR_COSTS_TEXT,
    describe_assessment,
    describe_saving,
    describe_threshold_folds,
)
from fashion_core.wording.numbers import format_percent, format_percent_with_interval, format_with_range
from fashion_core.wording.text import join_with_and

CURVE_COVERAGE_PERCENTAGES = np.arange(5, 101)  # percent of the garments at which the curves are drawn


@dataclass(frozen=True)
class _Assessed:
    result: RunResult
    assessment: AutomationAssessment
    policy: DeferralPolicy | None  # None with too few pictures
    n_validation: int
    n_test: int

    @property
    def validation_coverage(self) -> float:
        """The automation rate on validation, by which the best run is chosen; test only measures it."""
        return self.assessment.validation.coverage if self.assessment.validation is not None else 0.0

    @property
    def description(self) -> str:
        """How much it can automate or, with too few pictures to tell, how many more are needed."""
        return describe_assessment(self.assessment, self.n_validation, self.n_test)


def build_feasibility_section(inputs: ReportInputs) -> ReportSection:
    """What each run can automate at the default target, its curve, and its cost at the default prices."""
    assessed = _assess_results(inputs)
    if not assessed:
        raise SectionUnavailable(
            "it needs the predictions of the runs on the validation images. The page Feasibility computes them."
        )
    results = [run.result for run in assessed]
    best = max(assessed, key=lambda run: run.validation_coverage)
    policies = [run.policy for run in assessed if run.policy is not None]
    chosen = f"threshold chosen on validation, n = {format_split_size(results, 'validation')}"
    if n_folds := inputs.data.n_folds:
        chosen = describe_threshold_folds(n_folds, best.n_validation, best.n_test).removesuffix(".")
    blocks: list[ReportBlock] = [
        _automation_table(assessed, chosen),
        _automation_curves(assessed),
    ]
    if policies:
        saving = describe_saving(choose_cheapest_policy_on_validation(policies))
        blocks.append(Paragraphs((saving,), format_provenance(results, chosen)))
        blocks.append(_cost_table(assessed, policies, chosen, inputs))
    else:
        blocks.append(Paragraphs((TOO_FEW_FOR_COSTS_TEXT,)))
    if unknown := [r.run.id for r in inputs.results if not r.has_relu_output and r not in results]:
        blocks.append(Paragraphs((f"Not assessed, without predictions on validation: {join_with_and(unknown)}.",)))
    chosen_best = chosen if n_folds else f"threshold chosen on validation, n = {best.n_validation:,}"
    provenance = format_provenance([best.result], chosen_best, WILSON_INTERVAL_NOTE)
    return ReportSection("feasibility", best.description, provenance, tuple(blocks))


def describe_highest_automation(inputs: ReportInputs) -> str:
    """What the run that automates most on validation can automate; empty when none can automate anything."""
    best = max(_assess_results(inputs), key=lambda run: run.validation_coverage, default=None)
    return best.description if best is not None and best.validation_coverage else ""


def _assess_results(inputs: ReportInputs) -> list[_Assessed]:
    """The runs without the output fault whose predictions on validation are stored, or were cross-validated."""
    assessed = []
    for result in inputs.results:
        if result.has_relu_output:
            continue
        predictions, stored = inputs.store.load_predictions(result.run), None
        if predictions.folds is None and (stored := _load_validation_predictions(inputs, result)) is None:
            continue
        on_validation, on_test = calibrate_predictions_on_validation(stored, predictions)
        assessment = assess_automation_from_calibrated(on_validation, on_test, title=result.title)
        policy = None
        if can_estimate_costs(len(on_validation), len(on_test)):
            policy = choose_deferral_policy(result.title, on_validation, on_test, _cost_model(inputs))
        assessed.append(_Assessed(result, assessment, policy, len(on_validation), len(on_test)))
    return assessed


def _load_validation_predictions(inputs: ReportInputs, result: RunResult) -> Predictions | None:
    """The stored predictions; those on a catalogue of yours are made where they are missing."""
    stored = validation.load_validation_predictions(result.run)
    if stored is None and inputs.is_catalogue and inputs.dataset is not None:
        if inputs.dataset.fingerprint != result.record.data.fingerprint:
            return None  # the validation split may be another one by now
        classifier = inputs.store.load_classifier(result.run)
        stored = validation.predict_validation(classifier, inputs.dataset, lambda fraction, message: None)
    return stored


def _cost_model(inputs: ReportInputs) -> CostModel:
    """The default costs."""
    classes = inputs.classes
    human_accuracy = default_human_accuracy(inputs.data.source)
    return CostModel(equal_mistake_costs(len(classes)), human_accuracy=human_accuracy, classes=classes)


def _automation_table(assessed: list[_Assessed], chosen: str) -> ReportTable:
    goal = format_percent(DEFAULT_TARGET_SELECTIVE_ACCURACY, 0)
    rows = []
    for run in assessed:
        point, cells = run.assessment.test, (format_percent(0), "none automated")
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


def _automation_curves(assessed: list[_Assessed]) -> LineChart:
    assessments = [run.assessment for run in assessed]
    return LineChart(
        "How much of what is automated is correct",
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
                    CURVE_COVERAGE_PERCENTAGES / 100, a.curve.coverage, 1 - a.curve.selective_error_rate, left=np.nan
                ),
            )
            for a in assessments
        ),
        "Automated garments, the most confident first, in percent",
        "Correct of those",
    )


def _cost_table(
    assessed: list[_Assessed], policies: list[DeferralPolicy], chosen: str, inputs: ReportInputs
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
