"""Prepare any picture for the models, as a list of named steps."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from fashion_core.errors import PictureError
from fashion_core.vision import drawing, photo, segment
from fashion_core.vision.decode import DecodedPicture
from fashion_core.vision.frames import find_framed_picture
from fashion_core.vision.kind import PICTURE_KINDS as PICTURE_KINDS
from fashion_core.vision.kind import PREPARATION_KINDS as PREPARATION_KINDS
from fashion_core.vision.kind import PictureKind, blacken_pale_strokes, detect_picture_kind
from fashion_core.vision.letterbox import letterbox
from fashion_core.vision.outline import draw_outline
from fashion_core.vision.resize import resize_and_centre, shrink_to_side
from fashion_core.vision.sample import find_sample

GARMENT_STEP = "Garment found"  # name of the step that shows the garment on white
MIN_SEVERAL_GARMENTS = 3  # pieces that stand apart; two may be a pair of shoes
WHOLE = (0.0, 0.0, 1.0, 1.0)  # left, top, right and bottom of a picture, as fractions
PICTURE_SIDE = 224  # pixels, at most, of the picture that is kept
PHOTO_WIDTH_FACTORS = (
    1.0,
    0.85,
    0.75,
)  # a garment on the floor has spread sleeves, so it is wider than in a shop's picture


@dataclass(frozen=True)
class PreparationStep:
    """A named step and its image, uint8 [h, w] or [h, w, 3]."""

    name: str
    image: np.ndarray


@dataclass(frozen=True)
class PreparedPicture:
    """``views`` uint8 [v, 28, 28] light on black: the garment cut out in several ways, for test-time augmentation.
    ``steps`` lead to the first view. ``picture`` uint8 [h, w, 3]: the picture itself, upright and cropped, with at most
    ``PICTURE_SIDE`` pixels a side, for models that take it whole. ``outlined`` uint8 [h, w, 3]: the picture with the
    outline of the garment that was found in it; None when nothing was cut out. ``notice``: a sentence to show, such as
    that there are several garments, or ""."""

    kind: PictureKind
    steps: tuple[PreparationStep, ...]
    views: np.ndarray
    picture: np.ndarray
    outlined: np.ndarray | None = None
    notice: str = ""

    @property
    def image(self) -> np.ndarray:
        """The first view, uint8 [28, 28]."""
        return self.steps[-1].image


@dataclass(frozen=True)
class PreparationOptions:
    """How to prepare a picture, applied in this order.

    ``kind``: how it was made, ``auto`` to detect it. ``quarter_turns``: anticlockwise. ``crop``: left, top, right and
    bottom as fractions. ``keep_strokes`` and ``remove_strokes``: bool [h, w] over the cropped picture, what to count as
    garment and what not. ``invert``: swap light and dark. ``letterbox_without_garment``: take the whole picture where
    no garment stands out, instead of raising.
    """

    kind: PictureKind | Literal["auto"] = "auto"
    invert: bool = False
    quarter_turns: int = 0
    crop: tuple[float, float, float, float] = WHOLE
    keep_strokes: np.ndarray | None = None
    remove_strokes: np.ndarray | None = None
    letterbox_without_garment: bool = False


DEFAULT_PREPARATION_OPTIONS = PreparationOptions()


def prepare_picture(
    picture: np.ndarray | DecodedPicture, options: PreparationOptions = DEFAULT_PREPARATION_OPTIONS
) -> PreparedPicture:
    """Prepare ``picture``: uint8 [h, w, 3] or [h, w], or a decoded file, whose transparency then tells the garment.

    Raises ``PictureError`` when there is nothing to classify.
    """
    opaque = None
    if isinstance(picture, DecodedPicture):
        opaque, picture = picture.opaque, picture.rgb
    rgb = picture if picture.ndim == 3 else np.repeat(picture[..., None], 3, axis=2)
    rgb = rotate_and_crop(rgb, options)
    if opaque is not None:
        opaque = rotate_and_crop(opaque, options)
        if options.kind in ("auto", "drawing"):
            rgb = blacken_pale_strokes(rgb, opaque)
    try:
        prepared = _prepare_upright(rgb, opaque, options)
    except PictureError:
        if not options.letterbox_without_garment:
            raise
        prepared = _prepare_letterbox(rgb, options.invert)
    return replace(prepared, picture=shrink_to_side(rgb, PICTURE_SIDE))


def _prepare_upright(rgb: np.ndarray, opaque: np.ndarray | None, options: PreparationOptions) -> PreparedPicture:
    kind, plain = detect_picture_kind(rgb) if options.kind == "auto" else (options.kind, None)
    if kind in ("photo", "shop") and opaque is None:
        inner = find_framed_picture(rgb)
        if inner is not None:
            return _prepare_framed(rgb, inner, options)
    return _prepare_as(kind, rgb, opaque, options, plain)


def rotate_and_crop(picture: np.ndarray, options: PreparationOptions) -> np.ndarray:
    """Rotate and crop [h, w] or [h, w, 3]; raises ``PictureError`` when less than two pixels are left on a side."""
    rotated = np.rot90(picture, options.quarter_turns)
    height, width = rotated.shape[:2]
    left, top, right, bottom = options.crop
    rows = slice(round(top * height), round(bottom * height))
    columns = slice(round(left * width), round(right * width))
    cropped = np.ascontiguousarray(rotated[rows, columns])
    if min(cropped.shape[:2]) < 2:
        raise PictureError("This picture is less than two pixels wide or high. Choose a larger one, or crop less.")
    return cropped


def _prepare_framed(
    rgb: np.ndarray, inner: tuple[float, float, float, float], options: PreparationOptions
) -> PreparedPicture:
    cropping = PreparationOptions(crop=inner)
    keep, remove = (
        None if strokes is None else rotate_and_crop(strokes, cropping)
        for strokes in (options.keep_strokes, options.remove_strokes)
    )
    picture = rotate_and_crop(rgb, cropping)
    kind, plain = detect_picture_kind(picture) if options.kind == "auto" else (options.kind, None)
    prepared = _prepare_as(kind, picture, None, replace(options, keep_strokes=keep, remove_strokes=remove), plain)
    steps = (
        PreparationStep("Picture", photo.shrink_for_segmentation(rgb)),
        PreparationStep("Frame removed", photo.shrink_for_segmentation(picture)),
        *(step for step in prepared.steps if step.name != "Picture"),
    )
    return replace(prepared, steps=steps)


def _prepare_as(
    kind: PictureKind,
    rgb: np.ndarray,
    opaque: np.ndarray | None,
    options: PreparationOptions,
    plain: np.ndarray | None,
) -> PreparedPicture:
    if kind == "sample":
        return _prepare_sample(rgb, options.invert)
    if kind == "drawing":
        return _prepare_drawing(rgb, options.invert)
    if kind == "letterbox":
        return _prepare_letterbox(rgb, options.invert)
    return _prepare_photo(rgb, opaque, options, kind, plain)


def _prepare_sample(rgb: np.ndarray, invert: bool) -> PreparedPicture:
    grey = np.rint(rgb.mean(axis=2)).astype(np.uint8)
    image = find_sample(grey)
    if image is None:
        image = resize_and_centre(255 - grey if invert else grey)
    elif invert:
        image = 255 - image
    steps = (PreparationStep("Picture", grey), PreparationStep("28 × 28", image))
    return PreparedPicture("sample", steps[-1:] if grey.shape == image.shape else steps, image[None], rgb)


def _prepare_letterbox(rgb: np.ndarray, invert: bool) -> PreparedPicture:
    steps = (
        PreparationStep("Picture", photo.shrink_for_segmentation(rgb)),
        PreparationStep("28 × 28", letterbox(rgb, invert=invert)),
    )
    return PreparedPicture("letterbox", steps, steps[-1].image[None], rgb)


def _prepare_drawing(rgb: np.ndarray, invert: bool) -> PreparedPicture:
    ink = drawing.crop_and_shrink_ink(drawing.find_ink(rgb))
    area = drawing.fill_outline(ink)
    rendered = [drawing.render_drawing(area, ink, style) for style in drawing.DRAWING_STYLES]
    if invert:
        rendered = [np.where(area, 255 - grey, 0).astype(np.uint8) for grey in rendered]
    views = np.stack([resize_and_centre(grey) for grey in rendered])
    steps = (
        PreparationStep("Strokes", np.where(ink, 0, 255).astype(np.uint8)),
        PreparationStep("Filled", rendered[0]),
        PreparationStep("28 × 28", views[0]),
    )
    notice = _notice_several_garments(segment.count_similar_pieces(area))
    return PreparedPicture("drawing", steps, views, rgb, draw_outline(steps[0].image, area), notice)


def _prepare_photo(
    rgb: np.ndarray,
    opaque: np.ndarray | None,
    options: PreparationOptions,
    kind: PictureKind,
    plain: np.ndarray | None,
) -> PreparedPicture:
    small = photo.shrink_for_segmentation(rgb)
    if kind == "shop" and plain is None:  # as it was asked for
        plain = photo.find_garment_on_plain_background(small)
    garment = photo.find_cut_out(_resize_mask(opaque, small)) or photo.find_garment_masks(small, plain)
    masks = garment.masks
    notice = "" if plain is None else _notice_several_garments(photo.count_garments_on_plain_background(small))
    strokes = [_resize_mask(s, small) for s in (options.keep_strokes, options.remove_strokes)]
    if any(s.any() for s in strokes):
        notice = ""
        masks = (photo.apply_strokes_to_mask(small, masks[0], *strokes),)
    rendered = [photo.render_photo(small, mask, invert=not options.invert) for mask in masks]
    widths = (1.0,) if garment.is_plain_background else PHOTO_WIDTH_FACTORS
    views = np.stack([resize_and_centre(grey, width) for grey in rendered for width in widths])
    steps = (
        PreparationStep("Picture", small),
        PreparationStep(GARMENT_STEP, np.where(masks[0][..., None], small, 255).astype(np.uint8)),
        PreparationStep("Light on black", rendered[0]),
        PreparationStep("28 × 28", views[0]),
    )
    found: PictureKind = "shop" if garment.is_plain_background else "photo"
    return PreparedPicture(found, steps, views, rgb, draw_outline(small, masks[0]), notice)


def _notice_several_garments(n_pieces: int) -> str:
    if n_pieces < MIN_SEVERAL_GARMENTS:
        return ""
    return f"There seem to be {n_pieces} garments in this picture. Crop it to the one you mean."


def _resize_mask(mask: np.ndarray | None, picture: np.ndarray) -> np.ndarray:
    """A mask or strokes bool [h, w] at the size of ``picture``; None gives all False."""
    import cv2

    height, width = picture.shape[:2]
    if mask is None:
        return np.zeros((height, width), bool)
    return cv2.resize(mask.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST) > 0
