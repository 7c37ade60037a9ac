"""An UpSet chart of right/wrong patterns, each bar a button."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import streamlit as st

HERE = Path(__file__).resolve().parent

_component = st.components.v2.component(
    "upset",
    html='<div class="upset"></div>',
    css=(HERE / "upset.css").read_text(encoding="utf-8"),
    js="\n".join(path.read_text(encoding="utf-8") for path in (HERE.parent / "svg.js", HERE / "upset.js")),
)


def upset_chart(
    patterns: np.ndarray, counts: np.ndarray, run_names: Sequence[str], selected: int | None, *, key: str,
    on_select: Callable[[int], None],
) -> None:  # fmt: skip
    """Show ``patterns`` bool [m, runs] (which of the runs called ``names`` are right) with ``counts`` int [m]."""

    def told() -> None:
        position = st.session_state[key].get("picked")
        if isinstance(position, int) and not isinstance(position, bool) and 0 <= position < len(patterns):
            on_select(position)

    data = {"patterns": patterns.tolist(), "counts": counts.tolist(), "names": list(run_names), "picked": selected}
    _component(key=key, data=data, on_picked_change=told)
