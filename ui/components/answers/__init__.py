"""What several models say of one garment: bars beside each other, drawn at once."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import streamlit as st

from fashion_core.data.classes import CLASS_NAMES

ANSWERS_FOLDER = Path(__file__).resolve().parent
N_CLASSES_SHOWN = 3

_component = st.components.v2.component(
    "answers",
    html='<div class="answers" aria-live="polite"></div>',
    css=(ANSWERS_FOLDER / "answers.css").read_text(encoding="utf-8"),
    js=(ANSWERS_FOLDER / "answers.js").read_text(encoding="utf-8"),
)


def model_answer_cards(probabilities_by_title: Mapping[str, np.ndarray], notes: Sequence[str], *, key: str) -> None:
    """A card for each title with its three likeliest classes; probabilities float32 [10], ``notes`` one a card."""
    cards = []
    for (title, p), note in zip(probabilities_by_title.items(), notes, strict=True):
        best = np.argsort(-p, kind="stable")[:N_CLASSES_SHOWN]
        bars = [{"name": CLASS_NAMES[c], "share": float(p[c]), "text": f"{p[c]:.1%}"} for c in best]
        cards.append({"title": title, "note": note, "bars": bars})
    _component(key=key, data={"cards": cards})
