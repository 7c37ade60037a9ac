import cv2
import numpy as np
import pytest

from fashion_core.vision.frames import MAX_NESTED_FRAMES, find_framed_picture
from fashion_core.vision.preparation import PreparationOptions, prepare_picture, rotate_and_crop

SHIRT = np.array([(60, 40), (140, 40), (185, 80), (165, 110), (142, 95), (142, 220), (58, 220), (58, 95), (35, 110)])


def photograph() -> np.ndarray:
    """A blue shirt on a wooden floor of sorts, uint8 [260, 200, 3]."""
    noise = np.random.default_rng(0).normal(0, 6, (260, 200, 1))
    stripes = 150 + 25 * np.sin(np.arange(260) / 6)[:, None, None] + noise
    picture = np.clip(stripes * np.array([1.0, 0.8, 0.55]), 0, 255).astype(np.uint8)
    return cv2.fillPoly(picture, [SHIRT.astype(np.int32)], (30, 40, 110))


def framed(picture: np.ndarray, colour: tuple[int, int, int], margins: tuple[int, int, int, int]) -> np.ndarray:
    """``picture`` with ``margins`` above, below, left and right, in ``colour``, as a JPEG shows it."""
    whole = cv2.copyMakeBorder(picture, *margins, cv2.BORDER_CONSTANT, value=colour)
    decoded = cv2.imdecode(cv2.imencode(".jpg", whole)[1], cv2.IMREAD_COLOR)
    assert decoded is not None
    return decoded


def card(picture: np.ndarray) -> np.ndarray:
    white = framed(picture, (255, 255, 255), (14, 60, 14, 14))
    cv2.putText(white, "No. 12", (20, white.shape[0] - 25), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (60, 60, 60), 1)
    return framed(white, (221, 214, 204), (20, 20, 20, 20))


def screenshot(picture: np.ndarray) -> np.ndarray:
    page = framed(picture, (255, 255, 255), (52, 98, 20, 20))
    height, width = page.shape[:2]
    page[:36] = 245
    cv2.putText(page, "shop", (12, 24), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (90, 90, 90), 1)
    cv2.rectangle(page, (20, height - 54), (width - 20, height - 20), (23, 105, 170), -1)
    return page


def rounded(picture: np.ndarray, radius: int) -> np.ndarray:
    """``picture`` with rounded corners on white, as apps and sites show it."""
    height, width = picture.shape[:2]
    mask = np.zeros((height, width), np.uint8)
    cv2.rectangle(mask, (radius, 0), (width - radius - 1, height - 1), 255, -1)
    cv2.rectangle(mask, (0, radius), (width - 1, height - radius - 1), 255, -1)
    for x in (radius, width - radius - 1):
        for y in (radius, height - radius - 1):
            cv2.circle(mask, (x, y), radius, 255, -1)
    return framed(np.where(mask[..., None] > 0, picture, 255).astype(np.uint8), (255, 255, 255), (30, 30, 30, 30))


def with_shadow(picture: np.ndarray) -> np.ndarray:
    """``picture`` on white, with a soft shadow below it."""
    height, width = picture.shape[:2]
    shade = np.zeros((height + 80, width + 80), np.float32)
    shade[44 : 44 + height, 40 : 40 + width] = 60
    page = np.repeat((255 - cv2.GaussianBlur(shade, (0, 0), 6))[..., None], 3, axis=2).astype(np.uint8)
    page[40 : 40 + height, 40 : 40 + width] = picture
    return framed(page, (255, 255, 255), (0, 0, 0, 0))


FRAMED = {
    "white": (framed(photograph(), (255, 255, 255), (28, 28, 28, 28)), (28, 28)),
    "black": (framed(photograph(), (0, 0, 0), (20, 20, 20, 20)), (20, 20)),
    "coloured": (framed(photograph(), (127, 184, 216), (24, 24, 24, 24)), (24, 24)),
    "card": (card(photograph()), (34, 34)),
    "screenshot": (screenshot(photograph()), (52, 20)),
    "slightly rounded": (rounded(photograph(), 6), (30, 30)),
    "rounded": (rounded(photograph(), 16), (30, 30)),
    "shadow": (with_shadow(photograph()), (40, 40)),
}


@pytest.mark.parametrize("frame", FRAMED)
def test_the_picture_in_a_frame_is_found(frame: str) -> None:
    picture, corner = FRAMED[frame]
    found = find_framed_picture(picture)
    assert found is not None
    height, width = picture.shape[:2]
    left, top, right, bottom = np.array(found) * [width, height, width, height]
    expected = [corner[1], corner[0], corner[1] + 200, corner[0] + 260]
    np.testing.assert_allclose([left, top, right, bottom], expected, atol=8)


@pytest.mark.parametrize("frame", FRAMED)
def test_a_framed_photograph_is_prepared_as_the_photograph(frame: str) -> None:
    prepared = prepare_picture(FRAMED[frame][0])
    assert prepared.kind == "photo"
    assert [step.name for step in prepared.steps][:3] == ["Picture", "Frame removed", "Garment found"]
    shape, expected = prepared.image > 0, prepare_picture(photograph()).image > 0
    assert (shape & expected).sum() / (shape | expected).sum() > 0.85


@pytest.mark.parametrize("n", [1, MAX_NESTED_FRAMES, MAX_NESTED_FRAMES + 1])
def test_frames_in_frames_are_removed_up_to_a_limit(n: int) -> None:
    picture = photograph()
    for i in range(n):
        picture = framed(picture, (0, 0, 0) if i % 2 else (255, 255, 255), (24, 24, 24, 24))
    found = find_framed_picture(picture)
    assert found is not None
    inner = rotate_and_crop(picture, PreparationOptions(crop=found))
    assert (find_framed_picture(inner) is None) == (n <= MAX_NESTED_FRAMES)
    assert [step.name for step in prepare_picture(picture).steps].count("Frame removed") == 1


def test_strokes_over_a_framed_photograph_stay_where_they_are() -> None:
    picture, (top, left) = FRAMED["coloured"]
    keep = np.zeros(picture.shape[:2], bool)
    keep[top + 240 : top + 250, left + 90 : left + 110] = True  # below the shirt
    prepared = prepare_picture(picture, PreparationOptions(keep_strokes=keep, remove_strokes=np.zeros_like(keep)))
    garment = {step.name: step.image for step in prepared.steps}["Light on black"]
    assert garment[-10:, 48:72].any()


@pytest.mark.parametrize("shape", ["shirt", "bag", "tilted bag", "round bag", "square"])
def test_a_garment_on_white_is_no_framed_picture(shape: str) -> None:
    picture = np.full((260, 200, 3), 253, np.uint8)
    if shape == "shirt":
        cv2.fillPoly(picture, [SHIRT.astype(np.int32)], (30, 40, 110))
    elif shape == "bag":
        cv2.ellipse(picture, (100, 110), (40, 40), 0, 180, 360, (90, 60, 30), 8)
        cv2.rectangle(picture, (30, 110), (170, 220), (120, 80, 40), -1)
        cv2.line(picture, (30, 150), (170, 150), (40, 30, 20), 5)
    elif shape == "tilted bag":
        corners = cv2.boxPoints(((100, 130), (140, 110), 3)).astype(np.int32)
        cv2.fillPoly(picture, [corners], (120, 80, 40))
        cv2.line(picture, (40, 130), (160, 136), (40, 30, 20), 5)
    elif shape == "round bag":
        cv2.rectangle(picture, (40, 80), (160, 200), (120, 80, 40), 20, cv2.LINE_AA)
        cv2.rectangle(picture, (40, 80), (160, 200), (90, 60, 30), -1)
    else:
        picture[60:200, 30:170] = (120, 80, 40)
    assert find_framed_picture(picture) is None
    names = [step.name for step in prepare_picture(picture).steps]
    assert "Frame removed" not in names


def test_a_photograph_has_no_frame() -> None:
    assert find_framed_picture(photograph()) is None
