"""What several models say of one garment: bars beside each other, drawn at once."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import streamlit as st

from fashion_core.data.labels import NAMES

HERE = Path(__file__).resolve().parent
TOP = 3

_component = st.components.v2.component(
    "answers",
    html='<div class="answers" aria-live="polite"></div>',
    css=(HERE / "answers.css").read_text(encoding="utf-8"),
    js=(HERE / "answers.js").read_text(encoding="utf-8"),
)


def answer_cards(answers: Mapping[str, np.ndarray], notes: Sequence[str], *, key: str) -> None:
    """A card for each title with its three likeliest classes; probabilities float32 [10], ``notes`` one a card."""
    cards = []
    for (title, p), note in zip(answers.items(), notes, strict=True):
        best = np.argsort(-p, kind="stable")[:TOP]
        bars = [{"name": NAMES[c], "share": float(p[c]), "text": f"{p[c]:.1%}"} for c in best]
        cards.append({"title": title, "note": note, "bars": bars})
    _component(key=key, data={"cards": cards})
