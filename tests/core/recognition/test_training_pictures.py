"""Photographs and drawings become training pictures."""

import json

import numpy as np
import pytest
from PIL import Image

from fashion_core.data.classes import NONE_OF_THESE_LABEL
from fashion_core.recognition.pens import draw_strokes
from fashion_core.recognition.training_pictures import (
    GROUP_FRACTIONS,
    HELD_OUT_WORDS,
    PENS_PER_DRAWING,
    find_held_out_photographs,
    prepare_training_pictures,
)
from tests.core.recognition.test_batch import make_scene

SQUARE = [[[0, 200, 200, 0, 0], [0, 0, 255, 255, 0]]]


def test_a_drawing_is_drawn_in_pens_of_several_widths_within_the_canvas() -> None:
    random = np.random.default_rng(0)
    sheets = [draw_strokes(SQUARE, random) for _ in range(12)]
    assert all(sheet.shape == (280, 280) and sheet.dtype == np.uint8 for sheet in sheets)
    ink = np.array([(sheet < 128).mean() for sheet in sheets])
    assert ink.min() > 0
    assert ink.max() > 3 * ink.min()


@pytest.mark.exhaustive
@pytest.mark.slow
def test_pictures_get_labels_views_and_weights(tmp_path) -> None:
    for folder in ("dress", "none-of-these/hat"):
        (tmp_path / folder).mkdir(parents=True)
        for seed in range(2):
            Image.fromarray(make_scene(seed)).save(tmp_path / folder / f"{seed}.png")
    words = [("bag", "purse"), ("none-of-these/cat", HELD_OUT_WORDS[0]), ("none-of-these/fish", "fish")]
    lines = [
        json.dumps({"class": name, "word": word, "key": str(i), "strokes": SQUARE})
        for i, (name, word) in enumerate(words)
    ]
    (tmp_path / "strokes.ndjson").write_text("\n".join(lines))
    counts: list[int] = []
    pictures = prepare_training_pictures(tmp_path, tmp_path / "strokes.ndjson", counts.append)
    assert counts == [1, 2, 3, 4, 5, 6]
    assert pictures.images.shape[1:] == (28, 28)
    assert set(pictures.labels) == {3, 8, NONE_OF_THESE_LABEL}
    assert (pictures.labels == 8).sum() >= PENS_PER_DRAWING
    assert (pictures.labels == 3).sum() >= 2 * 3  # in colour, in grey, changed
    for label, group in ((3, "photographs"), (8, "drawings")):
        assert pictures.weights[pictures.labels == label].sum() == pytest.approx(GROUP_FRACTIONS[group])
    assert (pictures.weights > 0).all()


def test_people_are_held_out_but_none_with_many_pictures(tmp_path) -> None:
    files = {f"dress/{person}-{i}.png": person for person, n in {"a": 3, "b": 2, "c": 101}.items() for i in range(n)}
    rows = "".join(f"{file},{person}\n" for file, person in files.items())
    (tmp_path / "people.csv").write_text(f"file,person\n{rows}")
    held_out = {path.relative_to(tmp_path).as_posix() for path in find_held_out_photographs(tmp_path, 1)}
    assert held_out == {file for file, person in files.items() if person != "c"}
    half = find_held_out_photographs(tmp_path, 0.5)
    assert len({path.name[0] for path in half}) == 1
    assert half == find_held_out_photographs(tmp_path, 0.5)


@pytest.mark.exhaustive
@pytest.mark.slow
def test_held_out_photographs_and_words_are_not_trained_on(tmp_path) -> None:
    (tmp_path / "dress").mkdir()
    (tmp_path / "shirt").mkdir()
    for path in ("dress/a.png", "shirt/b.png"):
        Image.fromarray(make_scene(0)).save(tmp_path / path)
    lines = [
        json.dumps({"class": f"none-of-these/{word}", "word": word, "key": word, "strokes": SQUARE})
        for word in HELD_OUT_WORDS
    ]
    (tmp_path / "strokes.ndjson").write_text("\n".join(lines))
    pictures = prepare_training_pictures(tmp_path, tmp_path / "strokes.ndjson", held_out={tmp_path / "shirt" / "b.png"})
    assert set(pictures.labels) == {3}
