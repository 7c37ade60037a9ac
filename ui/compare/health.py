"""Data health: copies between train and test, and images whose label every strong run contests."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from fashion_core.analysis import metrics
from fashion_core.computed.duplicates import NEAR, Duplicates
from fashion_core.data.labels import NAMES, SHORT_NAMES
from fashion_core.errors import RunError
from fashion_core.runs.store import RunEntry
from ui import caches, pickers, results, serving, shell
from ui.compare.pair import Pair
from ui.compare.view import LEAVES, PAGE
from ui.components.pictures import picture_rows

STRONG = 0.9  # accuracy from which a run counts as strong
A_PAGE = 60  # contested garments shown at once


def keep(run: RunEntry, leave: str) -> np.ndarray | None:
    """The test images left when those called ``leave`` are out, bool [n]; None for all of them."""
    assert run.record is not None
    if leave == "Nothing":
        return None
    kept = np.ones(run.record.data.n_test, bool)
    if leave in ("Copies", "Both"):
        found = copies(run)
        if found is None:
            st.warning("The copies are not looked for yet, so none is left out. Compute them under Data health.")
        else:
            kept[found] = False
    if leave in ("Contested", "Both"):
        kept[contested(run).images] = False
    return kept


def copies(run: RunEntry) -> np.ndarray | None:
    """Test images that the train part holds too, or nearly, int64; None when that is not computed."""
    assert run.record is not None
    found = results.ready(Duplicates(), run.record.data.fingerprint)
    return None if found is None else np.flatnonzero(found["distance"] < NEAR)


@dataclass(frozen=True)
class Contested:
    """``images`` int64 [n]: test images that every one of the ``strong`` runs takes for one and the same other class;
    ``unreadable``: runs whose answers cannot be read and do not count."""

    images: np.ndarray
    strong: list[str]
    unreadable: list[str]


def contested(run: RunEntry) -> Contested:
    """What the strong runs on the data of ``run`` contest; nothing where there are fewer than two of them."""
    assert run.record is not None
    fingerprint = run.record.data.fingerprint
    strong: dict[str, np.ndarray] = {}
    unreadable = []
    labels = np.zeros(0, np.uint8)
    for other in pickers.finished_runs(lambda r: r.record is not None and r.record.data.fingerprint == fingerprint):
        try:
            predictions = caches.predictions(other)
        except RunError:  # told with the figure, which goes without it
            unreadable.append(other.id)
            continue
        answers = predictions.probabilities.argmax(axis=1)
        if (answers == predictions.labels).mean() >= STRONG:
            strong[other.id], labels = answers, predictions.labels
    if len(strong) < 2:
        return Contested(np.zeros(0, np.int64), list(strong), unreadable)
    answers = np.stack(list(strong.values()))
    one_mind = (answers == answers[0]).all(axis=0)
    return Contested(np.flatnonzero(one_mind & (answers[0] != labels)), list(strong), unreadable)


def show(pair: Pair) -> None:
    """Both kinds of doubtful images, and the switch that leaves them out of every figure of the page."""
    PAGE.widget("leave", "Leave out of every figure on this page", st.segmented_control, LEAVES, required=True)
    if pair.left_out:
        shell.finding(shell.plain(change(pair)))
        st.caption(
            "Leaving out what strong runs contest can only raise their own accuracy; it shows by how much at most."
        )
    _copied(pair.a.run)
    _doubted(pair.a.run)


def _copied(run: RunEntry) -> None:
    """Test images that the train part holds too, each over its nearest train image."""
    data, found = pickers.pictures_of(run), copies(run)
    assert run.record is not None
    if found is None:
        results.box("The copies", Duplicates(), run.record.data.fingerprint, data, meanwhile="")
        return
    arrays = results.ready(Duplicates(), run.record.data.fingerprint)
    assert arrays is not None
    exact = int((arrays["distance"] == 0).sum())
    copied = "No test image is an exact copy" if not exact else f"{exact} test images are exact copies"
    shell.finding(f"{copied} of a train image; {len(found) - exact} are nearly so.")
    order = found[np.argsort(arrays["distance"][found])]
    nearest, distance = arrays["nearest"][order], arrays["distance"][order]
    if data is not None and len(order):
        (test, labels), (train, _) = data.published_test, data.published_train
        stacks = [serving.inline(np.concatenate([test[i], train[j]])) for i, j in zip(order, nearest, strict=True)]
        captions = [f"{SHORT_NAMES[labels[i]]} {i}\ndiffers by {d:.1f}" for i, d in zip(order, distance, strict=True)]
        picture_rows(stacks, captions, key="copies", on_pick=lambda p: None, tall=2)
    shell.provenance(
        f"above the test image, below the train image; nearly: brightness differs by less than {NEAR:g} of 255, "
        "root mean square"
    )
    _download("Copies as CSV", {"test": order, "train": nearest, "difference": distance.round(3)}, "copies.csv")


def _doubted(run: RunEntry) -> None:
    """Test images whose label every strong run contests."""
    found = contested(run)
    doubted, strong = found.images, found.strong
    if found.unreadable:
        st.warning(shell.plain(f"Left out, for their predictions cannot be read: {', '.join(found.unreadable)}."))
    if len(strong) < 2:
        st.markdown(f"No label can be called contested: fewer than two runs here have {STRONG:.0%} accuracy or more.")
        return
    shell.finding(
        f"{len(doubted):,} labels are contested: all {len(strong)} runs with {STRONG:.0%} accuracy or more take the "
        "garment for one and the same other class."
    )
    data = pickers.pictures_of(run)
    predictions = caches.predictions(caches.store().get(strong[0]))
    labels, said = predictions.labels, predictions.probabilities.argmax(axis=1)
    if data is not None and len(doubted):
        pages = -(-len(doubted) // A_PAGE)
        number = st.pagination(pages, key="contested-page") if pages > 1 else 1
        here = doubted[(number - 1) * A_PAGE : number * A_PAGE]
        captions = [f"{SHORT_NAMES[labels[i]]} {i}\nsaid: {SHORT_NAMES[said[i]]}" for i in here]
        images = data.published_test[0]
        picture_rows([serving.inline(images[i]) for i in here], captions, key="contested", on_pick=lambda p: None)
    shell.provenance(f"Strong runs: {', '.join(strong)}", f"test, n = {len(labels):,}")
    names = {"label": [NAMES[c] for c in labels[doubted]], "answer": [NAMES[c] for c in said[doubted]]}
    _download("Contested labels as CSV", {"test": doubted, **names}, "contested.csv")


def _download(label: str, columns: dict[str, Any], name: str) -> None:
    st.download_button(
        label, lambda: pd.DataFrame(columns).to_csv(index=False), name, "text/csv", on_click="ignore",
        icon=":material/download:",
    )  # fmt: skip


def change(pair: Pair) -> str:
    """In a sentence: what leaving images out does to the accuracy of both runs."""
    parts = []
    for s in pair.sides:
        everything = caches.predictions(s.run)
        before = metrics.compute(everything.labels, everything.probabilities.argmax(axis=1)).accuracy
        parts.append(f"{s.letter} from {before:.2%} to {s.scored.accuracy:.2%}")
    lost = np.bincount(np.delete(caches.predictions(pair.a.run).labels, pair.places), minlength=len(NAMES))
    most = NAMES[int(lost.argmax())]
    return f"{pair.left_out:,} images are left out, most of them {most}; accuracy goes: {'; '.join(parts)}."
