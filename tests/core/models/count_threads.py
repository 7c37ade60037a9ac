"""Three predictions in fresh threads, as Streamlit's reruns are; prints the numbers of threads that computed each.

Run in a process of its own, in which nothing else has set the number of threads: ``python -m
tests.core.models.count_threads``. A batch waits until as many batches as there are threads are computed at once.
"""

import threading
from collections.abc import Callable

import numpy as np
import torch

from fashion_core.models import onnx_engine
from fashion_core.models.base import Classifier, normalise_images
from fashion_core.models.inference import INFERENCE_BATCH_SIZE
from fashion_core.runs.store import RunStore


def count_threads(predict: Callable[[], object]) -> int:
    """How many threads compute batches when ``predict`` is called in a thread of its own."""
    meeting = threading.Barrier(torch.get_num_threads())
    used: set[int] = set()

    def normalise_together(images: np.ndarray) -> np.ndarray:
        meeting.wait(30)
        used.add(threading.get_ident())
        return normalise_images(images)

    onnx_engine.normalise_images = normalise_together
    thread = threading.Thread(target=predict)
    thread.start()
    thread.join(120)
    return len(used)


def load_classifier(run_id: str) -> Classifier:
    """A shipped model."""
    store = RunStore()
    return store.load_classifier(store.get(run_id))


if __name__ == "__main__":
    mlp = load_classifier("mlp-poster")  # trained without mirroring and shifting: one view of each image
    images = np.zeros((2 * torch.get_num_threads() * INFERENCE_BATCH_SIZE, 28, 28), np.uint8)
    print(*(count_threads(lambda: mlp.predict_proba(images)) for _ in range(3)))
    print(torch.get_num_threads())
