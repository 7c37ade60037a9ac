"""Segment the garment in a photograph, in two or three ways, as none of them is best everywhere.

Masks are bool [h, w] for pictures uint8 [h, w, 3] of at most 144 pixels a side.
"""

import numpy as np

CERTAIN_BACKGROUND_BORDER_FRACTION = 0.04  # of each side, certainly background
LAB_HISTOGRAM_BINS = (16, 32, 32)  # of L, a and b in the colour histograms
GREY_HISTOGRAM_BINS = (16, 8)  # of brightness and texture, in pictures without colour
TEXTURE_SIGMA = 2  # pixels around a pixel that count for its texture
GUIDED_FILTER_SIZE = (9, 9)  # pixels
CENTRE_HALF_WIDTH, CENTRE_HALF_HEIGHT = (
    0.30,
    0.33,
)  # half axes, as fractions, of the central ellipse where most people put the garment
MIN_SIMILAR_AREA = 0.4  # of the largest piece's area, of one that may be another garment
GRABCUT_ITERATIONS = 1  # more change the masks, but not the accuracy


def propose_garment_masks(rgb: np.ndarray) -> list[np.ndarray]:
    """Masks of the garment on a cluttered background, two in a picture in colour and three in a grey one.

    A method that finds nothing gives all False.
    """
    if (rgb == rgb[..., :1]).all():
        return [clean_mask(mask) for mask in _segment_grey(rgb[..., 0])]
    likely = _colour_log_ratio(_smooth_lab(rgb)) > 0
    return [clean_mask(likely), clean_mask(_grabcut_from_mask(rgb, likely))]


def _grabcut_from_mask(rgb: np.ndarray, likely: np.ndarray) -> np.ndarray:
    """GrabCut from a first guess; the border of the picture is certainly background.

    C. Rother, V. Kolmogorov and A. Blake, "GrabCut" (SIGGRAPH 2004).
    """
    import cv2

    seeds = np.where(likely, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    dy, dx = (max(1, round(side * CERTAIN_BACKGROUND_BORDER_FRACTION)) for side in seeds.shape)
    seeds[:dy], seeds[-dy:], seeds[:, :dx], seeds[:, -dx:] = (cv2.GC_BGD,) * 4
    return _grabcut(np.ascontiguousarray(rgb), seeds) if _is_garment(seeds).any() else np.zeros_like(likely)


def refine_mask_with_strokes(
    rgb: np.ndarray, mask: np.ndarray, keep_strokes: np.ndarray, remove_strokes: np.ndarray
) -> np.ndarray:
    """Refine ``mask`` with GrabCut from strokes that mark garment and background; the strokes always count."""
    import cv2

    seeds = np.where(mask, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    seeds[keep_strokes], seeds[remove_strokes] = cv2.GC_FGD, cv2.GC_BGD
    if not 0 < _is_garment(seeds).mean() < 1:
        return (mask | keep_strokes) & ~remove_strokes
    refined = clean_mask(_grabcut(np.ascontiguousarray(rgb), seeds))
    return (refined | keep_strokes) & ~remove_strokes


def _grabcut(colours: np.ndarray, seeds: np.ndarray) -> np.ndarray:
    import cv2

    cv2.setRNGSeed(0)  # GrabCut starts from random mixtures
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(colours, seeds, (0, 0, 1, 1), *models, GRABCUT_ITERATIONS, cv2.GC_INIT_WITH_MASK)
    return _is_garment(seeds)


def _is_garment(seeds: np.ndarray) -> np.ndarray:
    """Where seeds uint8 [h, w] are certain or probable foreground, which are OpenCV's odd labels."""
    return seeds % 2 == 1


def _smooth_lab(rgb: np.ndarray) -> np.ndarray:
    import cv2

    return cv2.cvtColor(cv2.bilateralFilter(rgb, 7, 40, 7), cv2.COLOR_RGB2LAB)


def _segment_grey(grey: np.ndarray) -> list[np.ndarray]:
    """Three masks of the garment in uint8 [h, w]: texture and place stand in for the colour."""
    import cv2

    likely = _grey_log_ratio(grey) > 0
    y, x = np.mgrid[-1 : 1 : grey.shape[0] * 1j, -1 : 1 : grey.shape[1] * 1j]
    from_centre = (127 * np.hypot(x, y)).astype(np.uint8)
    even = cv2.createCLAHE(clipLimit=2, tileGridSize=(4, 4)).apply(grey)
    return [likely, _grabcut_from_mask(np.dstack([grey, grey, from_centre]), likely), _grey_log_ratio(even) > 0]


def _grey_log_ratio(grey: np.ndarray) -> np.ndarray:
    """``_frequency_log_ratio`` of brightness and texture in uint8 [h, w]."""
    import cv2

    smooth = cv2.bilateralFilter(grey, 7, 40, 7)
    pixels = grey.astype(np.float32)
    variance = cv2.GaussianBlur(pixels**2, (0, 0), TEXTURE_SIGMA) - cv2.GaussianBlur(pixels, (0, 0), TEXTURE_SIGMA) ** 2
    texture = np.clip(21 * np.log2(np.maximum(variance, 1)), 0, 255)  # a standard deviation of 64 gives 252
    return _frequency_log_ratio(np.dstack([smooth, texture.astype(np.uint8)]), GREY_HISTOGRAM_BINS, guide=smooth)


def _colour_log_ratio(lab: np.ndarray) -> np.ndarray:
    """``_frequency_log_ratio`` of the colour."""
    return _frequency_log_ratio(lab, LAB_HISTOGRAM_BINS)


def _frequency_log_ratio(channels: np.ndarray, n_bins: tuple[int, ...], guide: np.ndarray | None = None) -> np.ndarray:
    """Log ratio float32 [h, w] of the frequency of a pixel's values in the centre to that at the border, plus a bonus
    for central pixels; above 0 is garment.

    ``channels`` uint8 [h, w, c] with ``n_bins`` each. The ratio is smoothed along the edges of ``guide`` uint8 [h, w].
    """
    import cv2
    from scipy.ndimage import gaussian_filter

    height, width = channels.shape[:2]
    bins = channels.astype(np.int32) * np.array(n_bins) // 256
    value = np.ravel_multi_index(tuple(np.moveaxis(bins, 2, 0)), n_bins)  # [h, w]
    y, x = np.mgrid[0:height, 0:width]
    v, u = y / height - 0.5, x / width - 0.5
    centre = (u / CENTRE_HALF_WIDTH) ** 2 + (v / CENTRE_HALF_HEIGHT) ** 2 < 1
    edge = max(1, round(min(height, width) * 0.05))
    border = np.ones((height, width), bool)
    border[edge:-edge, edge:-edge] = False

    def histogram(region: np.ndarray) -> np.ndarray:
        counts = np.bincount(value[region], minlength=int(np.prod(n_bins))).astype(np.float32).reshape(n_bins)
        smoothed = gaussian_filter(counts, 1.2, mode="constant").ravel()
        return smoothed / max(float(smoothed.sum()), 1e-9)

    ratio = np.log((histogram(centre) + 1e-5) / (histogram(border) + 1e-5))[value].astype(np.float32)
    ratio = cv2.GaussianBlur(ratio, (0, 0), 2) if guide is None else _guided_filter(ratio, guide)
    centrality = -(((u / 0.45) ** 2 + (v / 0.45) ** 2) ** 2)
    return ratio + 0.5 * np.log(np.exp(centrality) + 1e-3)


def _guided_filter(values: np.ndarray, guide: np.ndarray) -> np.ndarray:
    """``values`` float32 [h, w] smoothed, but not across the edges of ``guide`` uint8 [h, w].

    K. He, J. Sun and X. Tang, "Guided Image Filtering" (ECCV 2010).
    """
    import cv2

    def mean(array: np.ndarray) -> np.ndarray:
        return np.asarray(cv2.blur(array, GUIDED_FILTER_SIZE))

    light = guide.astype(np.float32) / 255
    slope = (mean(light * values) - mean(light) * mean(values)) / (mean(light**2) - mean(light) ** 2 + 0.002)
    return mean(slope) * light + mean(mean(values) - slope * mean(light))


def clean_mask(mask: np.ndarray) -> np.ndarray:
    """Remove speckles, close gaps, keep the largest central component and fill small holes."""
    import cv2

    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
    opened = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, kernel)
    closed = cv2.morphologyEx(opened, cv2.MORPH_CLOSE, kernel, iterations=2)
    n, components, stats, centres = cv2.connectedComponentsWithStats(closed)
    if n <= 1:
        return np.zeros(mask.shape, bool)
    height, width = mask.shape
    offset = np.hypot((centres[1:, 0] - width / 2) / width, (centres[1:, 1] - height / 2) / height)
    score = stats[1:, cv2.CC_STAT_AREA] * np.exp(-((offset / 0.35) ** 2))
    best = 1 + int(score.argmax())
    # a second component of similar size is part of the garment: the other trouser leg, the other shoe
    garment = np.isin(components, [i for i in range(1, n) if i == best or score[i - 1] > 0.5 * score[best - 1]])
    holes, labels, hole_stats, _ = cv2.connectedComponentsWithStats((~garment).astype(np.uint8), connectivity=4)
    for hole in range(1, holes):
        x, y, w, h, area = hole_stats[hole]
        is_enclosed = x > 0 and y > 0 and x + w < width and y + h < height
        if is_enclosed and area < 0.04 * garment.sum():
            garment |= labels == hole
    return garment


def count_similar_pieces(mask: np.ndarray) -> int:
    """How many pieces of a mask [h, w] have about the size of the largest: one garment is 1, a pair of shoes 2."""
    import cv2

    n, _, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    areas = stats[1:, cv2.CC_STAT_AREA]
    return int((areas >= MIN_SIMILAR_AREA * areas.max()).sum()) if n > 1 else 0
