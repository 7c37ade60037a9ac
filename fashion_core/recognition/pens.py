"""Draw the strokes of a drawing anew, in a pen of any width."""

from collections.abc import Sequence

import cv2
import numpy as np

CANVAS_SIDE = 280  # pixels, as on the page Try it
SUBPIXEL_BITS = 4
DRAWING_SIZES = (0.4, 0.95)  # of the canvas, the longest side of the drawing
PEN_WIDTHS = (0.008, 0.07)  # of the drawing's longest side
MAX_ROTATION_DEGREES = 6.0
MAX_STRETCH = 0.15


def draw_strokes(strokes: Sequence[Sequence[Sequence[int]]], random: np.random.Generator) -> np.ndarray:
    """Draw ``strokes``, each a list of x and a list of y: uint8 [280, 280], black on white.

    Width of the pen, size, position, and a small rotation and stretch are random.
    """
    points = [np.array(stroke, np.float64).T for stroke in strokes]  # [n, 2] each
    angle = np.radians(random.uniform(-MAX_ROTATION_DEGREES, MAX_ROTATION_DEGREES))
    stretch = np.exp(random.uniform(-MAX_STRETCH, MAX_STRETCH))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) * [[stretch], [1 / stretch]]
    points = [p @ turn.T for p in points]
    low = np.min([p.min(axis=0) for p in points], axis=0)
    extent = np.max([p.max(axis=0) for p in points], axis=0) - low
    size = CANVAS_SIDE * random.uniform(*DRAWING_SIZES)
    scale = size / max(float(extent.max()), 1.0)
    offset = random.uniform(0.02, 0.98, 2) * np.maximum(CANVAS_SIDE - extent * scale, 0)
    width = max(1, round(size * np.exp(random.uniform(*np.log(PEN_WIDTHS)))))
    canvas = np.full((CANVAS_SIDE, CANVAS_SIDE), 255, np.uint8)
    for p in points:
        line = np.rint(((p - low) * scale + offset) * 2**SUBPIXEL_BITS).astype(np.int32)
        cv2.polylines(canvas, [line.reshape(-1, 1, 2)], False, 0, width, cv2.LINE_AA, SUBPIXEL_BITS)
    return canvas
