"""What should be fixed: labels that may be wrong, classes that look like one, classes with too few pictures."""

from functools import partial

import numpy as np
import streamlit as st

from fashion_core.data import catalogue_edits
from fashion_core.data.catalogue import Catalogue
from fashion_core.data.dataset import Dataset
from fashion_core.data.importing.duplicates import nearest_pictures
from fashion_core.data.importing.label_problems import LabelProblems, find_label_problems
from fashion_core.wording import label_problems as wording
from fashion_core.wording.label_errors import NO_RUN_TEXT
from fashion_core.wording.numbers import format_count
from fashion_core.wording.text import escape_markdown
from ui import hosting, label_corrections, label_review, shell
from ui.errors import run_action
from ui.pagination import paginate

PICTURES_PER_PAGE = 12
CARD_WIDTH, PICTURE_WIDTH = 180, 112  # pixels
KEPT_KEY = "data-kept-labels"  # session key: pictures whose label is right, by catalogue and row


def show_mending(dataset: Dataset) -> None:
    """The labels to review and, of a catalogue, the classes and pictures to look at, each with what fixes it."""
    with shell.show_errors():
        _show_label_review(dataset)
    if isinstance(dataset, Catalogue):
        _show_problems(dataset)


def _show_label_review(dataset: Dataset) -> None:
    """Test labels that runs contradict, and the button that makes a catalogue's corrections its labels."""
    run = label_review.find_reviewable_run()
    if run is None:
        if not isinstance(dataset, Catalogue):
            shell.show_train_link(NO_RUN_TEXT)
        return
    label_review.show_label_review(run)
    n_changed = label_corrections.count_changed_labels(run, label_corrections.load_corrections(run))
    if isinstance(dataset, Catalogue) and n_changed:
        hosting.change_button(
            f"Change {format_count(n_changed, 'label')} in the data set", icon=":material/label:",
            help="You can undo it. Runs were tested with the labels before, so train again.",
            key="apply-label-corrections", on_click=run_action,
            args=(partial(catalogue_edits.apply_label_corrections, dataset),),
        )  # fmt: skip


def _show_problems(catalogue: Catalogue) -> None:
    problems = _cached_problems(catalogue, catalogue.fingerprint)
    for a, b in problems.similar_classes:
        _show_similar_classes(catalogue, catalogue.classes[a].name, catalogue.classes[b].name)
    counts = np.bincount(catalogue.labels.labels, minlength=len(catalogue.classes))[: len(catalogue.classes)]
    for sentence in wording.describe_small_classes(catalogue.classes, counts.tolist()):
        st.markdown(escape_markdown(sentence))
    _show_suspects(catalogue, problems)


@st.cache_data(max_entries=4, show_spinner=False)
def _cached_problems(_catalogue: Catalogue, fingerprint: str) -> LabelProblems:
    return find_label_problems(_catalogue.images, _catalogue.labels, _cached_nearest)


@st.cache_data(max_entries=4, show_spinner="Comparing every picture with the others")
def _cached_nearest(images: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Not compared again when a label changes."""
    return nearest_pictures(images, groups)


def _show_similar_classes(catalogue: Catalogue, a: str, b: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(escape_markdown(wording.describe_similar_classes(a, b)), width="content")
        hosting.change_button(
            "Merge", icon=":material/merge:", key=f"merge-{a}-{b}", on_click=run_action,
            args=(partial(catalogue_edits.merge_classes, catalogue, [a, b], a),),
        )  # fmt: skip


def _show_suspects(catalogue: Catalogue, problems: LabelProblems) -> None:
    kept: set[tuple[str, int]] = st.session_state.setdefault(KEPT_KEY, set())
    is_open = np.array([(catalogue.name, int(row)) not in kept for row in problems.suspects], bool)
    suspects, suggested = problems.suspects[is_open], problems.suggested[is_open]
    shell.show_finding(wording.describe_suspects(len(suspects), problems.was_compared))
    page = paginate(len(suspects), PICTURES_PER_PAGE, "suspects")
    with st.container(horizontal=True, gap="medium"):
        for row, label in zip(suspects[page].tolist(), suggested[page].tolist(), strict=True):
            with st.container(width=CARD_WIDTH, gap="small"):
                _show_suspect(catalogue, row, catalogue.classes[label].name, kept)
    if len(suspects):
        shell.show_provenance(
            "the five most similar pictures are all of the other class", "similar: 28 × 28 pixels correlate",
            f"n = {int((catalogue.labels.labels < len(catalogue.classes)).sum()):,}",
        )  # fmt: skip


def _show_suspect(catalogue: Catalogue, row: int, suggested: str, kept: set[tuple[str, int]]) -> None:
    own = catalogue.classes[int(catalogue.labels.labels[row])].name
    st.image(catalogue.read_numbered_picture(row), width=PICTURE_WIDTH, alt=f"Picture {row}, labelled {own}")
    st.caption(escape_markdown(f"Labelled {own}, looks like {suggested}"))
    hosting.change_button(
        escape_markdown(f"Move to {suggested}"), key=f"move-{row}", width="stretch", on_click=run_action,
        args=(partial(catalogue_edits.move_pictures, catalogue, [row], suggested),),
    )  # fmt: skip
    hosting.change_button(
        "It is right", key=f"keep-{row}", type="tertiary", on_click=kept.add, args=((catalogue.name, row),)
    )
