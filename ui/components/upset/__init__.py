"""An UpSet chart of which runs are correct on the same images, each bar a button."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import streamlit as st

_FOLDER = Path(__file__).resolve().parent
_component = st.components.v2.component(
    "upset",
    html='<div class="upset"></div>',
    css="\n".join(path.read_text(encoding="utf-8") for path in (_FOLDER / "upset.css", _FOLDER.parent / "svg.css")),
    js="\n".join(path.read_text(encoding="utf-8") for path in (_FOLDER.parent / "svg.js", _FOLDER / "upset.js")),
)


def upset_chart(
    patterns: np.ndarray, counts: np.ndarray, run_names: Sequence[str], selected: int | None, *, key: str,
    on_select: Callable[[tuple[bool, ...]], None],
) -> None:  # fmt: skip
    """Show ``patterns`` bool [m, runs] (which runs are correct) with ``counts`` int [m]; a click calls ``on_select``
    with the pattern, which may be one that was shown before: the page may answer with others."""

    def handle_click() -> None:
        pattern = st.session_state[key].get("selected")
        if (
            isinstance(pattern, list)
            and len(pattern) == patterns.shape[1]
            and {type(value) for value in pattern} == {bool}
        ):
            on_select(tuple(pattern))

    data = {"patterns": patterns.tolist(), "counts": counts.tolist(), "names": list(run_names), "selected": selected}
    _component(key=key, data=data, on_selected_change=handle_click)
