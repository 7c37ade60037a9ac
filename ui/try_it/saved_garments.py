"""Save a garment with its prediction, and the tab "Your garments" with all that you saved."""

import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial

import numpy as np
import streamlit as st
from PIL import Image

from fashion_core.data.classes import CLASS_NAMES, FASHION_CLASSES, N_CLASSES, NONE_OF_THESE_LABEL
from fashion_core.errors import DamagedGarmentsError, FashionError, PictureError
from fashion_core.recognition.garment_export import write_garments_zip
from fashion_core.recognition.garment_store import GarmentStore, garment_fingerprint
from fashion_core.recognition.recognizer import GarmentPrediction
from fashion_core.recognition.saved_garment import SavedGarment
from fashion_core.vision.decode import decode_picture
from fashion_core.vision.preparation import PreparedPicture
from fashion_core.wording.numbers import format_count, format_percent
from fashion_core.wording.recognition import describe_feedback_accuracy, format_class_name
from ui import hosting, shell
from ui.page_state import set_widget_value
from ui.pagination import choose_page

SAVED_GARMENTS_PER_PAGE = 12
THUMBNAIL_PIXELS = 100  # on the screen
PRIVACY_NOTE = "Nothing is saved unless you ask."
SAVED_GARMENTS_PAGE_KEY = "kept-page"
CORRECTION_CHOICES = (*range(N_CLASSES), NONE_OF_THESE_LABEL)


def show_save_button(
    picture: np.ndarray,
    prepared: PreparedPicture,
    prediction: GarmentPrediction,
    predict_with_models: Callable[[], Mapping[str, np.ndarray]],
) -> None:
    """A button to save the garment; once it is saved, a box to correct the prediction.

    ``picture`` uint8 [h, w, 3]; ``predict_with_models`` returns probabilities float32 [10] by title. A saved garment is
    recognised by its content, so neither a rerun nor another window saves it twice.
    """
    if not hosting.may_change():
        return
    with _show_errors("offer"):
        store = GarmentStore()
        garment = store.find_by_fingerprint(garment_fingerprint(prepared, prediction))
        if garment is not None:
            with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
                _show_correction_box(store, garment, "offer")
                _show_correction(store, garment, "offer")
            st.caption("Saved under Your garments.")
            return
        st.button(
            "Save this garment",
            on_click=partial(
                _run_action, "offer", lambda: store.save(picture, prepared, prediction, predict_with_models())
            ),
            key="kept-save",
            icon=":material/bookmark_add:",
        )


@st.fragment
def show_saved_garments() -> None:
    """All saved garments, newest first, to correct or delete, and how often the prediction was correct."""
    with _show_errors("show"):
        store = GarmentStore()
        n = store.count()
        if n == 0:
            st.info(
                "You have not saved a garment yet. Press “Save this garment” below a prediction to see it here, "
                "say what it is, and see how often the prediction is correct."
            )
            return
        shell.show_finding(describe_feedback_accuracy(n, store.compute_accuracy(), FASHION_CLASSES))
        shell.show_provenance(
            "you chose these garments, so the rate does not hold for others",
            "correct: the class or, for none of the ten, the warning; Wilson interval",
            f"saved in {store.path} only" if hosting.find_mode() == "local" else "shown in this browser only",
        )
        with st.container(horizontal=True):
            st.download_button(
                "Export as zip",
                partial(_export_zip, store),
                "garments.zip",
                "application/zip",
                on_click="ignore",
                icon=":material/download:",
            )
            if st.button("Delete all", icon=":material/delete:"):
                _confirm_delete_all(store, n)
        n_pages = -(-n // SAVED_GARMENTS_PER_PAGE)
        number = choose_page(n_pages, SAVED_GARMENTS_PAGE_KEY)
        with st.container(horizontal=True):
            for garment in store.load_page(number, SAVED_GARMENTS_PER_PAGE):
                _show_garment(store, garment)


def _show_correction_box(store: GarmentStore, garment: SavedGarment, place: str) -> None:
    """A box to say what the garment is. It starts with the prediction, which counts only once you confirm it."""
    key = f"kept-{place}-{garment.id}"
    # the file decides, as another window may have changed it
    set_widget_value(key, garment.label if garment.correction is None else garment.correction)
    st.selectbox(
        "What is it?",
        CORRECTION_CHOICES,
        format_func=lambda label: (
            f"{format_class_name(label, FASHION_CLASSES)}{' (predicted)' if label == garment.label else ''}"
        ),
        on_change=lambda: _run_action(place, lambda: store.set_user_correction(garment.id, st.session_state[key])),
        key=key,
        width=222,
    )


def _show_correction(store: GarmentStore, garment: SavedGarment, place: str) -> None:
    """What you said it is or, before that, a button to confirm the prediction."""
    if garment.correction is not None:
        name = shell.escape_markdown(format_class_name(garment.correction, FASHION_CLASSES))
        st.caption(f"You said: {name}.", width="content")
        return
    st.button(
        "Confirm",
        on_click=partial(_run_action, place, partial(store.set_user_correction, garment.id, garment.label)),
        key=f"kept-{place}-{garment.id}-right",
    )


def _show_garment(store: GarmentStore, garment: SavedGarment) -> None:
    """One garment: its picture and 28 x 28 image, the predictions, and buttons."""
    with st.container(border=True, width=256, gap="small"):
        with st.container(horizontal=True, gap="small"):
            for name, content in (("original", garment.picture), ("28 × 28", garment.image)):
                try:
                    st.image(
                        _pad_to_square(content),
                        width=THUMBNAIL_PIXELS,
                        alt=f"Garment {garment.id}, {name}",
                        output_format="PNG",
                    )
                except PictureError:
                    st.caption("This picture is damaged.", width=THUMBNAIL_PIXELS)
        name = shell.escape_markdown(CLASS_NAMES[garment.label])
        st.markdown(f"**{name}**, probability {format_percent(garment.confidence)}")
        models = garment.model_predictions.values()
        n_same = sum(model.label == garment.label for model in models)
        shell.show_provenance(
            f"{garment.saved_at:%Y-%m-%d}",
            f"{n_same} of the poster's {len(models)} models {'agrees' if n_same == 1 else 'agree'}" if models else "",
            "warning: may be none of the ten" if garment.has_warning else "",
        )
        _show_correction_box(store, garment, "show")
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="small"):
            _show_correction(store, garment, "show")
            st.button(
                "Delete",
                on_click=partial(_run_action, "show", partial(store.delete, garment.id)),
                key=f"kept-delete-{garment.id}",
                icon=":material/delete:",
                type="tertiary",
            )


def _pad_to_square(content: bytes) -> np.ndarray:
    """A PNG resized to RGBA uint8 [side, side, 4], transparent around the picture, without smoothing if enlarged.

    Raises ``PictureError`` when it can't be read.
    """
    picture = Image.fromarray(decode_picture(content).rgb)
    scale = 2 * THUMBNAIL_PIXELS / max(picture.size)  # for screens with two pixels per point
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    picture = picture.resize(size, Image.Resampling.NEAREST if scale > 1 else Image.Resampling.LANCZOS)
    square = Image.new("RGBA", (2 * THUMBNAIL_PIXELS, 2 * THUMBNAIL_PIXELS))
    square.paste(picture, ((2 * THUMBNAIL_PIXELS - size[0]) // 2, (2 * THUMBNAIL_PIXELS - size[1]) // 2))
    return np.asarray(square)


def _export_zip(store: GarmentStore) -> bytes:
    buffer = io.BytesIO()
    write_garments_zip(store.iterate_garments(), buffer)
    return buffer.getvalue()


@st.dialog("Delete all your garments?")
def _confirm_delete_all(store: GarmentStore, n: int) -> None:
    st.markdown(f"{format_count(n, 'garment')} with pictures, predictions and corrections will be deleted for good.")
    if st.button("Delete them", type="primary", on_click=_run_action, args=("show", store.delete_all)):
        st.rerun()  # closes the dialog


def _run_action(place: str, action: Callable[[], object]) -> None:
    """Run a button's action; an error is shown at ``place`` in the rerun that follows."""
    try:
        action()
    except FashionError as error:
        st.session_state[f"kept-problem-{place}"] = (str(error), isinstance(error, DamagedGarmentsError))


@contextmanager
def _show_errors(place: str) -> Iterator[None]:
    problem = st.session_state.pop(f"kept-problem-{place}", None)
    if problem:
        _show_error(place, *problem)
    if aside := st.session_state.pop(f"kept-aside-{place}", None):
        st.success(shell.escape_markdown(f"The damaged file is now {aside}."))
    try:
        yield
    except FashionError as error:
        raised = (str(error), isinstance(error, DamagedGarmentsError))
        if raised != problem:
            _show_error(place, *raised)


def _show_error(place: str, text: str, damaged: bool) -> None:
    """The error and, for a damaged file, a button to set it aside."""
    st.error(shell.escape_markdown(text))
    if damaged:
        st.button(
            "Set the file aside",
            on_click=_run_action,
            args=(place, partial(_rename_damaged_file, place)),
            key=f"kept-aside-{place}-{text}",
            help="Renames the file, without deleting it. The next garment starts a new one.",
        )


def _rename_damaged_file(place: str) -> None:
    st.session_state[f"kept-aside-{place}"] = GarmentStore().rename_if_damaged()
