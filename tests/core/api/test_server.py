"""Over real connections: bodies that trickle or never end, full queues, time limits, and how the server ends."""

import concurrent.futures
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from fashion_core.api import server
from fashion_core.api.limits import Limits
from tests.conftest import PROJECT
from tests.core.api.servers import TOKEN, garments, running_api, waiting_predictor

Place = tuple[str, int]
HEAD = "POST /v1/predict HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: image/png\r\n"


def post(place: Place, content: bytes, **headers: str) -> tuple[int, Any]:
    connection = http.client.HTTPConnection(*place, timeout=20)
    try:
        connection.request("POST", "/v1/predict", content, {"Content-Type": "image/png", **headers})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def metric(place: Place, name: str) -> float:
    connection = http.client.HTTPConnection(*place, timeout=20)
    try:
        connection.request("GET", "/metrics")
        found = re.search(rf"^{name} (\S+)$", connection.getresponse().read().decode(), re.MULTILINE)
        assert found
        return float(found[1])
    finally:
        connection.close()


def wait_for_metric(place: Place, name: str, value: float) -> None:
    deadline = time.monotonic() + 20
    while metric(place, name) != value:
        assert time.monotonic() < deadline, f"{name} is {metric(place, name)}"
        time.sleep(0.02)


def wait_until_refused(place: Place) -> None:
    deadline = time.monotonic() + 20
    with suppress(ConnectionRefusedError):
        while time.monotonic() < deadline:
            socket.create_connection(place, timeout=20).close()
            time.sleep(0.05)
        pytest.fail("new connections are still accepted")


def read_to_end(connection: socket.socket) -> bytes:
    received = b""
    while piece := connection.recv(65536):
        received += piece
    return received


@pytest.fixture(scope="module")
def impatient() -> Iterator[Place]:
    """A server that waits half a second for a body, and takes 20,000 bytes."""
    with running_api(Limits(body_seconds=0.5, picture_bytes=20_000)) as place:
        yield place


@pytest.mark.parametrize("framing", ["Content-Length: 9999", "Transfer-Encoding: chunked"])
def test_a_body_that_trickles_is_refused_in_time_and_the_connection_closed(impatient: Place, framing: str) -> None:
    with socket.create_connection(impatient, timeout=20) as connection:
        connection.sendall(f"{HEAD}{framing}\r\n\r\n".encode() + b"1\r\nx\r\n")
        start = time.monotonic()
        received = read_to_end(connection)
    assert received.startswith(b"HTTP/1.1 408 ")
    assert b"did not arrive" in received
    assert 0.4 < time.monotonic() - start < 10


def test_a_body_that_never_ends_is_refused_once_it_is_too_long(impatient: Place) -> None:
    with socket.create_connection(impatient, timeout=20) as connection:
        connection.sendall(f"{HEAD}Transfer-Encoding: chunked\r\n\r\n".encode())
        sent, received = 0, b""
        connection.settimeout(0.05)
        while not received and sent < 50 * 2**20:
            try:
                connection.sendall(b"1000\r\n" + b"x" * 4096 + b"\r\n")
                sent += 4096
                received = connection.recv(65536)
            except TimeoutError:
                continue
    assert received.startswith(b"HTTP/1.1 413 ")
    assert sent < 10 * 2**20


def test_a_body_that_is_declared_too_long_is_refused_and_its_sender_reads_the_answer(impatient: Place) -> None:
    status, answer = post(impatient, bytes(3 * 2**20))
    assert status == 413
    assert answer["error"].endswith(".")


def test_a_connection_that_ends_in_the_middle_harms_nobody(impatient: Place) -> None:
    for _ in range(5):
        with socket.create_connection(impatient, timeout=20) as connection:
            connection.sendall(f"{HEAD}Content-Length: 9999\r\n\r\nbegun".encode())
    assert post(impatient, garments(1)[0])[0] == 200


def test_what_is_no_http_is_refused_in_json(impatient: Place) -> None:
    with socket.create_connection(impatient, timeout=20) as connection:
        connection.sendall(b"\x16\x03\x01\x00\x00nonsense\r\n\r\n")
        head, _, body = read_to_end(connection).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert json.loads(body)["error"].endswith(".")


def test_connections_without_a_request_are_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "HEAD_SECONDS", 0.3)
    with running_api(Limits()) as place:
        for start in (b"", b"GET /health HTTP/1.1\r\nX-Slow: "):
            with socket.create_connection(place, timeout=20) as connection:
                connection.sendall(start)
                assert read_to_end(connection) == b""
        with socket.create_connection(place, timeout=20) as connection:  # a second request may not trickle either
            connection.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
            connection.sendall(b"GET /heal")
            read_to_end(connection)


def test_beyond_the_queue_requests_are_refused_at_once_and_the_others_answered() -> None:
    predictor = waiting_predictor()
    limits = Limits(n_workers=2, max_waiting=3)
    with running_api(limits, predictor) as place, concurrent.futures.ThreadPoolExecutor(5) as pool:
        accepted = []
        for n in range(1, 6):
            accepted.append(pool.submit(post, place, garments(1)[0]))
            wait_for_metric(place, "fashion_predictions_running", min(n, 2))
            wait_for_metric(place, "fashion_queue_length", max(n - 2, 0))
        start = time.monotonic()
        status, answer = post(place, garments(1)[0])
        assert time.monotonic() - start < 5
        assert status == 429
        assert "waiting" in answer["error"]
        predictor.may_end.set()
        assert [future.result()[0] for future in accepted] == [200] * 5
        wait_for_metric(place, "fashion_predictions_running", 0)
        assert post(place, garments(1)[0])[0] == 200


def test_an_answer_that_takes_too_long_is_a_sentence_and_its_thread_stays_taken() -> None:
    predictor = waiting_predictor()
    limits = Limits(n_workers=1, max_waiting=0, answer_seconds=0.2)
    with running_api(limits, predictor) as place:
        status, answer = post(place, garments(1)[0])
        assert status == 503
        assert "took more than" in answer["error"]
        assert post(place, garments(1)[0])[0] == 429
        predictor.may_end.set()
        wait_for_metric(place, "fashion_predictions_running", 0)


def test_more_bodies_than_are_read_at_once_are_refused() -> None:
    with running_api(Limits(max_requests=2, body_seconds=5)) as place:
        slow = [socket.create_connection(place, timeout=20) for _ in range(2)]
        for connection in slow:
            connection.sendall(f"{HEAD}Content-Length: 9999\r\n\r\nbegun".encode())
        deadline = time.monotonic() + 4
        while (status := post(place, b"")[0]) == 200 and time.monotonic() < deadline:
            time.sleep(0.05)  # the server has not seen both yet
        assert status == 429
        for connection in slow:
            connection.close()


def test_a_client_that_sends_slowly_leaves_room_for_others() -> None:
    limits, tokens = Limits(max_requests=3, max_requests_of_client=2, body_seconds=5), (TOKEN, "b" * 20)
    first, second = (f"Bearer {token}" for token in tokens)
    with running_api(limits, tokens=tokens) as place:
        slow = [socket.create_connection(place, timeout=20) for _ in range(2)]
        for connection in slow:
            connection.sendall(f"{HEAD}Authorization: {first}\r\nContent-Length: 9999\r\n\r\nbegun".encode())
        deadline = time.monotonic() + 4
        while (refused := post(place, b"", Authorization=first))[0] == 200 and time.monotonic() < deadline:
            time.sleep(0.05)  # the server has not seen both yet
        assert refused[0] == 429
        assert "at once" in refused[1]["error"]
        assert post(place, b"", Authorization=second)[0] == 200
        for connection in slow:
            connection.close()


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="needs SIGTERM")
def test_the_command_answers_what_runs_when_it_is_told_to_end(tmp_path: Any) -> None:
    token_file = tmp_path / "tokens"
    token_file.write_text(TOKEN)
    command = [sys.executable, "-m", "fashion_core", "api", "--port", "0", "--token-file", str(token_file)]
    process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        lines = [process.stdout.readline(), process.stdout.readline()]
        found = re.search(r"http://(127\.0\.0\.1):(\d+)", lines[1])
        assert found, lines
        place = (found[1], int(found[2]))
        content = garments(1)[0]
        head = f"{HEAD}Authorization: Bearer {TOKEN}\r\nContent-Length: {len(content)}\r\n\r\n".encode()
        with socket.create_connection(place, timeout=20) as connection:
            connection.sendall(head + content[:-1])
            assert post(place, content, Authorization=f"Bearer {TOKEN}")[0] == 200  # so the first has begun
            process.send_signal(signal.SIGTERM)
            wait_until_refused(place)
            connection.sendall(content[-1:])
            received = read_to_end(connection)
        assert received.startswith(b"HTTP/1.1 200 ")
        assert b'"decision"' in received
        _, errors = process.communicate(timeout=20)
        assert process.returncode in (0, -signal.SIGTERM)
        assert "Traceback" not in errors
    finally:
        process.kill()
        process.communicate()
