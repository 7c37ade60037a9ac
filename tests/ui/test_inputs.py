"""The tab Upload: which files it reads, and what it says about them."""

import io

import numpy as np
import pillow_heif
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from tests.core.recognition.test_batch import encode, make_scene


def upload_tab() -> None:
    import streamlit as st

    from ui.try_it import inputs

    garment = inputs.get_uploaded_picture()
    if garment is not None:
        inputs.show_preparation_steps(garment.prepared)
        st.code(f"{garment.rgb.shape}")


def upload(name: str, content: bytes) -> AppTest:
    test = AppTest.from_function(upload_tab, default_timeout=60).run()
    test.file_uploader[0].set_value((name, content, "application/octet-stream")).run()
    assert not test.exception
    return test


def heic(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    pillow_heif.from_pillow(Image.fromarray(pixels)).save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "content"), [("IMG_1.HEIC", heic(make_scene(1))), ("a.avif", encode(make_scene(1), "AVIF"))]
)
def test_the_formats_of_phones_and_sites_are_read(name: str, content: bytes) -> None:
    test = upload(name, content)
    assert test.code[0].value == "(90, 90, 3)"
    assert not test.warning


def test_a_truncated_jpeg_is_shown_with_a_notice() -> None:
    test = upload("cut.jpg", encode(make_scene(1), "JPEG")[:-40])
    assert "end of this file is missing" in test.warning[0].value
    assert test.code
