"""Where the parts of a diagram and the labels of a map go, whoever draws them."""

import numpy as np

from fashion_core.data.classes import CLASS_COLOURS
from fashion_core.models.kmeans import NO_CLASS
from fashion_core.report.content import Diagram, DiagramBox

Position = tuple[float, float]
BOX_WIDTH, BOX_HEIGHT = 156.0, 76.0
BOX_GAP_X, BOX_GAP_Y = 28.0, 26.0
MAX_DIRECT_COLUMNS = 3  # columns beyond which an arrow goes over the boxes between
MAP_SIZE = 1000  # of a map's longer side
LABEL_HEIGHT, LABEL_WIDTH = 36, 130
UNNAMED_CLUSTER_COLOUR = "#8a8a8a"


def box_corner(box: DiagramBox) -> Position:
    """Upper left corner of a box."""
    return box.column * (BOX_WIDTH + BOX_GAP_X), box.row * (BOX_HEIGHT + BOX_GAP_Y)


def diagram_bounds(diagram: Diagram) -> tuple[float, float, float]:
    """Width, height and the upper edge of a diagram, which is below 0 where an arrow goes over the first row."""
    width = max(box_corner(box)[0] for box in diagram.boxes) + BOX_WIDTH
    height = max(box_corner(box)[1] for box in diagram.boxes) + BOX_HEIGHT
    top = min(y for line in arrow_paths(diagram) for _, y in line)
    return width, height, min(0.0, top - 4)


def arrow_paths(diagram: Diagram) -> list[list[Position]]:
    """Each arrow as the corners of a line: along the row, over the boxes between, or down to the next row."""
    return [_route(diagram.boxes[a], diagram.boxes[b]) for a, b in diagram.arrows]


def _route(start: DiagramBox, end: DiagramBox) -> list[Position]:
    (x0, y0), (x1, y1) = box_corner(start), box_corner(end)
    middle = BOX_HEIGHT / 2
    start_x, end_x = x0 + BOX_WIDTH / 2, x1 + BOX_WIDTH / 2
    if end.column - start.column > MAX_DIRECT_COLUMNS:
        over = -BOX_GAP_Y / 2
        return [(start_x, y0), (start_x, over), (end_x, over), (end_x, y1)]
    if end.column > start.column:
        return [(x0 + BOX_WIDTH, y0 + middle), (x1, y1 + middle)]
    between = y1 - BOX_GAP_Y / 2
    return [(start_x, y0 + BOX_HEIGHT), (start_x, between), (end_x, between), (end_x, y1)]


def scale_points_to_map(points: np.ndarray) -> tuple[np.ndarray, tuple[int, int]]:
    """``points`` float32 [n, 2] on whole numbers, int64 [n, 2], the second axis downwards; and the map's extent."""
    low, high = points.min(axis=0), points.max(axis=0)
    scale = (MAP_SIZE - 40) / max(float((high - low).max()), 1e-9)
    places = np.rint((points - low) * scale).astype(np.int64) + 20
    width, height = (np.rint((high - low) * scale).astype(np.int64) + 40).tolist()
    places[:, 1] = height - places[:, 1]
    return places, (width, height)


def place_group_labels(places: np.ndarray, groups: np.ndarray, n: int) -> list[tuple[int, Position]]:
    """The groups, of ``n``, that have members, each with a place for its label: their median, moved off the others'."""
    here = [k for k in range(n) if (groups == k).any()]
    spots = np.array([np.median(places[groups == k], axis=0) for k in here]).reshape(-1, 2)
    for _ in range(60):
        moved = False
        for i in range(len(spots)):
            for j in range(i):
                across, down = spots[i] - spots[j]
                lacking = LABEL_HEIGHT - abs(down)
                if abs(across) < LABEL_WIDTH and lacking > 1e-6:
                    step = (lacking / 2 + 0.5) * (1 if down >= 0 else -1)
                    spots[i, 1] += step
                    spots[j, 1] -= step
                    moved = True
        if not moved:
            break
    return [(k, (float(x), float(y))) for k, (x, y) in zip(here, spots, strict=True)]


def choose_cluster_colours(cluster_classes: tuple[int, ...]) -> list[str]:
    """A colour for each cluster: its class's; darker for a second cluster of the same class, darker still after."""
    seen: dict[int, int] = {}
    colours = []
    for name in cluster_classes:
        before = seen.get(name, 0)
        seen[name] = before + 1
        colours.append(_darker(CLASS_COLOURS[name] if name != NO_CLASS else UNNAMED_CLUSTER_COLOUR, 0.6**before))
    return colours


def _darker(colour: str, share: float) -> str:
    return "#" + "".join(f"{round(int(colour[i : i + 2], 16) * share):02x}" for i in (1, 3, 5))
