"""Where the boxes and arrows of a diagram and the points and labels of a map go, for SVG, PNG and PowerPoint."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from fashion_core.data.classes import ClassList
from fashion_core.models.kmeans import UNASSIGNED_CLUSTER_CLASS
from fashion_core.report.content import ClusterMaps, Diagram, DiagramBox

Position = tuple[float, float]
BOX_WIDTH, BOX_HEIGHT = 156.0, 76.0
BOX_GAP_X, BOX_GAP_Y = 28.0, 26.0
MAX_STRAIGHT_ARROW_COLUMNS = 3  # an arrow that spans more columns passes over the boxes between
CLUSTER_MAP_LONGER_SIDE = 1000  # of a map's longer side
MAX_GROUP_LABELS = 20  # more would cover the points
LABEL_HEIGHT, LABEL_WIDTH = 36, 130
UNNAMED_CLUSTER_COLOUR = "#8a8a8a"


def box_upper_left_corner(box: DiagramBox) -> Position:
    """The upper left corner of a box."""
    return box.column * (BOX_WIDTH + BOX_GAP_X), box.row * (BOX_HEIGHT + BOX_GAP_Y)


def diagram_right_lower_upper_edges(diagram: Diagram) -> tuple[float, float, float]:
    """Right, lower and upper edge of a diagram; the upper is below 0 where an arrow passes over the first row."""
    corners = [box_upper_left_corner(box) for box in diagram.boxes]
    top = min(y for path in arrow_paths(diagram) for _, y in path)
    return max(x for x, _ in corners) + BOX_WIDTH, max(y for _, y in corners) + BOX_HEIGHT, min(0.0, top - 4)


def arrow_paths(diagram: Diagram) -> list[list[Position]]:
    """The corners of each arrow's line: along the row, over the boxes between, or down to the next row."""
    return [_arrow_path(diagram.boxes[start], diagram.boxes[end]) for start, end in diagram.arrows]


def _arrow_path(start: DiagramBox, end: DiagramBox) -> list[Position]:
    (x0, y0), (x1, y1) = box_upper_left_corner(start), box_upper_left_corner(end)
    middle_0, middle_1 = x0 + BOX_WIDTH / 2, x1 + BOX_WIDTH / 2
    if end.column - start.column > MAX_STRAIGHT_ARROW_COLUMNS:
        above = -BOX_GAP_Y / 2
        return [(middle_0, y0), (middle_0, above), (middle_1, above), (middle_1, y1)]
    if end.column > start.column:
        return [(x0 + BOX_WIDTH, y0 + BOX_HEIGHT / 2), (x1, y1 + BOX_HEIGHT / 2)]
    between = y1 - BOX_GAP_Y / 2
    return [(middle_0, y0 + BOX_HEIGHT), (middle_0, between), (middle_1, between), (middle_1, y1)]


def arrow_head_angle_degrees(path: Sequence[Position]) -> float:
    """Direction of an arrow's head, in degrees clockwise from the right."""
    (x0, y0), (x1, y1) = path[-2:]
    return round(math.degrees(math.atan2(y1 - y0, x1 - x0)), 1)


def scale_points_to_map(points: np.ndarray) -> tuple[np.ndarray, tuple[int, int]]:
    """``points`` float32 [n, 2] as int64 [n, 2] with the second axis downwards, and the map's width and height."""
    low, high = points.min(axis=0), points.max(axis=0)
    scale = (CLUSTER_MAP_LONGER_SIDE - 40) / max(float((high - low).max()), 1e-9)
    positions = np.rint((points - low) * scale).astype(np.int64) + 20
    width, height = (np.rint((high - low) * scale).astype(np.int64) + 40).tolist()
    positions[:, 1] = height - positions[:, 1]
    return positions, (width, height)


@dataclass(frozen=True)
class MapPanel:
    """One of a chart's two maps: ``positions`` int64 [n, 2], ``groups`` int [n]; a name and colour for each group."""

    title: str
    group_type: str
    positions: np.ndarray
    size: tuple[int, int]
    groups: np.ndarray
    names: tuple[str, ...]
    colours: tuple[str, ...]
    line_caps: tuple[str, ...]

    @property
    def group_label_positions(self) -> list[tuple[int, Position]]:
        """The groups that have a label, and where it goes."""
        last = self.size[0] - LABEL_WIDTH / 2
        labels = place_group_labels(self.positions, self.groups, len(self.names))
        return [(group, (max(LABEL_WIDTH / 2, min(x, last)), y)) for group, (x, y) in labels]

    def group_points_svg_path(self, group: int) -> str:
        """The points of a group as an SVG path: a stroke of length 0 for each."""
        return "".join(f"M{x} {y}h0" for x, y in self.positions[self.groups == group].tolist())


def build_class_and_cluster_panels(chart: ClusterMaps) -> tuple[MapPanel, MapPanel]:
    """The map by class and the map by cluster."""
    positions, size = scale_points_to_map(chart.points)
    classes = chart.cluster_classes
    # two clusters of one class have different marks, as well as shades of one colour
    caps = tuple("square" if name in classes[:k] else "round" for k, name in enumerate(classes))
    names, colours = chart.classes.short_names, chart.classes.colours
    rounds = ("round",) * len(names)
    return (
        MapPanel(
            "By true class", "True class", positions, size, chart.labels, names, colours, rounds
        ),
        MapPanel(
            "By k-means cluster", "Cluster", positions, size, chart.clusters, chart.numbered_cluster_names(short=True),
            choose_cluster_colours(classes, chart.classes), caps,
        ),
    )  # fmt: skip


def place_group_labels(positions: np.ndarray, groups: np.ndarray, n_groups: int) -> list[tuple[int, Position]]:
    """The largest of ``n_groups`` groups, with a place for each label: the median, moved off other labels."""
    counts = np.bincount(groups, minlength=n_groups)
    largest = np.argsort(-counts, kind="stable")[:MAX_GROUP_LABELS]
    present = [k for k in sorted(largest.tolist()) if counts[k]]
    spots = np.array([np.median(positions[groups == k], axis=0) for k in present]).reshape(-1, 2)
    for i, j in 60 * list(combinations(range(len(spots)), 2)):
        across, down = spots[j] - spots[i]
        overlap = LABEL_HEIGHT - abs(down)
        if abs(across) < LABEL_WIDTH and overlap > 1e-6:
            step = (overlap / 2 + 0.5) * (1 if down >= 0 else -1)
            spots[:, 1][[i, j]] += (-step, step)
    return [(k, (float(x), float(y))) for k, (x, y) in zip(present, spots, strict=True)]


def choose_cluster_colours(cluster_classes: Sequence[int], classes: ClassList) -> tuple[str, ...]:
    """The colour of each cluster: its class's, darker for each earlier cluster of the same class."""
    colours = [UNNAMED_CLUSTER_COLOUR if c == UNASSIGNED_CLUSTER_CLASS else classes.colours[c] for c in cluster_classes]
    return tuple(_darken(colour, 0.6 ** colours[:k].count(colour)) for k, colour in enumerate(colours))


def _darken(colour: str, factor: float) -> str:
    return "#" + "".join(f"{round(int(colour[i : i + 2], 16) * factor):02x}" for i in (1, 3, 5))
