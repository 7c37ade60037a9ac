"""Six pictures to try the recognizer on: four drawings, one of them no garment, and two synthetic sample images."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from fashion_core.data.classes import CLASS_NAMES
from fashion_core.data.sample_data import generate_sample_images
from fashion_core.vision.preparation import PictureKind

DRAWING_SIDE = 280  # pixels, as the canvas of the page Try it
PEN_WIDTH = 9  # pixels
SUPERSAMPLING = 4  # drawn this many times larger and shrunk, for smooth strokes
SAMPLE_SEED = 4
SAMPLE_LABELS = (CLASS_NAMES.index("Sneaker"), CLASS_NAMES.index("Coat"))

Stroke = Sequence[tuple[float, float]]  # x and y in pixels from the top left


@dataclass(frozen=True)
class ExamplePicture:
    """``picture``: of a drawing uint8 [280, 280], black on white; of a sample image uint8 [28, 28], light on black."""

    name: str
    picture: np.ndarray
    kind: PictureKind


@cache
def load_example_pictures() -> tuple[ExamplePicture, ...]:
    """The six examples, always the same; raises ``DataError`` when the sample data is damaged."""
    drawings = [ExamplePicture(name, _draw(strokes), "drawing") for name, strokes in _DRAWINGS.items()]
    images, labels = generate_sample_images(1, SAMPLE_SEED)
    samples = [ExamplePicture(CLASS_NAMES[c], images[labels == c][0], "sample") for c in SAMPLE_LABELS]
    return (*drawings, *samples)


def _draw(strokes: Iterable[Stroke]) -> np.ndarray:
    """The strokes in black ink on white, uint8 [280, 280]."""
    from PIL import Image, ImageDraw

    side, radius = DRAWING_SIDE * SUPERSAMPLING, PEN_WIDTH * SUPERSAMPLING / 2
    sheet = Image.new("L", (side, side), "white")
    pen = ImageDraw.Draw(sheet)
    for stroke in strokes:
        points = [(x * SUPERSAMPLING, y * SUPERSAMPLING) for x, y in stroke]
        pen.line(points, fill="black", width=round(2 * radius), joint="curve")
        for point in points:  # round ends
            pen.circle(point, radius, fill="black")
    return np.asarray(sheet.resize((DRAWING_SIDE, DRAWING_SIDE), Image.Resampling.BOX))


def _arc(x: float, y: float, width: float, height: float, start: float = 0, end: float = 360) -> Stroke:
    """An elliptic arc around (x, y) from angle ``start`` to ``end`` in degrees, clockwise from the right."""
    angles = np.radians(np.linspace(start, end, 40))
    return [(float(x + width * np.cos(a)), float(y + height * np.sin(a))) for a in angles]


def _mirror(stroke: Stroke) -> Stroke:
    return [(DRAWING_SIDE - x, y) for x, y in stroke]


def _close(half: Stroke) -> Stroke:
    """A symmetric outline from its left half, which begins and ends in the middle."""
    return [*half, *reversed(_mirror(half))]


_TSHIRT = _close([*_arc(140, 42, 34, 22, 90, 180), (70, 56), (24, 112), (60, 142), (80, 120), (80, 244)])
_TROUSER = _close([(140, 30), (92, 30), (84, 140), (78, 252), (120, 252), (140, 96)])
_BAG = _close([(140, 112), (52, 112), (40, 236), (140, 236)])
_CAT_HEAD = _close([(140, 82), (106, 86), (66, 34), (60, 122), *_arc(140, 154, 84, 88, 200, 90)])
_CAT_HALF = [_arc(106, 136, 7, 12), [(112, 172), (44, 162)], [(112, 184), (48, 196)], _arc(125, 188, 15, 12, 0, 150)]
_DRAWINGS: dict[str, Sequence[Stroke]] = {
    "T-shirt": [_TSHIRT],
    "Trouser": [_TROUSER],
    "Bag": [_BAG, _arc(140, 112, 46, 62, 180, 360)],
    "Cat": [_CAT_HEAD, *_CAT_HALF, *map(_mirror, _CAT_HALF), [(128, 162), (152, 162), (140, 174), (128, 162)],
            [(140, 174), (140, 188)]],
}  # fmt: skip
