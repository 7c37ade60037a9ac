"""Where a garment comes from: drawn, uploaded, photographed, or taken from the test images and painted over."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import streamlit as st

from fashion_core.data.classes import CLASS_NAMES
from fashion_core.errors import PictureError
from fashion_core.vision.decode import decode_picture
from fashion_core.vision.photo import shrink_for_segmentation
from fashion_core.vision.preparation import (
    PictureKind,
    PreparationOptions,
    PreparedPicture,
    prepare_picture,
    rotate_and_crop,
)
from ui import caches, shell
from ui.components.canvas import drawing_canvas, marking_canvas, painting_canvas

PICTURE_KIND_NAMES: dict[PictureKind | Literal["auto"], str] = {
    "auto": "Find out",
    "photo": "Photograph",
    "shop": "Photograph on a plain ground",
    "drawing": "Drawing",
    "sample": "Light on black already",
}
PICTURE_KIND_DESCRIPTIONS = {
    "photo": "a photograph",
    "shop": "a photograph on a plain ground",
    "drawing": "a drawing",
    "sample": "light on black already",
}
MAX_PICTURE_MEGABYTES = 20  # megabytes of an uploaded picture
TEST_IMAGE_KEY = "number"


@dataclass(frozen=True)
class InputPicture:
    """A picture uint8 [h, w, 3] or [h, w] as it came, and what it was brought to. ``before``: the test image uint8
    [28, 28] that was painted over, None elsewhere; ``number`` and ``label`` are its place and class."""

    picture: np.ndarray
    prepared: PreparedPicture
    original_image: np.ndarray | None = None
    test_index: int | None = None
    label: int | None = None

    @property
    def rgb(self) -> np.ndarray:
        """The picture uint8 [h, w, 3]."""
        return self.picture if self.picture.ndim == 3 else np.repeat(self.picture[..., None], 3, axis=2)


def draw_picture() -> InputPicture | None:
    """What is on the sheet."""
    sheet = drawing_canvas("canvas")
    if sheet is None:
        st.caption("Draw the outline of a garment with the mouse, a finger or a pen.")
        return None
    return InputPicture(sheet, prepare_picture(sheet, PreparationOptions("drawing")))


def upload_picture() -> InputPicture | None:
    """A picture file of the visitor's."""
    label = f"A picture with one garment on it (up to {MAX_PICTURE_MEGABYTES} MB)"
    file = st.file_uploader(label, key="upload", max_upload_size=MAX_PICTURE_MEGABYTES)
    return _prepare_file(file.getvalue() if file else None, "upload")


def take_photo() -> InputPicture | None:
    """A picture of the visitor's camera."""
    file = st.camera_input("Hold one garment before the camera", key="camera")
    return _prepare_file(file.getvalue() if file else None, "camera")


def _prepare_file(content: bytes | None, key: str) -> InputPicture | None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        wishes = _choose_options(key)
    if content is None:
        return None
    picture = decode_picture(content)
    if st.session_state.get(f"{key}-mark"):
        wishes = _add_strokes(picture, wishes, key)
    return InputPicture(picture, prepare_picture(picture, wishes))


def _choose_options(key: str) -> PreparationOptions:
    """What the visitor says about the picture."""
    with st.popover("Options", icon=":material/tune:"):
        kinds = list(PICTURE_KIND_NAMES)
        kind = st.selectbox("The picture is", kinds, format_func=PICTURE_KIND_NAMES.__getitem__, key=f"{key}-kind")
        turns = st.selectbox("Turn to the left", [0, 90, 180, 270], format_func="{}°".format, key=f"{key}-turn") // 90
        columns = st.slider("Columns looked at, from left to right, %", 0, 100, (0, 100), key=f"{key}-columns")
        rows = st.slider("Rows looked at, from top to bottom, %", 0, 100, (0, 100), key=f"{key}-rows")
        invert = st.toggle("Swap light and dark of the garment", key=f"{key}-invert")
    st.toggle("Mark the garment", key=f"{key}-mark", help="Paint what belongs to the garment and what does not.")
    crop = (columns[0] / 100, rows[0] / 100, columns[1] / 100, rows[1] / 100)
    return PreparationOptions(kind, invert, turns, crop)


def _add_strokes(picture: np.ndarray, wishes: PreparationOptions, key: str) -> PreparationOptions:
    """``wishes`` with the strokes that say what to keep and what to remove."""
    keep, remove = marking_canvas(f"{key}-marks", shrink_for_segmentation(rotate_and_crop(picture, wishes)))
    return PreparationOptions(wishes.kind, wishes.invert, wishes.quarter_turns, wishes.crop, keep, remove)


def choose_test_image() -> InputPicture:
    """A picture of the test split, by number or at random, as it is or painted over."""
    data = caches.current_dataset()
    test = data.split("test")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if st.button("Another at random", icon=":material/shuffle:"):
            st.session_state[TEST_IMAGE_KEY] = int(np.random.default_rng().integers(len(test)))
        number = int(st.number_input("Test picture", 0, len(test) - 1, key=TEST_IMAGE_KEY, bind="query-params"))
    image, label = test.images[number], int(test.labels[number])
    now = painting_canvas("paint", image)
    st.caption(
        shell.escape_markdown(
            f"Its true class: {CLASS_NAMES[label]}. {data.title}, test picture {number}. Paint over it and see what changes."
        )
    )
    if not now.any():
        raise PictureError("The picture is all black now. Restore it, or paint something light.")
    return InputPicture(now, prepare_picture(now, PreparationOptions("sample")), image, number, label)


def show_preparation_steps(prepared: PreparedPicture) -> None:
    """What became of the picture, step by step."""
    from ui import gallery

    many = len(prepared.views)
    more = f", and {many - 1} variations of it" if many > 1 else ""
    st.caption(f"Taken as {PICTURE_KIND_DESCRIPTIONS[prepared.kind]}. What the models see is the last of these{more}:")
    with st.container(horizontal=True, gap="small"):
        for step in prepared.steps:
            small = max(step.image.shape[:2]) <= 28
            picture = gallery.enlarge_pixels(step.image, 3) if small else step.image
            st.image(picture, caption=step.name, alt=step.name, width=64)
    if many > 1:
        with st.expander("All variations"):
            gallery.image_gallery(prepared.views, [f"{i + 1}" for i in range(many)], scale=2)
