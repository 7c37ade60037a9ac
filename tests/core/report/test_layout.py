import itertools

import numpy as np

from fashion_core.data.classes import FASHION_CLASSES
from fashion_core.report import layout
from fashion_core.report.content import Diagram, DiagramBox


def test_a_map_keeps_its_proportions_and_flips_the_second_axis() -> None:
    points = np.array([[0, 0], [4, 0], [4, 2], [0, 2], [1, 1]], np.float32)
    positions, (width, height) = layout.scale_points_to_map(points)
    assert (width, height) == (1000, 520)
    assert positions.tolist() == [[20, 500], [980, 500], [980, 20], [20, 20], [260, 260]]


def test_labels_of_a_map_do_not_cover_each_other() -> None:
    rng = np.random.default_rng(0)
    positions = rng.normal(500, 30, (400, 2))
    labels = layout.place_group_labels(positions, np.arange(400) % 10, 10)
    assert [group for group, _ in labels] == list(range(10))
    for (_, a), (_, b) in itertools.combinations(labels, 2):
        assert abs(a[0] - b[0]) >= layout.LABEL_WIDTH or abs(a[1] - b[1]) >= layout.LABEL_HEIGHT - 1


def test_a_group_without_points_has_no_label() -> None:
    assert [group for group, _ in layout.place_group_labels(np.zeros((2, 2)), np.array([0, 2]), 3)] == [0, 2]


def test_clusters_of_one_class_have_shades_of_its_colour() -> None:
    first, second, other, none = layout.choose_cluster_colours((8, 8, 1, -1), FASHION_CLASSES)
    colours = FASHION_CLASSES.colours
    assert (first, other, none) == (colours[8], colours[1], layout.UNNAMED_CLUSTER_COLOUR)
    assert second not in colours


def test_an_arrow_past_other_boxes_passes_over_them() -> None:
    boxes = tuple(DiagramBox("b", (), column, 0) for column in range(7))
    diagram = Diagram("", "", "", boxes, ((0, 1), (0, 6)))
    near, far = layout.arrow_paths(diagram)
    assert len(near) == 2
    assert all(y < 0 for _, y in far[1:3])
    assert layout.diagram_right_lower_upper_edges(diagram)[2] < 0
