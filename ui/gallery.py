"""Garment pictures on a page."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

DISPLAY_SCALE = 3  # screen pixels per image pixel
THUMBNAIL_WIDTH = 80  # at most, in pixels: ten images fit in a row on a laptop


def enlarge_pixels(image: np.ndarray, scale: int = DISPLAY_SCALE) -> np.ndarray:
    """uint8 [28, 28] or [h, w, 3] -> ``scale`` times as high and wide, each pixel a square."""
    return image.repeat(scale, axis=0).repeat(scale, axis=1)


def image_gallery(images: np.ndarray, captions: Sequence[str] | None = None, *, scale: int = DISPLAY_SCALE) -> None:
    """Images uint8 [n, h, w] or colour images [n, h, w, 3] in rows that wrap, each with its caption."""
    if len(images):
        st.image(
            [enlarge_pixels(image, scale) for image in images],
            caption=list(captions) if captions is not None else None,
            alt=list(captions) if captions is not None else ["Garment"] * len(images),
            width=min(images.shape[2] * scale, THUMBNAIL_WIDTH),
            output_format="PNG",
        )
