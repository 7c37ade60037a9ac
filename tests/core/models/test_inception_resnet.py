import torch

from fashion_core.models.inception_resnet import InceptionResNetBlock, Reduction


def test_the_mean_may_be_taken_after_the_convolution_as_well_as_before_as_inception_v4_does() -> None:
    block = InceptionResNetBlock(16, 0.3, "average")
    convolve, pool = block.branch_pool
    x = torch.randn(2, 16, 7, 7, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(block.branch_pool(x), convolve(pool(x)))


def test_the_maximum_is_taken_before_the_convolution_as_networks_of_earlier_versions_learnt_it() -> None:
    block = InceptionResNetBlock(16, 0.3, "max")
    x = torch.randn(2, 16, 7, 7, generator=torch.Generator().manual_seed(0))
    expected = block.branch_pool[1](torch.nn.functional.max_pool2d(x, 3, 1, padding=1))
    torch.testing.assert_close(block.branch_pool(x), expected)


def test_pixels_beyond_the_border_do_not_count() -> None:
    ones = torch.ones(1, 4, 5, 5)
    assert (InceptionResNetBlock(16, 0.3, "average").branch_pool[1](ones) == 1).all()
    assert (Reduction(4, 8).pool(-ones) == -1).all()
