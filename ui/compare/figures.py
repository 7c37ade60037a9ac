"""The matrices of the Compare page, and the tables under them."""

import numpy as np
import pandas as pd
import streamlit as st

from fashion_core.analysis import compare
from fashion_core.data.labels import N_CLASSES, NAMES, SHORT_NAMES
from fashion_core.runs import summary
from ui import pickers, shell
from ui.compare import dead, garments
from ui.compare.pair import Pair, Side
from ui.compare.view import PAGE, address_of
from ui.components.matrices import Matrix, Pick, matrices

MATRICES = "compare-matrices"
WORDS = {
    "accuracy": "Accuracy",
    "macro_precision": "Macro precision",
    "macro_recall": "Macro recall",
    "macro_f1": "Macro F1",
}


def explore(pair: Pair) -> None:
    """The matrices and the garments behind them; a click reruns this part of the page alone."""
    with shell.errors_told():
        view = PAGE.now()
        order = np.arange(N_CLASSES)
        if view.order == "By similarity":
            order = compare.similarity_order(pair.a.scored.confusion + pair.b.scored.confusion)
        shown = [_matrix(s, view.cells) for s in pair.sides]
        if not pair.same:
            shown.append(_difference(pair, view.cells))
        matrices(shown, SHORT_NAMES, order.tolist(), view.picked, key=MATRICES, on_pick=_take)
        shell.provenance(*sources(pair))
        st.download_button(
            "Matrices as CSV", lambda: _csv(pair), f"{pair.a.run.id}-{pair.b.run.id}-matrices.csv", "text/csv",
            on_click="ignore", icon=":material/download:",
        )  # fmt: skip
        if view.picked is None or (pair.same and view.picked.name == "D"):
            st.caption("Choose a cell, or a class at the side or the top, to see its garments.")
            return
        groups = garments.members(pair, view.picked)
        for i, (column, (what, found)) in enumerate(zip(st.columns(len(groups)), groups, strict=True)):
            with column:
                garments.show(pair, pair.sides, what, found, f"compare-garments-{i}")


def _csv(pair: Pair) -> str:
    """Both confusion matrices as counts, a row a run and true class."""
    frames = [
        pd.DataFrame(s.scored.confusion, columns=list(NAMES)).assign(run=s.run.id, true=list(NAMES)) for s in pair.sides
    ]
    return pd.concat(frames)[["run", "true", *NAMES]].to_csv(index=False)


def sources(pair: Pair) -> list[str]:
    """Provenance of both runs, and of what is left out."""
    lines = [f"{s.letter}: {pickers.source_line(s.run)}" for s in pair.sides]
    return [*lines, f"{len(pair.labels):,} of them, {pair.left_out:,} left out"] if pair.left_out else lines


def _take(pick: Pick) -> None:
    PAGE.change(pick=address_of(pick))


def _shown_cells(confusion: np.ndarray, cells: str) -> tuple[np.ndarray, np.ndarray]:
    """What the cells say, and each cell's share of its row, float64 [10, 10]."""
    shares = confusion / np.maximum(np.abs(confusion).sum(axis=1, keepdims=True), 1)
    if cells == "% of row":
        return 100 * shares, shares
    if cells == "% of column":
        return 100 * confusion / np.maximum(np.abs(confusion).sum(axis=0, keepdims=True), 1), shares
    return confusion.astype(np.float64), shares


def _matrix(side: Side, cells: str) -> Matrix:
    values, shares = _shown_cells(side.scored.confusion, cells)
    texts = [[_text(value, cells) for value in row] for row in values]
    return Matrix(side.letter, f"{side.letter}: {side.run.title}", texts, np.sqrt(shares) * 0.95)


def _difference(pair: Pair, cells: str) -> Matrix:
    (a, _), (b, _) = (_shown_cells(s.scored.confusion, cells) for s in pair.sides)
    change = b - a
    texts = [[_text(value, cells, signed=True) for value in row] for row in change]
    most = float(np.abs(change).max()) or 1.0
    return Matrix("D", "B − A", texts, np.sign(change) * np.sqrt(np.abs(change) / most) * 0.9, diverging=True)


def _text(value: float, cells: str, *, signed: bool = False) -> str:
    text = f"{value:{'+' if signed else ''}.1f}" if cells != "Counts" else f"{value:{'+' if signed else ''},.0f}"
    return "" if not text.strip("+-0.") else text.replace("-", "−")


def by_class(pair: Pair) -> None:
    """Precision, recall and F1 of both runs by class, sortable."""
    tests = compare.mcnemar_by_class(pair.labels, pair.a.right, pair.b.right)
    a, b = pair.a.scored, pair.b.scored
    frame = pd.DataFrame(
        {
            "Class": NAMES,
            **_both("precision", a.precision, b.precision),
            **_both("recall", a.recall, b.recall),
            **_both("F1", a.f1, b.f1),
            "A takes it for": [SHORT_NAMES[c] for c in compare.most_confused(a)],
            "B takes it for": [SHORT_NAMES[c] for c in compare.most_confused(b)],
            "B mends": [test.mends for test in tests],
            "B breaks": [test.breaks for test in tests],
            "p, Holm": [test.adjusted for test in tests],
            "Garments": a.support,
        }
    )
    real = [NAMES[c] for c, test in enumerate(tests) if test.adjusted < 1 - compare.LEVEL]
    if not pair.same:
        shell.finding(f"The change is more than chance in {len(real)} of 10 classes: {', '.join(real) or 'none'}.")
    for s in pair.sides:
        for sentence in dead.reasons(s):
            st.markdown(shell.plain(sentence))
    percent = st.column_config.NumberColumn(format="%.1f")
    columns = {name: percent for name in frame.columns if "precision" in name or "recall" in name or "F1" in name} | {
        "Class": st.column_config.TextColumn(pinned=True),
        "p, Holm": st.column_config.NumberColumn(format="%.3g"),
    }
    st.dataframe(frame, hide_index=True, placeholder=shell.MISSING, column_config=columns)
    st.download_button(
        "Table as CSV", lambda: frame.to_csv(index=False), f"{pair.a.run.id}-{pair.b.run.id}.csv", "text/csv",
        on_click="ignore", icon=":material/download:",
    )  # fmt: skip
    shell.provenance(
        "Percent of the test images of each class",
        "p of McNemar's exact test, Holm's correction over 10",
        *sources(pair),
    )


def _both(figure: str, a: np.ndarray, b: np.ndarray) -> dict[str, np.ndarray]:
    """Columns of a figure in percent: A's, B's, and their difference; shares float64 [10] each."""
    return {f"A {figure}": 100 * a, f"B {figure}": 100 * b, f"B − A {figure}": 100 * (b - a)}


def is_it_real(pair: Pair) -> None:
    """Intervals of both runs and of their difference, and the test."""
    found = pair.bootstrap

    def text(interval: compare.Interval) -> str:
        value, low, high = (f"{100 * v:.2f}".replace("-", "−") for v in (interval.value, interval.low, interval.high))
        return f"{value} ({low} to {high})"

    frame = pd.DataFrame(
        {
            "Figure": [WORDS[name] for name in compare.FIGURES],
            "A": [text(found.a[name]) for name in compare.FIGURES],
            "B": [text(found.b[name]) for name in compare.FIGURES],
            "B − A": [text(found.difference[name]) for name in compare.FIGURES],
        }
    )
    st.dataframe(frame, hide_index=True)
    test = pair.test
    st.markdown(
        f"McNemar's exact test: of {test.mends + test.breaks:,} garments that one run alone has right, B has "
        f"{test.mends:,} and A {test.breaks:,}; {compare.p_text(test.p)}."
    )
    st.download_button(
        "Table as CSV", lambda: frame.to_csv(index=False), "intervals.csv", "text/csv", on_click="ignore",
        icon=":material/download:",
    )  # fmt: skip
    shell.provenance(
        f"Percent, {compare.LEVEL:.0%} intervals of a paired bootstrap: {found.resamples:,} resamples of "
        f"n = {found.n:,} test images, seed {found.seed}"
    )


def finding(pair: Pair) -> str:
    """In a sentence: which is better, and whether that may be chance."""
    return compare.verdict(pair.a.run.title, pair.b.run.title, pair.bootstrap, pair.test)


def sentences(s: Side) -> str:
    """A run's figures in a sentence."""
    return f"{s.letter}: {s.run.title}, accuracy {s.scored.accuracy:.1%}, {summary.never(s.scored)}"
