"""The predictions for one garment, as text and as bars."""

import math

import numpy as np
import streamlit as st

from fashion_core.computed.reference_features import ENSEMBLE_RUN_IDS
from fashion_core.errors import RunError
from fashion_core.recognition.recognizer import GarmentPrediction, Recognizer
from fashion_core.runs.summary import MAIN_RUN_IDS
from fashion_core.vision.preparation import PreparationOptions, PreparedPicture, prepare_picture
from fashion_core.wording import recognition as wording
from fashion_core.wording.numbers import format_number
from fashion_core.wording.text import join_with_and
from ui import caches, shell
from ui.components.answers import model_answer_cards
from ui.try_it import saved_garments
from ui.try_it.inputs import InputPicture

CORRECTION_KEY = "try-it-corrected"


def predict_with_all_models(prepared: PreparedPicture) -> tuple[GarmentPrediction, dict[str, np.ndarray]]:
    """The ensemble's prediction, and each shipped model's probabilities float32 [10] by title, weakest model first."""
    correct = st.session_state.get(CORRECTION_KEY, True)
    prediction = caches.cached_recognizer().predict(prepared, apply_correction=correct)
    by_run_id = dict(zip(ENSEMBLE_RUN_IDS, prediction.network_probabilities, strict=True))
    by_title = {}
    for run_id in dict.fromkeys((*MAIN_RUN_IDS, *ENSEMBLE_RUN_IDS)):
        try:
            run = caches.run_store().get(run_id)
            if run_id not in by_run_id:
                by_run_id[run_id] = Recognizer([caches.cached_classifier(run)]).predict(prepared).probabilities
            by_title[run.title] = by_run_id[run_id]
        except RunError as error:
            st.warning(shell.escape_markdown(f"The shipped run {run_id} is left out. {error}"))
    return prediction, by_title


def show_predictions(garment: InputPicture) -> None:
    """The ensemble's prediction, a warning if it is out of distribution, a card for each model, and a save button."""
    prediction, by_title = predict_with_all_models(garment.prepared)
    shell.show_finding(wording.describe_prediction(prediction))
    if prediction.is_out_of_distribution:
        st.warning(wording.describe_ood_warning(garment.prepared.kind))
    model_answer_cards(dict(reversed(by_title.items())), key="answers")
    st.caption(shell.escape_markdown(wording.describe_model_agreement(by_title)))
    if garment.original_image is not None and (garment.original_image != garment.prepared.image).any():
        original = prepare_picture(garment.original_image, PreparationOptions("sample"))
        changes = wording.describe_changed_predictions(predict_with_all_models(original)[1], by_title)
        st.markdown(shell.escape_markdown(changes))
    _show_provenance(garment.prepared, prediction)
    saved_garments.show_save_button(garment.rgb, garment.prepared, prediction, by_title)


def _show_provenance(prepared: PreparedPicture, prediction: GarmentPrediction) -> None:
    n_views = len(prepared.views)
    score = prediction.ood_score
    shell.show_provenance(
        f"Prediction: ensemble of {join_with_and(ENSEMBLE_RUN_IDS)}{f' over {n_views} views' if n_views > 1 else ''}",
        "" if math.isnan(score) else f"out-of-distribution score {format_number(score, 2)}, warning above 1",
        "bars: each model alone, uncorrected",
    )
    correction = caches.cached_recognizer().corrections.get(prepared.kind)
    if correction is not None:
        st.toggle(
            f"Class-prior correction, fitted on {correction.n:,} pictures of this kind",
            value=True,
            key=CORRECTION_KEY,
            persist_state="session",
            help=f"Multiplies log probabilities by {correction.slope:.2f} and adds a shift for each class, fitted on "
            f"{correction.source}. It holds for similar collections.",
        )
