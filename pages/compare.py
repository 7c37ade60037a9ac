"""Compare: where two models differ, whether it matters, and which garments decide it."""

import streamlit as st

from fashion_core.errors import RunError
from fashion_core.runs.store import RunEntry
from ui import pickers, shell
from ui.compare import agreement, confidence, confusion, data_health, network_details
from ui.compare.comparison import compare_runs
from ui.compare.view import CELL_UNITS, CLASS_ORDERS, COMPARE_PAGE, COMPARE_SECTIONS, CompareView


def controls(runs: list[RunEntry]) -> None:
    """What is compared, and how the matrices show it."""
    labels = {run.id: pickers.run_label(run) for run in runs}
    columns = st.columns([3, 3, 3, 3], vertical_alignment="bottom")
    for column, (name, label) in zip(columns, (("a", "Run A"), ("b", "Run B")), strict=False):
        with column:
            COMPARE_PAGE.bound_widget(name, label, st.selectbox, list(labels), format_func=labels.__getitem__)
    with columns[2]:
        COMPARE_PAGE.bound_widget("cells", "Cells", st.selectbox, CELL_UNITS)
    with columns[3]:
        COMPARE_PAGE.bound_widget("order", "Classes", st.selectbox, CLASS_ORDERS)


def known(view: CompareView, runs: list[RunEntry]) -> CompareView:
    """The view with runs that are there; what is not is told."""
    there = [run.id for run in runs]
    for name, standard in (("a", "cnn"), ("b", "improved_cnn")):
        wanted = getattr(view, name)
        if wanted not in there:
            instead = standard if standard in there else there[0]
            st.warning(shell.escape_markdown(f"There is no finished run named {wanted}. {instead} is shown."))
            view = COMPARE_PAGE.replace_fields(**{name: instead, "pick": ""})
    return view


with shell.page_frame("Compare", "Where do two models differ, does it matter, and on which garments?"):
    view, complaints = COMPARE_PAGE.load()
    for complaint in complaints:
        st.warning(shell.escape_markdown(complaint))
    runs = pickers.finished_runs()
    if len(runs) < 2:
        raise RunError("Two finished runs are needed to compare. Train one on the page Train.")
    view = known(view, runs)
    controls(runs)
    by_id = {run.id: run for run in runs}
    kept = data_health.kept_test_images(by_id[view.a], view.leave)
    compared = compare_runs(by_id[view.a], by_id[view.b], kept)
    if compared.is_same_run:
        st.info("A and B are the same run. Choose another to see a difference.")
    else:
        shell.show_finding(confusion.comparison_finding(compared))
    shell.show_provenance(*map(confusion.describe_run_metrics, compared.runs))
    if compared.n_excluded:
        st.caption(shell.escape_markdown(data_health.describe_excluded_images(compared)))
    st.fragment(confusion.show_confusion_matrices)(compared)

    COMPARE_PAGE.bound_widget(
        "look", "Look closer", st.segmented_control, COMPARE_SECTIONS, required=True, label_visibility="collapsed"
    )
    {
        "By class": confusion.show_metrics_by_class,
        "Is it real?": confusion.show_significance,
        "Agreement": agreement.show_agreement,
        "Confidence": confidence.show_confidence,
        "Inside": network_details.show_network_details,
        "Data health": data_health.show_data_health,
    }[COMPARE_PAGE.current_view().look](compared)
