"""Garment pictures on a page."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

DISPLAY_SCALE = 3  # screen pixels per image pixel
THUMBNAIL_WIDTH = 80  # at most, in pixels: ten images fit in a row on a laptop


def enlarge_pixels(images: np.ndarray, scale: int = DISPLAY_SCALE) -> np.ndarray:
    """uint8 [..., 28, 28] -> [..., 28 * scale, 28 * scale], each pixel a square."""
    return images.repeat(scale, axis=-2).repeat(scale, axis=-1)


def image_gallery(images: np.ndarray, captions: Sequence[str] | None = None, *, scale: int = DISPLAY_SCALE) -> None:
    """Pictures uint8 [n, 28, 28] in rows that wrap, each with its caption."""
    if len(images):
        st.image(
            list(enlarge_pixels(images, scale)),
            caption=list(captions) if captions is not None else None,
            alt=list(captions) if captions is not None else ["Garment"] * len(images),
            width=min(28 * scale, THUMBNAIL_WIDTH),
            output_format="PNG",
        )


def colour_image_gallery(images: np.ndarray, captions: Sequence[str], *, scale: int = DISPLAY_SCALE) -> None:
    """Colour pictures uint8 [n, h, w, 3] in rows that wrap, each with its caption."""
    large = images.repeat(scale, axis=1).repeat(scale, axis=2)
    st.image(
        list(large),
        caption=list(captions),
        alt=list(captions),
        width=min(images.shape[2] * scale, THUMBNAIL_WIDTH),
        output_format="PNG",
    )
