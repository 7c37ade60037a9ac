"""The ways to colour the points of a map."""

from colorsys import hsv_to_rgb

import numpy as np

from fashion_core.analysis.predictions import Predictions
from fashion_core.charts.colours import CORRECT_COLOUR, NEUTRAL_COLOUR, WRONG_COLOUR, cluster_colour
from fashion_core.data.classes import ClassList
from fashion_core.models.kmeans import UNASSIGNED_CLUSTER_CLASS
from ui.components.map import UNGROUPED, PointColouring

N_SCALE_COLOURS = 64
N_HUES, TONES = 24, ((0.85, 0.9), (0.9, 0.55), (0.45, 0.85))  # of clusters' colours; saturation and value
MAX_NEIGHBOURING_CLUSTERS = 20  # on the map, whose colours must differ
# blue, grey, orange: distinct for colour-blind readers, visible on light and dark ground
SCALE_ANCHOR_COLOURS = ("#1a6fdf", "#9a9a9a", "#e66100")


def colour_by_class(labels: np.ndarray, classes: ClassList) -> PointColouring:
    """``labels`` uint8 [n]."""
    return PointColouring("True class", labels.astype(np.uint8), classes.colours, classes.short_names)


def colour_by_cluster(
    clusters: np.ndarray, cluster_classes: np.ndarray, classes: ClassList, positions: np.ndarray
) -> PointColouring:
    """``clusters`` uint8 [n] of points at ``positions`` [n, 2]; neighbours on the map have colours that can be told
    apart. ``cluster_classes`` int [k]."""
    k = len(cluster_classes)
    sizes = np.maximum(np.bincount(clusters, minlength=k), 1)
    centres = [np.bincount(clusters, weights=axis, minlength=k) / sizes for axis in positions.T]
    colours = _cluster_colours(cluster_classes, classes, np.stack(centres, axis=1))
    labels = cluster_legend_labels(cluster_classes, classes)
    return PointColouring("Cluster", clusters.astype(np.uint8), colours, labels)


def colour_by_cluster_class(clusters: np.ndarray, cluster_classes: np.ndarray, classes: ClassList) -> PointColouring:
    """The class that each point's cluster is assigned to."""
    groups = np.where(cluster_classes == UNASSIGNED_CLUSTER_CLASS, len(classes), cluster_classes)[clusters].astype(
        np.uint8
    )
    return PointColouring(
        "Cluster name", groups, (*classes.colours, NEUTRAL_COLOUR), (*classes.short_names, "no class")
    )


def colour_by_prediction(
    title: str, predictions: Predictions, points: np.ndarray, n_points: int, classes: ClassList
) -> PointColouring:
    """The class a run predicts for ``points`` int64 [m] of ``n_points``; the others have no prediction."""
    predicted = _pad_groups(predictions.predicted, points, n_points)
    return PointColouring(f"Prediction, {title}", predicted, classes.colours, classes.short_names)


def colour_by_correctness(title: str, predictions: Predictions, points: np.ndarray, n_points: int) -> PointColouring:
    """Whether a run's prediction of ``points`` int64 [m] is correct."""
    wrong = _pad_groups(~predictions.is_correct, points, n_points)
    return PointColouring(f"Right or wrong, {title}", wrong, (CORRECT_COLOUR, WRONG_COLOUR), ("right", "wrong"))


def colour_by_value(title: str, values: np.ndarray, points: np.ndarray, n_points: int) -> PointColouring:
    """A scale from the 1 % to the 99 % quantile of ``values`` float [m], which belong to ``points`` int64 [m]."""
    low, high = (float(v) for v in np.quantile(values, (0.01, 0.99)))
    groups = np.clip((values - low) / ((high - low) or 1) * N_SCALE_COLOURS, 0, N_SCALE_COLOURS - 1)
    return PointColouring(title, _pad_groups(groups, points, n_points), colour_scale(), value_range=(low, high))


def colour_scale() -> tuple[str, ...]:
    """``N_SCALE_COLOURS`` colours from low to high."""
    stops = np.array([_hex_to_rgb(colour) for colour in SCALE_ANCHOR_COLOURS])
    at = np.linspace(0, len(stops) - 1, N_SCALE_COLOURS)
    mixed = np.stack([np.interp(at, np.arange(len(stops)), channel) for channel in stops.T], axis=1)
    return tuple(_rgb_to_hex(colour) for colour in mixed)


def cluster_legend_labels(cluster_classes: np.ndarray, classes: ClassList) -> tuple[str, ...]:
    """Number and class of each cluster, for a legend."""
    names = [classes[label].short_name if label != UNASSIGNED_CLUSTER_CLASS else "–" for label in cluster_classes]
    return tuple(f"{i + 1} {name}" for i, name in enumerate(names))


def _pad_groups(groups: np.ndarray, points: np.ndarray, n_points: int) -> np.ndarray:
    """uint8 [n_points] with the ``groups`` of ``points``; the other points have none."""
    padded = np.full(n_points, UNGROUPED, np.uint8)
    padded[points] = groups
    return padded


def _cluster_colours(cluster_classes: np.ndarray, classes: ClassList, centres: np.ndarray) -> tuple[str, ...]:
    """The class's own colour for its first cluster; others a colour that differs most from those of clusters nearby.

    ``centres``: float [k, 2], where the clusters are on the map.
    """
    labels, colours = cluster_classes.tolist(), {}
    for cluster, label in enumerate(labels):
        if label not in labels[:cluster]:
            colours[cluster] = np.array(_hex_to_rgb(cluster_colour(label, classes)))
    candidates = 255 * np.array([hsv_to_rgb(i / N_HUES, s, v) for i in range(N_HUES) for s, v in TONES])
    for cluster in range(len(labels)):
        if cluster not in colours:
            distance = {other: np.linalg.norm(centres[other] - centres[cluster]) for other in colours}
            nearby = sorted(colours, key=distance.__getitem__)[:MAX_NEIGHBOURING_CLUSTERS]
            differences = [_colour_difference(candidates, colours[other]) for other in nearby]
            colours[cluster] = candidates[np.min(differences, axis=0).argmax()]
    return tuple(_rgb_to_hex(colours[cluster]) for cluster in range(len(labels)))


def _colour_difference(colours: np.ndarray, other: np.ndarray) -> np.ndarray:
    """How different ``colours`` [n, 3] look from ``other`` [3], each 0 to 255: RGB weighted by "redmean", float [n]."""
    red = (colours[:, 0] + other[0]) / 2
    squares = (colours - other) ** 2
    weighted = (2 + red / 256) * squares[:, 0] + 4 * squares[:, 1] + (2 + (255 - red) / 256) * squares[:, 2]
    return np.sqrt(weighted)


def _hex_to_rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _rgb_to_hex(colour: np.ndarray) -> str:
    return "#" + "".join(f"{round(float(channel)):02x}" for channel in colour)
