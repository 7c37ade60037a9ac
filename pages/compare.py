"""Compare: where two models differ, whether it matters, and which garments decide it."""

import streamlit as st

from fashion_core.errors import RunError
from fashion_core.runs.store import RunEntry
from ui import pickers, shell
from ui.compare import agreement, confidence, figures, health, inside
from ui.compare.pair import pair
from ui.compare.view import CELLS, LOOKS, ORDERS, PAGE, View


def controls(runs: list[RunEntry]) -> None:
    """What is compared, and how the matrices show it."""
    labels = {run.id: pickers.run_label(run) for run in runs}
    columns = st.columns([3, 3, 3, 3], vertical_alignment="bottom")
    for column, (name, label) in zip(columns, (("a", "Run A"), ("b", "Run B")), strict=False):
        with column:
            PAGE.widget(name, label, st.selectbox, list(labels), format_func=labels.__getitem__)
    with columns[2]:
        PAGE.widget("cells", "Cells", st.selectbox, CELLS)
    with columns[3]:
        PAGE.widget("order", "Classes", st.selectbox, ORDERS)


def known(view: View, runs: list[RunEntry]) -> View:
    """The view with runs that are there; what is not is told."""
    there = [run.id for run in runs]
    for name, standard in (("a", "cnn"), ("b", "improved_cnn")):
        wanted = getattr(view, name)
        if wanted not in there:
            instead = standard if standard in there else there[0]
            st.warning(shell.plain(f"There is no finished run named {wanted}. {instead} is shown."))
            view = PAGE.correct(**{name: instead, "pick": ""})
    return view


with shell.page("Compare", "Where do two models differ, does it matter, and on which garments?"):
    view, complaints = PAGE.current()
    for complaint in complaints:
        st.warning(shell.plain(complaint))
    runs = pickers.finished_runs()
    if len(runs) < 2:
        raise RunError("Two finished runs are needed to compare. Train one on the page Train.")
    view = known(view, runs)
    controls(runs)
    by_id = {run.id: run for run in runs}
    kept = health.keep(by_id[view.a], view.leave)
    compared = pair(by_id[view.a], by_id[view.b], kept)
    if compared.same:
        st.info("A and B are the same run. Choose another to see a difference.")
    else:
        shell.finding(shell.plain(figures.finding(compared)))
    shell.provenance(*map(figures.sentences, compared.sides))
    if compared.left_out:
        st.caption(shell.plain(health.change(compared)))
    st.fragment(figures.explore)(compared)

    PAGE.widget("look", "Look closer", st.segmented_control, LOOKS, required=True, label_visibility="collapsed")
    {
        "By class": figures.by_class,
        "Is it real?": figures.is_it_real,
        "Agreement": agreement.show,
        "Confidence": confidence.show,
        "Inside": inside.show,
        "Data health": health.show,
    }[PAGE.now().look](compared)
