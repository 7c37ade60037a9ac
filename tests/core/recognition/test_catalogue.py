import dataclasses

import numpy as np

from fashion_core.analysis import feasibility
from fashion_core.analysis.feasibility import NEVER
from fashion_core.data.labels import FOLDERS
from fashion_core.recognition.batch import Row
from fashion_core.recognition.catalogue import FEWEST, catalogue, of_ten
from fashion_core.recognition.labelled import UNKNOWN, UNREAD
from fashion_core.recognition.recognizer import Answer


def row(number: int, folder: str, said: int, sure: float = 0.9, *, strange: bool = False) -> Row:
    probabilities = np.full(10, (1 - sure) / 9, np.float32)
    probabilities[said] = sure
    answer = Answer(probabilities, 2.0 if strange else 0.1)
    return Row(f"{number}.png", (folder,) if folder else (), answer=answer)


def rows(n: int = 200) -> list[Row]:
    """Every tenth answer is wrong, and less sure."""
    return [row(i, FOLDERS[i % 10], (i + (i % 11 == 0)) % 10, 0.6 if i % 11 == 0 else 0.9) for i in range(n)]


def test_the_halves_hold_every_picture_once() -> None:
    found = catalogue(rows())
    assert found is not None
    assert len(found.chosen_on) + len(found.tried_on) == 200
    labels = np.concatenate([found.chosen_on.labels, found.tried_on.labels])
    assert np.bincount(labels).tolist() == [20] * 10
    wrong = sum(int((~half.right).sum()) for half in (found.chosen_on, found.tried_on))
    assert wrong == len(range(0, 200, 11))
    threshold = feasibility.choose(feasibility.curve(found.chosen_on), 0.99, assured=False)
    assert threshold is not None
    assert feasibility.point(found.tried_on, threshold).correct == 1


def test_what_cannot_be_read_or_is_warned_of_goes_to_a_person() -> None:
    some = rows()
    some[3] = dataclasses.replace(some[3], answer=None, error="broken")
    some[4] = row(4, FOLDERS[4], 4, 0.99, strange=True)
    found = catalogue(some)
    assert found is not None
    never = [
        int(label) for half in (found.chosen_on, found.tried_on) for label in half.labels[half.confidence == NEVER]
    ]
    assert sorted(never) == [3, 4]
    said = np.concatenate([found.chosen_on.predicted, found.tried_on.predicted])
    assert (said == UNREAD).sum() == 1


def test_a_picture_of_no_class_is_a_mistake_when_automated_and_has_no_price() -> None:
    found = catalogue([*rows(), *(row(1000 + i, "none-of-these", 5, 0.95) for i in range(10))])
    assert found is not None
    for half in (found.chosen_on, found.tried_on):
        unknown = half.labels == UNKNOWN
        assert unknown.sum() == 5
        assert not half.right[unknown].any()
        assert len(of_ten(half)) == len(half) - 5


def test_copies_and_pictures_in_no_folder_are_left_out() -> None:
    copy = dataclasses.replace(row(500, FOLDERS[0], 0), same_as="0.png")
    found = catalogue([*rows(), copy, row(501, "", 0)])
    assert found is not None
    assert (found.copies, found.unlabelled) == (1, 1)
    assert len(found.chosen_on) + len(found.tried_on) == 200


def test_too_few_pictures_are_not_judged() -> None:
    assert catalogue(rows(FEWEST - 1)) is None
    assert catalogue(rows(FEWEST)) is not None
    unread = [dataclasses.replace(r, answer=None, error="broken") for r in rows(FEWEST)]
    found = catalogue(unread)
    assert found is not None
    assert feasibility.choose(feasibility.curve(found.chosen_on), 0.9, assured=False) is None
