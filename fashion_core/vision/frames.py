"""Frames: find the picture inside a border, on a card, or in a screenshot of a page."""

import numpy as np

from fashion_core.vision.resize import shrink_to_side

MAX_SEARCH_SIDE = 400  # pixels of the longest side; the search is done in a copy of this size
FRAME_TOLERANCE = 12  # largest difference of a frame's pixels from its colour; a shop's background varies more
MIN_UNIFORM_BORDER = 0.6  # of the picture's border has the frame's colour
MIN_FILLED_EDGE = 0.45  # of each edge of the inner picture differs from the frame: a garment only touches the edges
MIN_FILLED_EDGES = 0.8  # the same on average over its four edges
MIN_FILLED_CORNER = 0.9  # the same of three of its four corners: a bag's are round
CORNER_SIDE = 0.02  # of the inner picture's longer side
MIN_INNER_FRACTION = 0.1  # of the picture's area
MIN_INNER_SPREAD = 8  # standard deviation of the inner picture; less is a coloured rectangle, not a picture
MAX_NESTED_FRAMES = 3
EDGE_PIXELS = 2  # blurred by a JPEG or by resizing; cut off, too


def find_framed_picture(rgb: np.ndarray) -> tuple[float, float, float, float] | None:
    """Left, top, right and bottom, as fractions, of the innermost picture in uint8 [h, w, 3] that has a frame, or None.

    A frame is of one colour around a rectangle parallel to the edges; there may be text and buttons on it.
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
    differs = (distance > FRAME_TOLERANCE).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(differs)
    left, top, wide, high, _ = max(stats[1:], key=lambda row: row[2] * row[3], default=stats[0])
    if not MIN_INNER_FRACTION <= wide * high / differs.size < 1 or min(wide, high) <= 4 * EDGE_PIXELS:
        return None
    inside = slice(top, top + high), slice(left, left + wide)
    if not _fills_rectangle(differs[inside]) or small[inside].std(axis=(0, 1)).max() < MIN_INNER_SPREAD:
        return None
    x1, y1, x2, y2 = left + EDGE_PIXELS, top + EDGE_PIXELS, left + wide - EDGE_PIXELS, top + high - EDGE_PIXELS
    return round(x1 / scale), round(y1 / scale), round(x2 / scale), round(y2 / scale)


def _fills_rectangle(differs: np.ndarray) -> bool:
    """Whether bool [h, w] holds up to the edges and into the corners."""
    core = differs[EDGE_PIXELS:-EDGE_PIXELS, EDGE_PIXELS:-EDGE_PIXELS]
    edges = [edge.mean() for edge in (core[0], core[-1], core[:, 0], core[:, -1])]
    n = max(3, round(CORNER_SIDE * max(core.shape)))
    corners = sorted(corner.mean() for corner in (core[:n, :n], core[:n, -n:], core[-n:, :n], core[-n:, -n:]))
    return bool(
        min(edges) >= MIN_FILLED_EDGE and np.mean(edges) >= MIN_FILLED_EDGES and corners[1] >= MIN_FILLED_CORNER
    )
