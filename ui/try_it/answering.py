"""What the models say of a garment, in words and bars."""

import math
from collections import Counter
from collections.abc import Mapping

import numpy as np
import streamlit as st

from fashion_core.computed.reference import TOGETHER
from fashion_core.data.labels import NAMES
from fashion_core.errors import RunError
from fashion_core.recognition.recognizer import Answer, Recognizer
from fashion_core.recognition.strangers import WARNED
from fashion_core.runs.summary import SHIPPED
from fashion_core.vision.pipeline import Prepared, Wishes, prepare
from ui import caches, shell
from ui.components.answers import answer_cards
from ui.try_it import kept
from ui.try_it.sources import KIND_NAMES, Garment

CORRECTED = "try-it-corrected"


def ask(prepared: Prepared) -> tuple[Answer, dict[str, np.ndarray]]:
    """The networks' answer together, and each shipped model's own, float32 [10] by title, weakest model first."""
    main = caches.recognizer().answer(prepared, corrected=st.session_state.get(CORRECTED, True))
    asked = dict(zip(TOGETHER, main.by_network, strict=True))
    answers = {}
    for run_id in (*SHIPPED, *(run_id for run_id in TOGETHER if run_id not in SHIPPED)):
        try:
            run = caches.store().get(run_id)
            if run_id not in asked:
                asked[run_id] = Recognizer([caches.classifier(run)]).answer(prepared).probabilities
            answers[run.title] = asked[run_id]
        except RunError as error:
            st.warning(shell.plain(f"The shipped run {run_id} is left out. {error}"))
    return main, answers


def agreement(answers: Mapping[str, np.ndarray]) -> str:
    """How far the models agree, in words."""
    votes = Counter(NAMES[int(p.argmax())] for p in answers.values())
    (first, n), *rest = votes.most_common()
    if not rest:
        return f"All {len(answers)} models say {first}."
    if n == 1:
        return "Every model says something else."
    others = ", ".join(
        f"{NAMES[int(p.argmax())]} ({title})" for title, p in answers.items() if NAMES[int(p.argmax())] != first
    )
    return f"{n} of {len(answers)} models say {first}; the others: {others}."


def show(garment: Garment) -> None:
    """The verdict, a warning where it is deserved, a card for each model, and the offer to keep the garment."""
    main, answers = ask(garment.prepared)
    best = int(main.probabilities.argmax())
    shell.finding(shell.plain(f"{NAMES[best]}, {main.probabilities[best]:.0%} sure"))
    if main.is_strange:
        rare = WARNED[garment.prepared.kind]
        st.warning(
            f"Perhaps none of the ten classes: it is less like the training garments than {100 - 100 * rare:g}% of the "
            "validation garments are when they are made to look like this kind of picture. Do not trust the answer."
        )
    titles = list(reversed(answers))
    answer_cards({title: answers[title] for title in titles}, [""] * len(titles), key="answers")
    st.caption(shell.plain(agreement(answers)))
    if garment.before is not None and (garment.before != garment.prepared.result).any():
        st.markdown(shell.plain(_flips(garment.before, answers)))
    _provenance(garment.prepared, main)
    kept.offer(garment.rgb, garment.prepared, main, answers)


def _flips(before: np.ndarray, after: Mapping[str, np.ndarray]) -> str:
    """Which models say something else than before the picture was painted over."""
    _, first = ask(prepare(before, Wishes("sample")))
    changed = [
        f"{title} ({NAMES[int(first[title].argmax())]} → {NAMES[int(p.argmax())]})"
        for title, p in after.items()
        if title in first and first[title].argmax() != p.argmax()
    ]
    if not changed:
        return "What you painted changes no model's answer."
    return f"What you painted flips {', '.join(changed)}."


def _provenance(prepared: Prepared, main: Answer) -> None:
    """Where the verdict comes from."""
    correction = caches.recognizer().corrections.get(prepared.kind)
    views = len(prepared.views)
    over = "" if views == 1 else f", over {views} variations of the picture"
    told = f"The verdict is that of {' and '.join(TOGETHER)} together{over}"
    strange = "" if math.isnan(main.strangeness) else f"strangeness {main.strangeness:.2f}, warned above 1"
    shell.provenance(told, strange, "bars: each model's own probabilities, uncorrected")
    if correction is not None:
        st.toggle(
            f"Class-prior correction, fitted on {correction.n} {KIND_NAMES[prepared.kind].lower()}s",
            value=True,
            key=CORRECTED,
            persist_state="session",
            help=f"Log probabilities times {correction.slope:.2f}, plus a shift for each class, fitted on "
            f"{correction.source}. It holds for collections like that one.",
        )
