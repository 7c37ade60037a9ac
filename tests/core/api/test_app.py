"""What each address answers: pictures, damaged ones, wrong tokens, and what is no request for a picture at all."""

import io
import json
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient

from fashion_core.analysis.feasibility import CalibratedPredictions
from fashion_core.api.app import make_app
from fashion_core.api.predictor import Predictor
from fashion_core.data.sample_data import generate_sample_images
from fashion_core.sorting.promise import make_promise
from fashion_core.vision.decode import decode_picture
from fashion_core.vision.preparation import prepare_picture
from tests.core.api.servers import LOOPBACK, garments, png, post, post_parts, sentence, shipped_predictor
from tests.hostile.attempts import TEXTS, draw_picture, sound_pictures


def test_a_picture_gets_the_class_and_probabilities_of_the_recognizer(client: TestClient) -> None:
    (content,) = garments(1)
    answer = post(client, content)
    (found,) = answer.json()["pictures"]
    model = shipped_predictor().model
    expected = model.recognizer.predict(prepare_picture(decode_picture(content)))
    best = np.sort(expected.probabilities.astype(float))[::-1]
    assert found["class"] == model.classes[int(expected.probabilities.argmax())].name
    assert [c["probability"] for c in found["classes"]] == pytest.approx(best[:3], abs=1e-6)
    # the calibrated confidence, against the second: p1^(1/T) / (p1^(1/T) + p2^(1/T))
    powers = best[:2] ** (1 / model.promise.temperature)
    assert found["probability"] == pytest.approx(powers[0] / powers.sum(), abs=1e-5)
    assert found["run"] == "recognition-1+recognition-2"
    assert answer.json()["threshold"] == model.promise.threshold


def test_a_decision_follows_the_threshold_and_the_out_of_distribution_score(client: TestClient) -> None:
    images, _ = generate_sample_images(6, 3)
    noise = np.random.default_rng(0).integers(0, 256, (28, 28), np.uint8)
    contents = [png(image) for image in [*images[:60], noise]]
    pictures = post_parts(client, [(f"{i}.png", content) for i, content in enumerate(contents)]).json()["pictures"]
    model = shipped_predictor().model
    scores = [model.recognizer.predict(prepare_picture(decode_picture(c))).ood_score for c in contents]
    threshold = model.promise.threshold
    assert threshold is not None
    decisions = [
        "none" if score > 1 else "automatic" if p["probability"] >= threshold else "check"
        for p, score in zip(pictures, scores, strict=True)
    ]
    assert [p["decision"] for p in pictures] == decisions
    assert {"automatic", "check", "none"} == set(decisions)


def test_every_picture_is_checked_when_no_threshold_reaches_the_target() -> None:
    labels = np.zeros(100, np.int64)
    wrong = CalibratedPredictions(labels, np.ones(100, np.int64), np.linspace(0.5, 1, 100))
    promise = make_promise("mine", wrong, 0.99, "pictures of a test")
    predictor = Predictor(replace(shipped_predictor().model, promise=promise))
    with TestClient(make_app(predictor), LOOPBACK) as client:
        found = post_parts(client, [("a.png", content) for content in garments(20)]).json()
    assert found["threshold"] is None
    assert {picture["decision"] for picture in found["pictures"]} == {"check"}


def test_answers_keep_the_order_and_names_in_any_script(client: TestClient) -> None:
    names = ["тест.png", "हिन्दी.png", "🧥.png", "قميص.png", "シャツ.jpg", "<script>.png", "../../etc/passwd", "a;b.png"]
    contents = garments(len(names))
    pictures = post_parts(client, list(zip(names, contents, strict=True))).json()["pictures"]
    assert [picture["name"] for picture in pictures] == names
    alone = [post(client, content).json()["pictures"][0]["class"] for content in contents]
    assert [picture["class"] for picture in pictures] == alone


def test_control_characters_in_a_name_are_replaced(client: TestClient) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="picture"; filename="a\x1b[2J\xff.png"\r\n\r\n1\r\n--x--\r\n'
    (found,) = post(client, body, "multipart/form-data; boundary=x").json()["pictures"]
    assert "\x1b" not in found["name"]


@pytest.mark.parametrize(
    ("content", "word"),
    [(b"", "empty"), (b"nonsense", "not a picture"), (garments(1)[0][:60], "not a picture"), (b"PK\x03\x04...", "zip")],
    ids=["nothing", "text", "truncated", "zip"],
)
def test_an_unreadable_picture_gets_a_sentence_and_the_others_their_answers(
    client: TestClient, content: bytes, word: str
) -> None:
    (alone,) = post(client, content).json()["pictures"]
    assert word in alone["error"]
    bad, good = post_parts(client, [("bad", content), ("good", garments(1)[0])]).json()["pictures"]
    assert bad == {"name": "bad", "error": alone["error"]}
    assert good["class"]


def test_a_truncated_jpeg_is_read_as_far_as_it_goes_with_a_notice(client: TestClient) -> None:
    buffer = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 256, (200, 200, 3), np.uint8)
    Image.fromarray(noise).save(buffer, "JPEG")
    content = buffer.getvalue()
    (found,) = post(client, content[: len(content) * 3 // 4], "image/jpeg").json()["pictures"]
    assert "missing" in found["notice"]


def test_a_picture_with_too_many_pixels_is_refused_before_it_is_decoded(client: TestClient) -> None:
    buffer = io.BytesIO()
    Image.new("1", (9_000, 9_000)).save(buffer, "PNG")
    (found,) = post(client, buffer.getvalue()).json()["pictures"]
    assert "megapixels" in found["error"]


@pytest.mark.filterwarnings("default")  # of libraries, about damaged files
def test_hostile_pictures_give_answers_or_sentences(client: TestClient) -> None:
    contents = [draw_picture(np.random.default_rng([0, i])) for i in range(60)] + sound_pictures()[:4]
    answer = post_parts(client, [(f"{i}", content) for i, content in enumerate(contents)])
    assert answer.status_code == 200
    pictures = answer.json()["pictures"]
    assert len(pictures) == 64
    assert all(p["error"].endswith(".") if "error" in p else p["class"] for p in pictures)
    assert all(0 <= p["probability"] <= 1 for p in pictures if "class" in p)


def test_a_zip_is_refused_with_a_sentence(client: TestClient) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.png", garments(1)[0])
    assert "zip" in sentence(post(client, buffer.getvalue(), "application/zip"), 415)


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/mixed; boundary=x"])
def test_a_wrong_content_type_is_refused(client: TestClient, kind: str) -> None:
    assert "image/jpeg" in sentence(post(client, garments(1)[0], kind), 415)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"--x--\r\n", "multipart/form-data"),
        (b"--x--\r\n", "multipart/form-data; boundary=x"),
        (b"", "multipart/form-data; boundary=x"),
        (b"nonsense", "multipart/form-data; boundary=x"),
        (b'--x\r\nContent-Disposition: form-data; name="picture"\r\n\r\n1\r\n--x--\r\n',
         "multipart/form-data; boundary=x"),
        (b"--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--\r\n", "multipart/form-data; boundary=x"),
        (b'--x\r\nContent-Disposition: form-data; name="picture"; filename="a"\r\n\r\n1\r\n',
         "multipart/form-data; boundary=x"),
        (b'--x\r\nContent-Disposition: form-data; name="other"; filename="a"\r\n\r\n1\r\n--x--\r\n',
         "multipart/form-data; boundary=x"),
        (b'--x\r\nContent-Disposition: form-data; name="picture"; filename="a"\r\n\r\n1\r\n--x--\r\n',
         "multipart/form-data; charset=base64; boundary=x"),
        (b'--x\r\nContent-Disposition: form-data; name="picture"; filename="a"\r\n\r\n1\r\n--x--\r\n',
         "multipart/form-data; boundary=" + "y" * 300),
    ],
    ids=["boundary", "no parts", "empty", "text", "no file", "no name", "cut off", "other field", "charset", "long"],
)  # fmt: skip
def test_damaged_parts_are_refused_or_answered(client: TestClient, body: bytes, kind: str) -> None:
    if "charset" in kind:
        assert post(client, body, kind).status_code in (200, 400)
    else:
        sentence(post(client, body, kind), 400)


def test_a_thousand_pictures_are_refused_and_64_are_not(client: TestClient) -> None:
    (content,) = garments(1)
    assert "64 pictures" in sentence(post_parts(client, [("a.png", content)] * 1000), 413)
    assert len(post_parts(client, [("a.png", content)] * 64).json()["pictures"]) == 64


@pytest.mark.parametrize("length", ["21000000", "9" * 30])
def test_a_body_that_declares_too_much_is_refused_unread(client: TestClient, length: str) -> None:
    assert "20 MB" in sentence(post(client, b"x", **{"content-length": length}), 413)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("POST", "/v1/nothing", 404),
        ("GET", "/v1/predict/", 404),
        ("GET", "/v1/predict", 405),
        ("OPTIONS", "/v1/predict", 405),
        ("PUT", "/v1/predict", 405),
        ("NONSENSE", "/v1/predict", 405),
        ("POST", "/health", 405),
        ("DELETE", "/metrics", 405),
    ],
)
def test_other_addresses_and_methods_are_refused_in_json(
    client: TestClient, method: str, path: str, status: int
) -> None:
    answer = client.request(method, path, follow_redirects=False)
    sentence(answer, status)
    assert ("allow" in answer.headers) == (status == 405)


def test_head_answers_without_a_body(client: TestClient) -> None:
    assert (client.head("/health").status_code, client.head("/health").content) == (200, b"")
    assert (client.head("/v1/predict").status_code, client.head("/nothing").status_code) == (405, 404)


@pytest.mark.parametrize("path", ["/health", "/openapi.json", "/metrics", "/nothing"])
def test_answers_protect_browsers_and_set_no_cookie(client: TestClient, path: str) -> None:
    headers = client.get(path, headers={"Origin": "http://example.org"}).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["cache-control"] == "no-store"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert not [name for name in headers if name == "set-cookie" or name.startswith("access-control")]


def test_a_failure_of_the_program_is_a_sentence_without_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object) -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(Predictor, "predict", fail)
    with TestClient(make_app(shipped_predictor()), LOOPBACK, raise_server_exceptions=False) as client:
        answer = post(client, garments(1)[0])
        assert "secret" not in sentence(answer, 500)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert 'fashion_requests_total{status="500"} 1' in client.get("/metrics").text


@pytest.mark.parametrize("text", TEXTS[:12])
def test_any_header_gets_an_answer(client: TestClient, text: str) -> None:
    value = text.encode("utf-8", "surrogatepass")[:4000].replace(b"\n", b"").replace(b"\0", b"")
    for name in ("content-type", "authorization", "content-length", "content-encoding"):
        answer = client.post("/v1/predict", content=garments(1)[0], headers={"content-type": "image/png", name: value})
        assert answer.status_code in (200, 400, 413, 415)
        json.loads(answer.content)
