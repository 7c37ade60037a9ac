"""This project's training loop against the loop of the tutorials, in turn: images per second on the same network."""

import dataclasses
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from fashion_core.config.train_config import TrainConfig
from fashion_core.data import Dataset, Split
from fashion_core.data.dataset import PartName
from fashion_core.models import registry
from fashion_core.models.base import PIXEL_MEAN, PIXEL_STD
from fashion_core.models.torch_classifier import TorchClassifier
from fashion_core.training.loop import create_trainer

if TYPE_CHECKING:
    import torch

# per round, so that one takes seconds on two cores; the same for both loops
IMAGES_PER_ROUND = {"mlp": 20000, "improved_cnn": 5000}
MATRIX_SIDE = 2048  # of the square matrices whose product measures the processor's peak


@dataclass(frozen=True)
class TrainingSpeedComparison:
    """Images per second, medians over the rounds.

    ``own_loop`` and ``tutorial_loop`` do the same work: Adam, no augmentation; ``own_loop_with_preset`` uses the
    model's preset. ``ratio`` is the median of ``ratios``, own over tutorial in each round. ``peak_fraction``: the
    multiply-adds of ``own_loop``, as a fraction of what a large matrix product reaches here in ``dtype``.
    """

    own_loop: float
    tutorial_loop: float
    own_loop_with_preset: float
    ratio: float
    ratios: tuple[float, ...]
    peak_fraction: float
    dtype: str


class DatasetSubset(Dataset):
    """The first ``n`` published training images of another data set."""

    def __init__(self, whole: Dataset, n: int) -> None:
        self.whole, self.n = whole, n
        self.name, self.source, self.title = whole.name, whole.source, whole.title
        self.fingerprint, self.folder, self.classes = whole.fingerprint, whole.folder, whole.classes

    def read_part(self, part: PartName) -> tuple[np.ndarray, np.ndarray]:
        images, labels = self.whole.published_train_arrays if part == "train" else self.whole.published_test_arrays
        return images[: self.n], labels[: self.n]


def compare_training_speed_to_tutorial(model: str, dataset: Dataset, *, rounds: int = 5) -> TrainingSpeedComparison:
    """Train ``rounds`` times with each loop in turn, after one round to warm up."""
    part = DatasetSubset(dataset, IMAGES_PER_ROUND[model])
    quick = registry.get_model_spec(model).presets["quick"]
    plain = TrainConfig(
        model, rounds + 1, batch_size=quick.batch_size, ghost_batches=quick.ghost_batches, pooling=quick.pooling
    )
    preset = dataclasses.replace(quick, epochs=rounds + 1, low_resolution_share=0.0)
    loops = (
        _run_own_loop(plain, part),
        tutorial_loop_images_per_second(_build(plain, len(dataset.classes)), plain, part.split("train")),
        _run_own_loop(preset, part),
    )
    speeds = [[next(loop) for loop in loops] for _ in range(rounds + 1)][1:]
    own, tutorial, with_preset = (statistics.median(column) for column in zip(*speeds, strict=True))
    ratios = tuple(row[0] / row[1] for row in speeds)
    peak = fraction_of_matmul_peak(plain, own, len(dataset.classes))
    return TrainingSpeedComparison(
        own,
        tutorial,
        with_preset,
        statistics.median(ratios),
        ratios,
        *peak,
    )


def fraction_of_matmul_peak(config: TrainConfig, images_per_second: float, n_classes: int) -> tuple[float, str]:
    """The speed of a training as a fraction of a large matrix product's on this machine, and the dtype of both."""
    bfloat16 = registry.uses_bfloat16(config.model, registry.select_device())
    # backward computes each product of forward twice: for the weights and for the inputs
    operations = 3 * 2 * _build(config, n_classes).multiply_adds
    return images_per_second * operations / measure_matmul_peak(
        bfloat16=bfloat16
    ), "bfloat16" if bfloat16 else "float32"


def _build(config: TrainConfig, n_classes: int) -> TorchClassifier:
    classifier = registry.build_classifier(config, n_classes)
    assert isinstance(classifier, TorchClassifier)
    return classifier


def _run_own_loop(config: TrainConfig, dataset: Dataset) -> Iterator[float]:
    for result in create_trainer(config, dataset).train_epochs():
        yield result.images_per_second


def tutorial_loop_images_per_second(classifier: TorchClassifier, config: TrainConfig, split: Split) -> Iterator[float]:
    """Train ``classifier`` like the tutorials: torchvision's PIL images, ``Dataset``, ``DataLoader``, float32, Adam.

    Yields images per second after each pass over ``split``, without end.
    """
    import torch
    from torch.nn import functional
    from torch.utils.data import DataLoader

    device = registry.select_device()
    network = classifier.network.to(device, memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    optimizer = torch.optim.Adam(network.parameters(), lr=config.learning_rate)
    loader: Any = DataLoader(tutorial_dataset(split), batch_size=config.batch_size, shuffle=True)
    while True:
        network.train()
        start, n_images = time.perf_counter(), 0
        for x, y in loader:
            optimizer.zero_grad()
            loss = functional.cross_entropy(network(x.to(device)), y.to(device))
            loss.backward()
            optimizer.step()
            loss.item()
            n_images += len(y)
        seconds = time.perf_counter() - start
        network.eval()
        yield n_images / seconds


def tutorial_dataset(split: Split) -> Any:
    """A torch ``Dataset`` that does what torchvision's ``FashionMNIST`` does with ``ToTensor`` and ``Normalize``.

    Each image becomes a PIL image, and that a normalised tensor float32 [1, 28, 28]. torchvision itself cannot be
    imported beside a torch that is built without CUDA.
    """
    import torch
    from PIL import Image
    from torch.utils.data import Dataset as TorchDataset

    class Pictures(TorchDataset[tuple["torch.Tensor", int]]):
        data = torch.from_numpy(np.array(split.images))
        targets = torch.from_numpy(split.labels.astype(np.int64))

        def __len__(self) -> int:
            return len(self.data)

        def __getitem__(self, index: int) -> tuple["torch.Tensor", int]:
            image = Image.fromarray(self.data[index].numpy())
            pixels = torch.from_numpy(np.array(image, np.uint8, copy=True))
            pixels = pixels.view(image.size[1], image.size[0], len(image.getbands())).permute((2, 0, 1)).contiguous()
            tensor = pixels.to(torch.get_default_dtype()).div(255).clone()
            mean, std = (torch.as_tensor([value], dtype=tensor.dtype) for value in (PIXEL_MEAN, PIXEL_STD))
            if (std == 0).any():
                raise ValueError("the standard deviation is 0")
            return tensor.sub_(mean.view(-1, 1, 1)).div_(std.view(-1, 1, 1)), int(self.targets[index])

    return Pictures()


def measure_matmul_peak(*, bfloat16: bool, seconds: float = 1.5) -> float:
    """Operations per second (a multiply-add is two) of the fastest of several large matrix products."""
    import torch

    kind = torch.bfloat16 if bfloat16 else torch.float32
    device = registry.select_device()
    drawn = (torch.randn(MATRIX_SIDE, MATRIX_SIDE, generator=torch.Generator().manual_seed(n)) for n in (0, 1))
    a, b = (matrix.to(device, kind) for matrix in drawn)
    # reading a value waits for the product
    return 2 * MATRIX_SIDE**3 / _fastest(lambda: (a @ b)[0, 0].item(), seconds)


def _fastest(work: Callable[[], object], seconds: float) -> float:
    work()
    times: list[float] = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or not times:
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return min(times)
