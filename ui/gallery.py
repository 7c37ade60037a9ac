"""Garment pictures on a page."""

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
import streamlit as st

from fashion_core.data import Dataset
from fashion_core.wording.text import escape_markdown
from ui import serving
from ui.components.pictures import picture_grid

DISPLAY_SCALE = 3  # screen pixels per image pixel
THUMBNAIL_WIDTH = 80  # at most, in pixels: ten images fit in a row on a laptop
PICTURE_WIDTH = 112  # of a picture in colour
GRID_PICTURE_SCALE = 3  # side of a picture in colour in a grid, in sides of an image


def enlarge_pixels(image: np.ndarray, scale: int = DISPLAY_SCALE) -> np.ndarray:
    """uint8 [28, 28] or [h, w, 3] -> ``scale`` times as high and wide, each pixel a square."""
    return image.repeat(scale, axis=0).repeat(scale, axis=1)


def _image_url(image: np.ndarray, scale: int = 1) -> str:
    """The image as a data URL, ``scale`` times as high and wide."""
    return _encode_image(image.tobytes(), image.shape, scale)


@lru_cache(maxsize=4096)  # of about 2 kB each: many visitors look at the same images
def _encode_image(pixels: bytes, shape: tuple[int, ...], scale: int) -> str:
    return serving.image_data_url(enlarge_pixels(np.frombuffer(pixels, np.uint8).reshape(shape), scale))


def image_gallery(images: np.ndarray, captions: Sequence[str] | None = None, *, scale: int = DISPLAY_SCALE) -> None:
    """Images uint8 [n, h, w] or colour images [n, h, w, 3] in rows that wrap, each with its caption."""
    if len(images):
        st.image(
            [_image_url(image, scale) for image in images],
            caption=None if captions is None else list(map(escape_markdown, captions)),
            alt=list(captions) if captions is not None else ["Garment"] * len(images),
            width=min(images.shape[2] * scale, THUMBNAIL_WIDTH),
        )


def picture_gallery(pictures: Sequence[bytes], captions: Sequence[str]) -> None:
    """JPEG files in rows that wrap, each with its caption."""
    if pictures:
        st.image(list(pictures), list(map(escape_markdown, captions)), PICTURE_WIDTH, alt=list(captions))


def garment_urls(dataset: Dataset, indices: np.ndarray) -> list[str]:
    """URLs of the test pictures ``indices`` int [n], in colour where the data set has them."""
    if dataset.has_pictures:
        folder = f"{serving.publish_dataset_images(dataset)}/test"
        return [f"{folder}/{index}.jpg" for index in indices]
    return [_image_url(image) for image in dataset.published_test_arrays[0][indices]]


def garment_grid(
    dataset: Dataset,
    indices: np.ndarray,
    captions: Sequence[str],
    *,
    key: str,
    on_select: Callable[[int], None] | None = None,
    alt_texts: Sequence[str] | None = None,
) -> None:
    """Test pictures ``indices`` int [n], in colour where the data set has them; a click calls ``on_select`` with one of
    ``indices``, and ``alt_texts`` are read out, as in ``picture_grid``."""
    picture_grid(
        garment_urls(dataset, indices), captions, key=key, ids=indices.tolist(), on_select=on_select,
        alt_texts=alt_texts, scale=GRID_PICTURE_SCALE if dataset.has_pictures else 2,
        are_photographs=dataset.has_pictures,
    )  # fmt: skip
