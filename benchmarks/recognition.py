"""Speed of recognition: ``python -m benchmarks.recognition PICTURES [--repeats 5] [--workers N]``.

Prints medians: pictures per second of all PICTURES together, without the first pass; seconds from the bytes of a
12-megapixel JPEG (the first picture, enlarged) to its prediction; and milliseconds per picture of each stage.
"""

import argparse
import io
import os
import statistics
import time
from pathlib import Path

from PIL import Image

from benchmarks.browser import print_timings
from fashion_core.recognition import batch
from fashion_core.recognition.recognizer import Recognizer
from fashion_core.recognition.shipped_recognizer import load_shipped_recognizer
from fashion_core.runs.store import RunStore
from fashion_core.runs.summary import RECOGNITION_RUN_IDS
from fashion_core.vision.decode import decode_picture
from fashion_core.vision.picture_sources import PictureSource, open_picture_sources
from fashion_core.vision.preparation import prepare_picture

LARGE_PICTURE_SIZE = (4000, 3000)


def time_batches(recognizer: Recognizer, sources: list[PictureSource], repeats: int, workers: int | None) -> None:
    """Pictures per second and processor time of the whole batch."""
    rates, costs = [], []
    for _ in range(repeats + 1):
        start, processor = time.perf_counter(), time.process_time()
        n = sum(1 for _ in batch.predict_sources(recognizer, sources, n_threads=workers))
        rates.append(n / (time.perf_counter() - start))
        costs.append((time.process_time() - processor) / n)
    rate, cost = statistics.median(rates[1:]), 1000 * statistics.median(costs[1:])
    span = f"{min(rates[1:]):.1f} to {max(rates[1:]):.1f}"
    print(f"batch of {len(sources):,}: {rate:.1f} pictures per second ({span}), {cost:.0f} ms of processor time each")


def time_large_picture(recognizer: Recognizer, content: bytes, repeats: int) -> None:
    """Seconds from the bytes of a 12-megapixel JPEG to its prediction."""
    with Image.open(io.BytesIO(content)) as image:
        large = image.convert("RGB").resize(LARGE_PICTURE_SIZE, Image.Resampling.BICUBIC)
    buffer = io.BytesIO()
    large.save(buffer, "JPEG", quality=90)
    seconds = []
    for _ in range(repeats + 1):
        start = time.perf_counter()
        recognizer.predict(prepare_picture(decode_picture(buffer.getvalue())))
        seconds.append(time.perf_counter() - start)
    print_timings(f"12-megapixel JPEG ({len(buffer.getvalue()) / 2**20:.1f} MB) to answer", seconds[1:])


def time_stages(recognizer: Recognizer, sources: list[PictureSource]) -> None:
    """Processor time of decoding, preparing and predicting, one after the other."""
    clock = [time.process_time()]
    opened = [decode_picture(source.read()) for source in sources]
    clock.append(time.process_time())
    prepared = [prepare_picture(rgb) for rgb in opened]
    clock.append(time.process_time())
    for start in range(0, len(prepared), batch.PICTURES_PER_BATCH):
        recognizer.predict_many(prepared[start : start + batch.PICTURES_PER_BATCH])
    clock.append(time.process_time())
    stages = (
        f"{name} {1000 * (end - start) / len(sources):.0f} ms"
        for name, start, end in zip(("open", "prepare", "networks"), clock[:-1], clock[1:], strict=True)
    )
    print(f"processor time per picture: {', '.join(stages)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pictures", type=Path)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--workers", type=int)
    args = parser.parse_args()
    recognizer = load_shipped_recognizer(RunStore())
    with open_picture_sources([args.pictures]) as sources:
        load = os.getloadavg()[0]
        print(
            f"medians of {args.repeats}, {' and '.join(RECOGNITION_RUN_IDS)}, {os.cpu_count()} cores, load {load:.1f}"
        )
        time_stages(recognizer, sources[:100])
        time_batches(recognizer, sources, args.repeats, args.workers)
        time_large_picture(recognizer, sources[0].read(), args.repeats)


if __name__ == "__main__":
    main()
