"""Fashion-MNIST images in picture files: as they are, enlarged, with a margin, as JPEG, or dark on white."""

import numpy as np
from PIL import Image

from fashion_core.vision.resize import IMAGE_SIDE

MAX_SAMPLE_SIDE = 320  # pixels of the longest side; an image enlarged further is taken for a shop picture
MIN_BRIGHTNESS = 16  # of a pixel that counts as garment, above the noise of a JPEG
MAX_LOSS_RATIO = 0.72  # of the two ways to enlarge an image again; where neither was used, both lose the same


def find_sample(grey: np.ndarray) -> np.ndarray | None:
    """The image uint8 [28, 28], light on black, that was enlarged to uint8 [h, w]; None if there is none.

    A picture was enlarged from 28 x 28 pixels if nothing is lost by reducing it again, and where that loses least is
    the margin. Pictures of 28 x 28 pixels always count.
    """
    height, width = grey.shape
    if not IMAGE_SIDE <= min(height, width) <= max(height, width) <= MAX_SAMPLE_SIDE or np.ptp(grey) == 0:
        return None
    border = np.median(np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]]))
    light = 255 - grey if border > 255 - MIN_BRIGHTNESS else grey
    if grey.shape == (IMAGE_SIDE, IMAGE_SIDE):
        return light
    rows, columns = (np.flatnonzero((light >= MIN_BRIGHTNESS).any(axis=axis)) for axis in (1, 0))
    is_square = abs(height - width) <= height / IMAGE_SIDE  # on white, others are shop pictures
    if not rows.size or not (border < MIN_BRIGHTNESS or (border > 255 - MIN_BRIGHTNESS and is_square)):
        return None
    extent = max(np.ptp(rows), np.ptp(columns)) + 1
    middle = (rows[0] + rows[-1] + 1) / 2, (columns[0] + columns[-1] + 1) / 2
    if max(abs(middle[0] - height / 2), abs(middle[1] - width / 2)) <= extent / IMAGE_SIDE:
        middle = height / 2, width / 2  # an image is centred to within a pixel of its own
    smallest, largest = max(int(extent * 0.97) - 1, IMAGE_SIDE), int(extent * 1.06) + 2
    if height == width and extent > 0.93 * width:
        smallest = largest = width  # no margin
    if largest < smallest:  # what is on it is smaller than an image
        return None
    candidates = [_reduce_square(light, middle, side) for side in range(smallest, largest + 1, 1 + extent // 100)]
    loss, larger_loss, image = min(candidates, key=lambda candidate: candidate[0])
    return image if loss < MAX_LOSS_RATIO * larger_loss else None


def _reduce_square(light: np.ndarray, middle: tuple[float, float], side: int) -> tuple[float, float, np.ndarray]:
    """Reduce the square of ``side`` pixels around ``middle`` to uint8 [28, 28]; before it, what is lost when it is
    enlarged again, smoothly or in squares: the smaller and the larger of the two mean differences."""
    top, left = (round(centre - side / 2) + side for centre in middle)
    square = np.pad(light, side)[top : top + side, left : left + side]  # beyond the picture is more background
    image = Image.fromarray(square).resize((IMAGE_SIDE, IMAGE_SIDE), Image.Resampling.BOX)
    losses = [
        float(np.abs(np.asarray(image.resize((side, side), enlarging), np.float32) - square).mean())
        for enlarging in (Image.Resampling.BICUBIC, Image.Resampling.NEAREST)
    ]
    return min(losses), max(losses), np.asarray(image)
