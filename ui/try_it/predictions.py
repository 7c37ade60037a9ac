"""The predictions for one garment, as text and as bars."""

from collections.abc import Callable, Mapping
from functools import cache, partial

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
from ui.try_it import inputs, saved_garments
from ui.try_it.inputs import InputPicture
from ui.try_it.verdict import show_verdict

MODELS_KEY = "models-opened"


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


def show_predictions(garment: InputPicture) -> Callable[[], Mapping[str, np.ndarray]]:
    """The recognizer's verdict and what it rests on, a save button, and what each model says, once it is opened.

    Returns a function for the probabilities float32 [10] of the recognizer and the poster's models by title: those are
    computed only where somebody looks at them, because every stroke waits for what is shown.
    """
    prepared = garment.prepared
    prediction = caches.cached_recognizer().predict(prepared)
    predict_with_models = cache(partial(predict_with_poster_models, prepared))
    show_verdict(prediction, prepared, wording.RECOGNIZER_TITLE, FASHION_CLASSES)
    _show_meaning(prepared, prediction)

    def all_probabilities() -> Mapping[str, np.ndarray]:
        return {wording.RECOGNIZER_TITLE: prediction.probabilities, **predict_with_models()}

    if garment.original_image is not None and (garment.original_image != prepared.image).any():
        original = prepare_picture(garment.original_image, PreparationOptions("sample"))
        before = predict_with_poster_models(original)
        before[wording.RECOGNIZER_TITLE] = caches.cached_recognizer().predict(original).probabilities
        changes = wording.describe_changed_predictions(before, all_probabilities(), FASHION_CLASSES)
        st.markdown(shell.escape_markdown(changes))
    saved_garments.show_save_button(garment.rgb, prepared, prediction, predict_with_models)
    inputs.show_preparation_steps(prepared)
    models = st.expander("What each of the poster's models says", key=MODELS_KEY, on_change="rerun")
    if models.open:
        with models:
            _show_models(prediction, predict_with_models())
    _show_provenance(prepared, prediction)
    return all_probabilities


def _show_meaning(prepared: PreparedPicture, prediction: GarmentPrediction) -> None:
    if not prediction.is_out_of_distribution:
        st.caption(wording.describe_verdict(prediction))
        return
    threshold = caches.cached_recognizer().ood_thresholds[prepared.kind]
    rate, n_known = threshold.false_alarm_rate, threshold.n_known
    st.warning(wording.describe_ood_warning(prepared.kind, rate, n_known, FASHION_CLASSES))


def _show_models(prediction: GarmentPrediction, by_title: Mapping[str, np.ndarray]) -> None:
    model_answer_cards(by_title, key="poster-answers")
    if by_title:
        agreement = wording.describe_model_agreement(prediction.probabilities, by_title, FASHION_CLASSES)
        st.caption(shell.escape_markdown(agreement))


def _show_provenance(prepared: PreparedPicture, prediction: GarmentPrediction) -> None:
    n_views = len(prepared.views)
    threshold = caches.cached_recognizer().ood_thresholds.get(prepared.kind)
    shell.show_provenance(
        f"{wording.RECOGNIZER_TITLE}: ensemble of {join_with_and(RECOGNITION_RUN_IDS)}"
        + (f" over {n_views} views" if n_views > 1 else ""),
        *(
            ("no warning for none of the ten classes where nothing is cut out",)
            if threshold is None
            else (
                f"out-of-distribution score {format_number(prediction.ood_score, 2)}, warning above 1",
                wording.format_false_alarms(threshold.false_alarm_rate, threshold.n_known, threshold.source),
            )
        ),
    )
