"""The garments behind what was clicked."""

import numpy as np
import streamlit as st

from fashion_core.data.classes import CLASS_NAMES, SHORT_CLASS_NAMES
from ui import serving, shell
from ui.compare.comparison import ComparedRun, RunComparison
from ui.compare.view import COMPARE_PAGE
from ui.components.matrices import MatrixSelection
from ui.components.pictures import picture_grid

GARMENTS_PER_PAGE = 36
CHOSEN_GARMENT_KEY = "compare-chosen"


def garments_in_cell(pair: RunComparison, pick: MatrixSelection) -> list[tuple[str, np.ndarray]]:
    """The groups of images behind ``pick``, each with what it is, surest answers first; indices int64."""
    if pick.name == "D":
        place = np.ones(len(pair.labels), bool)
        if pick.row is not None:
            place &= pair.labels == pick.row
        if pick.column is not None:
            place &= (pair.a.predicted_classes == pick.column) | (pair.b.predicted_classes == pick.column)
        return [
            ("B mends", _surest(place & pair.b.correct & ~pair.a.correct, pair.b)),
            ("B breaks", _surest(place & pair.a.correct & ~pair.b.correct, pair.b)),
        ]
    side = pair.a if pick.name == "A" else pair.b
    chosen = np.ones(len(pair.labels), bool)
    if pick.row is not None:
        chosen &= pair.labels == pick.row
    if pick.column is not None:
        chosen &= side.predicted_classes == pick.column
    return [(_words(pick, side), _surest(chosen, side))]


def _words(pick: MatrixSelection, side: ComparedRun) -> str:
    if pick.row is None:
        return f"taken for {CLASS_NAMES[pick.column or 0]} by {side.letter}"
    if pick.column is None:
        return f"that are {CLASS_NAMES[pick.row]}, by what {side.letter} says"
    if pick.row == pick.column:
        return f"of {CLASS_NAMES[pick.row]} that {side.letter} has right"
    return f"of {CLASS_NAMES[pick.row]} that {side.letter} takes for {CLASS_NAMES[pick.column]}"


def _surest(chosen: np.ndarray, side: ComparedRun) -> np.ndarray:
    indices = np.flatnonzero(chosen)
    return indices[np.argsort(-side.confidence[indices], kind="stable")]


def show_garments(
    pair: RunComparison, sides: tuple[ComparedRun, ...], description: str, indices: np.ndarray, key: str
) -> None:
    """A group of garments with the answers of ``sides``; a click shows all of their probabilities."""
    shell.show_finding(f"{len(indices):,} {'garment' if len(indices) == 1 else 'garments'} {description}")
    if not len(indices):
        return
    pages = -(-len(indices) // GARMENTS_PER_PAGE)
    number = st.pagination(pages, key=f"{key}-page-{description}") if pages > 1 else 1
    here = indices[(number - 1) * GARMENTS_PER_PAGE : number * GARMENTS_PER_PAGE]
    captions = [_caption(pair, sides, int(i)) for i in here]
    if pair.dataset is None:
        st.caption("The pictures themselves are not on this machine. Download Fashion-MNIST to see them.")
        st.dataframe({"Garment": captions}, hide_index=True)
        return
    images = pair.dataset.published_test_arrays[0]

    def choose(position: int) -> None:
        st.session_state[CHOSEN_GARMENT_KEY] = (key, int(pair.image_indices[here[position]]))

    picture_grid(
        [serving.image_data_url(images[pair.image_indices[i]]) for i in here], captions, key=key, on_select=choose
    )
    wanted = st.session_state.get(CHOSEN_GARMENT_KEY)
    if wanted and wanted[0] == key and wanted[1] in pair.image_indices[indices]:
        show_probabilities(pair, sides, int(np.flatnonzero(pair.image_indices == wanted[1])[0]))
        if st.button("See what A and B look at on it", key=f"{key}-inside"):
            COMPARE_PAGE.update(look="Inside", garment=wanted[1])
            st.rerun()


def _caption(pair: RunComparison, sides: tuple[ComparedRun, ...], i: int) -> str:
    lines = [f"{SHORT_CLASS_NAMES[pair.labels[i]]} {pair.image_indices[i]}"]
    if len(sides) == 2:
        lines += [f"{s.letter} {SHORT_CLASS_NAMES[s.predicted_classes[i]]} {s.confidence[i]:.0%}" for s in sides]
    else:
        said = np.bincount([s.predicted_classes[i] for s in sides], minlength=len(CLASS_NAMES))
        lines.append(f"{said.max()} of {len(sides)}: {SHORT_CLASS_NAMES[int(said.argmax())]}")
    return "\n".join(lines)


def show_probabilities(pair: RunComparison, sides: tuple[ComparedRun, ...], i: int) -> None:
    """Every run's probabilities for one garment."""
    st.markdown(f"**Test picture {pair.image_indices[i]}, {CLASS_NAMES[pair.labels[i]]}**: each run's probabilities")
    columns = {s.letter: 100 * s.predictions.probabilities[i] for s in sides}
    bar = st.column_config.ProgressColumn(format="%.1f%%", min_value=0, max_value=100)
    st.dataframe({"Class": CLASS_NAMES} | columns, hide_index=True, column_config=dict.fromkeys(columns, bar))
