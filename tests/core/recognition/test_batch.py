"""Many pictures at once: rows in order, bad files among them, cancelling, and files that are broken at random."""

import io
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fashion_core.data.stand_in import sample
from fashion_core.errors import RunError
from fashion_core.models.base import Classifier
from fashion_core.recognition import batch
from fashion_core.recognition.recognizer import Correction, Recognizer
from fashion_core.recognition.sources import Source, Upload, gather
from fashion_core.vision.opening import open_picture
from fashion_core.vision.pipeline import Wishes, prepare
from tests.core.recognition.test_sources import zipped


class Brightness(Classifier):
    """Says a class by the mean brightness, without a network; counts how often it is asked."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def predict_proba(self, images: np.ndarray) -> np.ndarray:
        self.asked.append(len(images))
        level = images.reshape(len(images), -1).mean(axis=1)
        scores = -np.abs(level[:, None] - np.arange(10) * 20)
        e = np.exp(scores / 20)
        return (e / e.sum(axis=1, keepdims=True)).astype(np.float32)


def recognizer() -> Recognizer:
    return Recognizer([Brightness()])


def saved(pixels: np.ndarray, form: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, form)
    return buffer.getvalue()


def scene(seed: int, side: int = 90) -> np.ndarray:
    """A dark garment on a cluttered ground, uint8 [side, side, 3]."""
    rng = np.random.default_rng(seed)
    pixels = rng.integers(120, 250, (side, side, 3), dtype=np.uint8)
    pixels[side // 5 : -side // 5, side // 4 : -side // 4] = rng.integers(10, 90, 3)
    return pixels


def source(name: str, content: bytes) -> Source:
    return Source(name, (), lambda: content)


def samples() -> list[Source]:
    images, _ = sample(4, 3)
    return [source(f"{i}.png", saved(image)) for i, image in enumerate(images)]


def rows_of(given: Sequence[Source], **options: object) -> list[batch.Row]:
    return list(batch.answers(recognizer(), given, **options))  # type: ignore[arg-type]


def test_rows_come_in_order_and_say_what_one_picture_alone_says() -> None:
    given = [source(f"{i}", saved(scene(i))) for i in range(21)]
    asked = recognizer()
    for workers in (1, 3):
        rows = rows_of(given, workers=workers)
        assert [row.name for row in rows] == [f"{i}" for i in range(21)]
        for row, one in zip(rows, given, strict=True):
            prepared = prepare(open_picture(one.read()))
            assert row.kind == prepared.kind
            np.testing.assert_array_equal(row.result, prepared.result)
            np.testing.assert_allclose(row.answer.probabilities, asked.answer(prepared).probabilities, rtol=1e-5)
            with Image.open(io.BytesIO(row.thumbnail)) as thumbnail:
                assert max(thumbnail.size) == batch.THUMBNAIL
            assert row.steps == ()


def test_a_bad_file_is_a_row_and_the_others_go_on() -> None:
    flat = np.full((40, 40, 3), (90, 120, 60), np.uint8)
    given = [source("bad", b"nothing"), samples()[0], source("empty", b""), source("flat", saved(flat))]
    rows = rows_of(given)
    assert [bool(row.error) for row in rows] == [True, False, True, True]
    assert "no picture" in rows[0].error
    assert "empty" in rows[2].error
    assert "one colour" in rows[3].error
    for row in rows:
        assert {row.answer is None, row.kind is None, row.result is None} == {bool(row.error)}
    assert [bool(row.thumbnail) for row in rows] == [False, True, False, True]  # what opens can be shown


def test_only_bad_files_are_rows_too() -> None:
    assert [bool(row.error) for row in rows_of([source("a", b"x")] * 3)] == [True] * 3
    assert rows_of([]) == []


def test_the_same_content_twice_is_marked() -> None:
    first, second = samples()[:2]
    rows = rows_of([first, second, Source("copy.png", (), first.read), first])
    assert [row.same_as for row in rows] == ["", "", "0.png", "0.png"]
    assert all(row.answer is not None for row in rows)


def test_the_networks_are_asked_about_several_pictures_at_once() -> None:
    classifier = Brightness()
    list(batch.answers(Recognizer([classifier]), samples()))
    assert max(classifier.asked) == batch.TOGETHER
    assert len(classifier.asked) == -(-len(samples()) // batch.TOGETHER)


def test_the_correction_can_be_left_out() -> None:
    shift = tuple(50.0 if c == 7 else 0.0 for c in range(10))
    corrected = Recognizer([Brightness()], corrections={"sample": Correction(1.0, shift, 1, "a test")})
    assert {int(row.answer.probabilities.argmax()) for row in batch.answers(corrected, samples())} == {7}
    plain = [row.answer.probabilities for row in batch.answers(corrected, samples(), corrected=False)]
    np.testing.assert_array_equal(plain, [row.answer.probabilities for row in rows_of(samples())])


def test_steps_are_kept_on_request_and_wishes_are_heard() -> None:
    [row] = rows_of([source("a", saved(scene(1)))], wishes=Wishes("drawing"), keep_steps=True)
    assert row.kind == "drawing"
    np.testing.assert_array_equal(row.steps[-1].image, row.result)


def test_few_pictures_are_held_at_a_time_and_cancelling_leaves_the_rest_unread() -> None:
    read = 0
    lock = threading.Lock()
    content = samples()[0].read()

    def counted() -> bytes:
        nonlocal read
        with lock:
            read += 1
        return content

    stop = threading.Event()
    coming = batch.answers(recognizer(), [Source(f"{i}", (), counted) for i in range(1000)], stop=stop, workers=2)
    assert next(coming).name == "0"
    assert read <= 2 * (batch.TOGETHER + 2)
    stop.set()
    rest = list(coming)
    assert len(rest) < 2 * batch.TOGETHER
    assert read < 100
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("prepare")]


def test_a_reader_that_goes_away_ends_the_threads() -> None:
    coming = batch.answers(recognizer(), samples())
    next(coming)
    coming.close()  # type: ignore[attr-defined]
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("prepare")]


def test_a_network_that_fails_is_no_row() -> None:
    class Broken(Brightness):
        def predict_proba(self, images: np.ndarray) -> np.ndarray:
            raise RunError("The weights are gone.")

    with pytest.raises(RunError):
        list(batch.answers(Recognizer([Broken()]), samples()))


def test_a_picture_that_no_step_foresaw_is_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise IndexError("0 is out of bounds")

    monkeypatch.setattr(batch, "prepare", fails)
    assert {row.error for row in rows_of(samples())} == {batch.CANNOT_PREPARE}


def mutated(n: int, seed: int) -> Iterator[bytes]:
    """``n`` broken pictures of all formats: bytes changed, cut out, doubled, cut off."""
    rng = np.random.default_rng(seed)
    line = np.full((60, 60, 3), 255, np.uint8)
    line[10:50, 10:12] = line[10:50, 48:50] = line[10:12, 10:50] = 0
    pictures = (scene(1, 48), line, np.zeros((28, 28), np.uint8) + np.arange(28, dtype=np.uint8))
    sound = [saved(pixels, form) for pixels in pictures for form in ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF")]
    for i in range(n):
        content = bytearray(sound[i % len(sound)])
        for place in rng.integers(0, len(content), rng.integers(1, 12)):
            content[place] = rng.integers(0, 256)
        start, end = sorted(rng.integers(0, len(content), 2))
        if i % 5 == 1:
            del content[start : min(end, start + 40)]
        elif i % 5 == 2:
            content[start:start] = content[start : start + 40]
        elif i % 5 == 3:
            del content[end:]
        yield bytes(content)


def test_three_hundred_mutated_pictures_are_answers_or_sentences(tmp_path: Path) -> None:
    rows = rows_of([source(f"{i}", content) for i, content in enumerate(mutated(400, 11))])
    assert len(rows) == 400
    n_bad = sum(bool(row.error) for row in rows)
    assert 50 < n_bad < 350
    assert batch.CANNOT_PREPARE not in {row.error for row in rows}
    for row in rows:
        if row.answer is not None:
            assert np.isfinite(row.answer.probabilities).all()


def test_pictures_in_mutated_zips_are_answers_or_sentences() -> None:
    rng = np.random.default_rng(12)
    sound = zipped({f"coat/{i}.png": saved(scene(i, 40)) for i in range(3)})
    n_rows = 0
    for i in range(50):
        content = bytearray(sound)
        start = 0 if i % 2 else content.index(b"PK\x01\x02")
        for place in rng.integers(start, len(content), rng.integers(1, 15)):
            content[place] = rng.integers(0, 256)
        with gather([Upload("a.zip", io.BytesIO(bytes(content)))]) as found:
            rows = rows_of(found)
        assert batch.CANNOT_PREPARE not in {row.error for row in rows}
        n_rows += len(rows)
    assert n_rows >= 50
