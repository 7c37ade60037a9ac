"""The answers to many pictures: a table to filter, and how good they are where the pictures are sorted."""

import base64
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from fashion_core.analysis import metrics
from fashion_core.computed.reference import TOGETHER
from fashion_core.data.labels import N_CLASSES, NAMES, SHORT_NAMES
from fashion_core.recognition import labelled, table
from fashion_core.recognition.batch import Row
from fashion_core.recognition.labelled import Labelled
from fashion_core.runs import summary
from ui import caches, gallery, serving, shell
from ui.components.matrices import Matrix, Pick, matrices
from ui.try_it.job import Job

LATEST = 12  # pictures shown while more are being answered
PICK = "folder-pick"  # session key: true and said class of the chosen cell, None for any
EVERY = "Every class"
WHICH = ("All", "With a warning", "Unreadable")
WRONG = "Wrong"
ROW, TALLEST = 52, 560  # pixels of a table's line, and of a table
PERCENT = st.column_config.NumberColumn(format="%.1f")


def latest(rows: Sequence[Row]) -> None:
    """What the last pictures became and are taken for."""
    found = [row for row in rows if row.answer is not None][-LATEST:]
    if found:
        images = np.stack([row.result for row in found if row.result is not None])
        gallery.gallery(images, [SHORT_NAMES[labelled.ranking(row)[0]] for row in found], scale=2)


def show(job: Job) -> None:
    """Everything about answered pictures; scored where they lie in folders named for classes."""
    rows = job.rows
    truth = labelled.truths(rows) if labelled.is_labelled(rows) else None
    if truth is not None:
        _scored(job, labelled.score(rows))
    _answers(job, rows, truth)


def provenance(job: Job) -> str:
    """Who answered, and how."""
    kinds = {row.kind for row in job.rows if row.kind is not None} & caches.recognizer().corrections.keys()
    correction = f", corrected for: {', '.join(sorted(kinds))}" if job.corrected and kinds else ", uncorrected"
    return f"{' and '.join(TOGETHER)}{' together' if len(TOGETHER) > 1 else ''}{correction}"


def _answers(job: Job, rows: list[Row], truth: np.ndarray | None) -> None:
    shell.finding(shell.plain(_what(rows)))
    frame = table.frame(rows, truth)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        said = st.selectbox("Class", [EVERY, *NAMES], key="folder-class", persist_state="session", width=220)
        which = st.segmented_control(
            "Show", [*WHICH, *([WRONG] if truth is not None else [])], default=WHICH[0], required=True,
            key=f"folder-which-{truth is not None}", persist_state="session",
        )  # fmt: skip
        st.download_button(
            "Table as CSV", lambda: frame.to_csv(index=False).encode("utf-8-sig"), "pictures.csv", "text/csv",
            on_click="ignore", icon=":material/download:",
        )  # fmt: skip
    kept = _kept(frame, said, which, truth)
    if not len(kept):
        st.caption("No picture is left. Choose another class, or show all.")
        return
    shown = frame.iloc[kept].drop(columns="same_as")
    shown.insert(0, "picture", [_thumbnail(rows[i]) for i in kept])
    shown.insert(1, "seen", [_seen(rows[i]) for i in kept])
    if frame["same_as"].any():
        shown["same_as"] = frame["same_as"].iloc[kept]
    height = min(TALLEST, ROW * len(kept) + 38)
    st.dataframe(shown, hide_index=True, row_height=ROW, height=height, column_config=_columns())
    rate = f", {len(rows) / job.seconds:.1f} a second" if job.seconds > 1 else ""
    shell.provenance(
        provenance(job), f"n = {len(rows):,}, {len(kept):,} of them shown", f"{summary.duration(job.seconds)}{rate}"
    )


def _what(rows: list[Row]) -> str:
    """The answers in a sentence."""
    read = [row for row in rows if row.answer is not None]
    parts = []
    if read:
        (c, n), *_ = Counter(int(labelled.ranking(row)[0]) for row in read).most_common(1)
        parts.append(f"{n:,} of {len(read):,} pictures are taken for {NAMES[c]}, more than for any other class")
    if strange := sum(row.answer is not None and row.answer.is_strange for row in read):
        parts.append(f"{strange:,} {'carries' if strange == 1 else 'carry'} a warning")
    if bad := len(rows) - len(read):
        parts.append(f"{bad:,} could not be read")
    if copies := sum(bool(row.same_as) for row in rows):
        parts.append(f"{copies:,} {'is a copy' if copies == 1 else 'are copies'} of another")
    return "; ".join(parts) + "."


def _kept(frame: pd.DataFrame, said: str, which: str, truth: np.ndarray | None) -> np.ndarray:
    """Places of the pictures that the visitor wants to see, int64 [m]."""
    keep = np.ones(len(frame), bool)
    if said != EVERY:
        keep &= (frame["class"] == said).to_numpy()
    if which == WHICH[1]:
        keep &= (frame["warning"] != "").to_numpy()
    elif which == WHICH[2]:
        keep &= (frame["problem"] != "").to_numpy()
    elif which == WRONG:
        keep &= (~frame["right"]).to_numpy(bool, na_value=False)
    picked = st.session_state.get(PICK)
    if picked is not None and truth is not None:
        row, column = picked
        keep &= (truth == row) if row is not None else truth >= 0
        keep &= (frame["class"] == NAMES[column]).to_numpy() if column is not None else True
        true, taken = (NAMES[row] if row is not None else "any class"), (NAMES[column] if column is not None else "any")
        if st.button(shell.plain(f"Only {true} taken for {taken}: show all again"), icon=":material/close:"):
            st.session_state[PICK] = None
            st.rerun()
    return np.flatnonzero(keep)


def _columns() -> dict[str, Any]:
    bar = st.column_config.ProgressColumn("Confidence", min_value=0, max_value=100, format="%.1f %%")
    return {
        "picture": st.column_config.ImageColumn("Picture", width=64),
        "seen": st.column_config.ImageColumn("As seen", width=64, help="The 28 × 28 pixels that the models see"),
        "name": st.column_config.TextColumn("Name", width="medium"),
        "true_class": st.column_config.TextColumn("True class"),
        "right": st.column_config.CheckboxColumn("Right"),
        "class": st.column_config.TextColumn("Class"),
        "confidence": bar,
        "second": st.column_config.TextColumn("Second choice"),
        "second_confidence": st.column_config.NumberColumn("Its confidence", format="%.1f %%"),
        "warning": st.column_config.TextColumn("Warning"),
        "kind": st.column_config.TextColumn("Kind"),
        "problem": st.column_config.TextColumn("Problem", width="large"),
        "same_as": st.column_config.TextColumn("Same content as"),
    }


def _thumbnail(row: Row) -> str | None:
    return f"data:image/jpeg;base64,{base64.b64encode(row.thumbnail).decode()}" if row.thumbnail else None


def _seen(row: Row) -> str | None:
    return serving.inline(row.result) if row.result is not None else None


def _scored(job: Job, found: Labelled) -> None:
    low, high = found.interval
    shell.finding(
        shell.plain(
            f"{found.top1:.1%} of {found.n:,} pictures are right (95% interval {low:.1%} to {high:.1%}), "
            f"and {found.top3:.1%} have the true class among the first three."
        )
    )
    st.markdown(shell.plain(" ".join(_warned(found))))
    left, right = st.columns([1, 1], gap="large")
    with left:
        _matrix(found)
        shell.provenance(provenance(job), f"your pictures, n = {found.confusion.sum():,} readable ones of ten classes")
    with right:
        _by_class(found)
        shell.provenance(
            "Top 1: the first answer is right; top 3: one of the first three is", f"your pictures, n = {found.n:,}"
        )


def _warned(found: Labelled) -> list[str]:
    """What the warning catches, and what is not in the figures, in sentences."""
    told = []
    if found.warned_known is not None:
        told.append(f"{found.warned_known:.1%} of these garments carry the warning.")
    if found.warned_unknown is not None:
        n = found.n_unknown - found.unreadable_unknown
        told.append(f"Of {n:,} pictures of no class, {found.warned_unknown:.1%} carry it.")
    if found.auroc_unknown is not None:
        told.append(f"The area under the ROC curve of strangeness is {found.auroc_unknown:.3f}.")
    if found.unreadable:
        told.append(f"{found.unreadable:,} could not be read, and count as wrong.")
    if found.unlabelled:
        told.append(f"{found.unlabelled:,} lie in no folder, and are not counted.")
    return told


def _matrix(found: Labelled) -> None:
    mistakes = found.confusion.copy()
    np.fill_diagonal(mistakes, 0)
    true, said = np.unravel_index(mistakes.argmax(), mistakes.shape)
    times = int(mistakes[true, said])
    shell.finding(
        f"Most often mistaken: {NAMES[true]} for {NAMES[said]}, {times:,} {'time' if times == 1 else 'times'}."
        if times
        else "No garment is mistaken for another."
    )
    shares = found.confusion / np.maximum(found.confusion.sum(axis=1, keepdims=True), 1)
    texts = [[f"{count:,}" if count else "" for count in row] for row in found.confusion]
    row, column = st.session_state.get(PICK) or (None, None)
    picked = None if row is column is None else Pick("A", row, column)
    shown = Matrix("A", "Your pictures, by folder and answer", texts, np.sqrt(shares) * 0.95)
    matrices([shown], SHORT_NAMES, list(range(N_CLASSES)), picked, key="folder-matrix", on_pick=_take)


def _take(pick: Pick) -> None:
    chosen = (pick.row, pick.column)
    st.session_state[PICK] = None if st.session_state.get(PICK) == chosen else chosen


def _by_class(found: Labelled) -> None:
    worst = min(found.per_class, key=lambda c: found.per_class[c].top1)
    shell.finding(f"Hardest: {NAMES[worst]}, {found.per_class[worst].top1:.1%} right.")
    lines = []
    for c, of in sorted(found.per_class.items()):
        low, high = metrics.wilson(round(of.top1 * of.n), of.n)
        lines.append((NAMES[c], of.n, 100 * of.top1, f"{100 * low:.1f} to {100 * high:.1f}", 100 * of.top3))
    st.dataframe(
        pd.DataFrame(lines, columns=["Class", "Pictures", "Top 1, %", "95% interval", "Top 3, %"]), hide_index=True,
        column_config={"Top 1, %": PERCENT, "Top 3, %": PERCENT},
    )  # fmt: skip
