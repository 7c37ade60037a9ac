"""The table of answered pictures, and names that a spreadsheet would calculate with."""

import csv
import io

import numpy as np
import pandas as pd
import pytest

from fashion_core.data.classes import CLASS_NAMES, FASHION_CLASSES, make_classes
from fashion_core.recognition.batch import PictureResult
from fashion_core.recognition.labelled_folder import labels_from_folders
from fashion_core.recognition.recognizer import GarmentPrediction
from fashion_core.recognition.results_table import escape_spreadsheet_formula, frame_to_csv, results_to_frame


@pytest.mark.parametrize("name", ["=1+1.png", "+1.png", "-1.png", "@SUM(A1).png", "  =x.png", "＝x.png"])
def test_a_name_that_starts_a_formula_is_escaped(name: str) -> None:
    assert escape_spreadsheet_formula(name) == f"'{name}"
    text = results_to_frame([PictureResult(name, (), "broken", duplicate_of=name)], FASHION_CLASSES).to_csv(index=False)
    assert text.splitlines()[1].startswith(f"'{name}")


@pytest.mark.parametrize("name", ["a=1.png", "衬衫-1.png", "", "1.png", "'x"])
def test_other_names_are_not_changed(name: str) -> None:
    assert escape_spreadsheet_formula(name) == name


def test_no_cell_or_heading_of_a_csv_file_is_a_formula() -> None:
    frame = pd.DataFrame({"=run()": ['=HYPERLINK("http://x")', "plain"], "number": [-1, 2]})
    frame["name"] = frame["=run()"].astype("category")
    rows = list(csv.reader(io.StringIO(frame_to_csv(frame).decode("utf-8-sig"))))
    formula = '\'=HYPERLINK("http://x")'
    assert rows == [["'=run()", "number", "name"], [formula, "-1", formula], ["plain", "2", "plain"]]


def test_a_row_holds_all_values_of_a_picture() -> None:
    p = np.full(10, 0.02, np.float32)
    p[[4, 6]] = 0.6, 0.24
    rows = [
        PictureResult("a", ("coat",), kind="photo", prediction=GarmentPrediction(p, 1.5)),
        PictureResult("b", ("shirt",), "broken"),
        PictureResult("c", ("x",)),
    ]
    plain = results_to_frame(rows[:2], FASHION_CLASSES)
    assert plain.iloc[0].to_dict() == {
        "name": "a", "class": CLASS_NAMES[4], "confidence": 60.0, "second": CLASS_NAMES[6], "second_confidence": 24.0,
        "warning": "probably none of the ten", "kind": "photo", "same_as": "", "problem": "",
    }  # fmt: skip
    assert plain.iloc[1]["problem"] == "broken"
    scored = results_to_frame(rows, FASHION_CLASSES, labels_from_folders(rows, FASHION_CLASSES))
    assert scored["true_class"].tolist() == [CLASS_NAMES[4], CLASS_NAMES[6], "none of the ten"]
    assert scored["right"].tolist()[:2] == [True, False]
    assert scored["right"].isna().tolist() == [False, False, True]


def test_a_notice_about_a_predicted_picture_is_in_the_table() -> None:
    p = np.full(10, 0.1, np.float32)
    row = PictureResult("a", (), notice="The end is missing.", prediction=GarmentPrediction(p, 0.5))
    frame = results_to_frame([row], FASHION_CLASSES)
    assert frame.iloc[0]["problem"] == "The end is missing."
    assert frame.iloc[0]["class"]


def test_no_pictures_are_an_empty_table() -> None:
    assert results_to_frame([], FASHION_CLASSES).empty
    assert "problem" in results_to_frame([], FASHION_CLASSES).columns


def test_names_of_classes_are_escaped_too() -> None:
    classes = make_classes(["=HYPERLINK(1)", "Coat"])
    row = PictureResult("a", ("coat",), prediction=GarmentPrediction(np.array([0.7, 0.3], np.float32), np.nan))
    frame = results_to_frame([row], classes, labels_from_folders([row], classes))
    assert frame.iloc[0]["class"] == "'=HYPERLINK(1)"
    assert (frame.iloc[0]["true_class"], frame.iloc[0]["second"], frame.iloc[0]["right"]) == ("Coat", "Coat", False)
