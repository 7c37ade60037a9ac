import cv2
import numpy as np
import pytest

from fashion_core.data import FashionMNIST
from fashion_core.vision import drawing
from fashion_core.vision.kind import detect_picture_kind

WHITE = (255, 255, 255)
TROUSER = [(90, 40), (190, 40), (200, 240), (160, 240), (140, 110), (120, 240), (80, 240)]


def draw_trouser(
    thickness: int = 7, ink: tuple[int, int, int] = (0, 0, 0), paper: tuple[int, int, int] = WHITE, scale: float = 1.0
) -> np.ndarray:
    """Outline of a trouser on paper, uint8 [280, 280, 3]."""
    picture = np.full((280, 280, 3), paper, np.uint8)
    points = (np.array(TROUSER) * scale + 20).astype(np.int32)
    cv2.polylines(picture, [points], True, ink, thickness, cv2.LINE_AA)
    return picture


def photograph_of(picture: np.ndarray) -> np.ndarray:
    """``picture`` on paper in the shadow of a hand, slightly blurred and noisy, uint8 [280, 280, 3]."""
    y, x = np.mgrid[0:280, 0:280] / 280
    shade = (0.95 - 0.35 * x) * (1 - 0.3 / (1 + np.exp((np.hypot(x - 0.9, y - 1) - 0.6) / 0.05)))
    noise = np.random.default_rng(0).normal(0, 4, picture.shape)
    shaded = picture * shade[..., None] * [1, 0.97, 0.88] + noise
    return cv2.GaussianBlur(np.clip(shaded, 0, 255).astype(np.uint8), (0, 0), 0.8)


PENS = {
    "thin": draw_trouser(3),
    "thick": draw_trouser(14),
    "small": draw_trouser(3, scale=0.4),
    "red": draw_trouser(ink=(200, 30, 40)),
    "yellow": draw_trouser(ink=(250, 220, 0)),
    "blue on cream": draw_trouser(ink=(40, 60, 160), paper=(250, 240, 220)),
    "pencil": draw_trouser(ink=(120, 120, 120)),
    "chalk": draw_trouser(ink=(240, 240, 230), paper=(20, 45, 30)),
    "neon": draw_trouser(ink=(0, 255, 120), paper=(0, 0, 0)),
    "photographed": photograph_of(draw_trouser(5, ink=(30, 30, 60))),
}


@pytest.mark.parametrize("pen", PENS)
def test_a_drawing_in_any_pen_is_a_drawing(pen: str) -> None:
    assert detect_picture_kind(PENS[pen])[0] == "drawing"


@pytest.mark.parametrize("size", [100, 196, 700])
def test_a_drawing_of_any_size_is_a_drawing(size: int) -> None:
    resized = cv2.resize(draw_trouser(9), (size, size), interpolation=cv2.INTER_AREA)
    assert detect_picture_kind(resized)[0] == "drawing"


@pytest.mark.parametrize("pen", ["red", "yellow", "blue on cream", "pencil", "chalk", "neon"])
def test_coloured_ink_is_found_as_black_ink_is(pen: str) -> None:
    np.testing.assert_array_equal(drawing.find_ink(PENS[pen]), drawing.find_ink(draw_trouser()))


def test_a_shadow_on_the_paper_is_no_ink() -> None:
    ink, expected = drawing.find_ink(PENS["photographed"]), drawing.find_ink(draw_trouser(5))
    assert (ink & expected).sum() / (ink | expected).sum() > 0.9


@pytest.mark.parametrize("colour", [(0, 0, 0), (25, 30, 60), (180, 30, 40)])
def test_a_filled_garment_on_white_is_a_shop_picture(colour: tuple[int, int, int]) -> None:
    picture = np.full((280, 280, 3), 255, np.uint8)
    cv2.fillPoly(picture, [np.array(TROUSER, np.int32)], colour, cv2.LINE_AA)
    assert detect_picture_kind(picture)[0] == "shop"


def test_images_of_the_data_set_saved_larger_are_not_drawings(fashion_mnist: FashionMNIST) -> None:
    for image in fashion_mnist.split("test").images[:40]:
        large = cv2.resize(255 - image, (224, 224), interpolation=cv2.INTER_CUBIC)
        assert detect_picture_kind(np.repeat(large[..., None], 3, axis=2))[0] != "drawing"
