"""Compare: where two models differ, whether the difference is significant, and on which garments."""

import streamlit as st

from fashion_core.wording.comparison import describe_comparison, describe_run_metrics
from fashion_core.wording.text import escape_markdown
from ui import label_corrections, pickers, shell
from ui.compare import agreement, confidence, confusion, controls, data_health, network_details, significance
from ui.compare.comparison import RunComparison, compare_runs
from ui.compare.view import COMPARE_PAGE_STATE, COMPARE_SECTIONS

SECTIONS = {
    "Matrices": st.fragment(confusion.show_confusion_matrices),
    "By class": significance.show_metrics_by_class,
    "Is it real?": significance.show_significance,
    "Agreement": st.fragment(agreement.show_run_agreement_chart),
    "Confidence": confidence.show_calibration_of_both_runs,
    "Inside": network_details.show_network_details,
    "Data health": data_health.show_doubtful_test_images,
}


def show_finding(comparison: RunComparison) -> None:
    """Which run is better, what is left out, and which labels were corrected."""
    a, b = comparison.runs
    if comparison.is_same_run:
        st.info("A and B are the same run. Choose another to see a difference.")
    else:
        shell.show_finding(
            describe_comparison(
                a.run.title, b.run.title, comparison.paired_bootstrap_intervals, comparison.mcnemar_accuracy_test
            )
        )
    for sentence in data_health.describe_effects(comparison):
        st.caption(escape_markdown(sentence))


with shell.page_frame("Compare", "Where do two models differ, does it matter, and on which garments?"):
    runs = {run.id: run for run in pickers.list_runs_with_test_predictions()}
    if len(pickers.most_accurate_comparable_runs(list(runs.values()))) < 2:
        shell.show_train_link(
            "You need two finished runs on the same pictures to compare. This page then shows both confusion matrices, "
            "on which pictures the runs differ, and whether the difference is statistically significant."
        )
        st.stop()
    view, problems = COMPARE_PAGE_STATE.load()  # its default needs runs
    for problem in problems:
        st.warning(escape_markdown(problem))
    view = controls.replace_missing_runs(view, list(runs.values()))
    with st.container(gap="xsmall"):
        controls.show_compare_controls(list(runs.values()))
        corrections = label_corrections.load_chosen_corrections(runs[view.a], COMPARE_PAGE_STATE)
        mask = data_health.test_image_inclusion_mask(runs[view.a], view.leave, corrections)
        comparison = compare_runs(runs[view.a], runs[view.b], mask, corrections)
        controls.check_selection(view, comparison.classes)
        COMPARE_PAGE_STATE.bound_widget(
            "look", "Section", st.segmented_control, COMPARE_SECTIONS, required=True, label_visibility="collapsed"
        )
        show_finding(comparison)
        SECTIONS[COMPARE_PAGE_STATE.current_view().look](comparison)
        classes = comparison.classes
        shell.show_provenance(
            *(describe_run_metrics(run.letter, run.run.title, run.metrics, classes) for run in comparison.runs),
            *comparison.provenance,
        )
