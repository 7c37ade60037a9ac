import numpy as np
import pytest
from scipy.spatial import Delaunay

from fashion_core.analysis.polygon import points_in_polygon

RNG = np.random.default_rng(8)
POINTS = RNG.integers(0, 65536, (5000, 2)).astype(np.uint16)


def test_a_convex_polygon_has_the_points_of_its_triangulation() -> None:
    polygon = [(10000, 10000), (50000, 20000), (60000, 50000), (20000, 60000)]
    expected = Delaunay(np.array(polygon, float)).find_simplex(POINTS.astype(float)) >= 0
    assert 500 < expected.sum() < 4500
    assert (points_in_polygon(POINTS, polygon) == expected).mean() > 0.999  # points on an edge aside


def test_the_direction_and_the_first_corner_do_not_matter() -> None:
    polygon = [tuple(map(int, corner)) for corner in RNG.integers(0, 65536, (12, 2))]
    inside = points_in_polygon(POINTS, polygon)
    assert 0 < inside.sum() < len(POINTS)
    assert (points_in_polygon(POINTS, polygon[::-1]) == inside).all()
    assert (points_in_polygon(POINTS, polygon[5:] + polygon[:5]) == inside).all()


def test_a_hole_is_outside() -> None:
    square = [(0, 0), (60000, 0), (60000, 60000), (0, 60000)]
    hole = [(20000, 20000), (40000, 20000), (40000, 40000), (20000, 40000)]
    middle = np.array([[30000, 30001]], np.uint16)
    assert points_in_polygon(middle, square).tolist() == [True]
    assert points_in_polygon(middle, [*square, (0, 0), *hole, (20000, 20000)]).tolist() == [False]


@pytest.mark.parametrize("polygon", [[], [(1, 1)], [(1, 1), (9, 9)]])
def test_fewer_than_three_corners_have_no_inside(polygon: list[tuple[int, int]]) -> None:
    assert not points_in_polygon(POINTS, polygon).any()
