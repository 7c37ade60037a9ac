"""The process of one computation: ``python -m fashion_core.computed.worker FOLDER [--data DIR | --stand-in]``."""

import argparse
import json
import logging
import shutil
import time
from pathlib import Path

from filelock import AcquireReturnProxy, FileLock, Timeout

from fashion_core.computed import background, registry, store
from fashion_core.errors import FashionError, RunError
from fashion_core.runs import process

INTERVAL = 0.3  # seconds between two progress lines
PATIENCE = 2.0  # seconds for the lock: whoever looks whether it is held has it for a moment


class Reporter:
    """Writes progress lines, not too many."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.begin = time.time()
        self.last = 0.0
        self.doing = ""

    def __call__(self, share: float, doing: str) -> None:
        now = time.time()
        if now - self.last < INTERVAL and doing == self.doing:
            return
        self.last, self.doing = now, doing
        self.line({"share": round(share, 4), "doing": doing, "elapsed": round(now - self.begin, 2)})

    def line(self, values: dict[str, object]) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(values) + "\n")


def main() -> int:
    """Compute what the folder asks for; exit 0 when the result is on disk."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    process.add_dataset_arguments(parser)
    arguments = parser.parse_args()
    process.lower_priority()
    folder: Path = arguments.folder
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    try:
        alive = FileLock(folder / background.ALIVE).acquire(timeout=PATIENCE)
    except (Timeout, OSError):
        return 1  # another process is at it, or it was cancelled before it began
    with alive:
        report = Reporter(folder / background.PROGRESS)
        try:
            with _turn(folder.parent / background.TURN, report):
                report.begin = time.time()
                values = json.loads((folder / background.JOB).read_text(encoding="utf-8"))
                dataset = process.dataset_from_arguments(arguments)
                if dataset.fingerprint != values["fingerprint"]:
                    raise RunError("The data was replaced after this was started. Start it again.")
                store.load_or_compute(registry.computation_from_dict(values), dataset, report)
        except Exception as error:
            # the last one to know: nobody reads this process's exit, so the folder must tell what happened
            known = isinstance(error, FashionError)
            report.line(
                {"failed": str(error) if known else f"It stopped unexpectedly; {folder / background.LOG} says why."}
            )
            logging.getLogger("worker").exception("computation failed")
            return 1
    shutil.rmtree(folder, ignore_errors=True)
    return 0


def _turn(path: Path, report: Reporter) -> AcquireReturnProxy:
    """The right to compute, which one worker has at a time; says so when it has to wait."""
    turn = FileLock(path)
    report(0, "starting")
    try:
        return turn.acquire(timeout=0)
    except Timeout:
        report(0, "waiting for another computation to end")
        return turn.acquire()


if __name__ == "__main__":
    raise SystemExit(main())
