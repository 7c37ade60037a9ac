"""Speed and memory of sorting: ``python -m benchmarks.sort FOLDER... [--pictures 1000 10000]``.

For each folder and number of pictures: pictures per second, processor time of each, and the peak memory of the process
that sorts them. Several numbers show whether memory and time of a picture grow. The pictures are those of the folder,
as often as needed, each as a file of its own with other content. They are written and sorted on the disk of
``--folder``.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from itertools import cycle, islice
from pathlib import Path

from fashion_core.data.classes import FASHION_CLASSES
from fashion_core.recognition.promises import load_reference_predictions
from fashion_core.recognition.shipped_recognizer import load_shipped_recognizer
from fashion_core.runs.store import RunStore
from fashion_core.sorting.listing import list_pictures
from fashion_core.sorting.promise import make_promise
from fashion_core.sorting.sort import SortingModel, sort_folder
from fashion_core.vision.preparation import PreparationOptions

PICTURES_PER_FOLDER = 10_000


def sort_and_print(source: Path, output: Path) -> None:
    """Sort in this process, and print what it took."""
    store = RunStore()
    promise = make_promise("recognition", load_reference_predictions(store), 0.99, "validation")
    model = SortingModel(load_shipped_recognizer(store), FASHION_CLASSES, PreparationOptions("auto"), promise)
    start, processor = time.perf_counter(), time.process_time()
    n = sort_folder(model, source, output).n
    seconds, processor = time.perf_counter() - start, time.process_time() - processor
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{n / seconds:.1f} pictures per second, {1000 * processor / n:.1f} ms of processor time each, "
        f"peak memory {memory:.0f} MB, load {os.getloadavg()[0]:.1f}",
        flush=True,
    )


def write_variants(folder: Path, n: int, target: Path) -> None:
    """``n`` pictures with the pixels of those in ``folder``, other names, and a number at the end of the file."""
    pictures = [(path.read_bytes(), path.suffix) for path in list_pictures(folder, target)]
    for number, (content, suffix) in enumerate(islice(cycle(pictures), n)):
        place = target / f"{number // PICTURES_PER_FOLDER}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{number}{suffix}").write_bytes(content + number.to_bytes(4, "big"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--pictures", nargs="+", type=int, default=[1000])
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()))
    parser.add_argument("--sort", action="store_true", help=argparse.SUPPRESS)  # FOLDER into a second one
    args = parser.parse_args()
    if args.sort:
        sort_and_print(*args.folders)
        return
    for folder in args.folders:
        for n in args.pictures:
            with tempfile.TemporaryDirectory(dir=args.folder) as parent:
                source = Path(parent, "in")
                write_variants(folder, n, source)
                print(f"{folder.name}, {n:,} pictures: ", end="", flush=True)
                command = [sys.executable, "-m", "benchmarks.sort", "--sort", str(source), str(Path(parent, "out"))]
                subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
