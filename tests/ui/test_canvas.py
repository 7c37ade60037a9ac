import base64

import pytest

from fashion_core.errors import PictureError
from ui.components.canvas import LARGEST, PREFIX, decode


def test_an_empty_sheet_is_no_drawing() -> None:
    assert decode("") is None


def test_a_drawing_arrives_as_its_bytes() -> None:
    assert decode(PREFIX + base64.b64encode(b"\x89PNG").decode()) == b"\x89PNG"


@pytest.mark.parametrize(
    "sent",
    [None, 3, {"a": 1}, "hello", "data:text/html;base64,AAAA", PREFIX + "not base64!", PREFIX + "A" * LARGEST],
)
def test_anything_else_is_refused(sent: object) -> None:
    with pytest.raises(PictureError, match="draw again"):
        decode(sent)
