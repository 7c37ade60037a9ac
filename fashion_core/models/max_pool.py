"""Max pooling of bfloat16 on the CPU, with windows of 3x3 pixels and a border of 1.

torch stores an int64 index with each value, four times the size of the value; here it is one byte. The smaller memory
traffic shortens an optimizer step of the improved CNN by an eighth.
"""

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
import torch

WINDOW = 3


def jit_with_cache(signature: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Let numba compile a function now, and cache it on disk for the next process."""

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        try:
            compiled: Callable[..., None] = numba.njit(signature, nogil=True, cache=True)(function)
        except RuntimeError:  # no folder is writable: each process compiles it, in two seconds
            compiled = numba.njit(signature, nogil=True)(function)
        return compiled

    return decorate


class MaxPoolBFloat16(torch.autograd.Function):
    """``functional.max_pool2d(x, 3, stride, padding=1)`` for bfloat16 [n, c, h, w] on the CPU.

    It equals torch's, also in which pixel gets the gradient: the first of the largest. Gradients of overlapping windows
    are summed in float32 and rounded once, where torch rounds after each. A NaN with a negative sign counts as less
    than every number, where torch propagates it.
    """

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, stride: int) -> torch.Tensor:
        n, c, h, w = x.shape
        out = _empty((n, c, (h - 1) // stride + 1, (w - 1) // stride + 1))
        positions = np.empty((n, *out.shape[2:], c), np.uint8)
        _forward(_channels_last(x, torch.int16), stride, _channels_last(out, torch.int16), positions)
        ctx.shape, ctx.stride, ctx.positions = x.shape, stride, positions
        return out

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor, None]:
        out = _empty(ctx.shape)
        bits = _channels_last(gradients[0], torch.uint16)
        _backward(bits, ctx.positions, ctx.stride, _channels_last(out, torch.uint16))
        return out, None


def _empty(shape: tuple[int, ...]) -> torch.Tensor:
    return torch.empty(shape, dtype=torch.bfloat16, memory_format=torch.channels_last)


def _channels_last(x: torch.Tensor, bits: torch.dtype) -> np.ndarray:
    """bfloat16 [n, c, h, w] -> its bits [n, h, w, c], without a copy if the memory format is channels last."""
    return x.contiguous(memory_format=torch.channels_last).permute(0, 2, 3, 1).view(bits).numpy()


@numba.njit
def _ordered(bits: np.int16) -> np.int16:
    """Bits of a bfloat16 -> an integer that is larger for a larger number, and the same for both zeros."""
    sign = bits >> np.int16(15)  # 0 or -1, which is all ones
    return ((bits & np.int16(0x7FFF)) ^ sign) - sign


@numba.njit
def _bits(ordered: np.int16) -> np.int16:
    """The inverse of ``_ordered``."""
    sign = ordered >> np.int16(15)
    return ((ordered ^ sign) - sign) | (sign & np.int16(-0x8000))


@numba.njit
def _larger(best: np.int16, at: np.int16, other: np.int16, other_at: np.int16) -> tuple[np.int16, np.int16]:
    return (other, other_at) if other > best else (best, at)


@jit_with_cache("void(int16[:,:,:,::1], int64, int16[:,:,:,::1], uint8[:,:,:,::1])")
def _forward(x: np.ndarray, stride: int, out: np.ndarray, positions: np.ndarray) -> None:
    """``x`` int16 [n, h, w, c] -> maxima ``out`` and their ``positions`` in the window, uint8, both [n, h', w', c].

    Beyond the border, a window repeats the pixel at the border, which changes no maximum.
    """
    n, h, w, c = x.shape
    values = np.empty((h, w, c), np.int16)
    for i in range(n):
        for row in range(h):
            for column in range(w):
                for k in range(c):
                    values[row, column, k] = _ordered(x[i, row, column, k])
        for row in range(out.shape[1]):
            top, middle, bottom = max(row * stride - 1, 0), row * stride, min(row * stride + 1, h - 1)
            for column in range(out.shape[2]):
                left, centre, right = max(column * stride - 1, 0), column * stride, min(column * stride + 1, w - 1)
                x0, x1, x2 = values[top, left], values[top, centre], values[top, right]
                x3, x4, x5 = values[middle, left], values[middle, centre], values[middle, right]
                x6, x7, x8 = values[bottom, left], values[bottom, centre], values[bottom, right]
                maxima, position = out[i, row, column], positions[i, row, column]
                for k in range(c):
                    best, at = x0[k], np.int16(0)
                    # written out, because only an innermost loop over the channels is vectorised
                    best, at = _larger(best, at, x1[k], np.int16(1))
                    best, at = _larger(best, at, x2[k], np.int16(2))
                    best, at = _larger(best, at, x3[k], np.int16(3))
                    best, at = _larger(best, at, x4[k], np.int16(4))
                    best, at = _larger(best, at, x5[k], np.int16(5))
                    best, at = _larger(best, at, x6[k], np.int16(6))
                    best, at = _larger(best, at, x7[k], np.int16(7))
                    best, at = _larger(best, at, x8[k], np.int16(8))
                    maxima[k], position[k] = _bits(best), at


@numba.njit
def _number(bits: np.uint16) -> np.float32:
    """Bits of a bfloat16, which are the upper half of a float32's -> the number."""
    return np.uint32(np.uint32(bits) << np.uint32(16)).view(np.float32)


@numba.njit
def _rounded(number: np.float32) -> np.uint16:
    """float32 -> bits of the nearest bfloat16, ties to even."""
    bits = np.float32(number).view(np.uint32)
    even = (bits >> np.uint32(16)) & np.uint32(1)
    return np.uint16((bits + np.uint32(0x7FFF) + even) >> np.uint32(16))


@jit_with_cache("void(uint16[:,:,:,::1], uint8[:,:,:,::1], int64, uint16[:,:,:,::1])")
def _backward(gradient: np.ndarray, positions: np.ndarray, stride: int, out: np.ndarray) -> None:
    """``gradient`` bfloat16 bits uint16 and ``positions`` uint8, both [n, h', w', c] -> ``out`` uint16 [n, h, w, c]."""
    n, h, w, c = out.shape
    sums = np.empty((h, w, c), np.float32)
    numbers = np.empty(c, np.float32)
    for i in range(n):
        sums[:] = 0
        for row in range(gradient.shape[1]):
            for column in range(gradient.shape[2]):
                position = positions[i, row, column]
                for k in range(c):
                    numbers[k] = _number(gradient[i, row, column, k])
                for at in range(WINDOW * WINDOW):
                    y = min(max(row * stride + at // WINDOW - 1, 0), h - 1)
                    x = min(max(column * stride + at % WINDOW - 1, 0), w - 1)
                    pixel = sums[y, x]
                    for k in range(c):
                        pixel[k] += numbers[k] if position[k] == at else np.float32(0)
        for y in range(h):
            for x in range(w):
                for k in range(c):
                    out[i, y, x, k] = _rounded(sums[y, x, k])
