"""The process in waiting (see ``standby``): ``python -m fashion_core.runs.standby_worker [--data DIR | --stand-in]``.

Its orders are JSON lines on standard input: ``{"probe": config, "to": path}`` any number of times, and
``{"run": the worker's arguments, "log": path}`` once. It ends with its input, unless it has a run by then.
"""

import argparse
import importlib
import json
import logging
import os
import queue
import threading
from pathlib import Path
from typing import Any

from fashion_core.data import Dataset
from fashion_core.runs import estimate, process, worker
from fashion_core.training import probe
from fashion_core.training.config import TrainConfig

# what training imports when it first needs it; torch's optimizers need its compiler, whether or not one compiles
NEEDED = (
    "torch",
    "fashion_core.training.augment",
    "fashion_core.training.optimizers",
    "fashion_core.models.mlp",
    "fashion_core.models.cnn",
    "fashion_core.models.inception_resnet",
    "torch._dynamo",
    "sklearn.cluster",
    "threadpoolctl",
)
Order = dict[str, Any]


class Orders:
    """Standard input, read by a thread, so that something ``urgent`` (a run, or the end) is noticed during a probe."""

    def __init__(self) -> None:
        self.urgent = threading.Event()
        self.come: queue.SimpleQueue[Order] = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        text = b""
        # not through sys.stdin, whose lock would be held when the interpreter ends
        while part := os.read(0, 65536):
            *lines, text = (text + part).split(b"\n")
            for line in lines:
                self._put(json.loads(line))
        self._put({})

    def _put(self, order: Order) -> None:
        self.come.put(order)
        if "probe" not in order:
            self.urgent.set()


def warm_up(dataset: Dataset, orders: Orders) -> None:
    """Import and read what a run will need, as far as there is time."""
    for name in NEEDED:
        if orders.urgent.is_set():
            return
        importlib.import_module(name)
    dataset.published_train  # noqa: B018  (read now, kept for later)


def answer(order: Order, dataset: Dataset, orders: Orders) -> None:
    """Measure what is asked for, unless there is something more urgent."""
    try:
        found = probe.measure(TrainConfig.from_dict(order["probe"]), dataset, stop=orders.urgent.is_set)
        estimate.keep(Path(order["to"]), found)
    except probe.Stopped:
        pass
    except Exception:
        # whoever asked waits for a file and gives up after a while; the run that may come is not to suffer
        logging.exception("the speed could not be measured")


def redirect(log: Path) -> None:
    """From now on both outputs go to ``log``."""
    handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(handle, 1)
    os.dup2(handle, 2)
    os.close(handle)


def main() -> int:
    """Wait, measure, and train at most one run."""
    process.lower_priority()
    parser = argparse.ArgumentParser(description=__doc__)
    process.add_data_arguments(parser)
    dataset = process.dataset_of(parser.parse_args())
    orders = Orders()
    warm_up(dataset, orders)
    while True:
        order = orders.come.get()
        if "run" in order:
            redirect(Path(order["log"]))
            return worker.main(order["run"], dataset)
        if not order:
            return 0
        if not orders.urgent.is_set():
            answer(order, dataset, orders)


if __name__ == "__main__":
    raise SystemExit(main())
