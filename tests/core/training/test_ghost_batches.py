"""Gradients in parts, beside the same sums made by hand."""

import copy
from collections.abc import Iterator
from functools import partial

import pytest
import torch
from torch import nn
from torch.nn import functional

from fashion_core.errors import ConfigError
from fashion_core.training.distributed import ProcessGroup
from fashion_core.training.ghost_batches import GhostBatchGradients

LOSS = partial(functional.cross_entropy, reduction="sum")


@pytest.fixture
def two_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def network(*, normalised: bool = True) -> nn.Module:
    torch.manual_seed(0)
    middle = nn.BatchNorm2d(4) if normalised else nn.Identity()
    return nn.Sequential(nn.Conv2d(1, 4, 3, stride=9), middle, nn.ReLU(), nn.Flatten(), nn.Linear(36, 10))


def batch(n: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    return torch.randn(n, 1, 28, 28, generator=generator), torch.arange(n) % 10


@pytest.mark.usefixtures("two_threads")
def test_each_part_is_normalised_apart_and_the_gradients_add_up() -> None:
    x, y = batch(21)
    whole = network()
    by_hand = copy.deepcopy(whole).train()
    statistics = []
    for rows in torch.arange(21).tensor_split(3):
        (LOSS(by_hand(x[rows]), y[rows]) / 21).backward()
        statistics.append((by_hand[1].running_mean.clone(), by_hand[1].running_var.clone()))
        by_hand[1].reset_running_stats()
    with GhostBatchGradients(whole, 3, ProcessGroup()) as parts:
        rows, logits, loss = parts.compute_gradients(x, y, LOSS)
    assert rows.tolist() == list(range(21))
    assert loss == pytest.approx(float(LOSS(logits, y)) / 21, rel=1e-5)
    for mine, theirs in zip(whole.parameters(), by_hand.parameters(), strict=True):
        torch.testing.assert_close(mine.grad, theirs.grad)
    torch.testing.assert_close(whole[1].running_mean, torch.stack([m for m, _ in statistics]).mean(0))
    torch.testing.assert_close(whole[1].running_var, torch.stack([v for _, v in statistics]).mean(0))


def test_the_number_of_threads_does_not_change_a_bit(two_threads: None) -> None:
    x, y = batch(20)
    found = []
    for threads in (1, 2):
        torch.set_num_threads(threads)
        whole = network()
        with GhostBatchGradients(whole, 2, ProcessGroup()) as parts:
            for _ in range(3):
                parts.compute_gradients(x, y, LOSS)
        assert torch.get_num_threads() == threads
        assert not whole.training
        found.append([p.grad for p in whole.parameters()] + list(whole.buffers()))
    for one, two in zip(*found, strict=True):
        assert torch.equal(one, two)


@pytest.mark.usefixtures("two_threads")
def test_all_parts_follow_a_step_of_the_optimizer_and_start_without_gradients() -> None:
    x, y = batch(20)
    whole = network()
    optimizer = torch.optim.SGD(whole.parameters(), lr=0.1)
    losses = []
    with GhostBatchGradients(whole, 2, ProcessGroup()) as parts:
        for _ in range(20):
            losses.append(parts.compute_gradients(x, y, LOSS)[2])
            optimizer.step()
    assert losses[-1] < losses[0] / 2


@pytest.mark.usefixtures("two_threads")
def test_what_goes_wrong_in_a_thread_is_raised_and_the_threads_are_given_back() -> None:
    x, y = batch(20)

    def broken(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        raise MemoryError("no more")

    with pytest.raises(MemoryError, match="no more"), GhostBatchGradients(network(), 2, ProcessGroup()) as parts:
        parts.compute_gradients(x, y, broken)
    assert torch.get_num_threads() == 2


def test_processes_that_cannot_share_the_parts_are_told_what_to_do() -> None:
    with pytest.raises(ConfigError, match="set ghost_batches to a multiple of 3"):
        GhostBatchGradients(network(), 2, ProcessGroup(0, 3))


def test_a_network_without_normalisation_is_shared_by_any_number_of_processes() -> None:
    plain = network(normalised=False)
    assert len(GhostBatchGradients(plain, 4, ProcessGroup()).replicas) == 1
    assert len(GhostBatchGradients(plain, 1, ProcessGroup(1, 3)).replicas) == 1


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_recorded_pass_on_a_gpu_equals_one_on_the_cpu() -> None:
    batches = [batch(20), tuple(part.flip(0) for part in batch(20))]
    found = []
    for device in ("cpu", "cuda"):
        on_device = network().to(device)
        with GhostBatchGradients(on_device, 2, ProcessGroup()) as parts:
            losses = [parts.compute_gradients(x, y, LOSS)[2] for x, y in batches]
        state = {name: value.cpu() for name, value in on_device.state_dict().items()}
        found.append((losses, [p.grad.cpu() for p in on_device.parameters()], state))
    torch.testing.assert_close(found[0], found[1], rtol=1e-3, atol=1e-5)
