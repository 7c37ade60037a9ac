"""Many pictures at once: order, bad files, cancelling, and files broken at random."""

import io
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image

from fashion_core.data.sample_data import generate_sample_images
from fashion_core.errors import RunError
from fashion_core.models.base import Classifier
from fashion_core.recognition import batch
from fashion_core.recognition.recognizer import Recognizer
from fashion_core.vision.decode import decode_picture
from fashion_core.vision.parallel import CANNOT_PREPARE_MESSAGE
from fashion_core.vision.picture_sources import PictureSource
from fashion_core.vision.preparation import PreparationOptions, prepare_picture


class Brightness(Classifier):
    """Predicts a class by the mean brightness, without a network; records the size of each batch."""

    def __init__(self) -> None:
        self.batch_sizes: list[int] = []

    def predict_proba(self, images: np.ndarray) -> np.ndarray:
        self.batch_sizes.append(len(images))
        level = images.reshape(len(images), -1).mean(axis=1)
        scores = -np.abs(level[:, None] - np.arange(10) * 20)
        e = np.exp(scores / 20)
        return (e / e.sum(axis=1, keepdims=True)).astype(np.float32)


def recognizer() -> Recognizer:
    return Recognizer([Brightness()])


def encode(pixels: np.ndarray, form: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, form, **options)
    return buffer.getvalue()


def make_scene(seed: int, side: int = 90) -> np.ndarray:
    """A dark garment on a cluttered ground, uint8 [side, side, 3]."""
    rng = np.random.default_rng(seed)
    pixels = rng.integers(120, 250, (side, side, 3), dtype=np.uint8)
    pixels[side // 5 : -side // 5, side // 4 : -side // 4] = rng.integers(10, 90, 3)
    return pixels


def source(name: str, content: bytes) -> PictureSource:
    return PictureSource(name, (), lambda: content)


def sample_sources() -> list[PictureSource]:
    images, _ = generate_sample_images(4, 3)
    return [source(f"{i}.png", encode(image)) for i, image in enumerate(images)]


def predict_all(sources: Sequence[PictureSource], **options: object) -> list[batch.PictureResult]:
    return list(batch.predict_sources(recognizer(), sources, **options))  # type: ignore[arg-type]


@pytest.mark.slow
def test_results_are_in_order_and_equal_those_of_single_pictures() -> None:
    sources = [source(f"{i}", encode(make_scene(i))) for i in range(21)]
    single = recognizer()
    for n_threads in (1, 3):
        results = predict_all(sources, n_threads=n_threads)
        assert [result.name for result in results] == [f"{i}" for i in range(21)]
        for result, one in zip(results, sources, strict=True):
            prepared = prepare_picture(decode_picture(one.read()))
            assert result.kind == prepared.kind
            np.testing.assert_array_equal(result.image, prepared.image)
            np.testing.assert_allclose(
                result.prediction.probabilities, single.predict(prepared).probabilities, rtol=1e-5
            )
            with Image.open(io.BytesIO(result.thumbnail)) as thumbnail:
                assert max(thumbnail.size) == batch.THUMBNAIL_SIDE
            assert result.steps == ()


def test_a_bad_file_gives_an_error_and_the_others_are_predicted() -> None:
    flat = np.full((40, 40, 3), (90, 120, 60), np.uint8)
    sources = [source("bad", b"nothing"), sample_sources()[0], source("empty", b""), source("flat", encode(flat))]
    results = predict_all(sources)
    assert [bool(result.error) for result in results] == [True, False, True, True]
    assert "not a picture" in results[0].error
    assert "empty" in results[2].error
    assert "only one colour" in results[3].error
    for result in results:
        assert {result.prediction is None, result.kind is None, result.image is None} == {bool(result.error)}
    assert [bool(result.thumbnail) for result in results] == [False, True, False, True]  # what opens can be shown


def test_several_garments_in_a_picture_are_noticed() -> None:
    picture = np.full((200, 500, 3), 255, np.uint8)
    picture[20:180, 20:140] = picture[20:180, 190:310] = picture[20:180, 360:480] = (40, 60, 120)
    (result,) = predict_all([source("three", encode(picture))])
    assert "3 garments" in result.notice
    assert result.prediction is not None


def test_a_truncated_jpeg_is_predicted_with_a_notice() -> None:
    whole = encode(make_scene(3), "JPEG")
    results = predict_all([source("whole", whole), source("cut", whole[:-40])])
    assert [bool(result.notice) for result in results] == [False, True]
    assert all(result.prediction is not None for result in results)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF", "TIFF"])
def test_no_thumbnail_says_where_a_picture_was_taken(form: str) -> None:
    (result,) = predict_all([source("a", encode(make_scene(3), form, exif=gps_exif()))])
    assert result.prediction is not None
    assert metadata_of(result.thumbnail) == {}


def gps_exif() -> bytes:
    """EXIF data of a photograph that was taken at 48 degrees north."""
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (48.0, 8.0, 0.0)
    exif[ExifTags.Base.Artist] = "somebody"
    return exif.tobytes()


def metadata_of(content: bytes) -> dict[object, object]:
    """EXIF, XMP, comments and texts of a picture, without what every JPEG's header holds."""
    with Image.open(io.BytesIO(content)) as image:
        image.load()
        harmless = {"jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi"}
        return dict(image.getexif()) | {key: value for key, value in image.info.items() if key not in harmless}


def test_only_bad_files_give_errors() -> None:
    assert [bool(result.error) for result in predict_all([source("a", b"x")] * 3)] == [True] * 3
    assert predict_all([]) == []


def test_duplicates_are_marked() -> None:
    first, second = sample_sources()[:2]
    results = predict_all([first, second, PictureSource("copy.png", (), first.read), first])
    assert [result.duplicate_of for result in results] == ["", "", "0.png", "0.png"]
    assert all(result.prediction is not None for result in results)


def test_the_networks_compute_several_pictures_at_once() -> None:
    classifier = Brightness()
    list(batch.predict_sources(Recognizer([classifier]), sample_sources()))
    assert max(classifier.batch_sizes) == batch.PICTURES_PER_BATCH
    assert len(classifier.batch_sizes) == -(-len(sample_sources()) // batch.PICTURES_PER_BATCH)


def test_steps_are_returned_on_request_and_options_are_applied() -> None:
    [result] = predict_all([source("a", encode(make_scene(1)))], options=PreparationOptions("drawing"), keep_steps=True)
    assert result.kind == "drawing"
    np.testing.assert_array_equal(result.steps[-1].image, result.image)


def test_few_pictures_are_in_memory_and_none_is_read_after_cancelling() -> None:
    read = 0
    lock = threading.Lock()
    content = sample_sources()[0].read()

    def counted() -> bytes:
        nonlocal read
        with lock:
            read += 1
        return content

    stop = threading.Event()
    coming = batch.predict_sources(
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
    coming = batch.predict_sources(recognizer(), sample_sources())
    next(coming)
    coming.close()  # type: ignore[attr-defined]
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("prepare")]


def test_one_thread_prepares_on_each_core_that_the_process_may_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda pid: {0}, raising=False)
    monkeypatch.setattr("os.cpu_count", lambda: 64)
    coming = batch.predict_sources(recognizer(), sample_sources())
    next(coming)
    assert [thread.name for thread in threading.enumerate() if thread.name.startswith("prepare")] == ["prepare_0"]
    coming.close()


def test_a_failing_network_raises() -> None:
    class Broken(Brightness):
        def predict_proba(self, images: np.ndarray) -> np.ndarray:
            raise RunError("The weights are gone.")

    with pytest.raises(RunError):
        list(batch.predict_sources(Recognizer([Broken()]), sample_sources()))


def test_an_unexpected_error_in_the_preparation_is_a_result(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise IndexError("0 is out of bounds")

    monkeypatch.setattr(batch, "prepare_picture", fails)
    assert {result.error for result in predict_all(sample_sources())} == {CANNOT_PREPARE_MESSAGE}


def mutated(n: int, seed: int) -> Iterator[bytes]:
    """``n`` broken pictures of all formats: bytes changed, cut out, doubled, cut off."""
    rng = np.random.default_rng(seed)
    line = np.full((60, 60, 3), 255, np.uint8)
    line[10:50, 10:12] = line[10:50, 48:50] = line[10:12, 10:50] = 0
    pictures = (make_scene(1, 48), line, np.zeros((28, 28), np.uint8) + np.arange(28, dtype=np.uint8))
    sound = [encode(pixels, form) for pixels in pictures for form in ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF")]
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
    results = predict_all([source(f"{i}", content) for i, content in enumerate(mutated(400, 11))])
    assert len(results) == 400
    n_bad = sum(bool(result.error) for result in results)
    assert 50 < n_bad < 350
    assert CANNOT_PREPARE_MESSAGE not in {result.error for result in results}
    for result in results:
        if result.prediction is not None:
            assert np.isfinite(result.prediction.probabilities).all()
