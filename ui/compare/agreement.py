"""Which of several runs are right together."""

import numpy as np
import pandas as pd
import streamlit as st

from fashion_core.analysis import compare
from ui import pickers, shell
from ui.compare import garments
from ui.compare.comparison import RunComparison, load_compared_run
from ui.compare.view import COMPARE_PAGE
from ui.components.upset import upset_chart

UPSET_KEY = "compare-upset"
MAX_COMPARED_RUNS = 8  # in one UpSet chart


def show_agreement(pair: RunComparison) -> None:
    """Which of several runs are right together, as an UpSet chart; a click shows the garments."""
    view = COMPARE_PAGE.current_view()
    there = pickers.finished_runs(lambda run: pickers.scored_on_same_data(run, pair.a.run))
    titles = {run.id: run.title for run in there}
    chosen = [run_id for run_id in view.runs.split(",") if run_id in titles][:MAX_COMPARED_RUNS]
    key = "compare-several"
    st.session_state[key] = chosen
    st.multiselect(
        "Runs", list(titles), key=key, format_func=titles.__getitem__, max_selections=MAX_COMPARED_RUNS,
        on_change=lambda: COMPARE_PAGE.update(runs=",".join(st.session_state[key])),
    )  # fmt: skip
    if len(chosen) < 2:
        st.caption("Choose two runs or more.")
        return
    by_id = {run.id: run for run in there}
    sides = tuple(load_compared_run(titles[run_id], by_id[run_id], pair.image_indices) for run_id in chosen)
    patterns, of_image = compare.count_correctness_patterns(np.stack([s.correct for s in sides]))
    counts = np.bincount(of_image, minlength=len(patterns))
    together = {tuple(pattern.tolist()): int(count) for pattern, count in zip(patterns, counts, strict=True)}
    everyone, nobody = (True,) * len(sides), (False,) * len(sides)
    n = len(pair.labels)
    shell.show_finding(
        f"All {len(sides)} runs are right on {together.get(everyone, 0) / n:.1%} of the garments and all wrong on "
        f"{together.get(nobody, 0):,}, whose labels may be in doubt."
    )
    listed = [tuple(pattern.tolist()) for pattern in patterns]
    picked = listed.index(view.selected_pattern) if view.selected_pattern in listed else None

    def take(position: int) -> None:
        COMPARE_PAGE.update(pick="P." + "".join("01"[bit] for bit in listed[position]))

    upset_chart(patterns, counts, [s.letter for s in sides], picked, key=UPSET_KEY, on_select=take)
    shell.show_provenance(f"Runs {', '.join(chosen)}; filled: right", f"test, n = {n:,}")
    table = pd.DataFrame(patterns, columns=chosen).assign(garments=counts)
    st.download_button(
        "Table as CSV", lambda: table.to_csv(index=False), "agreement.csv", "text/csv", on_click="ignore",
        icon=":material/download:",
    )  # fmt: skip
    if picked is not None:
        found = np.flatnonzero(of_image == picked)
        sure = np.stack([s.confidence[found] for s in sides]).mean(axis=0)
        what = _pattern_words(listed[picked], [s.letter for s in sides])
        garments.show_garments(pair, sides, what, found[np.argsort(-sure, kind="stable")], "compare-pattern")


def _pattern_words(pattern: tuple[bool, ...], names: list[str]) -> str:
    right = [name for name, yes in zip(names, pattern, strict=True) if yes]
    if not right:
        return "that every run has wrong: suspected label errors"
    if len(right) == len(names):
        return "that every run has right"
    return f"that only {' and '.join(right)} {'has' if len(right) == 1 else 'have'} right"
