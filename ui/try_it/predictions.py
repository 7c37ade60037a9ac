"""The predictions for one garment, as text and as bars."""

import numpy as np
import streamlit as st

from fashion_core.data.classes import FASHION_CLASSES
from fashion_core.errors import RunError
from fashion_core.recognition.recognizer import GarmentPrediction, Recognizer
from fashion_core.runs.summary import MAIN_RUN_IDS, RECOGNITION_RUN_IDS
from fashion_core.vision.preparation import PreparationOptions, PreparedPicture, prepare_picture
from fashion_core.wording import recognition as wording
from fashion_core.wording.numbers import format_number
from fashion_core.wording.text import join_with_and
from ui import caches, shell
from ui.components.answers import model_answer_cards
from ui.try_it import saved_garments
from ui.try_it.inputs import InputPicture


def predict_with_poster_models(prepared: PreparedPicture) -> dict[str, np.ndarray]:
    """The probabilities float32 [10] of each of the poster's models by title."""
    by_title = {}
    for run_id in reversed(MAIN_RUN_IDS):
        try:
            run = caches.run_store().get(run_id)
            by_title[run.title] = Recognizer([caches.cached_classifier(run)]).predict(prepared).probabilities
        except RunError as error:
            st.warning(shell.escape_markdown(f"The shipped run {run_id} is left out. {error}"))
    return by_title


def show_predictions(garment: InputPicture) -> dict[str, np.ndarray]:
    """The recognizer's prediction with a warning if it is out of distribution, what the poster's models say, and a save
    button. Returns the probabilities float32 [10] of the recognizer and the models by title."""
    prediction = caches.cached_recognizer().predict(garment.prepared)  # shown before the other models have answered
    shell.show_finding(wording.describe_prediction(prediction, FASHION_CLASSES))
    if prediction.is_out_of_distribution:
        threshold = caches.cached_recognizer().ood_thresholds[garment.prepared.kind]
        rate, n_known = threshold.false_alarm_rate, threshold.n_known
        st.warning(wording.describe_ood_warning(garment.prepared.kind, rate, n_known, FASHION_CLASSES))
    model_answer_cards({wording.RECOGNIZER_TITLE: prediction.probabilities}, key="answers")
    _show_provenance(garment.prepared, prediction)
    st.markdown("**What the poster's models say**")
    by_title = predict_with_poster_models(garment.prepared)
    model_answer_cards(by_title, key="poster-answers")
    if by_title:
        agreement = wording.describe_model_agreement(prediction.probabilities, by_title, FASHION_CLASSES)
        st.caption(shell.escape_markdown(agreement))
    shown = {wording.RECOGNIZER_TITLE: prediction.probabilities, **by_title}
    if garment.original_image is not None and (garment.original_image != garment.prepared.image).any():
        original = prepare_picture(garment.original_image, PreparationOptions("sample"))
        before = predict_with_poster_models(original)
        before[wording.RECOGNIZER_TITLE] = caches.cached_recognizer().predict(original).probabilities
        st.markdown(shell.escape_markdown(wording.describe_changed_predictions(before, shown, FASHION_CLASSES)))
    saved_garments.show_save_button(garment.rgb, garment.prepared, prediction, by_title)
    return shown


def _show_provenance(prepared: PreparedPicture, prediction: GarmentPrediction) -> None:
    n_views = len(prepared.views)
    score, threshold = prediction.ood_score, caches.cached_recognizer().ood_thresholds[prepared.kind]
    shell.show_provenance(
        f"{wording.RECOGNIZER_TITLE}: ensemble of {join_with_and(RECOGNITION_RUN_IDS)}"
        + (f" over {n_views} views" if n_views > 1 else ""),
        f"out-of-distribution score {format_number(score, 2)}, warning above 1",
        wording.format_false_alarms(threshold.false_alarm_rate, threshold.n_known, threshold.source),
    )
