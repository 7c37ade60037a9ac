"""Recognition against the clock: ``python -m benchmarks.recognition PICTURES [--repeats 5] [--workers N]``.

Pictures per second of a batch, the first pass not counted, and seconds from the bytes of a 12-megapixel JPEG to its
answer: the pictures' first, enlarged. Prints medians. Also where one thread's time goes, in milliseconds a picture.
"""

import argparse
import io
import os
import statistics
import time
from pathlib import Path

from PIL import Image

from benchmarks.map import report
from fashion_core.computed.reference import TOGETHER
from fashion_core.recognition import batch
from fashion_core.recognition.recognizer import Recognizer, shipped_recognizer
from fashion_core.recognition.sources import Source, gather
from fashion_core.runs.store import RunStore
from fashion_core.vision.opening import open_picture
from fashion_core.vision.pipeline import prepare

LARGE = (4000, 3000)


def passes(recognizer: Recognizer, sources: list[Source], repeats: int, workers: int | None) -> None:
    """Wall clock and processor time of the whole batch."""
    rates, costs = [], []
    for _ in range(repeats + 1):
        start, processor = time.perf_counter(), time.process_time()
        n = sum(1 for _ in batch.answers(recognizer, sources, workers=workers))
        rates.append(n / (time.perf_counter() - start))
        costs.append((time.process_time() - processor) / n)
    rate, cost = statistics.median(rates[1:]), 1000 * statistics.median(costs[1:])
    span = f"{min(rates[1:]):.1f} to {max(rates[1:]):.1f}"
    print(f"batch of {len(sources):,}: {rate:.1f} pictures a second ({span}), {cost:.0f} ms of processor time each")


def one_large(recognizer: Recognizer, content: bytes, repeats: int) -> None:
    """Bytes to answer for one 12-megapixel JPEG."""
    with Image.open(io.BytesIO(content)) as image:
        large = image.convert("RGB").resize(LARGE, Image.Resampling.BICUBIC)
    buffer = io.BytesIO()
    large.save(buffer, "JPEG", quality=90)
    seconds = []
    for _ in range(repeats + 1):
        start = time.perf_counter()
        recognizer.answer(prepare(open_picture(buffer.getvalue())))
        seconds.append(time.perf_counter() - start)
    report(f"12-megapixel JPEG ({len(buffer.getvalue()) / 2**20:.1f} MB) to answer", seconds[1:])


def parts(recognizer: Recognizer, sources: list[Source]) -> None:
    """Processor time of reading, preparing and asking, one after the other."""
    clock = [time.process_time()]
    opened = [open_picture(source.read()) for source in sources]
    clock.append(time.process_time())
    prepared = [prepare(rgb) for rgb in opened]
    clock.append(time.process_time())
    for start in range(0, len(prepared), batch.TOGETHER):
        recognizer.answers(prepared[start : start + batch.TOGETHER])
    clock.append(time.process_time())
    told = (
        f"{name} {1000 * (end - start) / len(sources):.0f} ms"
        for name, start, end in zip(("open", "prepare", "networks"), clock[:-1], clock[1:], strict=True)
    )
    print(f"processor time a picture: {', '.join(told)}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pictures", type=Path)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--workers", type=int)
    args = parser.parse_args()
    recognizer = shipped_recognizer(RunStore())
    with gather([args.pictures]) as sources:
        load = os.getloadavg()[0]
        print(f"medians of {args.repeats}, {' and '.join(TOGETHER)}, {os.cpu_count()} cores, load {load:.1f}")
        parts(recognizer, sources[:100])
        passes(recognizer, sources, args.repeats, args.workers)
        one_large(recognizer, sources[0].read(), args.repeats)


if __name__ == "__main__":
    main()
