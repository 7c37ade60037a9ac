"""Test pictures whose label may be wrong, the most suspicious first: one key confirms or corrects each label."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import streamlit as st

from fashion_core.data.label_corrections import LabelCorrections, save_label_decisions
from fashion_core.runs.label_errors import RunLabelErrors, find_label_errors_of_runs
from fashion_core.runs.store import RunEntry
from fashion_core.wording import label_errors as wording
from fashion_core.wording.text import escape_markdown
from ui import caches, gallery, hosting, pickers, shell
from ui.components.labelling import LEFT_OUT, MAX_CHOICES, OtherAnswer, PictureToLabel, label_pictures
from ui.csv_download import csv_button
from ui.label_corrections import load_corrections, load_readable_corrections
from ui.pagination import paginate

PICTURES_PER_PAGE = 100
SENT_KEY = "label-review-sent"  # session key: what the browser has sent, by the pictures shown


def find_label_errors(run: RunEntry) -> RunLabelErrors | None:
    """Label errors among the test pictures of ``run``; None when no run can point to them."""
    runs = pickers.list_runs_with_test_predictions(lambda other: pickers.scored_on_same_data(other, run))
    return find_label_errors_of_runs(runs, caches.cached_test_predictions)


def doubtful_label_indices(run: RunEntry, corrections: LabelCorrections | None) -> np.ndarray:
    """Indices int64 of the test pictures of ``run`` with labels that may be wrong: suspected and not confirmed.

    With ``corrections`` in use, corrected labels aren't doubtful any more.
    """
    found, decided = find_label_errors(run), load_readable_corrections(run)
    if found is None:
        return np.zeros(0, np.int64)
    doubtful = found.errors.indices
    if decided is not None:
        doubtful = np.setdiff1d(doubtful, decided.confirmed_indices(found.labels))
    return doubtful if corrections is None else np.setdiff1d(doubtful, corrections.changed_indices(found.labels))


def show_label_review(run: RunEntry) -> None:
    """The suspected label errors among the test pictures of ``run``, each to confirm or correct."""
    found, corrections = find_label_errors(run), load_corrections(run)
    if found is None:
        st.info(wording.NO_RUN_TEXT)
        return
    if found.unreadable_run_ids:
        ids = ", ".join(found.unreadable_run_ids)
        st.warning(escape_markdown(f"Left out because their predictions can't be read or have other labels: {ids}."))
    indices = found.errors.indices
    n_reviewed = sum(int(i) in corrections.reviewed for i in indices)
    shell.show_finding(wording.describe_label_errors(len(indices), len(found.labels), n_reviewed))
    assert run.record is not None
    if len(indices):
        suspects = st.container()
        on_page = paginate(len(indices), PICTURES_PER_PAGE, "label-errors-page")
        with suspects:
            _show_suspects(run, found, corrections, on_page)
    n_changed = len(corrections.changed_indices(found.labels))
    n_confirmed = len(corrections.reviewed) - n_changed
    shell.show_provenance(
        wording.describe_decisions(n_confirmed, n_changed),
        f"Confident learning with the mean probabilities of the runs {', '.join(found.run_ids)}",
        f"test, n = {len(found.labels):,}",
    )
    csv_button(lambda: _suspects_table(run, found, corrections), "label-errors.csv", "Label errors as CSV")


def _show_suspects(run: RunEntry, found: RunLabelErrors, corrections: LabelCorrections, on_page: slice) -> None:
    """Pictures to label or, where nothing may be changed, to look at."""
    assert run.record is not None
    classes, dataset = run.record.data.class_list, pickers.dataset_of_run(run)
    indices, suggested = found.errors.indices[on_page], found.errors.suggested[on_page]
    labels = found.labels[indices]
    if dataset is None:
        st.caption(pickers.explain_missing_pictures(run))
        return
    if not hosting.may_change():
        rows = zip(indices.tolist(), labels, suggested, strict=True)
        captions = [
            wording.format_suspect(classes[own].short_name, i, classes[other].short_name) for i, own, other in rows
        ]
        gallery.garment_grid(dataset, indices, captions, key="label-errors")
        return
    urls = gallery.garment_urls(dataset, indices)
    pictures = [
        PictureToLabel(
            url, f"Test picture {i}", _rank_classes(found.probabilities[i], int(own), int(other)),
            corrections.reviewed.get(i),
        )
        for url, i, own, other in zip(urls, indices.tolist(), labels, suggested, strict=True)
    ]  # fmt: skip

    name = f"{corrections.test_fingerprint} {indices.tolist()}"

    def save(decisions: Mapping[int, int]) -> None:
        # the browser sends all it has chosen; what another window has changed since stays
        sent: dict[int, int] = st.session_state.setdefault(SENT_KEY, {}).setdefault(name, {})
        new = {k: label for k, label in decisions.items() if sent.get(k) != label}
        stored = {int(indices[k]): None if label == LEFT_OUT else label for k, label in new.items()}
        with shell.show_errors():
            save_label_decisions(corrections.test_fingerprint, corrections.n_images, corrections.n_classes, stored)
            sent |= new

    label_pictures(
        pictures, classes.names, name=name, key="label-review", on_label=save,
        others=[OtherAnswer(LEFT_OUT, "0", "Not sure", "not sure")], hint=wording.REVIEW_HINT,
    )  # fmt: skip


def _rank_classes(probabilities: np.ndarray, label: int, suggested: int) -> list[tuple[int, str]]:
    """The label, the suggested class and then the most probable others, each with its probability."""
    others = [int(c) for c in np.argsort(-probabilities, kind="stable") if c not in (label, suggested)]
    return [
        (c, wording.format_choice(float(probabilities[c]), is_label=c == label, is_suggested=c == suggested))
        for c in [label, suggested, *others][:MAX_CHOICES]
    ]


def _suspects_table(run: RunEntry, found: RunLabelErrors, corrections: LabelCorrections) -> pd.DataFrame:
    """One row a suspected label error; ``decision`` is empty where there is none yet."""
    assert run.record is not None
    names, indices = np.array(run.record.data.classes), found.errors.indices
    decisions = [corrections.reviewed.get(int(i)) for i in indices]
    return pd.DataFrame(
        {
            "test": indices,
            "label": names[found.labels[indices]],
            "suggestion": names[found.errors.suggested],
            "label_probability": found.errors.label_probabilities.round(6),
            "decision": ["" if decision is None else names[decision] for decision in decisions],
        }
    )


def find_reviewable_run() -> RunEntry | None:
    """A run with probabilities that was tested on the test pictures of the current data set; None if there is none."""
    runs = pickers.list_runs_with_test_predictions(lambda run: pickers.dataset_of_run(run) is not None)
    return next((run for run in runs if pickers.has_confidence(run)), None)
