"""Ways to answer with the improved CNN: ``python -m benchmarks.inference [--run improved_cnn] [--images 10000]``.

Each way answers the test images (stand-in pictures where Fashion-MNIST is not there) and one image alone: as shipped,
with an early exit and a second look when unsure, by ONNX Runtime and by torch; then with one look by the whole network
each. Prints seconds for all of them (median of three), milliseconds for one (median of 41), and how far the
probabilities are at most from those of torch. ``torch.compile`` is measured where there is a C++ compiler.
"""

import argparse
import statistics
import time
import warnings
from collections.abc import Callable

import numpy as np
import torch

from fashion_core.data import load_dataset
from fashion_core.models.base import INFERENCE_BATCH_SIZE, TorchClassifier, images_to_tensor
from fashion_core.runs.store import RunStore

ForwardFunction = Callable[[torch.Tensor], torch.Tensor]
LATENCY_REPEATS = 41


def predict_in_batches(network: ForwardFunction, size: int) -> Callable[[np.ndarray], np.ndarray]:
    """Probabilities float32 [n, 10] of uint8 [n, 28, 28], ``size`` images at a time."""

    def answer(images: np.ndarray) -> np.ndarray:
        rows = []
        with torch.inference_mode():
            for start in range(0, len(images), size):
                z = network(images_to_tensor(images[start : start + size])).float()
                rows.append(z.softmax(dim=1).numpy())
        return np.concatenate(rows)

    return answer


def with_bfloat16(network: ForwardFunction) -> ForwardFunction:
    """Under autocast."""

    def forward(x: torch.Tensor) -> torch.Tensor:
        with torch.autocast("cpu", torch.bfloat16):
            return network(x)

    return forward


def main() -> None:
    """Print a line a way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", default="improved_cnn")
    parser.add_argument("--images", type=int, default=10000)
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    store = RunStore()
    classifier = store.load_classifier(store.get(args.run))
    if not isinstance(classifier, TorchClassifier):
        raise SystemExit("Choose the run of a network.")
    dataset = load_dataset()
    images = dataset.split("test").images[: args.images]
    network = classifier.network.eval()
    by_torch = TorchClassifier(network, mirror=classifier.mirror, shift=classifier.shift)
    by_torch.exit = classifier.exit
    once, once_settled = (TorchClassifier(network) for _ in range(2))
    once_settled.compile_for_inference()
    threads = torch.get_num_threads()
    shipped, whole = by_torch.predict_proba(images), once.predict_proba(images)  # by torch: what the others should give
    ways: dict[str, tuple[np.ndarray, Callable[[], Callable[[np.ndarray], np.ndarray]]]] = {
        "as shipped (ONNX Runtime)": (shipped, lambda: classifier.predict_proba),
        "by torch": (shipped, lambda: by_torch.predict_proba),
        "one look by the whole network (ONNX Runtime)": (whole, lambda: once_settled.predict_proba),
        f"by torch, batches of {INFERENCE_BATCH_SIZE} on a thread each": (whole, lambda: once.predict_proba),
        "by torch, batches of 50 on all threads": (whole, lambda: predict_in_batches(network, 50)),
        "by torch, batches of 500": (whole, lambda: predict_in_batches(network, 500)),
        "by torch in bfloat16": (whole, lambda: predict_in_batches(with_bfloat16(network), 100)),
        "by torch.compile": (whole, lambda: predict_in_batches(torch.compile(network, dynamic=True), 100)),
    }
    left, again = classifier.count_views(images)
    print(f"{args.run} on {len(images):,} test images of {dataset.title}")
    print(f"{left.mean():.1%} leave early, {(again > 0).mean():.1%} are looked at again; {threads} threads")
    for name, (reference, make) in ways.items():
        torch.set_num_threads(threads)
        try:
            answer = make()
            answer(images[:200])
        except RuntimeError as error:  # a way that this machine does not have is told and left out
            print(f"{name}: not measured ({str(error).splitlines()[0][:120]})")
            continue
        seconds = statistics.median(_timed(answer, images)[0] for _ in range(3))
        far = float(np.abs(answer(images) - reference).max())
        one = statistics.median(_timed(answer, images[i : i + 1])[0] for i in range(LATENCY_REPEATS))
        print(f"{name}: {seconds:.2f} s, one image {1000 * one:.1f} ms, at most {far:.1e} from torch", flush=True)


def _timed(answer: Callable[[np.ndarray], np.ndarray], images: np.ndarray) -> tuple[float, np.ndarray]:
    start = time.perf_counter()
    found = answer(images)
    return time.perf_counter() - start, found


if __name__ == "__main__":
    main()
