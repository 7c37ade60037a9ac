"""What is said about pictures that were added, and about the run trained with them."""

from dataclasses import replace
from pathlib import Path

from fashion_core.config.train_config import TrainConfig
from fashion_core.data.catalogue import Catalogue
from fashion_core.data.importing.growing import AddedPictures
from fashion_core.runs.execute import new_run_record
from fashion_core.runs.record import RunRecord
from fashion_core.wording.growing import describe_addition, describe_before_and_after
from tests.core.datasets import ToyDataset

CATALOGUE = Catalogue(
    Path("shoes"), {"title": "Shoes", "versions": [{"fingerprint": "0" * 16, "classes": ["a", "b"], "file": ""}]}
)


def finished(accuracy: float) -> RunRecord:
    record = new_run_record(TrainConfig("mlp", 1), ToyDataset(), run_id=f"run-{accuracy}")
    return replace(record, state="finished", metrics={"accuracy": accuracy})


def test_pictures_that_were_left_out_are_named_with_the_reason() -> None:
    assert "1 picture was added to Shoes" in describe_addition(AddedPictures(CATALOGUE, 1, ()))
    left_out = tuple((f"{i}.png", "It is in the data set already.") for i in range(5))
    text = describe_addition(AddedPictures(CATALOGUE, 2, left_out))
    assert "0.png: It is in the data set already." in text
    assert "And 2 more." in text


def test_accuracies_are_compared_only_on_the_same_test_pictures() -> None:
    before, after = finished(0.8), finished(0.85)
    assert "Before: 80.0%, after: 85.0%" in describe_before_and_after(before, after)
    assert "+5.0 points" in describe_before_and_after(before, after)
    other = replace(after, data=replace(after.data, test_fingerprint="f" * 16))
    assert "test pictures have changed" in describe_before_and_after(before, other)
    grown = replace(other, data=replace(other.data, classes=(*other.data.classes, "Hat")))
    assert "classes have changed" in describe_before_and_after(before, grown)
