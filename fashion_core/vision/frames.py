"""Frames: find the picture inside a border, on a card, or in a screenshot of a page."""

import numpy as np

from fashion_core.vision.resize import shrink_to_side

MAX_SEARCH_SIDE = 400  # pixels of the longest side; the search is done in a copy of this size
FRAME_TOLERANCE = 12  # largest difference of a frame's pixels from its colour; a shop's background varies more
SHADOW_TOLERANCES = (FRAME_TOLERANCE, 30, 60, 90)  # the same, tried in turn: a picture may cast a shadow on its frame
MIN_UNIFORM_BORDER = 0.6  # of the picture's border has the frame's colour
MIN_FILLED_EDGE = 0.45  # of each edge of the inner picture differs from the frame: a garment only touches the edges
MIN_FILLED_EDGES = 0.8  # the same on average over its four edges
MIN_FILLED_CORNER = 0.9  # the same of three of its four corners: a bag's are round
CORNER_SIDE = 0.02  # of the inner picture's longer side
MAX_CORNER_RADIUS = 0.15  # of a picture with rounded corners, as a fraction of its shorter side
MIN_FILLED_ROUNDED_EDGE = 0.8  # as ``MIN_FILLED_EDGE``, between rounded corners: a bag has those, too
MIN_ROUNDED_CORNER = 0.85  # of three corners' pixels are as in a rectangle whose corners are rounded alike
MIN_INNER_FRACTION = 0.1  # of the picture's area
MIN_INNER_SPREAD = 8  # standard deviation of the inner picture; less is a coloured rectangle, not a picture
MIN_RIM_SPREAD = 12  # the same along the edges of a picture with rounded corners: a bag's rim is of one colour
RIM_START, RIM_END = 3, 7  # pixels from the edge
MAX_NESTED_FRAMES = 3
EDGE_PIXELS = 2  # blurred by a JPEG or by resizing; cut off, too


def find_framed_picture(rgb: np.ndarray) -> tuple[float, float, float, float] | None:
    """Left, top, right and bottom, as fractions, of the innermost picture in uint8 [h, w, 3] that has a frame, or None.

    A frame is of one colour around a rectangle parallel to the edges; there may be text and buttons on it. The corners
    may be rounded, and the rectangle may cast a soft shadow.
    """
    height, width = rgb.shape[:2]
    left, top, right, bottom = 0, 0, width, height
    for _ in range(MAX_NESTED_FRAMES):
        box = _find_rectangle(rgb[top:bottom, left:right])
        if box is None:
            break
        left, top, right, bottom = left + box[0], top + box[1], left + box[2], top + box[3]
    is_whole = right - left == width and bottom - top == height
    return None if is_whole else (left / width, top / height, right / width, bottom / height)


def _find_rectangle(rgb: np.ndarray) -> tuple[int, int, int, int] | None:
    """Left, top, right and bottom, in pixels, of an axis-parallel rectangle on one colour, or None."""
    import cv2

    border = np.concatenate([rgb[0], rgb[-1], rgb[:, 0], rgb[:, -1]]).astype(np.int16)
    colour = np.median(border, axis=0).astype(np.int16)
    if (np.abs(border - colour).max(axis=1) <= FRAME_TOLERANCE).mean() < MIN_UNIFORM_BORDER:
        return None
    small = shrink_to_side(rgb, MAX_SEARCH_SIDE)
    scale = max(small.shape[:2]) / max(rgb.shape[:2])
    distance = np.maximum.reduce(cv2.split(np.abs(small.astype(np.int16) - colour)))
    boxes = (_find_filled_rectangle(small, distance > tolerance) for tolerance in SHADOW_TOLERANCES)
    for left, top, right, bottom in filter(None, boxes):
        return round(left / scale), round(top / scale), round(right / scale), round(bottom / scale)
    return None


def _find_filled_rectangle(rgb: np.ndarray, differs: np.ndarray) -> tuple[int, int, int, int] | None:
    """The largest connected area of ``differs`` bool [h, w], without its edge, if it is a picture's rectangle."""
    import cv2

    _, _, stats, _ = cv2.connectedComponentsWithStats(differs.astype(np.uint8))
    left, top, wide, high, _ = max(stats[1:], key=lambda row: row[2] * row[3], default=stats[0])
    if not MIN_INNER_FRACTION <= wide * high / differs.size < 1 or min(wide, high) <= 4 * EDGE_PIXELS:
        return None
    inside = slice(top, top + high), slice(left, left + wide)
    radius, picture = _find_corner_radius(differs[inside]), rgb[inside]
    if radius is None or picture.std(axis=(0, 1)).max() < MIN_INNER_SPREAD:
        return None
    if radius > 0 and _measure_rim_spread(picture, radius) < MIN_RIM_SPREAD:
        return None
    cut = EDGE_PIXELS + round(radius * (1 - 0.5**0.5))  # so that a rounded corner lies outside
    return left + cut, top + cut, left + wide - cut, top + high - cut


def _measure_rim_spread(rgb: np.ndarray, radius: int) -> float:
    """Standard deviation along the edges of uint8 [h, w, 3], between its corners, in the channel that varies most."""
    rim, middle = slice(RIM_START, RIM_END), slice(radius, -radius)
    turned = (rgb, rgb[::-1], rgb.transpose(1, 0, 2), rgb.transpose(1, 0, 2)[::-1])
    return float(np.concatenate([side[rim, middle].reshape(-1, 3) for side in turned]).std(axis=0).max())


def _find_corner_radius(differs: np.ndarray) -> int | None:
    """Radius of the corners, in pixels, if bool [h, w] fills a rectangle, or one with rounded corners; else None."""
    core = differs[EDGE_PIXELS:-EDGE_PIXELS, EDGE_PIXELS:-EDGE_PIXELS]
    edges = [edge.mean() for edge in (core[0], core[-1], core[:, 0], core[:, -1])]
    n = max(3, round(CORNER_SIDE * max(core.shape)))
    if (
        min(edges) >= MIN_FILLED_EDGE
        and np.mean(edges) >= MIN_FILLED_EDGES
        and sorted(corner.mean() for corner in _corners(core, n))[1] >= MIN_FILLED_CORNER
    ):
        return 0
    largest = round(MAX_CORNER_RADIUS * min(differs.shape))
    n_empty = float(np.median([(~corner).sum() for corner in _corners(differs, largest)]))
    radius = round((n_empty / (1 - np.pi / 4)) ** 0.5)  # what a quarter of a circle leaves of a square
    if not 0 < radius <= largest:
        return None
    middle = slice(radius, -radius)
    edges = [edge[middle].mean() for edge in (core[0], core[-1], core[:, 0], core[:, -1])]
    y, x = np.mgrid[:radius, :radius] + 0.5
    is_inside = np.hypot(radius - y, radius - x) <= radius
    alike = sorted((corner == is_inside).mean() for corner in _corners(differs, radius))
    return radius if np.min(edges) >= MIN_FILLED_ROUNDED_EDGE and alike[1] >= MIN_ROUNDED_CORNER else None


def _corners(area: np.ndarray, n: int) -> list[np.ndarray]:
    """The four squares of ``n`` pixels a side in the corners of bool [h, w], turned so that each is at the top left."""
    return [area[:n, :n], area[:, ::-1][:n, :n], area[::-1][:n, :n], area[::-1, ::-1][:n, :n]]
