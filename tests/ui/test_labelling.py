"""What a browser may send as labels."""

import pytest

from ui.components.labelling import LEFT_OUT, parse_labels


def test_labels_are_taken_by_picture() -> None:
    assert parse_labels({"0": 2, "4": LEFT_OUT}, n_pictures=5, labels={*range(3), LEFT_OUT}) == {0: 2, 4: LEFT_OUT}


@pytest.mark.parametrize(
    "sent", [None, [], "x", {"5": 0}, {"-1": 0}, {"0": 3}, {"0": -2}, {"0": "1"}, {"0": True}, {0: 1}]
)
def test_what_cannot_be_a_label_is_left_out(sent: object) -> None:
    assert parse_labels(sent, n_pictures=5, labels={*range(3), LEFT_OUT}) == {}
