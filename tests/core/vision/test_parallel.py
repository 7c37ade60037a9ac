import threading
from contextlib import closing

import pytest

from fashion_core.errors import PictureError
from fashion_core.vision.parallel import map_in_order, preparation_errors


def test_results_come_in_order_from_several_threads() -> None:
    together = threading.Barrier(4, timeout=30)

    def square(n: int) -> int:
        together.wait()
        return n**2

    assert list(map_in_order(square, range(12), n_threads=4, n_ahead=4)) == [n**2 for n in range(12)]


def test_no_more_items_are_taken_ahead_than_asked_for_and_closing_ends_it() -> None:
    taken: list[int] = []
    with closing(map_in_order(str, (taken.append(n) or n for n in range(100)), n_threads=2, n_ahead=5)) as results:
        assert next(results) == "0"
        assert len(taken) == 5
        assert next(results) == "1"
        assert len(taken) == 6
    assert list(results) == []
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("prepare")]


def test_what_numpy_raises_becomes_a_sentence_and_others_pass() -> None:
    with pytest.raises(PictureError, match="cannot be prepared"), preparation_errors():
        raise ValueError
    with pytest.raises(OSError, match="gone"), preparation_errors():
        raise OSError("gone")
