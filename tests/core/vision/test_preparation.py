from typing import Literal

import cv2
import numpy as np
import pytest

from fashion_core.data import FashionMNIST
from fashion_core.errors import PictureError
from fashion_core.vision import drawing, photo
from fashion_core.vision.decode import DecodedPicture
from fashion_core.vision.kind import PictureKind
from fashion_core.vision.preparation import (
    PICTURE_KINDS,
    PREPARATION_KINDS,
    PreparationOptions,
    detect_picture_kind,
    prepare_picture,
)
from fashion_core.vision.resize import resize_and_centre

RNG = np.random.default_rng(6)
SHIRT = np.array(
    [(60, 40), (140, 40), (185, 80), (165, 110), (142, 95), (142, 220), (58, 220), (58, 95), (35, 110), (15, 80)]
)

SHIFTED = (SHIRT + np.array([40, 10])).astype(np.int32)


def shirt_on(ground: np.ndarray, colour: tuple[int, int, int]) -> np.ndarray:
    """``ground`` uint8 [260, 200, 3] with a shirt painted on."""
    picture = ground.copy()
    cv2.fillPoly(picture, [SHIRT.astype(np.int32)], colour)
    return picture


def textured() -> np.ndarray:
    """A wooden floor of sorts."""
    stripes = 150 + 25 * np.sin(np.arange(260) / 6)[:, None, None] + RNG.normal(0, 6, (260, 200, 1))
    return np.clip(stripes * np.array([1.0, 0.8, 0.55]), 0, 255).astype(np.uint8)


def outline(gap: int = 0) -> np.ndarray:
    """The shirt drawn with a black pen on white paper, uint8 [280, 280]; ``gap`` pixels of the hem are missing."""
    paper = np.full((280, 280), 255, np.uint8)
    cv2.polylines(paper, [SHIFTED], True, 0, 7)
    paper[200:, 140 : 140 + gap] = 255
    return paper


def truth() -> np.ndarray:
    mask = np.zeros((260, 200), np.uint8)
    cv2.fillPoly(mask, [SHIRT.astype(np.int32)], 1)
    return mask > 0


def assert_in_form(result: np.ndarray) -> None:
    assert result.shape == (28, 28)
    assert result.dtype == np.uint8
    rows, columns = np.flatnonzero(result.any(axis=1)), np.flatnonzero(result.any(axis=0))
    extent = (rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1)
    assert max(extent) == 28
    assert abs((rows[0] + rows[-1]) - 27) <= 1
    assert abs((columns[0] + columns[-1]) - 27) <= 1


def overlap(a: np.ndarray, b: np.ndarray) -> float:
    return (a & b).sum() / (a | b).sum()


@pytest.mark.parametrize("colour", [(30, 40, 110), (150, 30, 40)])
def test_a_garment_is_found_on_a_textured_ground(colour: tuple[int, int, int]) -> None:
    picture = shirt_on(textured(), colour)
    prepared = prepare_picture(picture)
    assert prepared.kind == "photo"
    assert_in_form(prepared.image)
    small = photo.shrink_for_segmentation(picture)
    expected = cv2.resize(truth().astype(np.uint8), small.shape[1::-1], interpolation=cv2.INTER_AREA) > 0
    assert overlap(photo.find_garment_masks(small).masks[0], expected) > 0.85


def test_without_colour_a_garment_is_found_by_its_texture() -> None:
    random = np.random.default_rng(0)
    shape = truth()
    spread = np.where(shape, 30, 4)  # the same mean brightness inside and outside
    grey = np.clip(random.normal(128, spread), 0, 255).astype(np.uint8)
    masks = photo.find_garment_masks(np.repeat(grey[..., None], 3, axis=2)).masks
    assert overlap(masks[0], shape) > 0.8


def white_cut_out() -> DecodedPicture:
    """A white shirt on a transparent ground, which is white too."""
    return DecodedPicture(np.full((260, 200, 3), 255, np.uint8), truth())


@pytest.mark.parametrize("kind", ["auto", "photo", "shop"])
def test_a_white_garment_on_a_transparent_ground_is_found_by_its_transparency(
    kind: PictureKind | Literal["auto"],
) -> None:
    prepared = prepare_picture(white_cut_out(), PreparationOptions(kind))
    assert prepared.kind == "shop"
    assert_in_form(prepared.image)
    dark = prepare_picture(shirt_on(np.full((260, 200, 3), 255, np.uint8), (20, 20, 20)))
    assert overlap(prepared.image > 0, dark.image > 0) > 0.9


def test_transparency_is_rotated_and_cropped_with_the_picture() -> None:
    cut_out = white_cut_out()
    options = PreparationOptions(quarter_turns=1, crop=(0.02, 0.02, 1.0, 0.98))
    turned = prepare_picture(DecodedPicture(np.rot90(cut_out.rgb, -1), np.rot90(truth(), -1)), options)
    assert overlap(turned.image > 0, prepare_picture(cut_out).image > 0) > 0.95


@pytest.mark.parametrize("opaque_rows", [slice(0, 2), slice(2, 260)])
def test_transparency_that_cannot_be_a_garment_is_ignored(opaque_rows: slice) -> None:
    picture = shirt_on(np.full((260, 200, 3), 253, np.uint8), (40, 60, 60))
    opaque = np.zeros((260, 200), bool)
    opaque[opaque_rows] = True
    np.testing.assert_array_equal(
        prepare_picture(DecodedPicture(picture, opaque)).image, prepare_picture(picture).image
    )


def test_a_drawing_on_a_transparent_ground_stays_a_drawing() -> None:
    paper = np.repeat(outline()[..., None], 3, axis=2)
    assert prepare_picture(DecodedPicture(paper, outline() == 0)).kind == "drawing"


@pytest.mark.parametrize("ink", [235, 255])
@pytest.mark.parametrize("kind", ["auto", "drawing"])
def test_a_pale_drawing_on_a_transparent_ground_is_prepared_as_a_black_one(
    ink: int, kind: PictureKind | Literal["auto"]
) -> None:
    strokes = outline() == 0
    pale = DecodedPicture(np.where(strokes[..., None], ink, 255).astype(np.uint8).repeat(3, axis=2), strokes)
    prepared = prepare_picture(pale, PreparationOptions(kind))
    black = prepare_picture(outline())
    assert prepared.kind == black.kind == "drawing"
    np.testing.assert_array_equal(prepared.views, black.views)
    np.testing.assert_array_equal(prepared.picture, black.picture)


def test_a_plain_shop_background_becomes_exactly_black() -> None:
    picture = shirt_on(np.full((260, 200, 3), 253, np.uint8), (40, 60, 60))
    prepared = prepare_picture(picture)
    assert_in_form(prepared.image)
    assert (
        overlap(photo.find_garment_masks(picture, photo.find_garment_on_plain_background(picture)).masks[0], truth())
        > 0.95
    )
    expected = resize_and_centre(np.where(truth(), 200, 0).astype(np.uint8)) > 0
    assert overlap(prepared.image > 0, expected) > 0.9


def test_dark_garments_become_light_unless_inverted() -> None:
    picture = shirt_on(np.full((260, 200, 3), 253, np.uint8), (30, 30, 30))
    usual, swapped = prepare_picture(picture).image, prepare_picture(picture, PreparationOptions(invert=True)).image
    assert usual[14, 14] > 200
    assert swapped[14, 14] < 60


def test_rotating_rotates_the_garment() -> None:
    picture = shirt_on(np.full((260, 200, 3), 253, np.uint8), (30, 30, 30))
    turned = prepare_picture(np.ascontiguousarray(np.rot90(picture, -1)), PreparationOptions(quarter_turns=1))
    assert overlap(turned.image > 0, prepare_picture(picture).image > 0) > 0.95


@pytest.mark.parametrize("gap", [0, 8, 30])
def test_an_outline_is_filled_even_with_a_gap(gap: int) -> None:
    prepared = prepare_picture(outline(gap))
    assert prepared.kind == "drawing"
    assert_in_form(prepared.image)
    assert prepared.image[14, 14] >= 150
    assert [step.name for step in prepared.steps] == ["Strokes", "Filled", "28 × 28"]


def test_light_ink_on_dark_paper_is_the_same_drawing() -> None:
    np.testing.assert_array_equal(
        prepare_picture(255 - outline(), PreparationOptions("drawing")).image,
        prepare_picture(outline(), PreparationOptions("drawing")).image,
    )


def test_a_scribble_that_encloses_nothing_keeps_its_strokes() -> None:
    paper = np.full((280, 280), 255, np.uint8)
    cv2.line(paper, (40, 40), (240, 240), 0, 7)
    assert prepare_picture(paper, PreparationOptions("drawing")).image.any()


def test_an_image_of_the_data_set_is_not_changed(fashion_mnist: FashionMNIST) -> None:
    for image in fashion_mnist.split("test").images[:20]:
        prepared = prepare_picture(image)
        assert prepared.kind == "sample"
        np.testing.assert_array_equal(prepared.image, image)


@pytest.mark.parametrize("kind", PREPARATION_KINDS)
def test_an_empty_picture_raises(kind) -> None:
    blank = np.full((100, 100, 3), 255 if kind != "sample" else 0, np.uint8)
    with pytest.raises(PictureError):
        prepare_picture(blank, PreparationOptions(kind))


def test_a_picture_one_pixel_wide_raises() -> None:
    with pytest.raises(PictureError, match="less than two pixels"):
        prepare_picture(np.zeros((50, 1, 3), np.uint8))


def test_the_same_photograph_is_prepared_the_same_way_twice() -> None:
    picture = shirt_on(textured(), (30, 40, 110))
    np.testing.assert_array_equal(prepare_picture(picture).image, prepare_picture(picture).image)


def test_a_grey_strap_on_white_is_not_a_drawing() -> None:
    picture = np.full((300, 300), 253, np.uint8)
    cv2.ellipse(picture, (150, 150), (110, 60), 0, 0, 360, 60, 12)
    cv2.line(picture, (60, 150), (240, 150), 150, 14)
    blurred = cv2.GaussianBlur(picture, (0, 0), 5)
    assert detect_picture_kind(np.repeat(blurred[..., None], 3, axis=2))[0] != "drawing"


def test_kinds_are_detected() -> None:
    assert detect_picture_kind(shirt_on(textured(), (30, 40, 110)))[0] == "photo"
    assert detect_picture_kind(np.repeat(outline()[..., None], 3, axis=2))[0] == "drawing"
    assert detect_picture_kind(shirt_on(np.full((260, 200, 3), 255, np.uint8), (20, 20, 20)))[0] == "shop"
    assert set(PICTURE_KINDS) == {"photo", "shop", "drawing", "sample"}


@pytest.mark.parametrize(("height", "width"), [(3, 300), (300, 3), (1, 1), (28, 28), (5, 9)])
def test_resizing_fills_the_longest_edge_of_any_shape(height: int, width: int) -> None:
    canvas = np.zeros((320, 320), np.uint8)
    canvas[7 : 7 + height, 3 : 3 + width] = 200
    result = resize_and_centre(canvas)
    assert max(result.any(axis=1).sum(), result.any(axis=0).sum()) == 28


def test_the_outline_s_area_is_the_polygon_s() -> None:
    ink = outline() < 128
    expected = np.zeros((280, 280), np.uint8)
    cv2.fillPoly(expected, [SHIFTED], 1)
    assert overlap(drawing.fill_outline(ink), (expected > 0) | ink) > 0.97


@pytest.mark.parametrize(("height", "width"), [(8, 1200), (2, 2), (2, 50), (1600, 3), (1600, 12), (11, 11), (12, 12)])
def test_narrow_pictures_raise_picture_errors_only(height: int, width: int) -> None:
    noise = RNG.integers(0, 256, (height, width, 3), dtype=np.uint8)
    for kind in ("auto", *PREPARATION_KINDS):
        try:
            result = prepare_picture(noise, PreparationOptions(kind)).image
        except PictureError:
            continue
        assert result.shape == (28, 28)


@pytest.mark.parametrize("margin", [10, 30])
def test_a_large_filled_drawing_is_not_taken_for_dark_paper(margin: int) -> None:
    paper = np.full((280, 280), 255, np.uint8)
    paper[margin : 280 - margin, margin : 280 - margin] = 0  # up to 86 % of the sheet
    result = prepare_picture(paper, PreparationOptions("drawing")).image
    assert result.min() > 0  # the square fills the picture
    with pytest.raises(PictureError, match="empty"):
        prepare_picture(np.zeros((280, 280), np.uint8), PreparationOptions("drawing"))


@pytest.mark.parametrize("brightness", [(225, 252), (243, 251)])
def test_a_white_garment_on_white_keeps_its_area(brightness: tuple[int, int]) -> None:
    folds = np.linspace(*brightness, 200)[None, :, None] + np.zeros((260, 1, 3))
    picture = np.where(truth()[..., None], folds, 255).astype(np.uint8)
    decoded = cv2.imdecode(cv2.imencode(".jpg", picture)[1], cv2.IMREAD_COLOR)
    prepared = prepare_picture(decoded)
    assert prepared.kind == "shop"
    expected = resize_and_centre(np.where(truth(), 200, 0).astype(np.uint8)) > 0
    assert overlap(prepared.image > 0, expected) > 0.9


def test_a_shadow_beside_a_dark_garment_on_white_is_not_part_of_it() -> None:
    shadow = shirt_on(np.full((260, 200, 3), 255, np.uint8), (246, 246, 246))
    picture = cv2.GaussianBlur(np.roll(shadow, 12, axis=1), (0, 0), 5)
    cv2.fillPoly(picture, [SHIRT.astype(np.int32)], (40, 40, 60))
    mask = photo.find_garment_masks(picture, photo.find_garment_on_plain_background(picture)).masks[0]
    assert overlap(mask, truth()) > 0.95


def test_of_three_garments_the_largest_is_prepared() -> None:
    picture = np.full((300, 400, 3), 255, np.uint8)
    picture[40:260, 150:250] = (40, 60, 120)  # tall and largest
    picture[120:150, 20:100] = picture[150:180, 300:380] = (150, 40, 40)  # two wide ones
    garment = prepare_picture(picture).image > 0
    assert garment.any(axis=1).sum() == 28
    assert garment.any(axis=0).sum() == pytest.approx(28 * 100 / 220, abs=1)


@pytest.mark.parametrize("kind", ["shop", "drawing"])
@pytest.mark.parametrize(("n", "is_noticed"), [(1, False), (2, False), (3, True), (4, True)])
def test_three_or_more_garments_on_a_plain_ground_are_noticed_unless_one_was_marked(
    n: int, is_noticed: bool, kind: PictureKind
) -> None:
    picture = np.full((120, 400, 3), 255, np.uint8)
    for i in range(n):
        picture[20:100, 20 + 100 * i : 80 + 100 * i] = (40, 60, 120)
    notice = prepare_picture(picture, PreparationOptions(kind)).notice
    assert (f"{n} garments in this picture" in notice) == is_noticed
    marked = np.zeros((120, 400), bool)
    marked[50:60, 30:40] = True
    assert not prepare_picture(picture, PreparationOptions("shop", keep_strokes=marked)).notice


def test_a_small_piece_beside_a_garment_is_no_garment() -> None:
    picture = np.full((120, 400, 3), 255, np.uint8)
    picture[10:110, 150:250] = (40, 60, 120)
    picture[50:70, 20:60] = picture[50:70, 340:380] = (150, 40, 40)
    assert not prepare_picture(picture, PreparationOptions("shop")).notice


def test_a_letterbox_holds_the_whole_picture_light_on_black() -> None:
    picture = np.full((100, 200, 3), 250, np.uint8)
    picture[40:60, 20:180] = 30
    prepared = prepare_picture(picture, PreparationOptions("letterbox"))
    assert prepared.kind == "letterbox"
    assert [step.name for step in prepared.steps] == ["Picture", "28 × 28"]
    assert (prepared.image[:7] == 0).all()  # bars
    assert (prepared.image[21:] == 0).all()
    assert prepared.image[14, 14] > 200
    assert prepared.image[9, 14] < 10
    swapped = prepare_picture(picture, PreparationOptions("letterbox", invert=True))
    np.testing.assert_array_equal(swapped.image[7:21], 255 - prepared.image[7:21])


def test_where_no_garment_stands_out_the_whole_picture_can_be_taken() -> None:
    narrow = RNG.integers(0, 256, (8, 120, 3), dtype=np.uint8)
    with pytest.raises(PictureError):
        prepare_picture(narrow)
    assert prepare_picture(narrow, PreparationOptions(letterbox_without_garment=True)).kind == "letterbox"
    with pytest.raises(PictureError, match="only one colour"):
        prepare_picture(np.full((80, 80, 3), 90, np.uint8), PreparationOptions(letterbox_without_garment=True))
