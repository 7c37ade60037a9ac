"""What each run of a report can automate at the default target, computed once for all sections."""

from dataclasses import dataclass
from functools import lru_cache

from fashion_core.analysis.advice import suggest_improvements
from fashion_core.analysis.automation_gain import AutomationGoal
from fashion_core.analysis.feasibility import (
    AutomationAssessment,
    CalibratedPredictions,
    assess_automation_from_calibrated,
    calibrate_predictions_on_validation,
    pictures_needed,
)
from fashion_core.analysis.predictions import Predictions
from fashion_core.analysis.suggestions import Suggestion
from fashion_core.computed import validation
from fashion_core.computed.advice import load_advice_inputs
from fashion_core.report.inputs import ReportInputs, RunResult, format_split_size
from fashion_core.wording.feasibility import describe_assessment, format_threshold_folds


@dataclass(frozen=True)
class AssessedResult:
    """A run's ``assessment``, its calibrated predictions on ``validation`` and on ``test``, and those that these were
    made from: on validation, None with cross-validation, and on test."""

    result: RunResult
    assessment: AutomationAssessment
    validation: CalibratedPredictions
    test: CalibratedPredictions
    uncalibrated: tuple[Predictions | None, Predictions]

    @property
    def validation_coverage(self) -> float:
        """The automation rate on validation, by which the best run is chosen; test only measures it."""
        return self.assessment.validation.coverage if self.assessment.validation is not None else 0.0

    @property
    def has_enough_pictures(self) -> bool:
        """Whether there are enough pictures to tell how much can be automated."""
        return not pictures_needed(
            len(self.validation), len(self.test), self.assessment.target, guaranteed=self.assessment.guaranteed
        )

    @property
    def description(self) -> str:
        """How much it can automate or, with too few pictures to tell, how many more are needed."""
        return describe_assessment(self.assessment, len(self.validation), len(self.test))


@lru_cache(maxsize=1)  # of the report that is being built
def assess_results(inputs: ReportInputs) -> tuple[AssessedResult, ...]:
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
        assessed.append(AssessedResult(result, assessment, on_validation, on_test, (stored, predictions)))
    return tuple(assessed)


def find_most_automating_result(inputs: ReportInputs) -> AssessedResult | None:
    """The run that automates most on validation, even if that is nothing; None when no run can be assessed."""
    return max(assess_results(inputs), key=lambda run: run.validation_coverage, default=None)


def suggest_for_result(inputs: ReportInputs, assessed: AssessedResult) -> tuple[Suggestion, ...]:
    """What to do next about a run, best first; nothing where there are too few pictures to tell."""
    if not assessed.has_enough_pictures:
        return ()
    goal = AutomationGoal(assessed.assessment.target, assessed.assessment.guaranteed)
    advice_inputs = load_advice_inputs(inputs.store, assessed.result.run, inputs.dataset, *assessed.uncalibrated)
    return suggest_improvements(advice_inputs, goal)


def describe_threshold_choice(inputs: ReportInputs, *runs: AssessedResult) -> str:
    """On which pictures the thresholds of these runs were chosen."""
    if n_folds := inputs.data.n_folds:
        first = runs[0]
        return format_threshold_folds(n_folds, len(first.validation), len(first.test))
    return f"threshold chosen on validation, n = {format_split_size([run.result for run in runs], 'validation')}"


def _load_validation_predictions(inputs: ReportInputs, result: RunResult) -> Predictions | None:
    """The stored predictions; those on a catalogue of yours are made where they are missing."""
    stored = validation.load_validation_predictions(result.run)
    if stored is None and inputs.is_catalogue and inputs.dataset is not None:
        if inputs.dataset.fingerprint != result.record.data.fingerprint:
            return None  # the validation split may be another one by now
        classifier = inputs.store.load_classifier(result.run)
        stored = validation.predict_validation(classifier, inputs.dataset, lambda fraction, message: None)
    return stored
