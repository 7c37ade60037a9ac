"""The ways to colour the points of a map."""

import numpy as np

from fashion_core.analysis.predictions import Predictions
from fashion_core.data.labels import COLOURS, SHORT_NAMES
from fashion_core.models.kmeans import NO_CLASS
from ui.components.map import NOTHING, Panel

STEPS = 64  # colours of a scale
# from blue over grey to orange: told apart by the colour-blind, and seen on light and dark ground
SCALE_STOPS = ("#1a6fdf", "#9a9a9a", "#e66100")
RIGHT, WRONG = "#7f9cc0", "#e66100"
UNNAMED = "#8a8a8a"


def by_class(labels: np.ndarray) -> Panel:
    """``labels`` uint8 [n]."""
    return Panel("True class", labels.astype(np.uint8), COLOURS, SHORT_NAMES)


def by_cluster(clusters: np.ndarray, names: np.ndarray) -> Panel:
    """``clusters`` uint8 [n]; a cluster has its class's colour, and a shade of its own. ``names`` int [k]."""
    return Panel("Cluster", clusters.astype(np.uint8), _shades(names), cluster_names(names))


def by_cluster_name(clusters: np.ndarray, names: np.ndarray) -> Panel:
    """The class that each point's cluster is named for."""
    groups = np.where(names == NO_CLASS, len(SHORT_NAMES), names)[clusters].astype(np.uint8)
    return Panel("Cluster name", groups, (*COLOURS, UNNAMED), (*SHORT_NAMES, "no class"))


def by_prediction(title: str, answers: Predictions, n: int) -> Panel:
    """What a run says; of the first of ``n`` points, which it was not asked, nothing."""
    return Panel(f"Prediction, {title}", _last(answers.probabilities.argmax(axis=1), n), COLOURS, SHORT_NAMES)


def by_rightness(title: str, answers: Predictions, n: int) -> Panel:
    """Whether a run is right."""
    wrong = answers.probabilities.argmax(axis=1) != answers.labels
    return Panel(f"Right or wrong, {title}", _last(wrong, n), (RIGHT, WRONG), ("right", "wrong"))


def by_value(title: str, values: np.ndarray, n: int) -> Panel:
    """A scale over ``values`` float [m], those of the last of ``n`` points, from their 1 % to their 99 % quantile."""
    low, high = (float(v) for v in np.quantile(values, (0.01, 0.99)))
    steps = np.clip((values - low) / ((high - low) or 1) * STEPS, 0, STEPS - 1)
    return Panel(title, _last(steps, n), scale(), range=(low, high))


def scale() -> tuple[str, ...]:
    """``STEPS`` colours from low to high."""
    stops = np.array([_rgb(stop) for stop in SCALE_STOPS])
    at = np.linspace(0, len(stops) - 1, STEPS)
    mixed = np.stack([np.interp(at, np.arange(len(stops)), stops[:, c]) for c in np.arange(3)], axis=1)
    return tuple(_hex(colour) for colour in mixed)


def cluster_names(names: np.ndarray) -> tuple[str, ...]:
    """Number and class of each cluster, for a legend."""
    return tuple(f"{i + 1} {SHORT_NAMES[name] if name != NO_CLASS else '–'}" for i, name in enumerate(names))


def _last(groups: np.ndarray, n: int) -> np.ndarray:
    """uint8 [n] ending in ``groups``; points before have none."""
    padded = np.full(n, NOTHING, np.uint8)
    padded[n - len(groups) :] = groups
    return padded


def _shades(names: np.ndarray) -> tuple[str, ...]:
    """Clusters of one class from its own colour towards white and black by turns."""
    colours = []
    for i, name in enumerate(names):
        own = np.array(_rgb(COLOURS[name] if name != NO_CLASS else UNNAMED))
        before = int((names[:i] == name).sum())
        target = 255.0 if before % 2 else 0.0
        strength = min(0.6, 0.18 * ((before + 1) // 2))
        colours.append(_hex(own + strength * (target - own)))
    return tuple(colours)


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _hex(colour: np.ndarray) -> str:
    return "#" + "".join(f"{round(float(c)):02x}" for c in colour)
