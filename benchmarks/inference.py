"""Ways to answer with the improved CNN: ``python -m benchmarks.inference [--run improved_cnn] [--images 10000]``.

Each way answers the test images (stand-in pictures where Fashion-MNIST is not there) and one image alone: as shipped,
with more looks when unsure, then with one look each. Prints seconds for all of them (median of three), milliseconds for
one (median of 41), and how far the probabilities are at most from those of the shipped way with one look. ONNX Runtime
is measured where ``onnxruntime``, ``onnx`` and ``onnxscript`` are installed, ``torch.compile`` where there is a C++
compiler.
"""

import argparse
import copy
import importlib
import io
import statistics
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch.fx.experimental import optimization

from fashion_core.data import load
from fashion_core.models.base import PREDICT_BATCH, TorchClassifier, to_tensor
from fashion_core.runs.store import RunStore

Network = Callable[[torch.Tensor], torch.Tensor]
LATENCIES = 41


def batched(network: Network, size: int) -> Callable[[np.ndarray], np.ndarray]:
    """Probabilities float32 [n, 10] of uint8 [n, 28, 28], ``size`` images at a time."""

    def answer(images: np.ndarray) -> np.ndarray:
        rows = []
        with torch.inference_mode():
            for start in range(0, len(images), size):
                z = network(to_tensor(images[start : start + size])).float()
                rows.append(z.softmax(dim=1).numpy())
        return np.concatenate(rows)

    return answer


def bfloat16(network: Network) -> Network:
    """Under autocast."""

    def forward(x: torch.Tensor) -> torch.Tensor:
        with torch.autocast("cpu", torch.bfloat16):
            return network(x)

    return forward


def onnx_runtime(network: torch.nn.Module) -> Network:
    """Exported with a batch of any size."""
    runtime: Any = importlib.import_module("onnxruntime")
    plain = copy.deepcopy(network).to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    shapes = ({0: torch.export.Dim("n")},)
    program = torch.onnx.export(plain, (torch.zeros(2, 1, 28, 28),), dynamo=True, dynamic_shapes=shapes, verbose=False)
    assert program is not None
    buffer = io.BytesIO()
    program.save(buffer)
    options = runtime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    session = runtime.InferenceSession(buffer.getvalue(), options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda x: torch.from_numpy(session.run(None, {name: x.contiguous().numpy()})[0])


def main() -> None:
    """Print a line a way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", default="improved_cnn")
    parser.add_argument("--images", type=int, default=10000)
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    store = RunStore()
    classifier = store.classifier(store.get(args.run))
    if not isinstance(classifier, TorchClassifier):
        raise SystemExit("Choose the run of a network.")
    dataset = load()
    images = dataset.split("test").images[: args.images]
    network = classifier.network.eval()
    once = TorchClassifier(network)
    threads = torch.get_num_threads()
    ways: dict[str, Callable[[], Callable[[np.ndarray], np.ndarray]]] = {
        "as shipped": lambda: classifier.predict_proba,
        f"one look (batches of {PREDICT_BATCH} on two threads)": lambda: once.predict_proba,
        "the same, batch norm folded (torch.fx)": lambda: TorchClassifier(optimization.fuse(network)).predict_proba,
        "batches of 500": lambda: batched(network, 500),
        "batches of 50": lambda: batched(network, 50),
        "bfloat16": lambda: batched(bfloat16(network), 100),
        "torch.compile": lambda: batched(torch.compile(network, dynamic=True), 100),
        "ONNX Runtime": lambda: batched(onnx_runtime(network), 100),
    }
    looks = classifier.looks(images).mean()
    print(f"{args.run} on {len(images):,} test images of {dataset.title}, {looks:.2f} looks an image")
    print(f"{threads} threads, torch {torch.__version__}")
    reference = once.predict_proba(images)
    for name, make in ways.items():
        torch.set_num_threads(threads)
        try:
            answer = make()
            answer(images[:200])
        except (ImportError, RuntimeError) as error:  # a way that this machine does not have is told and left out
            print(f"{name}: not measured ({type(error).__name__}: {str(error).splitlines()[0][:120]})")
            continue
        seconds = statistics.median(_timed(answer, images)[0] for _ in range(3))
        far = float(np.abs(answer(images) - reference).max())
        one = statistics.median(_timed(answer, images[i : i + 1])[0] for i in range(LATENCIES))
        print(
            f"{name}: {seconds:.2f} s, one image {1000 * one:.1f} ms, at most {far:.1e} from one look as shipped",
            flush=True,
        )


def _timed(answer: Callable[[np.ndarray], np.ndarray], images: np.ndarray) -> tuple[float, np.ndarray]:
    start = time.perf_counter()
    found = answer(images)
    return time.perf_counter() - start, found


if __name__ == "__main__":
    main()
