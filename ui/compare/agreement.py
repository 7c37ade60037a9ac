"""Which of several runs are correct on the same garments."""

import numpy as np
import pandas as pd
import streamlit as st

from fashion_core.analysis.compare import find_unique_correctness_patterns
from fashion_core.wording.comparison import describe_agreement, describe_correctness_pattern
from fashion_core.wording.numbers import format_count
from ui import pickers, shell
from ui.compare import garments
from ui.compare.comparison import ComparedRun, RunComparison, load_compared_run
from ui.compare.view import COMPARE_PAGE_STATE, correctness_pattern_to_address
from ui.components.upset import upset_chart
from ui.csv_download import csv_button
from ui.page_state import set_widget_value

UPSET_KEY, RUNS_KEY = "compare-upset", "compare-several"
MAX_COMPARED_RUNS = 8
N_SUGGESTED_BARS = 5
PANEL_HEIGHT = 440  # pixels, of the garments beside the chart


def show_run_agreement_chart(comparison: RunComparison) -> None:
    """An UpSet chart and beside it the garments of a bar; a click reruns this fragment alone."""
    with shell.show_errors(), st.container(gap="xsmall"):
        runs = _choose_runs(comparison)
        if len(runs) < 2:
            st.caption("Choose two runs or more.")
            return
        correct = np.stack([run.predictions.is_correct for run in runs])
        patterns, pattern_of_image = find_unique_correctness_patterns(correct)
        counts = np.bincount(pattern_of_image, minlength=len(patterns))
        n_all_wrong = int((~correct).all(axis=0).sum())
        shell.show_finding(describe_agreement(len(runs), float(correct.all(axis=0).mean()), n_all_wrong))
        titles = [run.letter for run in runs]
        listed = [tuple(pattern) for pattern in patterns.tolist()]
        pattern = COMPARE_PAGE_STATE.current_view().selected_correctness_pattern
        selected = listed.index(pattern) if pattern in listed else None
        chart, panel = st.columns([3, 2])
        with chart:
            upset_chart(
                patterns, counts, titles, selected, key=UPSET_KEY,
                on_select=lambda pattern: garments.select_garments(correctness_pattern_to_address(pattern)),
            )  # fmt: skip
        with panel, shell.result_panel(PANEL_HEIGHT, has_result=selected is not None):
            if selected is None:
                _suggest_bars(listed, counts, titles)
            else:
                indices = np.flatnonzero(pattern_of_image == selected)
                confidence = np.stack([run.predictions.confidence[indices] for run in runs]).mean(axis=0)
                group = describe_correctness_pattern(listed[selected], titles)
                ordered = indices[np.argsort(-confidence, kind="stable")]
                garments.show_garment_groups(comparison, tuple(runs), "", [(group, ordered)])
        run_ids = [run.run.id for run in runs]
        shell.show_provenance(f"Runs {', '.join(run_ids)}; filled: correct", f"test, n = {len(comparison.labels):,}")
        csv_button(lambda: pd.DataFrame(patterns, columns=run_ids).assign(garments=counts), "agreement.csv")


def _suggest_bars(patterns: list[tuple[bool, ...]], counts: np.ndarray, titles: list[str]) -> None:
    """The largest groups that not all runs classify correctly, each a button that shows its garments."""
    st.markdown("Choose a bar to see its garments. For example:")
    unequal = [index for index in np.argsort(-counts, kind="stable") if not all(patterns[index])]
    with st.container(gap=None):
        for index in unequal[:N_SUGGESTED_BARS]:
            text = f"{format_count(counts[index], 'garment')} {describe_correctness_pattern(patterns[index], titles)}"
            st.button(
                shell.escape_markdown(text), type="tertiary", key=f"compare-suggested-bar-{index}",
                on_click=garments.select_garments, args=(correctness_pattern_to_address(patterns[index]),),
            )  # fmt: skip


def _choose_runs(comparison: RunComparison) -> list[ComparedRun]:
    """The runs chosen in the address or the widget, each with its label as its letter."""
    available = pickers.list_runs_with_test_predictions(lambda run: pickers.scored_on_same_data(run, comparison.a.run))
    by_id = {run.id: run for run in available}
    chosen = [run_id for run_id in COMPARE_PAGE_STATE.current_view().runs.split(",") if run_id in by_id][
        :MAX_COMPARED_RUNS
    ]
    labels = {run.id: pickers.run_label(run) for run in available}
    set_widget_value(RUNS_KEY, chosen)
    st.multiselect(
        "Runs", list(by_id), key=RUNS_KEY, format_func=labels.__getitem__,
        max_selections=MAX_COMPARED_RUNS, label_visibility="collapsed", placeholder="Runs",
        on_change=lambda: COMPARE_PAGE_STATE.update(runs=",".join(st.session_state[RUNS_KEY])),
    )  # fmt: skip
    return [
        load_compared_run(labels[run_id], by_id[run_id], comparison.image_indices, comparison.corrections)
        for run_id in chosen
    ]
