"""What the models say of a garment, in words and bars."""

import math
from collections import Counter
from collections.abc import Mapping

import numpy as np
import streamlit as st

from fashion_core.computed.reference_features import ENSEMBLE_RUN_IDS
from fashion_core.data.classes import CLASS_NAMES
from fashion_core.errors import RunError
from fashion_core.recognition.out_of_distribution import FALSE_ALARM_RATES
from fashion_core.recognition.recognizer import GarmentPrediction, Recognizer
from fashion_core.runs.summary import SHIPPED_RUN_IDS
from fashion_core.vision.preparation import PreparationOptions, PreparedPicture, prepare_picture
from ui import caches, shell
from ui.components.answers import model_answer_cards
from ui.try_it import saved_garments
from ui.try_it.inputs import PICTURE_KIND_NAMES, InputPicture

CORRECTION_KEY = "try-it-corrected"


def predict_with_all_models(prepared: PreparedPicture) -> tuple[GarmentPrediction, dict[str, np.ndarray]]:
    """The networks' answer together, and each shipped model's own, float32 [10] by title, weakest model first."""
    main = caches.cached_recognizer().predict(prepared, apply_correction=st.session_state.get(CORRECTION_KEY, True))
    asked = dict(zip(ENSEMBLE_RUN_IDS, main.network_probabilities, strict=True))
    answers = {}
    for run_id in (*SHIPPED_RUN_IDS, *(run_id for run_id in ENSEMBLE_RUN_IDS if run_id not in SHIPPED_RUN_IDS)):
        try:
            run = caches.run_store().get(run_id)
            if run_id not in asked:
                asked[run_id] = Recognizer([caches.cached_classifier(run)]).predict(prepared).probabilities
            answers[run.title] = asked[run_id]
        except RunError as error:
            st.warning(shell.escape_markdown(f"The shipped run {run_id} is left out. {error}"))
    return main, answers


def format_agreement(answers: Mapping[str, np.ndarray]) -> str:
    """How far the models agree, in words."""
    votes = Counter(CLASS_NAMES[int(p.argmax())] for p in answers.values())
    (first, n), *rest = votes.most_common()
    if not rest:
        return f"All {len(answers)} models say {first}."
    if n == 1:
        return "Every model says something else."
    others = ", ".join(
        f"{CLASS_NAMES[int(p.argmax())]} ({title})"
        for title, p in answers.items()
        if CLASS_NAMES[int(p.argmax())] != first
    )
    return f"{n} of {len(answers)} models say {first}; the others: {others}."


def show_predictions(garment: InputPicture) -> None:
    """The verdict, a warning where it is deserved, a card for each model, and the offer to keep the garment."""
    main, answers = predict_with_all_models(garment.prepared)
    best = int(main.probabilities.argmax())
    shell.show_finding(f"{CLASS_NAMES[best]}, {main.probabilities[best]:.0%} sure")
    if main.is_out_of_distribution:
        rare = FALSE_ALARM_RATES[garment.prepared.kind]
        st.warning(
            f"Perhaps none of the ten classes: it is less like the training garments than {100 - 100 * rare:g}% of the "
            "validation garments are when they are made to look like this kind of picture. Do not trust the answer."
        )
    titles = list(reversed(answers))
    model_answer_cards({title: answers[title] for title in titles}, [""] * len(titles), key="answers")
    st.caption(shell.escape_markdown(format_agreement(answers)))
    if garment.original_image is not None and (garment.original_image != garment.prepared.image).any():
        st.markdown(shell.escape_markdown(_format_changed_answers(garment.original_image, answers)))
    _show_provenance(garment.prepared, main)
    saved_garments.show_save_button(garment.rgb, garment.prepared, main, answers)


def _format_changed_answers(before: np.ndarray, after: Mapping[str, np.ndarray]) -> str:
    """Which models say something else than before the picture was painted over."""
    _, first = predict_with_all_models(prepare_picture(before, PreparationOptions("sample")))
    changed = [
        f"{title} ({CLASS_NAMES[int(first[title].argmax())]} → {CLASS_NAMES[int(p.argmax())]})"
        for title, p in after.items()
        if title in first and first[title].argmax() != p.argmax()
    ]
    if not changed:
        return "What you painted changes no model's answer."
    return f"What you painted flips {', '.join(changed)}."


def _show_provenance(prepared: PreparedPicture, main: GarmentPrediction) -> None:
    """Where the verdict comes from."""
    correction = caches.cached_recognizer().corrections.get(prepared.kind)
    views = len(prepared.views)
    over = "" if views == 1 else f", over {views} variations of the picture"
    told = f"The verdict is that of {' and '.join(ENSEMBLE_RUN_IDS)} together{over}"
    strange = "" if math.isnan(main.ood_score) else f"strangeness {main.ood_score:.2f}, warned above 1"
    shell.show_provenance(told, strange, "bars: each model's own probabilities, uncorrected")
    if correction is not None:
        st.toggle(
            f"Class-prior correction, fitted on {correction.n} {PICTURE_KIND_NAMES[prepared.kind].lower()}s",
            value=True,
            key=CORRECTION_KEY,
            persist_state="session",
            help=f"Log probabilities times {correction.slope:.2f}, plus a shift for each class, fitted on "
            f"{correction.source}. It holds for collections like that one.",
        )
