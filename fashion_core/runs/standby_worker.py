"""The process in waiting (see ``standby``): ``python -m fashion_core.runs.standby_worker [--data DIR | --stand-in]``.

Its orders are JSON lines on standard input: ``{"probe": config, "to": path}`` any number of times, and
``{"run": the worker's arguments, "log": path}`` once. It ends with its input, unless it has a run by then. With
``--answer ORDER`` it only does that.
"""

import argparse
import importlib
import json
import logging
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from fashion_core.config.train_config import TrainConfig
from fashion_core.data import Dataset
from fashion_core.runs import estimate, process, worker
from fashion_core.training import probe

# what training imports when it first needs it; torch's optimizers need its compiler, whether or not one compiles, and
# max pooling is compiled when it is imported for the first time
NEEDED = (
    "torch",
    "fashion_core.training.augment",
    "fashion_core.training.optimizers",
    "fashion_core.training.ghost_batches",
    "torch.optim.swa_utils",
    "fashion_core.models.mlp",
    "fashion_core.models.cnn",
    "fashion_core.models.inception_resnet",
    "fashion_core.models.max_pool",
    "fashion_core.models.onnx_engine",
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
    dataset.published_train_arrays  # noqa: B018  (read now, kept for later)


def answer(order: Order, dataset: Dataset, stop: Callable[[], bool]) -> None:
    """Measure what is asked for, unless something more urgent comes up."""
    try:
        found = probe.measure(TrainConfig.from_dict(order["probe"]), dataset, stop=stop)
        estimate.keep(Path(order["to"]), found)
    except probe.Stopped:
        pass
    except Exception:
        # whoever asked waits for a file and gives up after a while; the run that may come is not to suffer
        logging.exception("the speed could not be measured")


def answer_apart(order: Order, arguments: Sequence[str], stop: Callable[[], bool]) -> None:
    """The same in another process: a start of k-means cannot be broken off, but a process can be killed."""
    module = "fashion_core.runs.standby_worker"
    child = subprocess.Popen([sys.executable, "-m", module, "--answer", json.dumps(order), *arguments])
    while child.poll() is None:
        if stop():
            child.kill()
        time.sleep(0.03)


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
    parser.add_argument("--answer", type=json.loads)
    process.add_dataset_arguments(parser)
    parsed = parser.parse_args()
    dataset = process.dataset_from_arguments(parsed)
    if parsed.answer:
        answer(parsed.answer, dataset, lambda: False)
        return 0
    orders = Orders()
    warm_up(dataset, orders)
    while True:
        order = orders.come.get()
        if "run" in order:
            redirect(Path(order["log"]))
            return worker.main(order["run"], dataset)
        if not order:
            return 0
        if orders.urgent.is_set():
            continue
        if order["probe"]["model"] == "kmeans":
            answer_apart(order, sys.argv[1:], orders.urgent.is_set)
        else:
            answer(order, dataset, orders.urgent.is_set)


if __name__ == "__main__":
    raise SystemExit(main())
