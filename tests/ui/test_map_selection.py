import numpy as np
import pytest

from fashion_core.errors import ConfigError
from ui.map_selection import MAX_CORNERS, MapSelection, selection_from_address, selection_from_component

TRIANGLE = ((0, 0), (32000, 16), (160, 65520))


@pytest.mark.parametrize(
    "selection",
    [
        MapSelection(TRIANGLE),
        MapSelection((), (3, -1)),
        MapSelection((), (-1, 12)),
        MapSelection(TRIANGLE, (0, 39)),
        MapSelection(((0, 0), (65520, 0), (65520, 65520))),
    ],
)
def test_a_selection_survives_address_and_component(selection: MapSelection) -> None:
    assert selection_from_component(selection.to_component_value()) == selection
    again = selection_from_address(selection.to_address_text())
    assert again.isolated_groups == selection.isolated_groups
    assert again.polygon == selection.polygon


def test_nothing_selected_needs_no_address() -> None:
    assert MapSelection().to_address_text() == ""
    assert not MapSelection()
    assert MapSelection(TRIANGLE)
    assert MapSelection((), (-1, 0))


@pytest.mark.parametrize(
    "text", ["zz", "1.2.3-4.5-6.7", "!.?", "zzzzzz.1-1.1-2.2~", "~l999", "~r5l3", "~zzz", "-".join(["1.1"] * 99)]
)
def test_an_address_without_a_selection_is_rejected(text: str) -> None:
    with pytest.raises(ConfigError, match="can't be read"):
        selection_from_address(text)


@pytest.mark.parametrize(
    "value",
    [
        None,
        "x",
        {},
        {"revision": 1, "polygon": [[1, 2, 3]], "isolated": [-1, -1]},
        {"revision": 1, "polygon": [[1, 65521]], "isolated": [-1, -1]},
        {"revision": 1, "polygon": [[1, 0.5]], "isolated": [-1, -1]},
        {"revision": 1, "polygon": [], "isolated": [-1]},
        {"revision": 1, "polygon": [], "isolated": [-2, True]},
        {"revision": "1", "polygon": [], "isolated": [-1, -1]},
        {"revision": 1, "polygon": [[1, 1]] * (MAX_CORNERS + 1), "isolated": [-1, -1]},
    ],
)
def test_a_malformed_component_value_is_ignored(value: object) -> None:
    assert selection_from_component(value) is None


def test_the_mask_is_the_polygon_and_the_isolated_groups() -> None:
    places = np.array([[100, 100], [100, 101], [60000, 60000], [200, 200]], np.uint16)
    groups = [np.array([0, 1, 0, 0], np.uint8), np.array([5, 5, 5, 6], np.uint8)]
    square = ((0, 0), (1600, 0), (1600, 1600), (0, 1600))
    assert MapSelection(square).mask(places, groups).tolist() == [True, True, False, True]
    assert MapSelection(square, (0, -1)).mask(places, groups).tolist() == [True, False, False, True]
    assert MapSelection(square, (0, 5)).mask(places, groups).tolist() == [True, False, False, False]
    assert MapSelection((), (-1, 6)).mask(places, groups).tolist() == [False, False, False, True]
