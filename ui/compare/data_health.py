"""Data health: copies between train and test, and images whose label every strong run contests."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from fashion_core.analysis import metrics
from fashion_core.computed.duplicates import NEAR_DUPLICATE_DISTANCE, DuplicateSearch
from fashion_core.data.classes import CLASS_NAMES, SHORT_CLASS_NAMES
from fashion_core.errors import RunError
from fashion_core.runs.store import RunEntry
from ui import caches, computations, pickers, serving, shell
from ui.compare.comparison import RunComparison
from ui.compare.view import COMPARE_PAGE, EXCLUSIONS
from ui.components.pictures import picture_grid

STRONG_RUN_ACCURACY = 0.9  # accuracy from which a run counts as strong
LABEL_ERRORS_PER_PAGE = 60  # contested garments shown at once


def kept_test_images(run: RunEntry, exclusion: str) -> np.ndarray | None:
    """The test images left when those called ``leave`` are out, bool [n]; None for all of them."""
    assert run.record is not None
    if exclusion == "Nothing":
        return None
    kept = np.ones(run.record.data.n_test, bool)
    if exclusion in ("Copies", "Both"):
        found = find_near_duplicates(run)
        if found is None:
            st.warning("The copies are not looked for yet, so none is left out. Compute them under Data health.")
        else:
            kept[found] = False
    if exclusion in ("Contested", "Both"):
        kept[find_suspected_label_errors(run).image_indices] = False
    return kept


def find_near_duplicates(run: RunEntry) -> np.ndarray | None:
    """Test images that the train part holds too, or nearly, int64; None when that is not computed."""
    assert run.record is not None
    found = computations.cached_result(DuplicateSearch(), run.record.data.fingerprint)
    return None if found is None else np.flatnonzero(found["distance"] < NEAR_DUPLICATE_DISTANCE)


@dataclass(frozen=True)
class SuspectedLabelErrors:
    """``images`` int64 [n]: test images that every one of the ``strong`` runs takes for one and the same other class;
    ``unreadable``: runs whose answers cannot be read and do not count."""

    image_indices: np.ndarray
    strong_run_ids: list[str]
    unreadable_run_ids: list[str]


def find_suspected_label_errors(run: RunEntry) -> SuspectedLabelErrors:
    """What the strong runs on the data of ``run`` contest; nothing where there are fewer than two of them."""
    assert run.record is not None
    fingerprint = run.record.data.fingerprint
    strong: dict[str, np.ndarray] = {}
    unreadable = []
    labels = np.zeros(0, np.uint8)
    for other in pickers.finished_runs(lambda r: r.record is not None and r.record.data.fingerprint == fingerprint):
        try:
            predictions = caches.cached_test_predictions(other)
        except RunError:  # told with the figure, which goes without it
            unreadable.append(other.id)
            continue
        answers = predictions.probabilities.argmax(axis=1)
        if (answers == predictions.labels).mean() >= STRONG_RUN_ACCURACY:
            strong[other.id], labels = answers, predictions.labels
    if len(strong) < 2:
        return SuspectedLabelErrors(np.zeros(0, np.int64), list(strong), unreadable)
    answers = np.stack(list(strong.values()))
    one_mind = (answers == answers[0]).all(axis=0)
    return SuspectedLabelErrors(np.flatnonzero(one_mind & (answers[0] != labels)), list(strong), unreadable)


def show_data_health(pair: RunComparison) -> None:
    """Both kinds of doubtful images, and the switch that leaves them out of every figure of the page."""
    COMPARE_PAGE.bound_widget(
        "leave", "Leave out of every figure on this page", st.segmented_control, EXCLUSIONS, required=True
    )
    if pair.n_excluded:
        shell.show_finding(describe_excluded_images(pair))
        st.caption(
            "Leaving out what strong runs contest can only raise their own accuracy; it shows by how much at most."
        )
    _copied(pair.a.run)
    _doubted(pair.a.run)


def _copied(run: RunEntry) -> None:
    """Test images that the train part holds too, each over its nearest train image."""
    data, found = pickers.dataset_of_run(run), find_near_duplicates(run)
    assert run.record is not None
    if found is None:
        computations.show_computation("The copies", DuplicateSearch(), run.record.data.fingerprint, data, meanwhile="")
        return
    arrays = computations.cached_result(DuplicateSearch(), run.record.data.fingerprint)
    assert arrays is not None
    exact = int((arrays["distance"] == 0).sum())
    copied = "No test image is an exact copy" if not exact else f"{exact} test images are exact copies"
    shell.show_finding(f"{copied} of a train image; {len(found) - exact} are nearly so.")
    order = found[np.argsort(arrays["distance"][found])]
    nearest, distance = arrays["nearest"][order], arrays["distance"][order]
    if data is not None and len(order):
        (test, labels), (train, _) = data.published_test_arrays, data.published_train_arrays
        stacks = [
            serving.image_data_url(np.concatenate([test[i], train[j]])) for i, j in zip(order, nearest, strict=True)
        ]
        captions = [
            f"{SHORT_CLASS_NAMES[labels[i]]} {i}\ndiffers by {d:.1f}" for i, d in zip(order, distance, strict=True)
        ]
        picture_grid(stacks, captions, key="copies", on_select=lambda p: None, n_stacked=2)
    shell.show_provenance(
        f"above the test image, below the train image; nearly: brightness differs by less than {NEAR_DUPLICATE_DISTANCE:g} of 255, "
        "root mean square"
    )
    _download("Copies as CSV", {"test": order, "train": nearest, "difference": distance.round(3)}, "copies.csv")


def _doubted(run: RunEntry) -> None:
    """Test images whose label every strong run contests."""
    found = find_suspected_label_errors(run)
    doubted, strong = found.image_indices, found.strong_run_ids
    if found.unreadable_run_ids:
        st.warning(
            shell.escape_markdown(
                f"Left out, for their predictions cannot be read: {', '.join(found.unreadable_run_ids)}."
            )
        )
    if len(strong) < 2:
        st.markdown(
            f"No label can be called contested: fewer than two runs here have {STRONG_RUN_ACCURACY:.0%} accuracy or more."
        )
        return
    shell.show_finding(
        f"{len(doubted):,} labels are contested: all {len(strong)} runs with {STRONG_RUN_ACCURACY:.0%} accuracy or more take the "
        "garment for one and the same other class."
    )
    data = pickers.dataset_of_run(run)
    predictions = caches.cached_test_predictions(caches.run_store().get(strong[0]))
    labels, said = predictions.labels, predictions.probabilities.argmax(axis=1)
    if data is not None and len(doubted):
        pages = -(-len(doubted) // LABEL_ERRORS_PER_PAGE)
        number = st.pagination(pages, key="contested-page") if pages > 1 else 1
        here = doubted[(number - 1) * LABEL_ERRORS_PER_PAGE : number * LABEL_ERRORS_PER_PAGE]
        captions = [f"{SHORT_CLASS_NAMES[labels[i]]} {i}\nsaid: {SHORT_CLASS_NAMES[said[i]]}" for i in here]
        images = data.published_test_arrays[0]
        picture_grid(
            [serving.image_data_url(images[i]) for i in here], captions, key="contested", on_select=lambda p: None
        )
    shell.show_provenance(f"Strong runs: {', '.join(strong)}", f"test, n = {len(labels):,}")
    names = {"label": [CLASS_NAMES[c] for c in labels[doubted]], "answer": [CLASS_NAMES[c] for c in said[doubted]]}
    _download("Contested labels as CSV", {"test": doubted, **names}, "contested.csv")


def _download(label: str, columns: dict[str, Any], name: str) -> None:
    st.download_button(
        label, lambda: pd.DataFrame(columns).to_csv(index=False), name, "text/csv", on_click="ignore",
        icon=":material/download:",
    )  # fmt: skip


def describe_excluded_images(pair: RunComparison) -> str:
    """In a sentence: what leaving images out does to the accuracy of both runs."""
    parts = []
    for s in pair.runs:
        everything = caches.cached_test_predictions(s.run)
        before = metrics.classification_metrics(everything.labels, everything.probabilities.argmax(axis=1)).accuracy
        parts.append(f"{s.letter} from {before:.2%} to {s.metrics.accuracy:.2%}")
    lost = np.bincount(
        np.delete(caches.cached_test_predictions(pair.a.run).labels, pair.image_indices), minlength=len(CLASS_NAMES)
    )
    most = CLASS_NAMES[int(lost.argmax())]
    return f"{pair.n_excluded:,} images are left out, most of them {most}; accuracy goes: {'; '.join(parts)}."
