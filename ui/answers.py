"""The four shipped models' answers to one garment."""

from collections import Counter

import numpy as np
import streamlit as st

from fashion_core.analysis.summary import SHIPPED
from fashion_core.errors import RunError
from fashion_core.labels import NAMES
from ui import caches, shell

TOP = 3


def ask_all(image: np.ndarray) -> dict[str, np.ndarray]:
    """Probabilities float32 [10] for uint8 [28, 28], by title of the shipped model."""
    answers = {}
    for run_id in SHIPPED:
        try:
            run = caches.store().get(run_id)
            answers[run.title] = caches.classifier(run).predict_proba(image[None])[0]
        except RunError as error:
            st.warning(shell.plain(f"The shipped run {run_id} is left out. {error}"))
    if not answers:
        raise RunError("None of the shipped models can be read. Install the program again.")
    return answers


def agreement(answers: dict[str, np.ndarray]) -> str:
    """How far the models agree, in words."""
    votes = Counter(NAMES[int(p.argmax())] for p in answers.values())
    (first, n), *rest = votes.most_common()
    if not rest:
        return f"All {len(answers)} models say {first}."
    if n == 1:
        return "Every model says something else."
    others = ", ".join(f"{NAMES[int(p.argmax())]} ({title})" for title, p in answers.items()
                       if NAMES[int(p.argmax())] != first)  # fmt: skip
    return f"{n} of {len(answers)} models say {first}; the others: {others}."


def show(image: np.ndarray) -> None:
    """Agreement in a sentence, then each model's three best classes with bars."""
    answers = ask_all(image)
    shell.finding(agreement(answers))
    columns = st.columns(2)
    for i, (title, p) in enumerate(reversed(answers.items())):
        with columns[i % 2], st.container(border=True):
            st.markdown(f"**{shell.plain(title)}**")
            for c in np.argsort(-p, kind="stable")[:TOP]:
                st.progress(float(p[c]), text=f"{NAMES[c]}  {p[c]:.1%}")
    shell.provenance("Shipped runs " + ", ".join(SHIPPED), "bars: each model's own probabilities, not calibrated")
