"""A promise for each class: what the model sorts into it on its own, and what a person chooses between for the rest."""

import pandas as pd
import streamlit as st

from fashion_core.analysis.class_promises import (
    ClassPromise,
    automate_by_class,
    errors_by_true_class,
    plan_by_class,
    promise_by_class,
)
from fashion_core.analysis.class_sets import ClassSetScores, calibrate_class_sets, score_class_sets
from fashion_core.analysis.feasibility import OperatingPoint, split_for_threshold
from fashion_core.analysis.predictions import Predictions
from fashion_core.wording import promises as wording
from fashion_core.wording.numbers import format_percent_range, to_percent
from ui import label_corrections, shell, validation
from ui.csv_download import csv_button
from ui.feasibility.assessed_runs import AssessedRun, AssessedRuns
from ui.feasibility.view import FeasibilityView


def show_promises_by_class(assessed: AssessedRuns, view: FeasibilityView) -> None:
    """The plan as a sentence, a row a class, and the class sets."""
    selected, classes, target = assessed.selected, assessed.classes, view.target / 100
    promises = _promises(selected.cache_key, selected, target, len(classes))
    plan = plan_by_class(promises)
    shell.show_finding(wording.describe_plan(plan, target, classes))
    if broken := wording.describe_broken_promises(promises, classes):
        st.warning(shell.escape_markdown(broken))
    by_true_class = errors_by_true_class(selected.test, automate_by_class(selected.test, promises), len(classes))
    rows = [
        {"Class": classes[p.class_index].name} | _row(p, true) for p, true in zip(promises, by_true_class, strict=True)
    ]
    frame = pd.DataFrame(rows)
    if not plan.deferred:
        frame = frame.drop(columns="Pictures missing for a promise")
    number = st.column_config.NumberColumn
    columns = {name: number(format="%.1f") for name in frame.columns if frame[name].dtype == float}
    columns |= {"Threshold": number(format="%.3f"), "Class": st.column_config.TextColumn(pinned=True)}
    st.dataframe(frame, hide_index=True, placeholder=shell.MISSING_VALUE, column_config=columns)
    csv_button(lambda: frame, "feasibility-by-class.csv")
    test = label_corrections.load_test_predictions(selected.run, assessed.corrections)
    sets = _class_set_scores(selected.cache_key, selected, test, target, len(classes))
    st.markdown(shell.escape_markdown(wording.describe_class_sets(sets, target)))
    shell.show_provenance(
        assessed.provenance,
        f"test, n = {len(selected.test):,}; thresholds from validation, n = {len(selected.validation):,}",
        f"each promise holds with 95% certainty; {wording.PRIOR_NOTE}",
        "class sets: split conformal prediction in each true class",
    )


@st.cache_data(max_entries=100, show_spinner=False)
def _promises(cache_key: str, _run: AssessedRun, target: float, n_classes: int) -> list[ClassPromise]:
    return promise_by_class(_run.validation, _run.test, target, n_classes)


@st.cache_data(max_entries=100, show_spinner=False)
def _class_set_scores(
    cache_key: str, _run: AssessedRun, _test: Predictions, target: float, n_classes: int
) -> ClassSetScores:
    """Of the test garments that the promises leave to people."""
    on_validation = None if _run.n_folds else validation.cached_validation_predictions(_run.run)
    parts = split_for_threshold(on_validation, _test)
    deferred = ~automate_by_class(_run.test, _promises(cache_key, _run, target, n_classes))
    return score_class_sets(calibrate_class_sets(parts[0], target), parts[1].select(deferred))


def _row(promise: ClassPromise, true_class: OperatingPoint) -> dict[str, object]:
    """Of the garments predicted as the class, and of those that are of the class."""
    test = promise.test
    has_promise = promise.threshold is not None and test.n_automated > 0
    interval = format_percent_range(*test.selective_accuracy_interval) if has_promise else None
    n_wrong = true_class.n_automated - true_class.n_correct
    return {
        "Predicted as it": test.n,
        "Automated, %": to_percent(test.coverage) if test.n else float("nan"),
        "Correct of those, %": to_percent(test.selective_accuracy) if has_promise else float("nan"),
        "Correct, interval": interval,
        "Threshold": promise.threshold,
        "Pictures missing for a promise": wording.format_missing(promise) or None,
        "Garments of the class": true_class.n,
        "Of these sorted wrongly, %": to_percent(n_wrong / true_class.n) if true_class.n else float("nan"),
    }
