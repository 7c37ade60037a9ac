import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageOps

from fashion_core.data import FashionMNIST
from fashion_core.vision.kind import detect_picture_kind
from fashion_core.vision.preparation import PreparationOptions, prepare_picture
from fashion_core.vision.sample import find_sample

BICUBIC = Image.Resampling.BICUBIC


def as_jpeg(image: Image.Image) -> Image.Image:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=90)
    return Image.open(buffer)


SAVED: dict[str, Callable[[Image.Image], Image.Image]] = {
    "inverted": ImageOps.invert,
    "56, JPEG": lambda image: as_jpeg(image.resize((56, 56), BICUBIC)),
    "280": lambda image: image.resize((280, 280), BICUBIC),
    "280, inverted": lambda image: ImageOps.invert(image).resize((280, 280), BICUBIC),
    "280, in squares": lambda image: image.resize((280, 280), Image.Resampling.NEAREST),
    "48, margin of 8": lambda image: ImageOps.expand(image.resize((48, 48), BICUBIC), 8),
    "100, margin, inverted": lambda image: ImageOps.invert(ImageOps.expand(image.resize((100, 100), BICUBIC), 15)),
}


@pytest.mark.parametrize("way", SAVED)
def test_images_saved_in_other_ways_are_recovered(way: str, fashion_mnist: FashionMNIST) -> None:
    differences = []
    for image in fashion_mnist.split("test").images[:20]:
        picture = np.asarray(SAVED[way](Image.fromarray(image)).convert("RGB"))
        prepared = prepare_picture(picture)
        if prepared.kind == "sample":
            differences.append(np.abs(prepared.image.astype(int) - image).mean())
    assert len(differences) >= 18
    assert np.mean(differences) < 8  # of 255; cropped to the garment and resized, it was 13


def test_a_sharp_grey_picture_on_white_is_a_shop_picture() -> None:
    noise = np.random.default_rng(0).integers(40, 160, (200, 200), dtype=np.uint8)
    picture = np.full((280, 280), 255, np.uint8)
    picture[40:240, 40:240] = noise
    assert find_sample(picture) is None
    assert detect_picture_kind(np.repeat(picture[..., None], 3, axis=2))[0] == "shop"


def test_a_dot_is_no_sample() -> None:
    picture = np.zeros((64, 64), np.uint8)
    picture[30:33, 30:33] = 200
    assert find_sample(picture) is None


def test_an_inverted_sample_can_be_inverted_back(fashion_mnist: FashionMNIST) -> None:
    image = fashion_mnist.split("test").images[0]
    prepared = prepare_picture(255 - image, PreparationOptions("sample", invert=True))
    np.testing.assert_array_equal(prepared.image, 255 - image)
