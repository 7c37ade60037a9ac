"""The garments in a selected cell or pattern."""

import numpy as np
import pandas as pd
import streamlit as st

from fashion_core.wording.comparison import describe_matrix_cell
from fashion_core.wording.numbers import format_count, format_percent
from ui import gallery, pickers, shell
from ui.compare import network_details
from ui.compare.comparison import ComparedRun, RunComparison
from ui.compare.view import COMPARE_PAGE_STATE
from ui.components.matrices import OTHER_CLASSES, MatrixSelection
from ui.pagination import paginate

GARMENTS_PER_PAGE = 36
PICTURE_WIDTH, TABLE_WIDTH = 120, 310  # pixels; side by side on a laptop, one above the other on a phone
TABLE_HEIGHT = 178  # of the probabilities, in pixels: fits the panel beside a matrix
CLASS_WIDTH, BAR_WIDTH = 105, 100  # of its columns, in pixels: two runs fit beside the picture on a laptop
CHOSEN_GARMENT_KEY = "compare-chosen"  # session key: what was selected, and the test picture chosen from it


def garments_in_cell(
    comparison: RunComparison, cell: MatrixSelection, shown: np.ndarray
) -> list[tuple[str, np.ndarray]]:
    """The groups of images in ``cell``: each a description and indices int64, most confident predictions first.

    ``shown`` int64 [m]: the classes of the matrix that are not among ``OTHER_CLASSES``.
    """
    a, b = comparison.runs
    a_correct, b_correct = a.predictions.is_correct, b.predictions.is_correct
    in_row = _is_class(comparison.labels, cell.row, shown)
    if cell.name in ("A", "B"):
        compared = a if cell.name == "A" else b
        chosen = in_row & _is_class(compared.predictions.predicted, cell.column, shown)
        description = describe_matrix_cell(cell.name, cell.row, cell.column, comparison.classes)
        return [(description, _most_confident_first(chosen, compared))]
    a_column, b_column = (_is_class(run.predictions.predicted, cell.column, shown) for run in (a, b))
    chosen = in_row & (a_column | b_column)
    return [
        ("fixed by B", _most_confident_first(chosen & b_correct & ~a_correct, b)),
        ("newly misclassified by B", _most_confident_first(chosen & a_correct & ~b_correct, b)),
    ]


def _is_class(values: np.ndarray, number: int | None, shown: np.ndarray) -> np.ndarray:
    """Which of ``values`` int [n] are the class ``number``, None for any; bool [n]."""
    if number is None:
        return np.full(len(values), True)
    return ~np.isin(values, shown) if number == OTHER_CLASSES else values == number


def _most_confident_first(chosen: np.ndarray, compared: ComparedRun) -> np.ndarray:
    indices = np.flatnonzero(chosen)
    return indices[np.argsort(-compared.predictions.confidence[indices], kind="stable")]


def select_garments(pick: str) -> None:
    """Show the garments of a cell or pattern: ``pick`` as in ``CompareView``, empty for none."""
    st.session_state.pop(CHOSEN_GARMENT_KEY, None)
    COMPARE_PAGE_STATE.update(pick=pick)


def show_garment_groups(
    comparison: RunComparison, runs: tuple[ComparedRun, ...], title: str, groups: list[tuple[str, np.ndarray]]
) -> None:
    """Groups of garments, each a description and indices int64, with the predictions of ``runs``.

    A click on a garment shows all probabilities of it in their place. ``title``: of all groups; of a single one its
    description.
    """
    view = COMPARE_PAGE_STATE.current_view()
    pick, test_index = st.session_state.get(CHOSEN_GARMENT_KEY, ("", -1))
    if pick == view.pick and test_index in comparison.image_indices:
        position = int(np.flatnonzero(comparison.image_indices == test_index)[0])
        _show_one_garment(comparison, runs, position)
        return
    heading, close = st.columns([6, 1])
    with heading:
        shell.show_finding(title or _describe_group(*groups[0]))
    with close:
        st.button("Close", type="tertiary", on_click=select_garments, args=("",))
    headings = [shell.escape_markdown(_describe_group(*group)) for group in groups]
    for i, (panel, (_, indices)) in enumerate(
        zip(st.tabs(headings) if title else [st.container()], groups, strict=True)
    ):
        with panel:
            if len(indices):
                _show_garments(comparison, runs, indices, f"compare-garments-{i}")


def _describe_group(description: str, indices: np.ndarray) -> str:
    return f"{format_count(len(indices), 'garment')} {description}"


def _show_garments(comparison: RunComparison, runs: tuple[ComparedRun, ...], indices: np.ndarray, key: str) -> None:
    """Pages of garments with the predictions of ``runs``."""
    pick = COMPARE_PAGE_STATE.current_view().pick
    garment_grid = st.container()
    on_page = indices[paginate(len(indices), GARMENTS_PER_PAGE, f"{key}-page-{pick}")]
    captions = [_caption(comparison, runs, int(i)) for i in on_page]
    with garment_grid:
        if comparison.dataset is None:
            st.caption(pickers.explain_missing_pictures(comparison.a.run))
            st.dataframe({"Garment": captions}, hide_index=True)
            return
        test_indices = comparison.image_indices[on_page]

        def choose(test_index: int) -> None:
            st.session_state[CHOSEN_GARMENT_KEY] = (pick, test_index)

        gallery.garment_grid(comparison.dataset, test_indices, captions, key=key, on_select=choose)


def _caption(comparison: RunComparison, runs: tuple[ComparedRun, ...], i: int) -> str:
    short_names = comparison.classes.short_names
    lines = [f"{short_names[comparison.labels[i]]} {comparison.image_indices[i]}"]
    if len(runs) == 2:
        for run in runs:
            name, confidence = short_names[run.predictions.predicted[i]], run.predictions.confidence[i]
            lines.append(
                f"{run.letter} {name} {format_percent(confidence, 0)}" if run.has_confidence else f"{run.letter} {name}"
            )
    else:
        votes = np.bincount([run.predictions.predicted[i] for run in runs], minlength=len(short_names))
        lines.append(f"{votes.max()} of {len(runs)}: {short_names[int(votes.argmax())]}")
    return "\n".join(lines)


def _show_one_garment(comparison: RunComparison, runs: tuple[ComparedRun, ...], i: int) -> None:
    """A garment, every run's probabilities for it, and what the models look at."""
    test_index, dataset = int(comparison.image_indices[i]), comparison.dataset
    title = f"Test picture {test_index}, {comparison.classes.names[comparison.labels[i]]}"
    st.markdown(f"**{shell.escape_markdown(title)}**: each run's probabilities")
    with st.container(horizontal=True, gap="small"):
        picture, table = (
            st.container(width=PICTURE_WIDTH, gap=None),
            st.container(width=TABLE_WIDTH if len(runs) == 2 else "stretch"),
        )
    with picture:
        st.button("Back to all", type="tertiary", on_click=st.session_state.pop, args=(CHOSEN_GARMENT_KEY,))
        if dataset is not None:
            gallery.garment_grid(dataset, np.array([test_index]), [""], key="compare-chosen-picture", alt_texts=[title])
            if st.button("What they look at", type="tertiary"):
                network_details.show_occlusion_dialog(comparison, test_index)
    with table:
        _show_probabilities(comparison, runs, i)


def _show_probabilities(comparison: RunComparison, runs: tuple[ComparedRun, ...], i: int) -> None:
    """A table of classes, most probable first; of a run without confidence, which class it predicts."""
    n = len(comparison.classes)
    columns = {
        run.letter: 100 * run.predictions.probabilities[i]
        if run.has_confidence
        else 100.0 * (np.arange(n) == run.predictions.predicted[i])
        for run in runs
    }
    frame = pd.DataFrame({"Class": comparison.classes.names} | columns)
    frame = frame.iloc[np.argsort(-frame[list(columns)].max(axis=1), kind="stable")]
    bars = {
        run.letter: st.column_config.ProgressColumn(
            format="%.1f%%" if run.has_confidence else " ", min_value=0, max_value=100, width=BAR_WIDTH
        )
        for run in runs
    }
    name = {"Class": st.column_config.TextColumn(width=CLASS_WIDTH, pinned=True)}
    st.dataframe(frame, hide_index=True, column_config=name | bars, height=TABLE_HEIGHT)
