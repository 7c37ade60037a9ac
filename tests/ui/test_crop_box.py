"""What a browser may send as a crop box."""

import math

import pytest

from ui.components.crop import WHOLE_PICTURE, parse_box


def test_a_box_inside_the_picture_is_taken() -> None:
    assert parse_box([0.1, 0, 1, 0.5]) == (0.1, 0.0, 1.0, 0.5)


@pytest.mark.parametrize(
    "sent",
    [None, "box", [], [0, 0, 1], [0, 0, 1, "1"], [0.5, 0, 0.5, 1], [0, 0.9, 1, 0.1], [-0.1, 0, 1, 1], [0, 0, 1, 1.1],
     [0, 0, math.nan, 1], [0, 0, math.inf, 1]],
)  # fmt: skip
def test_for_anything_else_the_whole_picture_is_taken(sent: object) -> None:
    assert parse_box(sent) == WHOLE_PICTURE
