"""The garments that a visitor keeps: the offer under an answer, and the view "Your garments"."""

import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial

import numpy as np
import streamlit as st
from PIL import Image

from fashion_core.data.classes import CLASS_NAMES, N_CLASSES, NONE_OF_THESE
from fashion_core.errors import DamagedGarmentsError, FashionError, PictureError
from fashion_core.recognition.garment_export import write_garments_zip
from fashion_core.recognition.garment_store import GarmentStore, garment_fingerprint
from fashion_core.recognition.recognizer import GarmentPrediction
from fashion_core.recognition.saved_garment import FeedbackAccuracy, SavedGarment
from fashion_core.vision.decode import decode_picture
from fashion_core.vision.preparation import PreparedPicture
from ui import shell

GARMENTS_PER_PAGE = 12
THUMBNAIL_PIXELS = 100  # screen pixels of a picture in the gallery, and of the 28x28 beside it
PRIVACY_NOTE = "Nothing is kept unless you ask."
PAGE_NUMBER_KEY = "kept-page"
CORRECTION_CHOICES = (*range(N_CLASSES), NONE_OF_THESE)


def show_save_button(
    picture: np.ndarray,
    prepared: PreparedPicture,
    prediction: GarmentPrediction,
    model_probabilities: Mapping[str, np.ndarray],
) -> None:
    """Under an answer: a button that keeps the garment and, once it is kept, the question whether that was right.

    ``picture`` uint8 [h, w, 3] as it came; ``models``: probabilities float32 [10] by title. What is kept is found again
    by its content, so that neither a rerun nor another window keeps it twice.
    """
    with _show_errors("offer"):
        memory = GarmentStore()
        garment = memory.find_by_fingerprint(garment_fingerprint(prepared, prediction))
        if garment is not None:
            with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
                _show_correction_box(memory, garment, "offer")
                _show_correction(memory, garment, "offer")
            st.caption("Kept, under Your garments.")
            return
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                "Keep this garment",
                on_click=partial(
                    _run_action, "offer", lambda: memory.save(picture, prepared, prediction, model_probabilities)
                ),
                key="kept-keep",
                icon=":material/bookmark_add:",
            )
            st.caption(PRIVACY_NOTE, width="content")


@st.fragment
def show_saved_garments() -> None:
    """What was kept, newest first: how often the answer was right, and each garment to correct or delete."""
    with _show_errors("show"):
        memory = GarmentStore()
        n = memory.count()
        if n == 0:
            st.info(
                "No garment is kept. Press “Keep this garment” under an answer, and it appears here with what was "
                f"answered, what you say it is, and how often the answer was right. {PRIVACY_NOTE}"
            )
            return
        shell.show_finding(format_accuracy(n, memory.compute_accuracy()))
        shell.show_provenance(
            "Garments that you chose, so no sample of any others",
            "right: the class that you say or, for none of these, the warning; interval: Wilson's",
            f"kept in {memory.path} and nowhere else",
        )
        with st.container(horizontal=True):
            st.download_button(
                "Export as zip",
                partial(_export_zip, memory),
                "garments.zip",
                "application/zip",
                on_click="ignore",
                icon=":material/download:",
            )
            if st.button("Delete all", icon=":material/delete:"):
                _confirm_delete_all(memory, n)
        pages = -(-n // GARMENTS_PER_PAGE)
        st.session_state[PAGE_NUMBER_KEY] = min(
            st.session_state.get(PAGE_NUMBER_KEY, 1), pages
        )  # deleting may have taken the last page away
        number = st.pagination(pages, key=PAGE_NUMBER_KEY) if pages > 1 else 1
        with st.container(horizontal=True):
            for garment in memory.load_page(number, GARMENTS_PER_PAGE):
                _show_garment(memory, garment)


def format_accuracy(n: int, accuracy: FeedbackAccuracy) -> str:
    """How often the answer was right, of how many, with its interval."""
    kept = "1 garment" if n == 1 else f"{n:,} garments"
    if accuracy.interval is None:
        return f"You kept {kept}. Say what they are, and this says how often the answer was right."
    low, high = (100 * end for end in accuracy.interval)
    spoken = "1 garment" if accuracy.n == 1 else f"{accuracy.n:,} garments"
    text = (
        f"You said what {spoken} of {n:,} {'is' if accuracy.n == 1 else 'are'}; the answer was right for "
        f"{accuracy.n_correct:,}: {accuracy.rate:.1%}, 95% interval {low:.1f} to {high:.1f}."
    )
    if accuracy.n_none_of_these:
        outside = "1 was" if accuracy.n_none_of_these == 1 else f"{accuracy.n_none_of_these:,} were"
        text += (
            f" {outside} none of the ten classes, {accuracy.n_none_of_these_warned or 'none'} of them with a warning."
        )
    return text


def format_class_name(label: int) -> str:
    """A class, or none of them, in words."""
    return "None of these" if label == NONE_OF_THESE else CLASS_NAMES[label]


def _show_correction_box(memory: GarmentStore, garment: SavedGarment, place: str) -> None:
    """Whether the answer was right. It stands in the box from the start, and counts only once it is said to be."""
    key = f"kept-{place}-{garment.id}"
    # what is in the file holds, also when another window has changed it
    st.session_state[key] = garment.label if garment.correction is None else garment.correction
    st.selectbox(
        "Was the answer right?",
        CORRECTION_CHOICES,
        format_func=lambda label: (
            f"{format_class_name(label)} (the answer)" if label == garment.label else format_class_name(label)
        ),
        on_change=lambda: _run_action(place, lambda: memory.set_correction(garment.id, st.session_state[key])),
        key=key,
        width=222,
    )


def _show_correction(memory: GarmentStore, garment: SavedGarment, place: str) -> None:
    """What the visitor said it is; before that, the button that says that the answer is right."""
    if garment.correction is not None:
        st.caption(f"You said: {shell.escape_markdown(format_class_name(garment.correction))}.", width="content")
        return
    st.button(
        "It is right",
        on_click=partial(_run_action, place, partial(memory.set_correction, garment.id, garment.label)),
        key=f"kept-{place}-{garment.id}-right",
    )


def _show_garment(memory: GarmentStore, garment: SavedGarment) -> None:
    """One garment: its picture, what the models saw of it, the answers, and what can be done with it."""
    with st.container(border=True, width=256, gap="small"):
        with st.container(horizontal=True, gap="small"):
            for what, content in (("as it came", garment.picture), ("as the models see it", garment.image)):
                try:
                    st.image(
                        _pad_to_square(content),
                        width=THUMBNAIL_PIXELS,
                        alt=f"Garment {garment.id} {what}",
                        output_format="PNG",
                    )
                except PictureError:
                    st.caption("This picture is damaged.", width=THUMBNAIL_PIXELS)
        st.markdown(f"**{shell.escape_markdown(CLASS_NAMES[garment.label])}**, {garment.confidence:.1%} sure")
        same = sum(m.label == garment.label for m in garment.model_predictions.values())
        lines = [f"{same} of {len(garment.model_predictions)} models agree"] if garment.model_predictions else []
        lines += ["warned: perhaps none of these"] if garment.has_warning else []
        shell.show_provenance(f"{garment.saved_at:%Y-%m-%d}", *lines)
        _show_correction_box(memory, garment, "show")
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="small"):
            _show_correction(memory, garment, "show")
            st.button(
                "Delete",
                on_click=partial(_run_action, "show", partial(memory.delete, garment.id)),
                key=f"kept-delete-{garment.id}",
                icon=":material/delete:",
                type="tertiary",
            )


def _pad_to_square(content: bytes) -> np.ndarray:
    """A PNG as uint8 [side, side, 4] without smoothing when it is enlarged, clear where it has no pixels.

    Raises ``PictureError`` when it cannot be read.
    """
    picture = Image.fromarray(decode_picture(content))
    scale = 2 * THUMBNAIL_PIXELS / max(picture.size)  # twice as fine, for screens that show it
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    picture = picture.resize(size, Image.Resampling.NEAREST if scale > 1 else Image.Resampling.LANCZOS)
    square = Image.new("RGBA", (2 * THUMBNAIL_PIXELS, 2 * THUMBNAIL_PIXELS))
    square.paste(picture, ((2 * THUMBNAIL_PIXELS - size[0]) // 2, (2 * THUMBNAIL_PIXELS - size[1]) // 2))
    return np.asarray(square)


def _export_zip(memory: GarmentStore) -> bytes:
    buffer = io.BytesIO()
    write_garments_zip(memory.iterate(), buffer)
    return buffer.getvalue()


@st.dialog("Delete all your garments?")
def _confirm_delete_all(memory: GarmentStore, n: int) -> None:
    what = "1 garment" if n == 1 else f"{n:,} garments"
    st.markdown(f"{what}, with pictures, answers and what you said about them, will be gone for good.")
    if st.button("Delete them", type="primary", on_click=_run_action, args=("show", memory.delete_all)):
        st.rerun()  # closes the dialog


def _run_action(place: str, action: Callable[[], object]) -> None:
    """Do what a button is for; what goes wrong is told where it stands, at the run that follows."""
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
        told = (str(error), isinstance(error, DamagedGarmentsError))
        if told != problem:
            _show_error(place, *told)


def _show_error(place: str, text: str, damaged: bool) -> None:
    """The sentence and, for a damaged file, the button that mends it."""
    st.error(shell.escape_markdown(text))
    if damaged:
        st.button(
            "Set the file aside",
            on_click=_run_action,
            args=(place, partial(_rename_damaged_file, place)),
            key=f"kept-aside-{place}-{text}",
            help="It is renamed, not deleted, and the next garment begins a new one.",
        )


def _rename_damaged_file(place: str) -> None:
    st.session_state[f"kept-aside-{place}"] = GarmentStore().rename_if_damaged()
