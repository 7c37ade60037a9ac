"""The ways to colour the points of a map."""

import numpy as np

from fashion_core.analysis.predictions import Predictions
from fashion_core.data.classes import CLASS_COLOURS, SHORT_CLASS_NAMES
from fashion_core.models.kmeans import NO_CLASS
from ui.components.map import NO_GROUP, PointColouring

N_SCALE_COLOURS = 64  # colours of a scale
# from blue over grey to orange: told apart by the colour-blind, and seen on light and dark ground
SCALE_COLOURS = ("#1a6fdf", "#9a9a9a", "#e66100")
CORRECT_POINT_COLOUR, WRONG_POINT_COLOUR = "#7f9cc0", "#e66100"
UNNAMED_CLUSTER_COLOUR = "#8a8a8a"


def colour_by_class(labels: np.ndarray) -> PointColouring:
    """``labels`` uint8 [n]."""
    return PointColouring("True class", labels.astype(np.uint8), CLASS_COLOURS, SHORT_CLASS_NAMES)


def colour_by_cluster(clusters: np.ndarray, cluster_classes: np.ndarray) -> PointColouring:
    """``clusters`` uint8 [n]; a cluster has its class's colour, and a shade of its own. ``names`` int [k]."""
    return PointColouring(
        "Cluster", clusters.astype(np.uint8), _shades(cluster_classes), cluster_labels(cluster_classes)
    )


def colour_by_cluster_class(clusters: np.ndarray, cluster_classes: np.ndarray) -> PointColouring:
    """The class that each point's cluster is named for."""
    groups = np.where(cluster_classes == NO_CLASS, len(SHORT_CLASS_NAMES), cluster_classes)[clusters].astype(np.uint8)
    return PointColouring(
        "Cluster name", groups, (*CLASS_COLOURS, UNNAMED_CLUSTER_COLOUR), (*SHORT_CLASS_NAMES, "no class")
    )


def colour_by_prediction(title: str, predictions: Predictions, n_points: int) -> PointColouring:
    """What a run says; of the first of ``n`` points, which it was not asked, nothing."""
    return PointColouring(
        f"Prediction, {title}",
        _last(predictions.probabilities.argmax(axis=1), n_points),
        CLASS_COLOURS,
        SHORT_CLASS_NAMES,
    )


def colour_by_correctness(title: str, predictions: Predictions, n_points: int) -> PointColouring:
    """Whether a run is right."""
    wrong = predictions.probabilities.argmax(axis=1) != predictions.labels
    return PointColouring(
        f"Right or wrong, {title}",
        _last(wrong, n_points),
        (CORRECT_POINT_COLOUR, WRONG_POINT_COLOUR),
        ("right", "wrong"),
    )


def colour_by_value(title: str, values: np.ndarray, n_points: int) -> PointColouring:
    """A scale over ``values`` float [m], those of the last of ``n`` points, from their 1 % to their 99 % quantile."""
    low, high = (float(v) for v in np.quantile(values, (0.01, 0.99)))
    steps = np.clip((values - low) / ((high - low) or 1) * N_SCALE_COLOURS, 0, N_SCALE_COLOURS - 1)
    return PointColouring(title, _last(steps, n_points), colour_scale(), value_range=(low, high))


def colour_scale() -> tuple[str, ...]:
    """``STEPS`` colours from low to high."""
    stops = np.array([_rgb(stop) for stop in SCALE_COLOURS])
    at = np.linspace(0, len(stops) - 1, N_SCALE_COLOURS)
    mixed = np.stack([np.interp(at, np.arange(len(stops)), stops[:, c]) for c in np.arange(3)], axis=1)
    return tuple(_hex(colour) for colour in mixed)


def cluster_labels(cluster_classes: np.ndarray) -> tuple[str, ...]:
    """Number and class of each cluster, for a legend."""
    return tuple(
        f"{i + 1} {SHORT_CLASS_NAMES[name] if name != NO_CLASS else '–'}" for i, name in enumerate(cluster_classes)
    )


def _last(groups: np.ndarray, n: int) -> np.ndarray:
    """uint8 [n] ending in ``groups``; points before have none."""
    padded = np.full(n, NO_GROUP, np.uint8)
    padded[n - len(groups) :] = groups
    return padded


def _shades(names: np.ndarray) -> tuple[str, ...]:
    """Clusters of one class from its own colour towards white and black by turns."""
    colours = []
    for i, name in enumerate(names):
        own = np.array(_rgb(CLASS_COLOURS[name] if name != NO_CLASS else UNNAMED_CLUSTER_COLOUR))
        before = int((names[:i] == name).sum())
        target = 255.0 if before % 2 else 0.0
        strength = min(0.6, 0.18 * ((before + 1) // 2))
        colours.append(_hex(own + strength * (target - own)))
    return tuple(colours)


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _hex(colour: np.ndarray) -> str:
    return "#" + "".join(f"{round(float(c)):02x}" for c in colour)
