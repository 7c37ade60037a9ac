"""The cells of a confusion matrix: their text and colours, for HTML and PowerPoint."""

from typing import NamedTuple

import numpy as np

RGB = tuple[int, int, int]
DARKEST_CELL_COLOUR = np.array([18, 61, 110])


class MatrixCell(NamedTuple):
    """A count as text, empty for 0, on its background."""

    text: str
    background: RGB
    text_colour: RGB
    is_never_predicted: bool = False  # nor is any other of its column


def build_row_shaded_cells(confusion: np.ndarray) -> list[list[MatrixCell]]:
    """The cells of a matrix int [k, k], rows the true class, shaded by the fraction of their row; those of a class that
    is never predicted are marked as such."""
    unused = (confusion.sum(axis=0) == 0).tolist()
    fractions = confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    return [
        [_matrix_cell(count, fraction, never) for count, fraction, never in zip(*row, unused, strict=True)]
        for row in zip(confusion.tolist(), fractions.tolist(), strict=True)
    ]


def _matrix_cell(count: int, fraction: float, is_never_predicted: bool) -> MatrixCell:
    background = colour_cell_by_row_fraction(fraction)
    return MatrixCell(
        f"{count:,}" if count else "", background, contrasting_text_colour(background), is_never_predicted
    )


def colour_cell_by_row_fraction(fraction: float) -> RGB:
    """White for 0 to blue for 1, by the square root, so that small fractions are seen too."""
    strength = 0.95 * fraction**0.5
    red, green, blue = np.rint(strength * DARKEST_CELL_COLOUR + (1 - strength) * 255).astype(int).tolist()
    return red, green, blue


def contrasting_text_colour(background: RGB) -> RGB:
    """Black or white, whichever contrasts more with ``background``: at least 4.5 (relative luminance, WCAG 2.2)."""
    linear = [c / 255 / 12.92 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in background]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return (0, 0, 0) if luminance > 0.179 else (255, 255, 255)
