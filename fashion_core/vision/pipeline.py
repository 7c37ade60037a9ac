"""The one path from any picture to what the models see, as named steps."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from fashion_core.errors import PictureError
from fashion_core.vision import drawing, photo
from fashion_core.vision.fit import SIDE, fit

Kind = Literal["photo", "drawing", "sample"]
KINDS: tuple[Kind, ...] = ("photo", "drawing", "sample")


@dataclass(frozen=True)
class Step:
    """One stage of a preparation: its name and its image, uint8 [h, w] or [h, w, 3]."""

    name: str
    image: np.ndarray


@dataclass(frozen=True)
class Prepared:
    """A picture brought to the data set's form; ``steps`` end in ``result``, uint8 [28, 28], light on black."""

    kind: Kind
    steps: tuple[Step, ...]

    @property
    def result(self) -> np.ndarray:
        """What the models see."""
        return self.steps[-1].image


def prepare(
    picture: np.ndarray, kind: Kind | Literal["auto"] = "auto", *, invert: bool = False, quarter_turns: int = 0
) -> Prepared:
    """Bring ``picture`` uint8 [h, w, 3] or [h, w] to uint8 [28, 28].

    ``kind``: how it was made, or ``auto`` to find out; ``invert`` swaps light and dark of the garment;
    ``quarter_turns`` turns it anticlockwise first. Raises ``PictureError`` when there is nothing to classify.
    """
    rgb = picture if picture.ndim == 3 else np.repeat(picture[..., None], 3, axis=2)
    if min(rgb.shape[:2]) < 2:
        raise PictureError("This picture is less than two pixels wide or high. Choose a larger one.")
    rgb = np.ascontiguousarray(np.rot90(rgb, quarter_turns))
    chosen = kind_of(rgb) if kind == "auto" else kind
    if chosen == "sample":
        return _sample(rgb, invert)
    return _drawing(rgb, invert) if chosen == "drawing" else _photo(rgb, invert)


def kind_of(rgb: np.ndarray) -> Kind:
    """How uint8 [h, w, 3] was made: 28x28 on black is a sample, grey ink on blank paper a drawing, else a photo."""
    if rgb.shape[:2] == (SIDE, SIDE):
        border = np.concatenate([rgb[0], rgb[-1], rgb[:, 0], rgb[:, -1]])
        if np.median(border) < 16:
            return "sample"
    small = photo.shrink(rgb).astype(np.int16)
    grey = small.mean(axis=2)
    colourless = (small.max(axis=2) - small.min(axis=2) < 24).mean() > 0.97
    paper = grey > 200 if np.median(grey) > 128 else grey < 55
    extreme = ((grey > 200) | (grey < 55)).mean()  # a pen leaves little between paper and ink
    thin = _thinness(~paper)
    return "drawing" if colourless and paper.mean() > 0.5 and extreme > 0.85 and thin > 0.6 else "photo"


def _thinness(ink: np.ndarray) -> float:
    """Share of bool [h, w] that a little erosion takes away: near 1 for strokes, small for surfaces."""
    import cv2

    if not ink.any():
        return 1.0
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7))
    return 1 - float(cv2.erode(ink.astype(np.uint8), kernel).sum() / ink.sum())


def _sample(rgb: np.ndarray, invert: bool) -> Prepared:
    grey = np.rint(rgb.mean(axis=2)).astype(np.uint8)
    grey = 255 - grey if invert else grey
    if grey.shape == (SIDE, SIDE):
        return Prepared("sample", (Step("28 × 28 as it is", grey),))
    return Prepared("sample", (Step("Picture", grey), Step("28 × 28", fit(grey))))


def _drawing(rgb: np.ndarray, invert: bool) -> Prepared:
    ink = drawing.shrink(drawing.ink_mask(np.rint(rgb.mean(axis=2)).astype(np.uint8)))
    area = drawing.fill_outline(ink)
    filled = drawing.render(area, ink)
    if invert:
        filled = np.where(area, 255 - filled, 0).astype(np.uint8)
    return Prepared(
        "drawing",
        (
            Step("Strokes", np.where(ink, 0, 255).astype(np.uint8)),
            Step("Filled", filled),
            Step("28 × 28", fit(filled)),
        ),
    )


def _photo(rgb: np.ndarray, invert: bool) -> Prepared:
    small = photo.shrink(rgb)
    mask = photo.find_garment(small)
    light = photo.render(small, mask, invert=not invert)
    return Prepared(
        "photo",
        (
            Step("Picture", small),
            Step("Garment found", np.where(mask[..., None], small, 255).astype(np.uint8)),
            Step("Light on black", light),
            Step("28 × 28", fit(light)),
        ),
    )
