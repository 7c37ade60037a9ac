"""Who is answered, how often, and what the API tells about itself."""

import pytest
from starlette.testclient import TestClient

from fashion_core.api.app import make_app
from fashion_core.api.limits import Limits
from tests.core.api.servers import AUTHORIZATION, LOOPBACK, TOKEN, garments, post, sentence, shipped_predictor


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer ", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", f"Basic {TOKEN}", TOKEN, "Bearer Ünïcode"],
)
def test_a_wrong_token_is_refused(authorization: str) -> None:
    with TestClient(make_app(shipped_predictor(), (TOKEN, "b" * 20)), "http://example.org") as client:
        headers = {"Authorization": authorization.encode(), "content-type": "image/png"}
        answer = client.post("/v1/predict", content=garments(1)[0], headers=headers)
        assert "token" in sentence(answer, 401)
        assert answer.headers["www-authenticate"] == "Bearer"
        assert client.get("/metrics", headers={"Authorization": authorization.encode()}).status_code == 401
        assert client.get("/health").status_code == 200


def test_each_token_is_accepted_and_has_its_own_rate() -> None:
    tokens = (TOKEN, "b" * 20)
    limits = Limits(requests_per_second=0.001, burst=2)
    with TestClient(make_app(shipped_predictor(), tokens, limits), "http://example.org") as client:
        for token in tokens:
            headers = {"Authorization": f"bearer {token}"}
            assert [post(client, garments(1)[0], **headers).status_code for _ in range(3)] == [200, 200, 429]
        answer = post(client, garments(1)[0], **AUTHORIZATION)
    assert "too often" in sentence(answer, 429)
    assert 0 < int(answer.headers["retry-after"]) <= 1000


@pytest.mark.parametrize(
    "host", ["example.org", "127.0.0.1.example.org", "192.0.2.1", "", "[::2]", "localhost.evil:8700"]
)
def test_without_a_token_other_names_of_this_computer_are_refused(client: TestClient, host: str) -> None:
    assert "token" in sentence(post(client, garments(1)[0], host=host), 400)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8700", "127.0.0.2:8700", "[::1]", "[::1]:8700"])
def test_names_of_this_computer_are_accepted(client: TestClient, host: str) -> None:
    assert post(client, garments(1)[0], host=host).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [{"sec-fetch-site": "cross-site"}, {"origin": "https://example.org"}, {"origin": "null"}, {"origin": "http://[x"}],
)
def test_without_a_token_pages_of_other_websites_are_refused(client: TestClient, headers: dict[str, str]) -> None:
    assert "websites" in sentence(post(client, garments(1)[0], **headers), 400)
    assert client.get("/metrics", headers=headers).status_code == 400


@pytest.mark.parametrize("headers", [{"origin": LOOPBACK, "sec-fetch-site": "same-origin"}, {"sec-fetch-site": "none"}])
def test_a_page_of_the_api_itself_is_answered(client: TestClient, headers: dict[str, str]) -> None:
    assert post(client, garments(1)[0], **headers).status_code == 200


def test_metrics_count_answers_and_decisions() -> None:
    with TestClient(make_app(shipped_predictor()), LOOPBACK) as client:
        for content in (*garments(3), b"", b"?"):
            post(client, content)
        post(client, b"", "text/plain")
        answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = [line.rpartition(" ") for line in answer.text.splitlines() if not line.startswith("#")]
    values = {name: float(value) for name, _, value in lines}
    assert values['fashion_requests_total{status="200"}'] == 5
    assert values['fashion_requests_total{status="415"}'] == 1
    assert values['fashion_pictures_total{decision="unreadable"}'] == 2
    assert sum(value for name, value in values.items() if name.startswith("fashion_pictures_total")) == 5
    assert values["fashion_answer_seconds_count"] == values['fashion_answer_seconds_bucket{le="+Inf"}'] == 5
    buckets = [value for name, value in values.items() if name.startswith("fashion_answer_seconds_bucket")]
    assert buckets == sorted(buckets)
    assert values["fashion_queue_length"] == 0


def test_the_description_names_what_this_server_needs_and_takes() -> None:
    limits = Limits(max_pictures=3)
    for tokens in ((), (TOKEN,)):
        with TestClient(make_app(shipped_predictor(), tokens, limits), LOOPBACK) as client:
            described = client.get("/openapi.json").json()
        assert described["openapi"] == "3.1.0"
        assert set(described["paths"]) == {"/v1/predict", "/openapi.json", "/health", "/metrics"}
        predict = described["paths"]["/v1/predict"]["post"]
        assert bool(predict["security"]) == ("401" in predict["responses"]) == bool(tokens)
        form = predict["requestBody"]["content"]["multipart/form-data"]["schema"]
        assert form["properties"]["picture"]["maxItems"] == 3
