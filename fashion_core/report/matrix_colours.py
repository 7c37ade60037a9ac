"""The colours of a confusion matrix's cells."""

import numpy as np

RGB = tuple[int, int, int]
DARKEST_CELL_COLOUR = np.array([18, 61, 110])


def cell_colour(fraction: float) -> RGB:
    """A cell's colour by its share of the row, 0 to 1: from white to blue, by the root, so that few are seen too."""
    strength = 0.95 * fraction**0.5
    red, green, blue = (int(c) for c in np.rint(strength * DARKEST_CELL_COLOUR + (1 - strength) * 255))
    return red, green, blue


def contrasting_text_colour(background: RGB) -> RGB:
    """Black or white, whichever stands out more on ``colour``, by 4.5 at least: both do alike at luminance 0.179.

    Relative luminance as in WCAG 2.2.
    """
    linear = [c / 255 / 12.92 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in background]
    light = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return (0, 0, 0) if light > 0.179 else (255, 255, 255)
