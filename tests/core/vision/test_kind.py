import cv2
import numpy as np
import pytest

from fashion_core.data import FashionMNIST
from fashion_core.vision import drawing
from fashion_core.vision.kind import blacken_pale_strokes, detect_picture_kind

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


@pytest.mark.parametrize("ink", [(255, 255, 150), (200, 240, 255), (255, 255, 255)])
def test_thin_pale_lines_with_soft_edges_are_blackened(ink: tuple[int, int, int]) -> None:
    lines = (255 - draw_trouser(3)[..., :1]) / 255
    rgb = np.rint(np.array(ink) * lines + 255 * (1 - lines)).astype(np.uint8)
    opaque = lines[..., 0] >= 0.5
    black = blacken_pale_strokes(rgb, opaque)
    assert (black[opaque] == 0).all()
    assert (black[~opaque] == 255).all()
    assert detect_picture_kind(black)[0] == "drawing"


def test_dark_lines_and_narrow_white_garments_stay_as_they_are() -> None:
    legs = np.zeros((260, 200), bool)
    legs[20:240, 60:85] = legs[20:240, 110:135] = legs[20:45, 60:135] = True
    folds = np.clip(np.random.default_rng(0).normal(235, 8, (260, 200, 1)), 0, 255)
    garment = np.where(legs[..., None], folds, 255).astype(np.uint8).repeat(3, axis=2)
    np.testing.assert_array_equal(blacken_pale_strokes(garment, legs), garment)
    np.testing.assert_array_equal(blacken_pale_strokes(PENS["red"], PENS["red"][..., 1] < 255), PENS["red"])
