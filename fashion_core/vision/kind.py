"""Detect how a picture was made."""

from typing import Literal

import numpy as np

from fashion_core.vision import drawing, photo
from fashion_core.vision.resize import shrink_to_side
from fashion_core.vision.sample import MAX_SAMPLE_SIDE, find_sample

PictureKind = Literal["photo", "shop", "drawing", "sample", "letterbox"]
PICTURE_KINDS: tuple[PictureKind, ...] = ("photo", "shop", "drawing", "sample")  # that are detected
PREPARATION_KINDS: tuple[PictureKind, ...] = (*PICTURE_KINDS, "letterbox")  # that can be asked for

MAX_GREY_COLOUR = 16  # largest difference between the channels of a grey pixel
MIN_GREY_FRACTION = 0.99  # of the pixels of a grey picture

# what holds for drawings: chosen on photographs, cut-outs and drawings in many pens
MAX_PAPER_DISTANCE = 0.08  # of 95 % of the paper from its colour
MAX_INK_SPREAD = 0.08  # standard deviation of the ink's distance from the paper, relative to its mean
MAX_INK_COLOUR_SPREAD = 20  # standard deviation of the ink's colour, of 255
MIN_THIN_INK_DISTANCE = 0.4  # of lines one or two pixels wide, whose colours are blurred
MAX_STROKE_HALF_WIDTH = 0.095  # relative to the drawing's longest side
MAX_HULL_INK = 0.85  # fraction of the convex hull that is ink; black trousers fill more
MIN_PALE_INK = 220  # of 255; on white, strokes this pale are hard to see
MAX_PALE_INK_SPREAD = 5  # standard deviation of their colour, of 255; a white garment has folds


def detect_picture_kind(rgb: np.ndarray) -> tuple[PictureKind, np.ndarray | None]:
    """How uint8 [h, w, 3] was made: a Fashion-MNIST image of any size is a sample, strokes of one ink on blank paper
    are a drawing, a plain background makes a shop picture, and anything else is a photograph.

    For a shop picture also ``photo.find_garment_on_plain_background`` of the picture shrunk for segmentation.
    """
    if max(rgb.shape[:2]) <= MAX_SAMPLE_SIDE and _is_grey(rgb) and find_sample(rgb[..., 1]) is not None:
        return "sample", None
    if is_drawing(rgb):
        return "drawing", None
    mask = photo.find_garment_on_plain_background(photo.shrink_for_segmentation(rgb))
    return "photo" if mask is None else "shop", mask


def _is_grey(rgb: np.ndarray) -> bool:
    import cv2

    channels = cv2.split(rgb)
    colour = np.maximum.reduce(channels) - np.minimum.reduce(channels)
    return bool((colour <= MAX_GREY_COLOUR).mean() >= MIN_GREY_FRACTION)


def is_drawing(rgb: np.ndarray) -> bool:
    """Whether uint8 [h, w, 3] shows narrow strokes of one ink on blank paper, in any colours and with shadows."""
    import cv2

    small = shrink_to_side(rgb, drawing.MAX_DRAWING_SIDE_PIXELS)
    distance, ink = drawing.separate_ink(small)
    if ink.sum() < drawing.MIN_INK_PIXELS:
        return False
    kernel = np.ones((3, 3), np.uint8)
    paper = cv2.dilate(ink.astype(np.uint8), kernel, iterations=2) == 0
    if not paper.any() or np.quantile(distance[paper], 0.95) > MAX_PAPER_DISTANCE:
        return False
    points = np.argwhere(ink).astype(np.int32)
    half_width = np.quantile(cv2.distanceTransform(ink.astype(np.uint8), cv2.DIST_L2, 3)[ink], 0.9)
    if half_width > MAX_STROKE_HALF_WIDTH * (np.ptp(points, axis=0).max() + 1):
        return False
    if len(points) > MAX_HULL_INK * max(cv2.contourArea(cv2.convexHull(points)), 1):
        return False
    core = cv2.erode(ink.astype(np.uint8), kernel) > 0  # without blurred edges
    if core.sum() < 0.1 * ink.sum():  # the lines are one or two pixels wide
        return bool(np.median(distance[ink]) > MIN_THIN_INK_DISTANCE)
    is_one_colour = small[core].std(axis=0).mean() < MAX_INK_COLOUR_SPREAD
    return bool(is_one_colour and distance[core].std() < MAX_INK_SPREAD * distance[core].mean())


def blacken_pale_strokes(rgb: np.ndarray, opaque: np.ndarray) -> np.ndarray:
    """``rgb`` uint8 [h, w, 3], whose transparent areas are white, with black strokes if ``opaque`` bool [h, w] shows a
    drawing in ink too pale to see on white; any other picture unchanged."""
    import cv2

    if not opaque.any() or np.median(rgb[opaque]) < MIN_PALE_INK:
        return rgb
    core = rgb[cv2.erode(opaque.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0]  # without blurred edges
    if core.size and core.std(axis=0).max() > MAX_PALE_INK_SPREAD:
        return rgb
    black = np.repeat(np.where(opaque, 0, 255).astype(np.uint8)[..., None], 3, axis=2)
    return black if is_drawing(black) else rgb
