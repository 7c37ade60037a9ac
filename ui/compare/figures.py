"""The matrices of the Compare page, and the tables and charts under them."""

import numpy as np
import pandas as pd
import streamlit as st

from fashion_core.analysis import compare, summary
from fashion_core.labels import N_CLASSES, NAMES, SHORT_NAMES
from fashion_core.runs.store import RunEntry
from ui import caches, pickers, shell
from ui.compare import dead, garments
from ui.compare.pair import Pair, Side, pictures_of, side
from ui.compare.view import PAGE, View, address_of
from ui.components.matrices import Matrix, Pick, matrices
from ui.components.upset import upset

MATRICES, UPSET = "compare-matrices", "compare-upset"
MOST_RUNS = 8  # in one UpSet chart
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
        if view.picked is None:
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
            "A precision": 100 * a.precision,
            "B precision": 100 * b.precision,
            "A recall": 100 * a.recall,
            "B recall": 100 * b.recall,
            "B − A recall": 100 * (b.recall - a.recall),
            "A F1": 100 * a.f1,
            "B F1": 100 * b.f1,
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
    columns = {name: percent for name in frame.columns if "precision" in name or "recall" in name or "F1" in name}
    st.dataframe(
        frame, hide_index=True, column_config=columns | {"p, Holm": st.column_config.NumberColumn(format="%.3g")}
    )
    st.download_button(
        "Table as CSV", lambda: frame.to_csv(index=False), f"{pair.a.run.id}-{pair.b.run.id}.csv", "text/csv",
        on_click="ignore", icon=":material/download:",
    )  # fmt: skip
    shell.provenance(
        "Percent of the test images of each class",
        "p of McNemar's exact test, Holm's correction over 10",
        *sources(pair),
    )


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
        f"{test.mends:,} and A {test.breaks:,}; p = {test.p:.2g}."
    )
    st.download_button(
        "Table as CSV", lambda: frame.to_csv(index=False), "intervals.csv", "text/csv", on_click="ignore",
        icon=":material/download:",
    )  # fmt: skip
    shell.provenance(
        f"Percent, {compare.LEVEL:.0%} intervals of a paired bootstrap: {found.resamples:,} resamples of "
        f"n = {found.n:,} test images, seed {found.seed}"
    )


def agreement(pair: Pair, view: View) -> None:
    """Which of several runs are right together, as an UpSet chart; a click shows the garments."""
    there = pickers.finished_runs(lambda run: _same_data(run, pair.a.run))
    titles = {run.id: run.title for run in there}
    chosen = [run_id for run_id in view.runs.split(",") if run_id in titles][:MOST_RUNS]
    key = "compare-several"
    st.session_state[key] = chosen
    st.multiselect(
        "Runs", list(titles), key=key, format_func=titles.__getitem__, max_selections=MOST_RUNS,
        on_change=lambda: PAGE.change(runs=",".join(st.session_state[key])),
    )  # fmt: skip
    if len(chosen) < 2:
        st.caption("Choose two runs or more.")
        return
    by_id = {run.id: run for run in there}
    sides = tuple(side(titles[run_id], by_id[run_id], pair.places) for run_id in chosen)
    patterns, of_image = compare.patterns(np.stack([s.right for s in sides]))
    counts = np.bincount(of_image, minlength=len(patterns))
    together = {tuple(pattern.tolist()): int(count) for pattern, count in zip(patterns, counts, strict=True)}
    everyone, nobody = (True,) * len(sides), (False,) * len(sides)
    n = len(pair.labels)
    shell.finding(
        f"All {len(sides)} runs are right on {together.get(everyone, 0) / n:.1%} of the garments and all wrong on "
        f"{together.get(nobody, 0):,}, whose labels may be in doubt."
    )
    listed = [tuple(pattern.tolist()) for pattern in patterns]
    picked = listed.index(view.pattern) if view.pattern in listed else None

    def take(position: int) -> None:
        PAGE.change(pick="P." + "".join("01"[bit] for bit in listed[position]))

    upset(patterns, counts, [s.letter for s in sides], picked, key=UPSET, on_pick=take)
    shell.provenance(f"Runs {', '.join(chosen)}; filled: right", f"test, n = {n:,}")
    table = pd.DataFrame(patterns, columns=chosen).assign(garments=counts)
    st.download_button(
        "Table as CSV", lambda: table.to_csv(index=False), "agreement.csv", "text/csv", on_click="ignore",
        icon=":material/download:",
    )  # fmt: skip
    if picked is not None:
        found = np.flatnonzero(of_image == picked)
        sure = np.stack([s.confidence[found] for s in sides]).mean(axis=0)
        what = _pattern_words(listed[picked], [s.letter for s in sides])
        garments.show(pair, sides, what, found[np.argsort(-sure, kind="stable")], "compare-pattern")


def _pattern_words(pattern: tuple[bool, ...], names: list[str]) -> str:
    right = [name for name, yes in zip(names, pattern, strict=True) if yes]
    if not right:
        return "that every run has wrong: suspected label errors"
    if len(right) == len(names):
        return "that every run has right"
    return f"that only {' and '.join(right)} {'has' if len(right) == 1 else 'have'} right"


def _same_data(run: RunEntry, other: RunEntry) -> bool:
    assert other.record is not None
    return run.record is not None and run.record.data.fingerprint == other.record.data.fingerprint


def confidence(pair: Pair, view: View) -> None:
    """Reliability, calibration error and confidence of right and wrong answers, before and after a temperature."""
    from fashion_core.analysis import calibration
    from fashion_core.charts import confidence as charts

    st.session_state["compare-tempered"] = view.tempered == "yes"
    st.toggle(
        "With a temperature fitted on validation", key="compare-tempered",
        on_change=lambda: PAGE.change(tempered="yes" if st.session_state["compare-tempered"] else "no"),
    )  # fmt: skip
    for column, s in zip(st.columns(2), pair.sides, strict=True):
        with column:
            before = calibration.reliability(s.predictions.probabilities, pair.labels)
            shown, probabilities, note = before, s.predictions.probabilities, ""
            if view.tempered == "yes":
                temperature = _temperature(s)
                if temperature is None:
                    st.caption("A temperature needs the validation images. Download Fashion-MNIST to fit one.")
                else:
                    probabilities = calibration.with_temperature(probabilities, temperature)
                    shown = calibration.reliability(probabilities, pair.labels)
                    note = f", {before.ece:.1%} before the temperature {temperature:.2f}"
            lean = np.nansum((shown.confidence - shown.accuracy) * shown.counts)
            shell.finding(
                f"{s.letter} is {'too sure' if lean > 0 else 'not sure enough'}: expected calibration error "
                f"{shown.ece:.1%}{note}"
            )
            st.plotly_chart(
                charts.reliability(shown), key=f"reliability-{s.letter}", config={"displayModeBar": "hover"},
                alt=f"Accuracy over confidence of run {s.run.id}",
            )  # fmt: skip
            st.plotly_chart(
                charts.histogram(probabilities.max(axis=1), s.right), key=f"confidence-{s.letter}",
                config={"displayModeBar": "hover"}, alt=f"Confidence of right and wrong answers of run {s.run.id}",
            )  # fmt: skip
            shell.provenance(
                f"run {s.run.id}, test, n = {len(pair.labels):,}", f"{calibration.BINS} bins of equal width"
            )


def _temperature(s: Side) -> float | None:
    data = pictures_of(s.run)
    if data is None:
        return None
    return _fitted(s.run, f"{s.run.path} {caches.stamp(s.run.path / 'weights.safetensors')}")


@st.cache_data(max_entries=24, show_spinner="Fitting the temperature on validation")
def _fitted(_run: RunEntry, key: str) -> float:
    from fashion_core.analysis import calibration

    validation = caches.dataset().split("validation")
    return calibration.fit_temperature(caches.classifier(_run).predict_proba(validation.images), validation.labels)


def finding(pair: Pair) -> str:
    """In a sentence: which is better, and whether that may be chance."""
    return compare.verdict(pair.a.run.title, pair.b.run.title, pair.bootstrap, pair.test)


def sentences(s: Side) -> str:
    """A run's figures in a sentence."""
    return f"{s.letter}: {s.run.title}, accuracy {s.scored.accuracy:.1%}, {summary.never(s.scored)}"
