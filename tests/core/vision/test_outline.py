import numpy as np

from fashion_core.vision.outline import OUTLINE_COLOUR, draw_outline


def test_the_outline_runs_around_the_garment_and_the_rest_stays() -> None:
    picture, mask = np.full((200, 150), 90, np.uint8), np.zeros((200, 150), bool)
    mask[50:150, 40:110] = True
    outlined = draw_outline(picture, mask)
    is_line = (outlined == OUTLINE_COLOUR).all(axis=2)
    assert is_line[50:150, 40].all()
    assert is_line[50, 40:110].all()
    assert not is_line[60:140, 50:100].any()
    assert (outlined[~is_line] == 90).all()
    assert (picture == 90).all()
