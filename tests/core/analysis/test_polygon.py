import numpy as np
import pytest
from scipy.spatial import Delaunay

from fashion_core.analysis.polygon import points_in_polygon

RNG = np.random.default_rng(8)
PLACES = RNG.integers(0, 65536, (5000, 2)).astype(np.uint16)


def test_a_convex_polygon_holds_what_its_triangulation_holds() -> None:
    polygon = [(10000, 10000), (50000, 20000), (60000, 50000), (20000, 60000)]
    expected = Delaunay(np.array(polygon, float)).find_simplex(PLACES.astype(float)) >= 0
    assert 500 < expected.sum() < 4500
    assert (points_in_polygon(PLACES, polygon) == expected).mean() > 0.999  # points on an edge aside


def test_the_direction_and_the_first_corner_do_not_matter() -> None:
    polygon = [tuple(map(int, corner)) for corner in RNG.integers(0, 65536, (12, 2))]
    found = points_in_polygon(PLACES, polygon)
    assert 0 < found.sum() < len(PLACES)
    assert (points_in_polygon(PLACES, polygon[::-1]) == found).all()
    assert (points_in_polygon(PLACES, polygon[5:] + polygon[:5]) == found).all()


def test_where_a_path_crosses_itself_inside_is_outside_again() -> None:
    square = [(0, 0), (60000, 0), (60000, 60000), (0, 60000)]
    hole = [(20000, 20000), (40000, 20000), (40000, 40000), (20000, 40000)]
    middle = np.array([[30000, 30001]], np.uint16)
    assert points_in_polygon(middle, square).tolist() == [True]
    assert points_in_polygon(middle, [*square, (0, 0), *hole, (20000, 20000)]).tolist() == [False]


@pytest.mark.parametrize("polygon", [[], [(1, 1)], [(1, 1), (9, 9)]])
def test_fewer_than_three_corners_hold_nothing(polygon: list[tuple[int, int]]) -> None:
    assert not points_in_polygon(PLACES, polygon).any()
