"""Our max pooling of bfloat16 gives what torch's gives, and its gradient what torch's gives in float32."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numba
import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from fashion_core.models import max_pool
from fashion_core.models.layers import GlobalAveragePool2d, MaxPool3x3

SHAPES = [(3, 64, 14, 14), (2, 192, 7, 7), (2, 24, 28, 28), (1, 5, 1, 1), (2, 3, 2, 9), (1, 1, 5, 4)]


def every_number(shape: tuple[int, ...], seed: int) -> torch.Tensor:
    """bfloat16 drawn from all finite bit patterns: signs, zeros and subnormal numbers included."""
    bits = torch.randint(-(2**15), 2**15, shape, generator=torch.Generator().manual_seed(seed), dtype=torch.int16)
    return torch.nan_to_num(bits.view(torch.bfloat16), 1.0, 2.0, -2.0)


def activations(shape: tuple[int, ...], seed: int) -> torch.Tensor:
    """Like the outputs of a ReLU: many zeros, and few different numbers, so that windows have several largest."""
    x = torch.randn(shape, generator=torch.Generator().manual_seed(seed)).mul(4).round().div(4)
    return x.relu().bfloat16()


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("draw", [every_number, activations])
def test_maxima_are_torch_s_and_the_gradient_is_float32_s_rounded(
    draw: object, shape: tuple[int, ...], stride: int
) -> None:
    x = draw(shape, 0).requires_grad_()  # type: ignore[operator]
    pooled = MaxPool3x3(stride)(x)
    exact = x.detach().float().requires_grad_()
    expected = functional.max_pool2d(exact, 3, stride, padding=1)
    assert torch.equal(pooled.float(), expected)
    # whole eighths, whose sums float32 holds exactly in any order
    gradient = torch.randint(-99, 99, pooled.shape, generator=torch.Generator().manual_seed(1)).div(8)
    pooled.backward(gradient.bfloat16())
    expected.backward(gradient)
    assert x.grad is not None
    assert exact.grad is not None
    assert torch.equal(x.grad, exact.grad.bfloat16())


def test_memory_may_lie_in_any_order_and_the_result_s_channels_lie_last() -> None:
    x = activations((2, 24, 28, 28), 0)
    last = x.contiguous(memory_format=torch.channels_last)
    pooled = MaxPool3x3(2)(last)
    assert torch.equal(pooled, MaxPool3x3(2)(x))
    assert pooled.is_contiguous(memory_format=torch.channels_last)


def test_two_threads_at_once_give_the_same_bits() -> None:
    inputs = [activations((40, 64, 14, 14), seed) for seed in range(8)]

    def both(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        x = x.clone().requires_grad_()
        pooled = MaxPool3x3(1)(x)
        return pooled, torch.autograd.grad(pooled, x, x.detach())[0]

    with ThreadPoolExecutor(2) as pool:
        for (a, a_gradient), (b, b_gradient) in zip(pool.map(both, inputs), map(both, inputs), strict=True):
            assert torch.equal(a, b)
            assert torch.equal(a_gradient, b_gradient)


def test_a_positive_nan_is_passed_on() -> None:
    x = activations((1, 8, 7, 7), 0)
    x[0, 3, 2, 2] = float("nan")
    pooled = MaxPool3x3(1)(x)
    assert pooled[0, 3, 1:4, 1:4].isnan().all()
    assert pooled.isnan().sum() == 9


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_the_average_is_torch_s_and_its_gradient_lies_as_the_values_do(layout: torch.memory_format) -> None:
    x = torch.randn(4, 48, 7, 7, generator=torch.Generator().manual_seed(0)).contiguous(memory_format=layout)
    x.requires_grad_()
    average = GlobalAveragePool2d()(x)
    torch.testing.assert_close(average, nn.AdaptiveAvgPool2d(1)(x).flatten(1))
    (gradient,) = torch.autograd.grad(average.sum(), x)
    torch.testing.assert_close(gradient, torch.full_like(x, 1 / 49))
    assert gradient.is_contiguous(memory_format=torch.channels_last)


def test_where_no_folder_can_be_written_it_is_compiled_without(monkeypatch: pytest.MonkeyPatch) -> None:
    njit = numba.njit

    def unwritable(signature: str, *, cache: bool = False, **options: Any) -> Callable[..., Callable[..., None]]:
        def compiled(function: Callable[..., None]) -> Callable[..., None]:
            if cache:
                raise RuntimeError("cannot cache function: no locator available")  # as numba has it
            done: Callable[..., None] = njit(signature, **options)(function)
            return done

        return compiled

    monkeypatch.setattr(numba, "njit", unwritable)
    filled = np.zeros(2, np.int64)

    def fill(array: np.ndarray) -> None:
        array[:] = 3

    max_pool.jit_with_cache("void(int64[::1])")(fill)(filled)
    assert (filled == 3).all()
