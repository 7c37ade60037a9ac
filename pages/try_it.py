"""Try it: draw, upload, photograph or pick a garment, and see what each model makes of it."""

import streamlit as st

from fashion_core.errors import FashionError
from ui import shell
from ui.try_it import explanations, folder, inputs, predictions, saved_garments

FOLDER_TAB, SAVED_GARMENTS_TAB = "Folder", "Your garments"
INPUT_TABS = {
    "Draw": inputs.draw_picture,
    "Upload": inputs.upload_picture,
    "Camera": inputs.take_photo,
    "Test image": inputs.choose_test_image,
}


@st.fragment
def show_one_garment(source: str) -> None:
    """Everything that a stroke or a new picture changes."""
    left, right = st.columns([2, 3], gap="large")
    found = None
    try:
        with left:
            found = INPUT_TABS[source]()
        if found is None:
            right.info("The models answer as soon as there is a garment.")
            return
        with right:
            predictions.show_predictions(found)
        with left:
            inputs.show_preparation_steps(found.prepared)
        explanations.show_explanation(found.prepared)
    except FashionError as error:
        right.error(shell.escape_markdown(str(error)))


with shell.page_frame("Try it", "What would the models make of a garment of yours, and should you believe them?"):
    chosen = st.segmented_control(
        "Garment",
        [*INPUT_TABS, FOLDER_TAB, SAVED_GARMENTS_TAB],
        default="Draw",
        required=True,
        key="source",
        bind="query-params",
        label_visibility="collapsed",
    )
    if chosen == FOLDER_TAB:
        folder.show_folder()
    elif chosen == SAVED_GARMENTS_TAB:
        saved_garments.show_saved_garments()
    else:
        show_one_garment(chosen)
    st.caption(saved_garments.PRIVACY_NOTE)
