"""What to do next so that more can be automated, with links to where it is done, and what it brought."""

import streamlit as st

from fashion_core.analysis.advice import suggest_improvements
from fashion_core.analysis.automation_gain import AutomationGoal, compare_coverage
from fashion_core.analysis.suggestions import LearningCurvePoints, Suggestion
from fashion_core.computed import learning_curve
from fashion_core.computed.advice import load_advice_inputs
from fashion_core.data.classes import ClassList
from fashion_core.models.registry import get_model_spec
from fashion_core.runs.followed_advice import find_followed_advice
from fashion_core.runs.store import RunEntry
from fashion_core.wording.advice import (
    ADVICE_METHOD_TEXT,
    describe_evidence,
    describe_gain,
    describe_no_advice,
    describe_outcome,
    format_suggestion,
)
from ui import caches, computations, pickers, shell, validation
from ui.feasibility.assessed_runs import AssessedRun, AssessedRuns, load_assessed_run
from ui.feasibility.view import FeasibilityView


def show_advice(assessed: AssessedRuns, view: FeasibilityView) -> None:
    """The suggestions for the selected run, best first; and what a newer run brought that followed one."""
    selected, classes = assessed.selected, assessed.classes
    goal = AutomationGoal(view.target / 100, view.requires_target_on_new_garments)
    points, dataset = _cached_learning_curve(selected.run), pickers.dataset_of_run(selected.run)
    keys = selected.cache_key, pickers.data_fingerprint(selected.run), dataset is not None, points is not None
    with st.spinner("Computing what each change would bring"):
        suggestions = _cached_suggestions(*keys, goal, selected.run, points)
    if not suggestions:
        shell.show_finding(describe_no_advice(goal))
    for number, suggestion in enumerate(suggestions, 1):
        with st.container(border=True, gap="xsmall"):
            shell.show_finding(f"{number}. {format_suggestion(suggestion, classes)}")
            st.markdown(shell.escape_markdown(describe_gain(suggestion)))
            st.caption(shell.escape_markdown(describe_evidence(suggestion, classes)))
            _show_link(suggestion, selected.run, classes)
    if points is None and any(suggestion.kind == "collect" for suggestion in suggestions):
        _show_learning_curve_controls(selected.run)
    _show_outcome(selected, suggestions, view)
    shell.show_provenance(
        assessed.provenance,
        f"thresholds from validation, n = {len(selected.validation):,}",
        ADVICE_METHOD_TEXT if suggestions else "",
    )


@st.cache_data(max_entries=60, show_spinner=False)
def _cached_suggestions(
    cache_key: str,
    fingerprint: str,
    has_pictures: bool,
    has_points: bool,
    goal: AutomationGoal,
    _run: RunEntry,
    _points: LearningCurvePoints | None,
) -> tuple[Suggestion, ...]:
    on_test = caches.cached_test_predictions(_run)
    on_validation = None if on_test.folds is not None else validation.cached_validation_predictions(_run)
    dataset = pickers.dataset_of_run(_run)
    inputs = load_advice_inputs(caches.run_store(), _run, dataset, on_validation, on_test, points=_points)
    return suggest_improvements(inputs, goal)


def _cached_learning_curve(run: RunEntry) -> LearningCurvePoints | None:
    """The run's learning curve if it was measured."""
    computation = learning_curve.learning_curve_computation(run)
    arrays = computations.cached_result(computation, pickers.data_fingerprint(run))
    return None if arrays is None else LearningCurvePoints(arrays["n_train"], arrays["n_wrong"])


def _show_learning_curve_controls(run: RunEntry) -> None:
    """A button that measures what more pictures bring, where that can be measured."""
    dataset = pickers.dataset_of_run(run)
    if dataset is None or learning_curve.explain_no_learning_curve(dataset):
        return
    computations.show_missing_result_controls(
        "Trainings on a quarter and on half of the pictures of the classes with few",
        learning_curve.learning_curve_computation(run),
        pickers.data_fingerprint(run),
        dataset,
        meanwhile="They tell how much more pictures bring.",
    )


def _show_link(suggestion: Suggestion, run: RunEntry, classes: ClassList) -> None:
    """A link to where it is done or, on data that can't be changed, to the pictures it is about."""
    assert run.record is not None
    is_own = not caches.current_dataset().has_shipped_runs
    match suggestion.kind:
        case "label":
            page, label, query = "try_it", "Label pictures of yours", {"source": "Folder"}
        case "leave":
            page, label = "compare", f"See what is predicted as {classes[suggestion.classes[0]].name}"
            query = {"a": run.id, "pick": f"A..{suggestion.classes[0]}"}
        case "merge" if not is_own:
            a, b = suggestion.classes
            page, label, query = "compare", "See the garments that are confused", {"a": run.id, "pick": f"A.{b}.{a}"}
        case "train":
            spec = get_model_spec(run.record.model)
            page, label = "train", f"Train {spec.title} with the preset Best"
            query = {"model": spec.title, "preset": "best"}
        case "merge":
            page, label, query = "data", "Merge them on the page Data", {}
        case "collect":
            page, label, query = "data", "Add pictures on the page Data", {}
    st.page_link(shell.find_page(page), label=shell.escape_markdown(label), query_params=query)


def _show_outcome(selected: AssessedRun, suggestions: tuple[Suggestion, ...], view: FeasibilityView) -> None:
    """What a newer run that followed a suggestion brought, next to what was expected."""
    followed = find_followed_advice(selected.run, caches.list_runs())
    if followed is None:
        return
    kind, newer = followed
    loaded = load_assessed_run(newer)
    if loaded is None:
        label = pickers.run_label(newer)
        st.info(shell.escape_markdown(f"{label} is newer. Choose it above to see what it brings, then come back."))
        return
    expected = next((suggestion.gain for suggestion in suggestions if suggestion.kind == kind), None)
    measured = compare_coverage(selected.assess(view).test, loaded.assess(view).test)
    with st.container(border=True, gap="xsmall"):
        shell.show_finding("What it brought")
        st.markdown(shell.escape_markdown(describe_outcome(loaded.title, kind, expected, measured)))
