"""Inputs of one garment: drawing, upload, camera, and test images to paint over."""

from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from fashion_core.data import Dataset
from fashion_core.errors import PictureError
from fashion_core.vision.decode import READABLE_FORMATS, decode_picture
from fashion_core.vision.photo import shrink_for_segmentation
from fashion_core.vision.preparation import (
    PreparationOptions,
    PreparationStep,
    PreparedPicture,
    prepare_picture,
    rotate_and_crop,
)
from fashion_core.wording.recognition import PICTURE_KIND_DESCRIPTIONS, PICTURE_KIND_TITLES
from ui import caches, gallery, shell
from ui.components.canvas import drawing_canvas, garment_background_stroke_canvas, painting_canvas
from ui.components.crop import crop_box
from ui.page_state import set_widget_value

MAX_PICTURE_MEGABYTES = 20
TEST_IMAGE_KEY = "number"
SEEN_TEXT = (
    "A run was cross-validated, and its weights have seen most of these pictures: on new ones they are less often "
    "correct."
)
STEP_IMAGE_WIDTH, TEST_PICTURE_WIDTH = 64, 280  # pixels


@dataclass(frozen=True)
class InputPicture:
    """A picture uint8 [h, w, 3] or [h, w] and its preparation. ``original_image`` uint8 [28, 28]: the test image before
    you painted over it."""

    picture: np.ndarray
    prepared: PreparedPicture
    original_image: np.ndarray | None = None

    @property
    def rgb(self) -> np.ndarray:
        """The picture as uint8 [h, w, 3]."""
        return self.picture if self.picture.ndim == 3 else np.repeat(self.picture[..., None], 3, axis=2)


def get_drawn_picture() -> InputPicture | None:
    """A canvas to draw on; None while it is empty."""
    drawing = drawing_canvas("canvas")
    if drawing is None:
        st.caption("Draw the outline of a garment with the mouse, a finger or a pen.")
        return None
    return InputPicture(drawing, prepare_picture(drawing, PreparationOptions("drawing")))


def get_uploaded_picture() -> InputPicture | None:
    """A file upload; None before there is a file."""
    label = f"A picture of one garment (up to {MAX_PICTURE_MEGABYTES} MB)"
    file = st.file_uploader(
        label, key="upload", max_upload_size=MAX_PICTURE_MEGABYTES, help=f"A {READABLE_FORMATS} file"
    )
    return _prepare_file(file.getvalue() if file else None, "upload")


def get_camera_photo() -> InputPicture | None:
    """A photograph from the camera; None before one is taken."""
    file = st.camera_input("Hold one garment in front of the camera", key="camera")
    return _prepare_file(file.getvalue() if file else None, "camera")


def _prepare_file(content: bytes | None, key: str) -> InputPicture | None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        options = _choose_options(key)
    if content is None:
        return None
    picture = decode_picture(content)
    if picture.notice:
        st.warning(shell.escape_markdown(picture.notice))
    options = replace(options, crop=crop_box(f"{key}-crop", rotate_and_crop(picture.rgb, options)))
    if st.session_state.get(f"{key}-mark"):
        keep, remove = garment_background_stroke_canvas(
            f"{key}-marks", shrink_for_segmentation(rotate_and_crop(picture.rgb, options))
        )
        options = replace(options, keep_strokes=keep, remove_strokes=remove)
    prepared = prepare_picture(picture, options)
    if prepared.notice:
        st.warning(shell.escape_markdown(prepared.notice))
    return InputPicture(picture.rgb, prepared)


def _choose_options(key: str) -> PreparationOptions:
    with st.popover("Options", icon=":material/tune:"):
        kinds = list(PICTURE_KIND_TITLES)
        kind = st.selectbox(
            "Kind of picture",
            kinds,
            format_func=PICTURE_KIND_TITLES.__getitem__,
            key=f"{key}-kind",
            persist_state="session",
        )
        angle = st.selectbox(
            "Rotate left", [0, 90, 180, 270], format_func="{}°".format, key=f"{key}-turn", persist_state="session"
        )
        invert = st.toggle("Swap light and dark", key=f"{key}-invert", persist_state="session")
    st.toggle(
        "Mark the garment",
        key=f"{key}-mark",
        persist_state="session",
        help="Paint over what belongs to the garment and what doesn't.",
    )
    # a catalogue may hold other things than garments: what a picture shows is then the whole of it
    return PreparationOptions(
        kind, invert, angle // 90, letterbox_without_garment=caches.current_dataset().has_pictures
    )


def choose_test_image() -> InputPicture | None:
    """An image of the test split, by number or at random: a picture, or an image to paint over. None without any."""
    data = caches.current_dataset()
    test = data.split("test")
    if not len(test):
        st.caption(shell.escape_markdown(f"{data.title} has no test pictures."))
        return None
    set_widget_value(TEST_IMAGE_KEY, min(st.session_state.get(TEST_IMAGE_KEY, 0), len(test) - 1))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if st.button("Random image", icon=":material/shuffle:"):
            st.session_state[TEST_IMAGE_KEY] = int(np.random.default_rng().integers(len(test)))
        index = int(st.number_input("Test image", 0, len(test) - 1, key=TEST_IMAGE_KEY, bind="query-params"))
    original = test.images[index]
    true_class = f"True class: {data.classes[int(test.labels[index])].name}. {data.title}, test image {index:,}."
    if data.has_pictures:
        return _show_test_picture(data, index, original, true_class)
    image = painting_canvas("paint", original)
    st.caption(shell.escape_markdown(f"{true_class} Paint over it and see what changes."))
    if not image.any():
        raise PictureError("The image is completely black. Restore it, or paint something light.")
    return InputPicture(image, prepare_picture(image, PreparationOptions("sample")), original)


def _show_test_picture(data: Dataset, index: int, image: np.ndarray, caption: str) -> InputPicture:
    content = data.read_picture("test", index)
    if data.fold_numbers:
        caption += f" {SEEN_TEXT}"
    st.image(content, width=TEST_PICTURE_WIDTH, alt=caption)
    st.caption(shell.escape_markdown(caption))
    rgb, views = decode_picture(content).rgb, data.views("test")[index]
    # as it was prepared when it was imported
    return InputPicture(rgb, PreparedPicture("sample", (PreparationStep("28 × 28", image),), views, rgb))


def show_preparation_steps(prepared: PreparedPicture) -> None:
    """The images of each step, and all views."""
    n_views = len(prepared.views)
    others = f" and {n_views - 1} more views" if n_views > 1 else ""
    prefix = f"Prepared as {PICTURE_KIND_DESCRIPTIONS[prepared.kind]}. " if len(prepared.steps) > 1 else ""
    st.caption(f"{prefix}The models see {'the last' if prefix else 'this'} image{others}:")
    with st.container(horizontal=True, gap="small"):
        for step in prepared.steps:
            is_small = max(step.image.shape[:2]) <= 28
            image = gallery.enlarge_pixels(step.image, 3) if is_small else step.image
            st.image(image, caption=step.name, alt=step.name, width=STEP_IMAGE_WIDTH)
    if n_views > 1:
        with st.expander("All views"):
            gallery.image_gallery(prepared.views, [f"{i + 1}" for i in range(n_views)], scale=2)
