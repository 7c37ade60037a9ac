import numpy as np
import pytest

from fashion_core.analysis.class_images import compute_rms_distance_to_class_mean


def test_the_distance_to_the_mean_of_the_class_is_the_root_of_the_mean_square() -> None:
    images = np.zeros((3, 28, 28), np.uint8)
    images[1, :14], images[2] = 200, 255
    means = np.stack([np.full((28, 28), value, np.float32) for value in (100, 0)])
    distances = compute_rms_distance_to_class_mean(images, np.array([0, 1, 0]), means)
    assert distances.dtype == np.float32
    assert distances == pytest.approx([100, 200 * 0.5**0.5, 155])
