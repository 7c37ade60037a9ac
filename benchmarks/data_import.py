"""Speed of the import: ``python -m benchmarks.data_import PATH [--repeats 3] [--megapixels 1]``.

Imports PATH several times into an empty folder and prints pictures per second (median, smallest and largest), seconds
of processor time for each picture, and the peak memory of this process. ``--megapixels`` enlarges every picture
first, as JPEG, into a temporary folder, so that decoding costs what it does for pictures of a camera or shop.
"""

import argparse
import os
import resource
import statistics
import tempfile
import time
from pathlib import Path

from PIL import Image

from fashion_core.data.importing.build import import_catalogue
from fashion_core.vision.decode import decode_picture
from fashion_core.vision.picture_sources import open_picture_sources


def enlarge(source: Path, folder: Path, megapixels: float) -> None:
    """Write every picture below ``source`` as a JPEG of about ``megapixels``, in the same folders."""
    with open_picture_sources([source]) as sources:
        for number, picture in enumerate(sources):
            image = Image.fromarray(decode_picture(picture.read()).rgb)
            scale = (megapixels * 1e6 / (image.width * image.height)) ** 0.5
            target = folder.joinpath(*picture.folders)
            target.mkdir(parents=True, exist_ok=True)
            size = round(image.width * scale), round(image.height * scale)
            image.resize(size, Image.Resampling.BICUBIC).save(target / f"{number}.jpg", quality=90)


def time_imports(source: Path, repeats: int) -> None:
    """Import ``source`` and print how long that took."""
    rates, costs, n = [], [], 0
    for number in range(repeats):
        start, processor = time.perf_counter(), time.process_time()
        n = import_catalogue(source, f"import {number}").n_pictures
        rates.append(n / (time.perf_counter() - start))
        costs.append((time.process_time() - processor) / n)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    print(
        f"{n:,} pictures: {statistics.median(rates):.1f} a second ({min(rates):.1f} to {max(rates):.1f}, "
        f"{repeats} imports), {1000 * statistics.median(costs):.2f} ms of processor time each, "
        f"peak memory {memory:.0f} MB"
    )


def main() -> None:
    """Print the timings."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path, metavar="PATH")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--megapixels", type=float, help="enlarge every picture to this size first")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["FASHION_HOME"] = str(Path(folder, "home"))
        source = args.path
        if args.megapixels:
            source = Path(folder, "pictures")
            enlarge(args.path, source, args.megapixels)
        time_imports(source, args.repeats)


if __name__ == "__main__":
    main()
