import pytest
import torch
from torch import nn

from fashion_core.models.layers import GlobalAveragePool2d


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_the_average_is_torch_s_and_its_gradient_lies_as_the_values_do(layout: torch.memory_format) -> None:
    x = torch.randn(4, 48, 7, 7, generator=torch.Generator().manual_seed(0)).contiguous(memory_format=layout)
    x.requires_grad_()
    average = GlobalAveragePool2d()(x)
    torch.testing.assert_close(average, nn.AdaptiveAvgPool2d(1)(x).flatten(1))
    (gradient,) = torch.autograd.grad(average.sum(), x)
    torch.testing.assert_close(gradient, torch.full_like(x, 1 / 49))
    assert gradient.is_contiguous(memory_format=torch.channels_last)
