"""Many visitors at once: ``python -m benchmarks.load [--visitors 50] [--seconds 120] [--pause 4 12]``.

One visitor first walks through the pages and changes widgets at random; what each step shows is noted. Then many do
the same walks at the same time, each in a session of its own over the websocket, with pauses as people make them, and
every step must show the same again. Prints the time from each action to the finished page, wrong answers, exceptions,
and the memory and open files of the server. The load is generated on the same cores.
"""

import argparse
import asyncio
import os
import random
import statistics
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import psutil

from benchmarks.visitor import Step, Visitor
from tests.conftest import real_data_folder
from tests.e2e.conftest import running_dashboard
from ui.style import PAGE_TITLES

N_WALKS = 4
WIDGETS_PER_PAGE = 2
Answer = dict[tuple[int, ...], str]
Walk = list[tuple[Step, Answer]]


@dataclass
class Results:
    """What the visitors noted, by page."""

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


async def walk_among_others(
    url: str, walks: list[Walk], source: random.Random, pause: tuple[float, float], end: float, results: Results
) -> None:
    """One visitor after the other, each on one of the walks, until ``end``."""
    await asyncio.sleep(source.uniform(0, pause[1]))
    while time.monotonic() < end:
        results.n_visitors += 1
        page = ""
        async with Visitor(url) as visitor:
            for step, expected in source.choice(walks):
                if time.monotonic() > end:
                    return
                page = page if step.option is not None else step.target or "overview"
                start = time.perf_counter()
                await visitor.take(step)
                results.seconds[page].append(time.perf_counter() - start)
                results.n_exceptions += visitor.has_exception()
                if differences := set(visitor.answer().items()) ^ set(expected.items()):
                    results.wrong[f"{page} {step.option or ''}"].append(str(sorted(differences)[:4]))
                await asyncio.sleep(source.uniform(*pause))


async def measure(url: str, arguments: argparse.Namespace, server: psutil.Process) -> None:
    source = random.Random(arguments.seed)
    walks = [await walk_alone(url, arguments.pages, source) for _ in range(N_WALKS)]
    print(f"after {N_WALKS} visitors, one at a time: {describe_server(server)}", flush=True)
    results, end = Results(), time.monotonic() + arguments.seconds
    sources = [random.Random(f"{arguments.seed} {i}") for i in range(arguments.visitors)]
    async with asyncio.TaskGroup() as group:
        for each in sources:
            group.create_task(walk_among_others(url, walks, each, tuple(arguments.pause), end, results))
    results.print_table()
    print(f"after {arguments.visitors} at once: {describe_server(server)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visitors", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--pause", type=float, nargs=2, default=(4.0, 12.0), help="seconds between actions")
    parser.add_argument("--pages", nargs="+", default=list(PAGE_TITLES), choices=list(PAGE_TITLES))
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    print(f"{arguments}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}", flush=True)
    with tempfile.TemporaryDirectory() as home, running_dashboard(Path(home), real_data_folder()) as url:
        server = next(c for c in psutil.Process().children() if "streamlit" in " ".join(c.cmdline()))
        asyncio.run(measure(url, arguments, server))


if __name__ == "__main__":
    main()
