"""Try it: draw, upload, photograph or pick a garment, and see what each model predicts."""

import streamlit as st

from fashion_core.errors import FashionError
from ui import caches, hosting, shell
from ui.try_it import catalogue_predictions, examples, explanations, folder, inputs, predictions, saved_garments
from ui.try_it.view import TRY_IT_STATE

FOLDER_TAB, SAVED_GARMENTS_TAB = "Folder", "Your garments"
INPUT_TABS = {
    "Draw": inputs.get_drawn_picture,
    "Upload": inputs.get_uploaded_picture,
    "Camera": inputs.get_camera_photo,
    "Test image": inputs.choose_test_image,
    examples.EXAMPLES_TAB: examples.choose_example,
}


@st.fragment
def show_one_garment(tab: str) -> None:
    """Everything that a stroke or a new picture changes."""
    left, right = st.columns([2, 3], gap="large")
    try:
        with left:
            garment = INPUT_TABS[tab]()
        if not caches.current_dataset().has_shipped_runs:
            with right:
                catalogue_predictions.show_catalogue_predictions(garment)
            return
        if garment is None:
            with right:
                examples.show_examples()
            return
        with right:
            all_probabilities = predictions.show_predictions(garment)
        explanations.show_explanation(garment.prepared, all_probabilities)
    except FashionError as error:
        right.error(shell.escape_markdown(str(error)))


with shell.page_frame("Try it", "What do the models predict for your own garment, and can you trust them?"):
    tabs = [*INPUT_TABS, FOLDER_TAB, SAVED_GARMENTS_TAB]
    if not hosting.may_change():  # the garments are the owner's
        tabs.remove(SAVED_GARMENTS_TAB)
    if not caches.current_dataset().has_shipped_runs:
        tabs = [tab for tab in INPUT_TABS if tab != examples.EXAMPLES_TAB] + [FOLDER_TAB]
    view, _ = TRY_IT_STATE.load()
    if view.source not in tabs:
        TRY_IT_STATE.correct_fields_while_drawing(source=tabs[0])
    TRY_IT_STATE.bound_widget(
        "source", "Garment", st.segmented_control, tabs, required=True, label_visibility="collapsed"
    )
    chosen_tab = TRY_IT_STATE.current_view().source
    if chosen_tab == FOLDER_TAB:
        folder.show_folder_recognition()
    elif chosen_tab == SAVED_GARMENTS_TAB:
        saved_garments.show_saved_garments()
    else:
        show_one_garment(chosen_tab)
    st.caption(saved_garments.PRIVACY_NOTE)
