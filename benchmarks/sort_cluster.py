"""Sorting on a cluster of two local nodes of one processor against one process of two threads.

``python -m benchmarks.sort_cluster FOLDER [--pictures 10000] [--repeats 3]`` sorts the pictures of FOLDER, as
often as needed (see ``benchmarks.sort``), into a table: in turn with the command on this machine and with the
same command on the cluster. It prints pictures per second of the whole command, from its start to its end, processor
time of each picture and, extrapolated, of a million, its peak memory, and the ratio of the median speeds.
Starting the nodes doesn't count; starting the processes that sort does, about 15 s of processor time.

The pictures are written on the disk of ``--folder``. ``--list 200000`` prints what it takes to list so many
files.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.ray_nodes import Nodes, start_nodes
from benchmarks.sort import write_variants

LISTING_CODE = """
import sys
from fashion_core.sorting.manifests import add_manifests
from fashion_core.sorting.stores import open_store
print(sum(add_manifests(open_store(sys.argv[1]), open_store(sys.argv[2])).values()), "files listed")
"""


@dataclass(frozen=True)
class Effort:
    """What a command took: wall-clock and processor time in seconds, its own peak memory in MB."""

    seconds: float
    processor_seconds: float
    megabytes: float


def run_and_measure(command: list[str], environment: dict[str, str]) -> Effort:
    """Run a command."""
    start = time.perf_counter()
    process = subprocess.Popen(command, env=os.environ | environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Effort(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def sort(source: Path, output: Path, cluster: str) -> Effort:
    """Sort with the command, on the cluster unless its address is empty."""
    command = [sys.executable, "-m", "fashion_core", "sort", str(source), "--out", str(output), "--mode", "table"]
    return run_and_measure(command, {"FASHION_CLUSTER": "auto" if cluster else "", "RAY_ADDRESS": cluster})


def print_effort(name: str, n: int, effort: Effort) -> None:
    print(
        f"{name}: {n / effort.seconds:.1f} pictures per second, peak memory {effort.megabytes:.0f} MB, "
        f"load {os.getloadavg()[0]:.1f}",
        flush=True,
    )


def compare(folder: Path, n: int, repeats: int, nodes: Nodes, parent: Path) -> None:
    """Sort in turn here and on the cluster, and print both."""
    source = parent / "in"
    write_variants(folder, n, source)
    speeds: dict[str, list[float]] = {"one process": [], "cluster": []}
    for number in range(repeats):
        for name, address in (("one process", ""), ("cluster", nodes.inside)):
            effort = sort(source, parent / f"{name}-{number}", address)
            speeds[name].append(n / effort.seconds)
            print_effort(f"{folder.name}, {n:,} pictures, {name}", n, effort)
            if not address:
                each = effort.processor_seconds / n
                print(f"{1000 * each:.1f} ms of processor time each, {each * 1e6 / 3600:.1f} processor hours a million")
    ratio = statistics.median(speeds["cluster"]) / statistics.median(speeds["one process"])
    print(f"{folder.name}, {n:,} pictures: cluster at {ratio:.2f} times the speed of one process", flush=True)


def list_files(n: int, parent: Path) -> None:
    """List ``n`` files in one folder."""
    source = parent / "in"
    source.mkdir()
    for number in range(n):
        (source / f"{number}.png").touch()
    effort = run_and_measure([sys.executable, "-c", LISTING_CODE, str(source), str(parent / "out")], {})
    print(f"{n:,} files listed in {effort.seconds:.1f} s, peak memory {effort.megabytes:.0f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--pictures", nargs="+", type=int, default=[10_000])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--list", nargs="+", type=int, default=[])
    parser.add_argument(
        "--folder", type=Path, default=Path(tempfile.gettempdir()), help="where the pictures are written"
    )
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=args.folder) as parent:
        for n in args.list:
            with tempfile.TemporaryDirectory(dir=parent) as folder:
                list_files(n, Path(folder))
        if args.folders:
            with start_nodes(Path(parent)) as nodes:
                for number, folder in enumerate(args.folders):
                    for n in args.pictures:
                        compare(folder, n, args.repeats, nodes, Path(parent, f"{number}-{n}"))


if __name__ == "__main__":
    main()
