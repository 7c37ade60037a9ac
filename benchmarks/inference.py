"""Ways to predict with a network: ``python -m benchmarks.inference [--run improved_cnn] [--images 10000]``.

Each way predicts the test images (sample data if Fashion-MNIST is missing) and one image alone: with test-time
augmentation, as shipped, and from a single view; by ONNX Runtime and by torch. Prints seconds for all images (median of
several rounds, in which the ways take turns), milliseconds for one (median of 41), and the largest difference of a
probability from torch's. ``torch.compile`` is measured if there is a C++ compiler.
"""

import argparse
import statistics
import time
import warnings
from collections.abc import Callable

import numpy as np
import torch

from fashion_core.data import load_dataset
from fashion_core.models.base import images_to_tensor
from fashion_core.models.inference import INFERENCE_BATCH_SIZE
from fashion_core.models.registry import build_classifier
from fashion_core.models.torch_classifier import TorchClassifier
from fashion_core.models.trained_network import TrainedNetwork
from fashion_core.runs.store import RunStore

ForwardFunction = Callable[[torch.Tensor], torch.Tensor]
Predict = Callable[[np.ndarray], np.ndarray]
N_LATENCY_IMAGES = 41
WITH_VIEWS, SINGLE = "test-time augmentation, ONNX Runtime (as shipped)", "single view, ONNX Runtime"


def predict_in_batches(network: ForwardFunction, size: int) -> Predict:
    """Probabilities float32 [n, 10] of uint8 [n, 28, 28], ``size`` images at a time."""

    def predict(images: np.ndarray) -> np.ndarray:
        rows = []
        with torch.inference_mode():
            for start in range(0, len(images), size):
                z = network(images_to_tensor(images[start : start + size])).float()
                rows.append(z.softmax(dim=1).numpy())
        return np.concatenate(rows)

    return predict


def with_bfloat16(network: ForwardFunction) -> ForwardFunction:
    """Under autocast."""

    def forward(x: torch.Tensor) -> torch.Tensor:
        with torch.autocast("cpu", torch.bfloat16):
            return network(x)

    return forward


def main() -> None:
    """Print a line per way, and the cost of test-time augmentation."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", default="improved_cnn")
    parser.add_argument("--images", type=int, default=10000)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    store = RunStore()
    run = store.get(args.run)
    augmented = store.load_classifier(run)
    if not isinstance(augmented, TrainedNetwork) or run.record is None:
        raise SystemExit("Choose the run of a network.")
    in_torch = build_classifier(run.record.config, len(run.record.data.classes))
    assert isinstance(in_torch, TorchClassifier)
    in_torch.load_state_dict(augmented.state_dict())
    dataset = load_dataset()
    images = dataset.split("test").images[: args.images]
    network = in_torch.network
    single = augmented.without_augmentation()
    by_torch = in_torch.without_augmentation().predict_proba
    ways: dict[str, Predict] = {
        WITH_VIEWS: augmented.predict_proba,
        SINGLE: single.predict_proba,
        f"single view, torch, batches of {INFERENCE_BATCH_SIZE}": by_torch,
        "single view, torch, batches of 500": predict_in_batches(network, 500),
        "single view, torch in bfloat16": predict_in_batches(with_bfloat16(network), 100),
        "single view, torch.compile": predict_in_batches(torch.compile(network, dynamic=True), 100),
    }
    n_views = augmented.count_views(images)
    print(f"{args.run} on {len(images):,} test images of {dataset.title}, {torch.get_num_threads()} threads")
    print(f"{(n_views > 1).mean():.1%} get a second view, {n_views.mean():.3f} views an image")
    seconds = measure_in_turn(ways, images, args.rounds)
    reference = by_torch(images)
    for name, times in seconds.items():
        difference = float(np.abs(ways[name](images) - reference).max())
        one = statistics.median(_timed(ways[name], images[i : i + 1]) for i in range(N_LATENCY_IMAGES))
        apart = "" if name == WITH_VIEWS else f", at most {difference:.1e} from torch"
        print(f"{name}: {statistics.median(times):.2f} s, one image {1000 * one:.1f} ms{apart}", flush=True)
    ratio = statistics.median(a / b for a, b in zip(seconds[WITH_VIEWS], seconds[SINGLE], strict=True))
    print(f"test-time augmentation takes {ratio:.2f} times the time of a single view (median of the rounds)")


def measure_in_turn(ways: dict[str, Predict], images: np.ndarray, rounds: int) -> dict[str, list[float]]:
    """Seconds of each way in each round; a way that this machine does not have is named and left out."""
    seconds: dict[str, list[float]] = {}
    for name, predict in ways.items():
        try:
            predict(images[:200])
            seconds[name] = []
        except RuntimeError as error:
            print(f"{name}: not measured ({str(error).splitlines()[0][:120]})")
    for _ in range(rounds):
        for name, times in seconds.items():
            times.append(_timed(ways[name], images))
    return seconds


def _timed(predict: Predict, images: np.ndarray) -> float:
    start = time.perf_counter()
    predict(images)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
