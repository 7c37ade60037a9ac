"""The verdict on one picture in large type, its three most likely classes, and the garment that was found."""

import numpy as np
import streamlit as st

from fashion_core.data.classes import ClassList
from fashion_core.recognition.recognizer import GarmentPrediction
from fashion_core.vision.preparation import PreparedPicture
from fashion_core.wording.recognition import describe_prediction, format_verdict
from ui import shell
from ui.components.answers import model_answer_cards

OUTLINED_PICTURE_SIDE = 150  # pixels on the screen, of the longer side


def show_verdict(prediction: GarmentPrediction, prepared: PreparedPicture, title: str, classes: ClassList) -> None:
    """``prediction`` is that of the model called ``title`` for ``prepared``."""
    colour = "red" if prediction.is_out_of_distribution else "green" if prediction.is_sure else "orange"
    answer = shell.escape_markdown(describe_prediction(prediction, classes))
    st.header(f":{colour}-background[{format_verdict(prediction, classes)}] {answer}", anchor=False)
    with st.container(horizontal=True, gap="small", wrap=False):
        with st.container():
            model_answer_cards({title: prediction.probabilities}, key="answers", classes=classes)
        if prepared.outlined is not None:
            _show_outlined_picture(prepared.outlined)


def _show_outlined_picture(picture: np.ndarray) -> None:
    height, width = picture.shape[:2]
    st.image(
        picture, width=max(1, round(OUTLINED_PICTURE_SIDE * min(1.0, width / height))),
        alt="Outline of the garment that was found", output_format="PNG",
    )  # fmt: skip
