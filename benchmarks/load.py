"""Many visitors at once: ``python -m benchmarks.load [--visitors 50] [--seconds 120] [--pause 4 12]``.

One visitor first walks through the pages and changes widgets at random; what each step shows is noted. Then many do
the same walks at the same time, each in a session of its own over the websocket, with pauses as people make them, and
every step must show the same again. A visitor waits for the page before the next pause. Prints the time from each
action to the finished page, wrong answers, exceptions, the processor's time, and the memory and open files of the
server. The load is generated on the same cores.

``--training``: a network trains all the time. What the page Train shows of it is not compared.
``--in-turn 1000``: instead, so many visitors one after the other, and how memory and open files grow.
"""

import argparse
import asyncio
import os
import random
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import psutil

from benchmarks.visitor import Step, Visitor
from fashion_core.data import load_dataset
from fashion_core.models.registry import MODELS
from fashion_core.runs import queue
from fashion_core.runs.store import RunStore
from tests.conftest import PROJECT, real_data_folder
from tests.e2e.conftest import serve
from ui.style import PAGE_TITLES

N_WALKS = 4
WIDGETS_PER_PAGE = 2
N_FIRST = 50  # visitors in turn, after whom memory counts as growing
Answer = dict[tuple[int, ...], str]
Walk = list[tuple[Step, Answer]]


@dataclass
class Results:
    """What the visitors noted, by page. ``pages_with_runs`` show how far a training is: they aren't compared."""

    pages_with_runs: tuple[str, ...] = ()
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    wrong: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    n_exceptions: int = 0
    n_visitors: int = 0

    def print_table(self) -> None:
        """Times in seconds, and what went wrong."""
        everything = [seconds for page in self.seconds.values() for seconds in page]
        print(f"{'page':<14}{'actions':>8}{'median':>8}{'p95':>8}{'max':>8}")
        for page, seconds in [*sorted(self.seconds.items()), ("all", everything)]:
            p95 = float(np.percentile(seconds, 95))
            print(f"{page:<14}{len(seconds):>8}{statistics.median(seconds):>8.2f}{p95:>8.2f}{max(seconds):>8.2f}")
        n_wrong = sum(map(len, self.wrong.values()))
        print(f"sessions: {self.n_visitors}; wrong answers: {n_wrong}; exceptions: {self.n_exceptions}")
        for step, differences in sorted(self.wrong.items()):
            print(f"  {step}: {differences[0]}")


def describe_server(server: psutil.Process) -> str:
    """Memory and open files, sockets left out."""
    return f"{server.memory_info().rss / 1e6:.0f} MB, {len(server.open_files())} files open"


@contextmanager
def print_processor_time(server: psutil.Process, results: Results) -> Iterator[None]:
    """How long the server and this process computed during the body, an action."""
    processes = {"server": server, "this load": psutil.Process()}
    before = {name: sum(process.cpu_times()[:2]) for name, process in processes.items()}
    yield
    n = sum(map(len, results.seconds.values()))
    milliseconds = {
        name: 1000 * (sum(process.cpu_times()[:2]) - before[name]) / n for name, process in processes.items()
    }
    print("processor time an action:", ", ".join(f"{name} {value:.1f} ms" for name, value in milliseconds.items()))


async def walk_alone(url: str, pages: list[str], source: random.Random) -> Walk:
    """A visitor who opens each page and sets widgets at random."""
    walk = []
    async with Visitor(url) as visitor:

        async def take(step: Step) -> None:
            await visitor.take(step)
            walk.append((step, visitor.answer()))

        await take(Step(""))
        for page in source.sample(pages, len(pages)):
            await take(Step(page))
            for _ in range(WIDGETS_PER_PAGE):
                if widgets := visitor.widgets():
                    label = source.choice(sorted(widgets))
                    await take(Step(label, source.choice(widgets[label].options)))
    return walk


async def take_walk(
    url: str, walk: Walk, source: random.Random, pause: tuple[float, float], end: float, results: Results
) -> None:
    """A visitor takes ``walk``, until ``end``."""
    results.n_visitors += 1
    page = ""
    async with Visitor(url) as visitor:
        for step, expected in walk:
            if time.monotonic() > end:
                return
            page = page if step.option is not None else step.target or "overview"
            start = time.perf_counter()
            await visitor.take(step)
            results.seconds[page].append(time.perf_counter() - start)
            results.n_exceptions += visitor.has_exception()
            differences = set(visitor.answer().items()) ^ set(expected.items())
            if differences and page not in results.pages_with_runs:
                results.wrong[f"{page} {step.option or ''}"].append(str(sorted(differences)[:4]))
            await visitor.rest(source.uniform(*pause))


async def measure_at_once(url: str, walks: list[Walk], arguments: argparse.Namespace, results: Results) -> None:
    """Each visitor is followed by another, until the time is over."""
    end = time.monotonic() + arguments.seconds

    async def visit(source: random.Random) -> None:
        await asyncio.sleep(source.uniform(0, arguments.pause[1]))
        while time.monotonic() < end:
            await take_walk(url, source.choice(walks), source, tuple(arguments.pause), end, results)

    async with asyncio.TaskGroup() as group:
        for i in range(arguments.visitors):
            group.create_task(visit(random.Random(f"{arguments.seed} {i}")))


async def measure_in_turn(
    url: str, walks: list[Walk], arguments: argparse.Namespace, results: Results, server: psutil.Process
) -> None:
    """Each visitor opens the first page and another, and sets its widgets."""
    source = random.Random(arguments.seed)
    for i in range(1, arguments.in_turn + 1):
        walk = source.choice(walks)
        opened = source.choice([k for k, (step, _) in enumerate(walk) if k and step.option is None])
        part = [walk[0], *walk[opened : opened + 1 + WIDGETS_PER_PAGE]]
        ends = [k for k, (step, _) in enumerate(part) if k > 1 and step.option is None]
        await take_walk(url, part[: min(ends, default=len(part))], source, (0, 0), float("inf"), results)
        if i == N_FIRST or i % 250 == 0:
            print(f"after {i} in turn: {describe_server(server)}", flush=True)


async def measure(url: str, home: Path, arguments: argparse.Namespace, server: psutil.Process) -> None:
    source, results = random.Random(arguments.seed), Results()
    if arguments.training:
        results.pages_with_runs = ("train",)
        queue.queue_run(RunStore(home / "runs"), MODELS["improved_cnn"].presets["best"], load_dataset())
    walks = [await walk_alone(url, arguments.pages, source) for _ in range(N_WALKS)]
    print(f"after {N_WALKS} visitors, one at a time: {describe_server(server)}", flush=True)
    with print_processor_time(server, results):
        if arguments.in_turn:
            await measure_in_turn(url, walks, arguments, results, server)
        else:
            await measure_at_once(url, walks, arguments, results)
            print(f"after {arguments.visitors} at once: {describe_server(server)}")
        results.print_table()
    if arguments.training:
        (run,) = RunStore(home / "runs").own_entries()
        print(f"epochs trained meanwhile: {len(queue.run_progress(run).epochs)}, {queue.run_phase(run)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--visitors", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--pause", type=float, nargs=2, default=(4.0, 12.0), help="seconds between actions")
    parser.add_argument("--pages", nargs="+", default=list(PAGE_TITLES), choices=list(PAGE_TITLES))
    parser.add_argument("--training", action="store_true", help="while a network trains")
    parser.add_argument("--in-turn", type=int, default=0, metavar="N", help="N visitors one after the other")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    print(f"{arguments}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}", flush=True)
    command = [sys.executable, "-m", "fashion_core", "dashboard", "--no-browser"]
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder).resolve()
        os.environ |= {"FASHION_HOME": str(home), "FASHION_MNIST_DIR": str(real_data_folder() or home)}
        with serve(command, PROJECT, home, FASHION_MNIST_DIR=os.environ["FASHION_MNIST_DIR"]) as url:
            server = next(c for c in psutil.Process().children() if "streamlit" in " ".join(c.cmdline()))
            try:
                asyncio.run(measure(url, home, arguments, server))
            finally:
                store = RunStore(home / "runs")
                queue.cancel_runs(store, [entry for entry in store.own_entries() if queue.has_process(entry)])


if __name__ == "__main__":
    main()
