"""Drawings: strokes on paper become a filled garment."""

import numpy as np

from fashion_core.errors import PictureError

DRAWING_SIDE = 224  # longest side on which strokes are closed and filled
INK_THRESHOLD = 128  # grey below which paper counts as drawn on
DRAWING_STYLES = ("outlined", "thin", "bright")  # how fill and lines can be shown; models are asked about each
MIN_FILLED_FRACTION = 0.45  # of the drawing's convex hull: an outline counts as closed from here on
SMALL_GAP_SIZES, LARGE_GAP_SIZES = (0, 5), (11, 21, 35, 51)  # pixels; how far gaps are bridged, tried in turn
MIN_SURFACE_WIDTH = 9  # pixels; what is narrower is no surface


def find_ink(grey: np.ndarray) -> np.ndarray:
    """Where uint8 [h, w] is drawn on, bool; light ink on dark paper too. Raises ``PictureError`` on an empty sheet."""
    ink = grey < INK_THRESHOLD
    border = np.concatenate([ink[0], ink[-1], ink[:, 0], ink[:, -1]])
    if border.mean() > 0.5:  # not by area: a garment may be filled
        ink = ~ink
    if ink.sum() < 12:
        raise PictureError("The canvas is empty. Draw a garment's outline, or choose a picture.")
    return ink


def fill_outline(ink: np.ndarray) -> np.ndarray:
    """The area that strokes bool [h, w] enclose, strokes included, bool.

    Small gaps are bridged. An outline that is open all the same, such as a coat without a hem, encloses what has
    strokes on three of its four sides; where that is little too, larger and larger gaps are bridged.
    """
    import cv2

    points = np.argwhere(ink)[:, ::-1].astype(np.int32)
    hull = np.zeros(ink.shape, np.uint8)
    cv2.fillConvexPoly(hull, cv2.convexHull(points), 1)
    enough = MIN_FILLED_FRACTION * hull.sum()
    area = ink
    for size in SMALL_GAP_SIZES:
        area = _enclosed_area(ink, size)
        if area.sum() >= enough:
            return area
    surrounded = _surrounded_area(_close_gaps(ink, SMALL_GAP_SIZES[-1])) | area
    if surrounded.sum() >= enough:
        return surrounded
    for size in LARGE_GAP_SIZES:
        area = _enclosed_area(ink, size)
        if area.sum() >= enough:
            break
    return area


def _enclosed_area(ink: np.ndarray, gap: int) -> np.ndarray:
    """What cannot be reached from outside once gaps of ``gap`` pixels are bridged, bool [h, w]."""
    import cv2

    pad = LARGE_GAP_SIZES[-1]
    outside = np.pad(_close_gaps(np.pad(ink, pad), gap).astype(np.uint8), 1)
    cv2.floodFill(outside, None, (0, 0), 2)
    return outside[pad + 1 : -pad - 1, pad + 1 : -pad - 1] != 2


def _close_gaps(ink: np.ndarray, gap: int) -> np.ndarray:
    import cv2

    if not gap:
        return ink
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (gap, gap))
    return cv2.morphologyEx(ink.astype(np.uint8), cv2.MORPH_CLOSE, kernel) > 0


def _surrounded_area(ink: np.ndarray) -> np.ndarray:
    """Where strokes lie in at least three of the directions left, right, up and down, thin bits left out."""
    import cv2

    sides = (
        np.maximum.accumulate(ink, axis=1),
        np.maximum.accumulate(ink[:, ::-1], axis=1)[:, ::-1],
        np.maximum.accumulate(ink, axis=0),
        np.maximum.accumulate(ink[::-1], axis=0)[::-1],
    )
    found = (np.sum(sides, axis=0) >= 3).astype(np.uint8)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (MIN_SURFACE_WIDTH, MIN_SURFACE_WIDTH))
    return cv2.morphologyEx(found, cv2.MORPH_OPEN, kernel) > 0


def crop_and_shrink_ink(ink: np.ndarray) -> np.ndarray:
    """Strokes bool [h, w] cropped to what is drawn, longest side at most 224 pixels, no stroke lost."""
    import cv2

    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    cropped = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].astype(np.uint8) * 255
    height, width = cropped.shape
    scale = min(1.0, DRAWING_SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return cv2.resize(cropped, size, interpolation=cv2.INTER_AREA) > 40


def render_drawing(area: np.ndarray, ink: np.ndarray, style: str = DRAWING_STYLES[0]) -> np.ndarray:
    """Filled garment with its lines darker, its inner lines alone, or its lines brighter; uint8 [h, w], 0 outside."""
    import cv2

    if style == "thin":
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (9, 9))
        ink = ink & (cv2.erode(area.astype(np.uint8), kernel) > 0)
    fill, stroke = {"outlined": (180, 90), "thin": (180, 40), "bright": (120, 250)}[style]
    return np.where(area, np.where(ink, stroke, fill), 0).astype(np.uint8)
