import io
import json
import re
import urllib.request
from pathlib import Path

import numpy as np
import pytest
import streamlit
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from fashion_core.errors import FashionError
from fashion_core.storage.visitors import Visitor, acting_as
from tests.core.datasets import ToyDataset
from tests.ui.catalogues import write_catalogue
from ui import first_html, serving
from ui.style import WINDOW_TITLE, page_style


@pytest.fixture
def client() -> TestClient:
    return TestClient(Starlette(routes=serving.http_routes()))


def test_an_array_is_served_and_cached_by_the_browser(client: TestClient) -> None:
    array = np.arange(1000, dtype=np.uint16)
    answer = client.get(serving.publish_array(array))
    assert np.frombuffer(answer.content, np.uint16).tolist() == array.tolist()
    assert "immutable" in answer.headers["cache-control"]
    assert serving.publish_array(array.copy()) == serving.publish_array(array) != serving.publish_array(array[1:])


def test_the_oldest_arrays_are_dropped(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "MAX_ARRAY_BYTES", 3500)
    first, *rest = [serving.publish_array(np.random.default_rng(i).integers(0, 256, 1000, np.uint8)) for i in range(4)]
    assert client.get(first).status_code == 404
    assert [client.get(address).status_code for address in rest] == [200] * 3


def test_images_are_the_published_ones(client: TestClient) -> None:
    data = ToyDataset()
    prefix = serving.publish_dataset_images(data)
    for part, images in (("train", data.published_train_arrays[0]), ("test", data.published_test_arrays[0])):
        answer = client.get(f"{prefix}/{part}/7.png")
        assert answer.headers["content-type"] == "image/png"
        assert np.array(Image.open(io.BytesIO(answer.content))).tolist() == images[7].tolist()


def test_pictures_of_a_catalogue_are_served_by_number_only(client: TestClient) -> None:
    catalogue = write_catalogue("shoes", 2)
    prefix = serving.publish_dataset_images(catalogue)
    answer = client.get(f"{prefix}/test/3.jpg")
    assert answer.content == catalogue.read_picture("test", 3)
    assert answer.headers["content-type"] == "image/jpeg"
    assert "immutable" in answer.headers["cache-control"]
    for address in (f"{prefix}/test/4.jpg", f"{prefix}/test/-1.jpg", f"{prefix}/..%2f/0.jpg", f"{prefix}/test/x.jpg"):
        assert client.get(address).status_code == 404
    assert client.get(f"{serving.publish_dataset_images(ToyDataset())}/test/0.jpg").status_code == 404


@pytest.mark.parametrize(
    "address",
    ["{}/test/40.png", "{}/test/-1.png", "{}/validation/0.png", "/pictures/nobody/test/0.png", "/arrays/x.bin"],
)
def test_unknown_content_is_not_found(client: TestClient, address: str) -> None:
    assert client.get(address.format(serving.publish_dataset_images(ToyDataset()))).status_code == 404


def test_a_dashboard_below_a_path_serves_its_files_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving.st, "get_option", lambda name: "/fashion/" if name == "server.baseUrlPath" else None)
    client = TestClient(Starlette(routes=serving.http_routes()))
    address = serving.publish_array(np.arange(9, dtype=np.uint8))
    assert address.startswith("/fashion/arrays/")
    assert client.get(address).content == bytes(range(9))


def test_a_report_is_sandboxed(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "MAX_HELD", 2)
    first, second, third = [serving.publish_document(f"{i}", lambda i=i: f"<h1>{i}</h1>") for i in range(3)]
    assert client.get(first).status_code == 404
    assert client.get(f"{second}?built").text == "<h1>1</h1>"
    answer = client.get(f"{third}?built")
    assert answer.headers["content-type"].startswith("text/html")
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("sandbox")
    assert "allow-same-origin" not in policy


def test_what_a_session_publishes_stays_whatever_others_do_and_goes_with_it(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions: list[dict[str, object]] = [{}, {}]
    addresses = []
    for session, visitor in zip(sessions, (Visitor("a" * 20), Visitor("b" * 20)), strict=True):
        monkeypatch.setattr(serving.st, "session_state", session)
        with acting_as(visitor):
            report = serving.publish_document("report", lambda: "<h1>Report</h1>")
            addresses.append((f"{report}?built", f"{serving.publish_dataset_images(ToyDataset())}/test/0.png"))
    for n in range(serving.MAX_HELD):
        serving.publish_document(f"another report of the second {n}", lambda: "")
        serving.publish_dataset_images(ToyDataset(24, n + 2))
    for address in addresses[0]:
        assert client.get(address).headers["cache-control"].startswith("private")
    assert [client.get(address).status_code for address in addresses[1]] == [404, 404]
    assert not set(addresses[0]) & set(addresses[1])
    sessions[0].clear()
    assert [client.get(address).status_code for address in addresses[0]] == [404, 404]


def test_a_document_is_built_once_when_it_is_asked_for(client: TestClient) -> None:
    builds: list[str] = []

    def build() -> str:
        builds.append("built")
        return "<h1>Ready</h1>"

    address = serving.publish_document("late", build)
    waiting = client.get(address)
    assert "Building" in waiting.text
    assert waiting.headers["cache-control"] == "no-store"
    assert builds == []
    assert client.get(f"{address}?built").text == client.get(address).text == "<h1>Ready</h1>"
    assert serving.publish_document("late", build) == address
    assert builds == ["built"]


def test_a_document_that_cannot_be_built_says_why(client: TestClient) -> None:
    def build() -> str:
        raise FashionError("The run <b> is gone.")

    assert "The run &lt;b&gt; is gone." in client.get(serving.publish_document("broken", build) + "?built").text


def test_the_overview_has_an_address_like_every_page(client: TestClient) -> None:
    answer = client.get("/overview?data=shoes", follow_redirects=False)
    assert answer.is_redirect
    assert answer.headers["location"] == "/?data=shoes"


def test_every_page_begins_with_the_dashboards_style_and_title(client: TestClient) -> None:
    for address in ("/", "/compare"):
        answer = client.get(address)
        assert f"<title>{WINDOW_TITLE}</title>" in answer.text
        assert answer.text.index("</head>") < answer.text.index(page_style()) < answer.text.index('<div id="root">')
        assert answer.headers["cache-control"] == "no-cache"


def test_code_of_elements_is_asked_for_early(client: TestClient) -> None:
    folder = Path(streamlit.__file__).parent / "static"
    lists = re.findall(r"(?:const small = |const href of )(\[.*?\])", client.get("/").text)
    files = [file for addresses in lists for file in json.loads(addresses)]
    assert len(files) == len(first_html.ELEMENTS) + len(first_html.LARGE_FILES)
    assert all((folder / file).is_file() for file in files)


def test_a_monitor_is_told_when_the_disk_is_full(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    monkeypatch.setattr(serving, "MIN_FREE_BYTES", 2**80)
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["status"]) == (503, "The disk is full.")


def test_a_data_url_holds_the_content_and_says_what_it_is() -> None:
    assert serving.data_url(b"abc", "image/jpeg") == "data:image/jpeg;base64,YWJj"
    pixels = np.arange(12, dtype=np.uint8).reshape(3, 4)
    with urllib.request.urlopen(serving.image_data_url(pixels)) as answer:
        assert answer.headers["content-type"] == "image/png"
        assert np.array(Image.open(io.BytesIO(answer.read()))).tolist() == pixels.tolist()


def test_images_with_the_same_bytes_but_another_shape_have_other_digests() -> None:
    pixels = np.arange(12, dtype=np.uint8)
    digests = {serving.image_digest(pixels.reshape(shape)) for shape in ((3, 4), (4, 3), (2, 6))}
    assert len(digests) == 3
    assert serving.image_digest(np.asfortranarray(pixels.reshape(3, 4))) in digests
