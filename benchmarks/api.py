"""Speed of the API: ``python -m benchmarks.api [--clients 8] [--requests 30]``.

Starts ``fashion api`` on this computer, which should do nothing else. Each client, a thread here, sends photographs of
one megapixel, one after the other; the first requests aren't counted. Then more clients than the queue takes send at
once: every request is answered, or refused with 429 at once. Clients and server share the cores.
"""

import argparse
import http.client
import io
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import numpy as np
import psutil
from PIL import Image

from fashion_core.api.limits import Limits
from tests.conftest import PROJECT

PHOTOGRAPH_SIZE = (1155, 866)  # pixels: one megapixel
N_WARM_UP = 2  # requests of each client that aren't counted
N_CROWD = 40  # clients that send at once
SECONDS_TO_ANSWER = 60


def make_photograph(seed: int) -> bytes:
    """A JPEG that looks like a shirt on a wooden floor."""
    rng = np.random.default_rng(seed)
    width, height = PHOTOGRAPH_SIZE
    pixels = np.full((height, width, 3), (170, 140, 100), np.uint8)
    pixels += rng.integers(0, 20, (height, width, 1), dtype=np.uint8)
    pixels[(np.arange(height) // 35) % 2 == 0] += 30  # boards
    colour = rng.integers(20, 120, 3, dtype=np.uint8)
    pixels[height // 5 : 4 * height // 5, width // 3 : 2 * width // 3] = colour
    pixels[height // 5 : 2 * height // 5, width // 5 : 4 * width // 5] = colour  # sleeves
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


@contextmanager
def running_api() -> Iterator[tuple[int, psutil.Process]]:
    """``fashion api`` on a free port, which is given, and its process."""
    with tempfile.TemporaryDirectory() as home:
        environment = os.environ | {"FASHION_HOME": home}
        command = [sys.executable, "-m", "fashion_core", "api", "--port", "0"]
        process = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout is not None
            started = process.stdout.readline() + process.stdout.readline()
            found = re.search(r":(\d+)$", started.strip())
            assert found, started
            yield int(found[1]), psutil.Process(process.pid)
        finally:
            process.terminate()
            process.wait(60)


def send(port: int, contents: list[bytes]) -> list[tuple[int, float]]:
    """Send photographs over one connection; status and seconds of each answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS_TO_ANSWER)
    answers = []
    for content in contents:
        start = time.perf_counter()
        connection.request("POST", "/v1/predict", content, {"Content-Type": "image/jpeg"})
        answer = connection.getresponse()
        answer.read()
        answers.append((answer.status, time.perf_counter() - start))
    connection.close()
    return answers


def measure(port: int, server: psutil.Process, n_clients: int, n_requests: int) -> None:
    """Print the table's row, and what became of a crowd."""
    photographs = [[make_photograph(100 * c + i) for i in range(n_requests + N_WARM_UP)] for c in range(n_clients)]
    with ThreadPoolExecutor(n_clients) as pool:
        start, computed = time.perf_counter(), sum(server.cpu_times()[:2])
        by_client = list(pool.map(lambda contents: send(port, contents), photographs))
        seconds, computed = time.perf_counter() - start, sum(server.cpu_times()[:2]) - computed
    answers = [answer for client in by_client for answer in client[N_WARM_UP:]]
    n_refused = sum(status == 429 for status, _ in answers)
    times = np.array([duration for status, duration in answers if status == 200])
    p50, p95 = np.percentile(times, [50, 95])
    n_sent = n_clients * (n_requests + N_WARM_UP)
    print("clients | requests | p50, s | p95, s | longest, s | a second | refused")
    row = (
        n_clients,
        len(answers),
        f"{p50:.2f}",
        f"{p95:.2f}",
        f"{times.max():.2f}",
        f"{n_sent / seconds:.1f}",
        n_refused,
    )
    print(*row, sep=" | ", flush=True)
    print(f"the server computed {1000 * computed / n_sent:.0f} ms a request, on {computed / seconds:.1f} cores")
    with ThreadPoolExecutor(N_CROWD) as pool:
        crowd = [
            answer for client in pool.map(lambda c: send(port, c), [photographs[0][:5]] * N_CROWD) for answer in client
        ]
    refusals = [duration for status, duration in crowd if status == 429]
    print(f"{N_CROWD} clients at once, 5 requests each: {dict(Counter(status for status, _ in crowd))}")
    print(f"longest refusal {max(refusals):.2f} s, longest answer {max(d for s, d in crowd if s == 200):.2f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--requests", type=int, default=30, help="of each client")
    arguments = parser.parse_args()
    print(f"{arguments}, {Limits()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}", flush=True)
    with running_api() as (port, server):
        measure(port, server, arguments.clients, arguments.requests)


if __name__ == "__main__":
    main()
