"""Cards with the predictions of several models for one garment."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import streamlit as st

from fashion_core.data.classes import FASHION_CLASSES, ClassList
from fashion_core.wording.numbers import format_percent

ANSWERS_FOLDER = Path(__file__).resolve().parent
N_CLASSES_SHOWN = 3

_component = st.components.v2.component(
    "answers",
    html='<div class="answers" aria-live="polite"></div>',
    css=(ANSWERS_FOLDER / "answers.css").read_text(encoding="utf-8"),
    js=(ANSWERS_FOLDER / "answers.js").read_text(encoding="utf-8"),
)


def model_answer_cards(
    probabilities_by_title: Mapping[str, np.ndarray], *, key: str, classes: ClassList = FASHION_CLASSES
) -> None:
    """A card for each model with bars for its three most likely classes; probabilities float32 [classes] by title."""
    cards = []
    for title, p in probabilities_by_title.items():
        best = np.argsort(-p, kind="stable")[:N_CLASSES_SHOWN].tolist()
        bars = [{"name": classes[c].name, "percent": 100 * float(p[c]), "text": format_percent(p[c])} for c in best]
        cards.append({"title": title, "bars": bars})
    _component(key=key, data={"cards": cards})
