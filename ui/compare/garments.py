"""The garments behind what was clicked."""

import numpy as np
import streamlit as st

from fashion_core.data.labels import NAMES, SHORT_NAMES
from ui import serving, shell
from ui.compare.pair import Pair, Side
from ui.compare.view import PAGE
from ui.components.matrices import Pick
from ui.components.pictures import picture_rows

A_PAGE = 36
CHOSEN = "compare-chosen"


def members(pair: Pair, pick: Pick) -> list[tuple[str, np.ndarray]]:
    """The groups of images behind ``pick``, each with what it is, surest answers first; indices int64."""
    if pick.name == "D":
        place = np.ones(len(pair.labels), bool)
        if pick.row is not None:
            place &= pair.labels == pick.row
        if pick.column is not None:
            place &= (pair.a.answers == pick.column) | (pair.b.answers == pick.column)
        return [
            ("B mends", _surest(place & pair.b.right & ~pair.a.right, pair.b)),
            ("B breaks", _surest(place & pair.a.right & ~pair.b.right, pair.b)),
        ]
    side = pair.a if pick.name == "A" else pair.b
    chosen = np.ones(len(pair.labels), bool)
    if pick.row is not None:
        chosen &= pair.labels == pick.row
    if pick.column is not None:
        chosen &= side.answers == pick.column
    return [(_words(pick, side), _surest(chosen, side))]


def _words(pick: Pick, side: Side) -> str:
    if pick.row is None:
        return f"taken for {NAMES[pick.column or 0]} by {side.letter}"
    if pick.column is None:
        return f"that are {NAMES[pick.row]}, by what {side.letter} says"
    if pick.row == pick.column:
        return f"of {NAMES[pick.row]} that {side.letter} has right"
    return f"of {NAMES[pick.row]} that {side.letter} takes for {NAMES[pick.column]}"


def _surest(chosen: np.ndarray, side: Side) -> np.ndarray:
    indices = np.flatnonzero(chosen)
    return indices[np.argsort(-side.confidence[indices], kind="stable")]


def show(pair: Pair, sides: tuple[Side, ...], what: str, found: np.ndarray, key: str) -> None:
    """A group of garments with the answers of ``sides``; a click shows all of their probabilities."""
    shell.finding(shell.plain(f"{len(found):,} {'garment' if len(found) == 1 else 'garments'} {what}"))
    if not len(found):
        return
    pages = -(-len(found) // A_PAGE)
    number = st.pagination(pages, key=f"{key}-page-{what}") if pages > 1 else 1
    here = found[(number - 1) * A_PAGE : number * A_PAGE]
    captions = [_caption(pair, sides, int(i)) for i in here]
    if pair.dataset is None:
        st.caption("The pictures themselves are not on this machine. Download Fashion-MNIST to see them.")
        st.dataframe({"Garment": captions}, hide_index=True)
        return
    images = pair.dataset.published_test[0]

    def choose(position: int) -> None:
        st.session_state[CHOSEN] = (key, int(pair.places[here[position]]))

    picture_rows([serving.inline(images[pair.places[i]]) for i in here], captions, key=key, on_pick=choose)
    wanted = st.session_state.get(CHOSEN)
    if wanted and wanted[0] == key and wanted[1] in pair.places[found]:
        probabilities(pair, sides, int(np.flatnonzero(pair.places == wanted[1])[0]))
        if st.button("See what A and B look at on it", key=f"{key}-inside"):
            PAGE.change(look="Inside", garment=wanted[1])
            st.rerun()


def _caption(pair: Pair, sides: tuple[Side, ...], i: int) -> str:
    lines = [f"{SHORT_NAMES[pair.labels[i]]} {pair.places[i]}"]
    if len(sides) == 2:
        lines += [f"{s.letter} {SHORT_NAMES[s.answers[i]]} {s.confidence[i]:.0%}" for s in sides]
    else:
        said = np.bincount([s.answers[i] for s in sides], minlength=len(NAMES))
        lines.append(f"{said.max()} of {len(sides)}: {SHORT_NAMES[int(said.argmax())]}")
    return "\n".join(lines)


def probabilities(pair: Pair, sides: tuple[Side, ...], i: int) -> None:
    """Every run's probabilities for one garment."""
    st.markdown(f"**Test picture {pair.places[i]}, {NAMES[pair.labels[i]]}**: each run's probabilities")
    columns = {s.letter: 100 * s.predictions.probabilities[i] for s in sides}
    bar = st.column_config.ProgressColumn(format="%.1f%%", min_value=0, max_value=100)
    st.dataframe({"Class": NAMES} | columns, hide_index=True, column_config=dict.fromkeys(columns, bar))
