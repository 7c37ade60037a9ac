"""Try it: draw, upload or pick a garment, and see what each model makes of it."""

import numpy as np
import streamlit as st

from fashion_core.errors import FashionError
from fashion_core.labels import NAMES
from fashion_core.vision.opening import open_picture
from fashion_core.vision.pipeline import Prepared, Wishes, prepare
from ui import answers, caches, gallery, shell
from ui.components.canvas import drawing_canvas

SOURCES = ("Draw", "Upload", "Test image")
KIND_NAMES = {
    "auto": "Find out",
    "photo": "Photograph",
    "shop": "Photograph on a plain ground",
    "drawing": "Drawing",
    "sample": "Light on black already",
}


def options() -> Wishes:
    """What the visitor says about the picture: kind, negation, quarter turns."""
    with st.popover("Options", icon=":material/tune:"):
        kind = st.selectbox("The picture is", list(KIND_NAMES), format_func=KIND_NAMES.__getitem__, key="kind")
        invert = st.toggle("Swap light and dark", key="invert")
        turns = st.selectbox("Turn to the left", [0, 90, 180, 270], format_func="{}°".format, key="turn") // 90
    return Wishes(kind, invert, turns)


def test_image() -> Prepared:
    """A picture of the test split, by number or at random."""
    test = caches.dataset().split("test")
    if st.button("Another at random", icon=":material/shuffle:"):
        st.session_state["number"] = int(np.random.default_rng().integers(len(test)))
    number = int(st.number_input("Number of the test picture", 0, len(test) - 1, key="number", bind="query-params"))
    st.image(gallery.enlarge(test.images[number], 8), width=224)
    st.caption(f"Its true class: {NAMES[test.labels[number]]}. {caches.dataset().title}, test picture {number}.")
    return prepare(test.images[number], Wishes("sample"))


def picture(source: str) -> Prepared | None:
    """The garment that was drawn, uploaded or picked, brought to 28x28; None while there is none."""
    if source == "Test image":
        return test_image()
    if source == "Draw":
        content = drawing_canvas("canvas")
        asked = Wishes("drawing")
        if content is None:
            st.caption("Draw the outline of a garment with the mouse, a finger or a pen.")
            return None
    else:
        file = st.file_uploader("A picture with one garment on it (up to 20 MB)", key="upload")
        asked = options()
        if file is None:
            return None
        content = file.getvalue()
    return prepare(open_picture(content), asked)


def steps(prepared: Prepared) -> None:
    """What became of the picture, step by step."""
    st.caption(f"Taken as a {prepared.kind}. What the models see is the last of these:")
    with st.container(horizontal=True):
        for step in prepared.steps:
            small = max(step.image.shape[:2]) <= 28
            st.image(gallery.enlarge(step.image, 4) if small else step.image, caption=step.name, width=112)


@st.fragment
def garment(source: str) -> None:
    """Everything that a stroke or a new picture changes."""
    left, right = st.columns([1, 1], gap="large")
    try:
        with left:
            prepared = picture(source)
            if prepared is not None:
                steps(prepared)
        if prepared is None:
            right.info("The four models answer as soon as there is a garment.")
            return
        with right:
            answers.show(prepared.result)
    except FashionError as error:
        right.error(shell.plain(str(error)))


with shell.page("Try it", "What would the four models make of a garment of yours?"):
    chosen = st.segmented_control(
        "Garment",
        SOURCES,
        default="Draw",
        required=True,
        key="source",
        bind="query-params",
        label_visibility="collapsed",
    )
    garment(chosen)
    st.caption("Nothing that you draw or upload is kept: it is gone when this page is closed.")
