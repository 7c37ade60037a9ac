"""The table of answered pictures, and names that a spreadsheet would calculate with."""

import numpy as np
import pytest

from fashion_core.data.labels import NAMES
from fashion_core.recognition.batch import Row
from fashion_core.recognition.labelled import truths
from fashion_core.recognition.recognizer import Answer
from fashion_core.recognition.table import WARNING, frame, harmless


@pytest.mark.parametrize("name", ["=1+1.png", "+1.png", "-1.png", "@SUM(A1).png", "  =x.png", "＝x.png"])
def test_a_name_that_starts_a_formula_is_made_harmless(name: str) -> None:
    assert harmless(name) == f"'{name}"
    text = frame([Row(name, (), "broken", same_as=name)]).to_csv(index=False)
    assert text.splitlines()[1].startswith(f"'{name}")


@pytest.mark.parametrize("name", ["a=1.png", "衬衫-1.png", "", "1.png", "'x"])
def test_other_names_stay_as_they_are(name: str) -> None:
    assert harmless(name) == name


def test_a_line_says_everything_of_a_picture() -> None:
    p = np.full(10, 0.02, np.float32)
    p[[4, 6]] = 0.6, 0.24
    rows = [Row("a", ("coat",), kind="photo", answer=Answer(p, 1.5)), Row("b", ("shirt",), "broken"), Row("c", ("x",))]
    plain = frame(rows[:2])
    assert plain.iloc[0].to_dict() == {
        "name": "a", "class": NAMES[4], "confidence": 60.0, "second": NAMES[6], "second_confidence": 24.0,
        "warning": WARNING, "kind": "photo", "same_as": "", "problem": "",
    }  # fmt: skip
    assert plain.iloc[1]["problem"] == "broken"
    scored = frame(rows, truths(rows))
    assert scored["true_class"].tolist() == [NAMES[4], NAMES[6], "none of these"]
    assert scored["right"].tolist()[:2] == [True, False]
    assert scored["right"].isna().tolist() == [False, False, True]


def test_no_pictures_are_an_empty_table() -> None:
    assert frame([]).empty
    assert "problem" in frame([]).columns
