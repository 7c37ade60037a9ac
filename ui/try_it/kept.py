"""The garments that a visitor keeps: the offer under an answer, and the view "Your garments"."""

import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial

import numpy as np
import streamlit as st
from PIL import Image

from fashion_core.data.labels import N_CLASSES, NAMES
from fashion_core.errors import DamagedGarments, FashionError, PictureError
from fashion_core.recognition.kept_garment import NONE_OF_THESE, Accuracy, Garment
from fashion_core.recognition.memory import Memory, fingerprint
from fashion_core.recognition.recognizer import Answer
from fashion_core.vision.opening import open_picture
from fashion_core.vision.pipeline import Prepared
from ui import shell

A_PAGE = 12
SIDE = 100  # screen pixels of a picture in the gallery, and of the 28x28 beside it
PROMISE = "Nothing is kept unless you ask."
PAGE = "kept-page"
CHOICES = (*range(N_CLASSES), NONE_OF_THESE)


def offer(picture: np.ndarray, prepared: Prepared, answer: Answer, models: Mapping[str, np.ndarray]) -> None:
    """Under an answer: a button that keeps the garment and, once it is kept, the question whether that was right.

    ``picture`` uint8 [h, w, 3] as it came; ``models``: probabilities float32 [10] by title. What is kept is found again
    by its content, so that neither a rerun nor another window keeps it twice.
    """
    with _errors_told("offer"):
        memory = Memory()
        garment = memory.find(fingerprint(prepared, answer))
        if garment is not None:
            with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
                _question(memory, garment, "offer")
                _said(memory, garment, "offer")
            st.caption("Kept, under Your garments.")
            return
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                "Keep this garment",
                on_click=partial(_attempt, "offer", lambda: memory.keep(picture, prepared, answer, models)),
                key="kept-keep",
                icon=":material/bookmark_add:",
            )
            st.caption(PROMISE, width="content")


@st.fragment
def show() -> None:
    """What was kept, newest first: how often the answer was right, and each garment to correct or delete."""
    with _errors_told("show"):
        memory = Memory()
        n = memory.count()
        if n == 0:
            st.info(
                "No garment is kept. Press “Keep this garment” under an answer, and it appears here with what was "
                f"answered, what you say it is, and how often the answer was right. {PROMISE}"
            )
            return
        shell.finding(in_words(n, memory.accuracy()))
        shell.provenance(
            "Garments that you chose, so no sample of any others",
            "right: the class that you say or, for none of these, the warning; interval: Wilson's",
            f"kept in {memory.path} and nowhere else",
        )
        with st.container(horizontal=True):
            st.download_button(
                "Export as zip",
                partial(_zip, memory),
                "garments.zip",
                "application/zip",
                on_click="ignore",
                icon=":material/download:",
            )
            if st.button("Delete all", icon=":material/delete:"):
                _confirm_delete_all(memory, n)
        pages = -(-n // A_PAGE)
        st.session_state[PAGE] = min(st.session_state.get(PAGE, 1), pages)  # deleting may have taken the last page away
        number = st.pagination(pages, key=PAGE) if pages > 1 else 1
        with st.container(horizontal=True):
            for garment in memory.page(number, A_PAGE):
                _card(memory, garment)


def in_words(n: int, accuracy: Accuracy) -> str:
    """How often the answer was right, of how many, with its interval."""
    kept = "1 garment" if n == 1 else f"{n:,} garments"
    if accuracy.interval is None:
        return f"You kept {kept}. Say what they are, and this says how often the answer was right."
    low, high = (100 * end for end in accuracy.interval)
    spoken = "1 garment" if accuracy.n == 1 else f"{accuracy.n:,} garments"
    text = (
        f"You said what {spoken} of {n:,} {'is' if accuracy.n == 1 else 'are'}; the answer was right for "
        f"{accuracy.right:,}: {accuracy.share:.1%}, 95% interval {low:.1f} to {high:.1f}."
    )
    if accuracy.none_of_these:
        outside = "1 was" if accuracy.none_of_these == 1 else f"{accuracy.none_of_these:,} were"
        text += f" {outside} none of the ten classes, {accuracy.warned or 'none'} of them with a warning."
    return text


def name(label: int) -> str:
    """A class, or none of them, in words."""
    return "None of these" if label == NONE_OF_THESE else NAMES[label]


def _question(memory: Memory, garment: Garment, place: str) -> None:
    """Whether the answer was right. It stands in the box from the start, and counts only once it is said to be."""
    key = f"kept-{place}-{garment.id}"
    # what is in the file holds, also when another window has changed it
    st.session_state[key] = garment.label if garment.correction is None else garment.correction
    st.selectbox(
        "Was the answer right?",
        CHOICES,
        format_func=lambda label: f"{name(label)} (the answer)" if label == garment.label else name(label),
        on_change=lambda: _attempt(place, lambda: memory.correct(garment.id, st.session_state[key])),
        key=key,
        width=222,
    )


def _said(memory: Memory, garment: Garment, place: str) -> None:
    """What the visitor said it is; before that, the button that says that the answer is right."""
    if garment.correction is not None:
        st.caption(f"You said: {shell.plain(name(garment.correction))}.", width="content")
        return
    st.button(
        "It is right",
        on_click=partial(_attempt, place, partial(memory.correct, garment.id, garment.label)),
        key=f"kept-{place}-{garment.id}-right",
    )


def _card(memory: Memory, garment: Garment) -> None:
    """One garment: its picture, what the models saw of it, the answers, and what can be done with it."""
    with st.container(border=True, width=256, gap="small"):
        with st.container(horizontal=True, gap="small"):
            for what, content in (("as it came", garment.picture), ("as the models see it", garment.result)):
                try:
                    st.image(_square(content), width=SIDE, alt=f"Garment {garment.id} {what}", output_format="PNG")
                except PictureError:
                    st.caption("This picture is damaged.", width=SIDE)
        st.markdown(f"**{shell.plain(NAMES[garment.label])}**, {garment.confidence:.1%} sure")
        same = sum(m.label == garment.label for m in garment.models.values())
        lines = [f"{same} of {len(garment.models)} models agree"] if garment.models else []
        lines += ["warned: perhaps none of these"] if garment.warned else []
        shell.provenance(f"{garment.kept_at:%Y-%m-%d}", *lines)
        _question(memory, garment, "show")
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="small"):
            _said(memory, garment, "show")
            st.button(
                "Delete",
                on_click=partial(_attempt, "show", partial(memory.delete, garment.id)),
                key=f"kept-delete-{garment.id}",
                icon=":material/delete:",
                type="tertiary",
            )


def _square(content: bytes) -> np.ndarray:
    """A PNG as uint8 [side, side, 4] without smoothing when it is enlarged, clear where it has no pixels.

    Raises ``PictureError`` when it cannot be read.
    """
    picture = Image.fromarray(open_picture(content))
    scale = 2 * SIDE / max(picture.size)  # twice as fine, for screens that show it
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    picture = picture.resize(size, Image.Resampling.NEAREST if scale > 1 else Image.Resampling.LANCZOS)
    square = Image.new("RGBA", (2 * SIDE, 2 * SIDE))
    square.paste(picture, ((2 * SIDE - size[0]) // 2, (2 * SIDE - size[1]) // 2))
    return np.asarray(square)


def _zip(memory: Memory) -> bytes:
    buffer = io.BytesIO()
    memory.export(buffer)
    return buffer.getvalue()


@st.dialog("Delete all your garments?")
def _confirm_delete_all(memory: Memory, n: int) -> None:
    what = "1 garment" if n == 1 else f"{n:,} garments"
    st.markdown(f"{what}, with pictures, answers and what you said about them, will be gone for good.")
    if st.button("Delete them", type="primary", on_click=_attempt, args=("show", memory.delete_all)):
        st.rerun()  # closes the dialog


def _attempt(place: str, action: Callable[[], object]) -> None:
    """Do what a button is for; what goes wrong is told where it stands, at the run that follows."""
    try:
        action()
    except FashionError as error:
        st.session_state[f"kept-problem-{place}"] = (str(error), isinstance(error, DamagedGarments))


@contextmanager
def _errors_told(place: str) -> Iterator[None]:
    problem = st.session_state.pop(f"kept-problem-{place}", None)
    if problem:
        _tell(place, *problem)
    if aside := st.session_state.pop(f"kept-aside-{place}", None):
        st.success(shell.plain(f"The damaged file is now {aside}."))
    try:
        yield
    except FashionError as error:
        told = (str(error), isinstance(error, DamagedGarments))
        if told != problem:
            _tell(place, *told)


def _tell(place: str, text: str, damaged: bool) -> None:
    """The sentence and, for a damaged file, the button that mends it."""
    st.error(shell.plain(text))
    if damaged:
        st.button(
            "Set the file aside",
            on_click=_attempt,
            args=(place, partial(_set_aside, place)),
            key=f"kept-aside-{place}-{text}",
            help="It is renamed, not deleted, and the next garment begins a new one.",
        )


def _set_aside(place: str) -> None:
    st.session_state[f"kept-aside-{place}"] = Memory().set_aside()
