"""Near duplicates are found and grouped, and neighbours looked up, as by comparing everything with everything."""

import io
import tracemalloc

import numpy as np
from PIL import Image, ImageEnhance

from fashion_core.data.importing.duplicates import group_near_duplicates, near_duplicate_pairs, nearest_pictures
from fashion_core.data.importing.prepare import prepare_content
from tests.core.data.importing.picture_folders import picture


def looks_of(*contents: bytes) -> np.ndarray:
    return np.stack([prepare_content(content).look for content in contents])


def altered(content: bytes, *, scale: float = 1, brightness: float = 1) -> bytes:
    resized = Image.open(io.BytesIO(content)).resize((int(48 * scale), int(64 * scale)))
    image = ImageEnhance.Brightness(resized).enhance(brightness)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=70)
    return buffer.getvalue()


def test_a_picture_saved_again_resized_or_darker_is_a_near_duplicate_and_others_are_not() -> None:
    pictures = [picture(seed) for seed in range(40)]
    copies = [altered(pictures[0]), altered(pictures[1], scale=2), altered(pictures[2], brightness=0.96)]
    pairs = np.concatenate(list(near_duplicate_pairs(looks_of(*pictures, *copies))))
    assert {tuple(pair) for pair in pairs.tolist()} == {(40, 0), (41, 1), (42, 2)}
    assert len(np.concatenate(list(near_duplicate_pairs(looks_of(*pictures, *copies), 2)))) == 2


def test_groups_that_share_near_duplicates_become_one() -> None:
    first, second = picture(0), picture(1)
    looks = looks_of(first, second, altered(first), picture(2), altered(second), picture(3))
    groups, pairs = group_near_duplicates(looks, np.array([5, 6, 7, 7, 8, 9]))
    assert pairs.tolist() == [[2, 0], [4, 1]]
    assert groups.dtype == np.int32
    assert len(set(groups.tolist())) == 3
    assert groups[0] == groups[2] == groups[3]
    assert groups[1] == groups[4]


def test_pictures_of_a_still_camera_are_one_group_and_take_little_memory() -> None:
    looks = (np.arange(192) + np.random.default_rng(0).integers(0, 2, (1500, 192))).astype(np.uint8)
    tracemalloc.start()
    groups, pairs = group_near_duplicates(looks, np.arange(1500))
    assert tracemalloc.get_traced_memory()[1] < 1e8
    tracemalloc.stop()
    assert set(groups.tolist()) == {0}
    assert pairs.tolist() == [[row, 0] for row in range(1, 1500)]


def test_the_nearest_labels_leave_out_the_own_group() -> None:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (60, 28, 28), dtype=np.uint8)
    images[30:] = np.clip(images[:30].astype(int) + rng.integers(-9, 9, (30, 28, 28)), 0, 255)
    labels = np.arange(60, dtype=np.uint8)
    nearest = labels[nearest_pictures(images, np.arange(60))]
    assert all(labels[(i + 30) % 60] in nearest[i] for i in range(60))
    grouped = labels[nearest_pictures(images, np.arange(60) % 30)]
    assert not any(labels[(i + 30) % 60] in grouped[i] for i in range(60))
