"""Many pictures at once: rows in order, bad files among them, cancelling, and files that are broken at random."""

import io
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fashion_core.data.sample_data import generate_sample_images
from fashion_core.errors import RunError
from fashion_core.models.base import Classifier
from fashion_core.recognition import batch
from fashion_core.recognition.picture_sources import PictureSource, UploadedFile, open_picture_sources
from fashion_core.recognition.recognizer import ClassPriorCorrection, Recognizer
from fashion_core.vision.decode import decode_picture
from fashion_core.vision.preparation import PreparationOptions, prepare_picture
from tests.core.recognition.test_picture_sources import zipped


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


def source(name: str, content: bytes) -> PictureSource:
    return PictureSource(name, (), lambda: content)


def samples() -> list[PictureSource]:
    images, _ = generate_sample_images(4, 3)
    return [source(f"{i}.png", saved(image)) for i, image in enumerate(images)]


def rows_of(given: Sequence[PictureSource], **options: object) -> list[batch.PictureResult]:
    return list(batch.predict_pictures(recognizer(), given, **options))  # type: ignore[arg-type]


def test_results_are_in_order_and_equal_those_of_single_pictures() -> None:
    given = [source(f"{i}", saved(scene(i))) for i in range(21)]
    asked = recognizer()
    for n_threads in (1, 3):
        rows = rows_of(given, n_threads=n_threads)
        assert [row.name for row in rows] == [f"{i}" for i in range(21)]
        for row, one in zip(rows, given, strict=True):
            prepared = prepare_picture(decode_picture(one.read()))
            assert row.kind == prepared.kind
            np.testing.assert_array_equal(row.image, prepared.image)
            np.testing.assert_allclose(row.prediction.probabilities, asked.predict(prepared).probabilities, rtol=1e-5)
            with Image.open(io.BytesIO(row.thumbnail)) as thumbnail:
                assert max(thumbnail.size) == batch.THUMBNAIL_SIDE
            assert row.steps == ()


def test_a_bad_file_gives_an_error_and_the_others_are_predicted() -> None:
    flat = np.full((40, 40, 3), (90, 120, 60), np.uint8)
    given = [source("bad", b"nothing"), samples()[0], source("empty", b""), source("flat", saved(flat))]
    rows = rows_of(given)
    assert [bool(row.error) for row in rows] == [True, False, True, True]
    assert "not a picture" in rows[0].error
    assert "empty" in rows[2].error
    assert "only one colour" in rows[3].error
    for row in rows:
        assert {row.prediction is None, row.kind is None, row.image is None} == {bool(row.error)}
    assert [bool(row.thumbnail) for row in rows] == [False, True, False, True]  # what opens can be shown


def test_only_bad_files_give_errors() -> None:
    assert [bool(row.error) for row in rows_of([source("a", b"x")] * 3)] == [True] * 3
    assert rows_of([]) == []


def test_duplicates_are_marked() -> None:
    first, second = samples()[:2]
    rows = rows_of([first, second, PictureSource("copy.png", (), first.read), first])
    assert [row.duplicate_of for row in rows] == ["", "", "0.png", "0.png"]
    assert all(row.prediction is not None for row in rows)


def test_the_networks_compute_several_pictures_at_once() -> None:
    classifier = Brightness()
    list(batch.predict_pictures(Recognizer([classifier]), samples()))
    assert max(classifier.asked) == batch.PICTURES_PER_BATCH
    assert len(classifier.asked) == -(-len(samples()) // batch.PICTURES_PER_BATCH)


def test_the_correction_can_be_switched_off() -> None:
    shift = tuple(50.0 if c == 7 else 0.0 for c in range(10))
    corrected = Recognizer([Brightness()], corrections={"sample": ClassPriorCorrection(1.0, shift, 1, "a test")})
    assert {int(row.prediction.probabilities.argmax()) for row in batch.predict_pictures(corrected, samples())} == {7}
    plain = [
        row.prediction.probabilities for row in batch.predict_pictures(corrected, samples(), apply_correction=False)
    ]
    np.testing.assert_array_equal(plain, [row.prediction.probabilities for row in rows_of(samples())])


def test_steps_are_returned_on_request_and_options_are_applied() -> None:
    [row] = rows_of([source("a", saved(scene(1)))], options=PreparationOptions("drawing"), keep_steps=True)
    assert row.kind == "drawing"
    np.testing.assert_array_equal(row.steps[-1].image, row.image)


def test_few_pictures_are_in_memory_and_none_is_read_after_cancelling() -> None:
    read = 0
    lock = threading.Lock()
    content = samples()[0].read()

    def counted() -> bytes:
        nonlocal read
        with lock:
            read += 1
        return content

    stop = threading.Event()
    coming = batch.predict_pictures(
        recognizer(), [PictureSource(f"{i}", (), counted) for i in range(1000)], stop_event=stop, n_threads=2
    )
    assert next(coming).name == "0"
    assert read <= 2 * (batch.PICTURES_PER_BATCH + 2)
    stop.set()
    rest = list(coming)
    assert len(rest) < 2 * batch.PICTURES_PER_BATCH
    assert read < 100
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("prepare")]


def test_closing_the_iterator_ends_the_threads() -> None:
    coming = batch.predict_pictures(recognizer(), samples())
    next(coming)
    coming.close()  # type: ignore[attr-defined]
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("prepare")]


def test_a_failing_network_raises() -> None:
    class Broken(Brightness):
        def predict_proba(self, images: np.ndarray) -> np.ndarray:
            raise RunError("The weights are gone.")

    with pytest.raises(RunError):
        list(batch.predict_pictures(Recognizer([Broken()]), samples()))


def test_an_unexpected_error_in_the_preparation_is_a_result(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise IndexError("0 is out of bounds")

    monkeypatch.setattr(batch, "prepare_picture", fails)
    assert {row.error for row in rows_of(samples())} == {batch.CANNOT_PREPARE_MESSAGE}


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


def test_mutated_pictures_give_predictions_or_errors(tmp_path: Path) -> None:
    rows = rows_of([source(f"{i}", content) for i, content in enumerate(mutated(400, 11))])
    assert len(rows) == 400
    n_bad = sum(bool(row.error) for row in rows)
    assert 50 < n_bad < 350
    assert batch.CANNOT_PREPARE_MESSAGE not in {row.error for row in rows}
    for row in rows:
        if row.prediction is not None:
            assert np.isfinite(row.prediction.probabilities).all()


def test_pictures_in_mutated_zips_give_predictions_or_errors() -> None:
    rng = np.random.default_rng(12)
    sound = zipped({f"coat/{i}.png": saved(scene(i, 40)) for i in range(3)})
    n_rows = 0
    for i in range(50):
        content = bytearray(sound)
        start = 0 if i % 2 else content.index(b"PK\x01\x02")
        for place in rng.integers(start, len(content), rng.integers(1, 15)):
            content[place] = rng.integers(0, 256)
        with open_picture_sources([UploadedFile("a.zip", io.BytesIO(bytes(content)))]) as found:
            rows = rows_of(found)
        assert batch.CANNOT_PREPARE_MESSAGE not in {row.error for row in rows}
        n_rows += len(rows)
    assert n_rows >= 50
