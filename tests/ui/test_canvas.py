import base64
import io

import numpy as np
import pytest
from PIL import Image

from fashion_core.errors import PictureError
from ui.components.canvas import MAX_DATA_URL_LENGTH, PNG_DATA_URL_PREFIX, decode_png_data_url


def address(pixels: np.ndarray) -> str:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return PNG_DATA_URL_PREFIX + base64.b64encode(buffer.getvalue()).decode()


def test_an_empty_sheet_gives_none() -> None:
    assert decode_png_data_url("", (4, 3)) is None


def test_a_drawing_is_decoded() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (3, 4, 4), dtype=np.uint8)
    np.testing.assert_array_equal(decode_png_data_url(address(pixels), (4, 3)), pixels)


@pytest.mark.parametrize(
    "sent",
    [
        None,
        3,
        {"a": 1},
        "hello",
        "data:text/html;base64,AAAA",
        PNG_DATA_URL_PREFIX + "not base64!",
        PNG_DATA_URL_PREFIX + "A" * MAX_DATA_URL_LENGTH,
        PNG_DATA_URL_PREFIX + base64.b64encode(b"\x89PNG").decode(),
        address(np.zeros((3, 4, 4), np.uint8))[:60],
        address(np.zeros((9, 9, 4), np.uint8)),
    ],
)
def test_other_values_are_refused(sent: object) -> None:
    with pytest.raises(PictureError, match="draw again"):
        decode_png_data_url(sent, (4, 3))
