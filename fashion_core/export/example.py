"""Classify pictures with the network in this folder: ``python predict.py PICTURE ...``.

Needs onnxruntime, Pillow and numpy. Prints class, probability and ``automatic`` or, below the threshold in card.json,
``check``: a person should look. The garment is what differs from the corners' colour. PREPARATION_COST
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image, ImageOps


def prepare(path: str | Path, kind: str) -> np.ndarray:
    """The picture as uint8 [28, 28], light on black; ``kind`` letterbox: as a whole."""
    picture = ImageOps.exif_transpose(Image.open(path)).convert("RGBA")
    picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")
    if picture.size == (28, 28) and kind != "letterbox":  # an image of Fashion-MNIST
        return np.asarray(picture.convert("L"))
    picture.thumbnail((144, 144))
    rgb = np.asarray(picture, np.float32)
    light = 255 - rgb @ np.array([0.299, 0.587, 0.114], np.float32)
    corners = np.median(rgb[[0, 0, -1, -1], [0, -1, 0, -1]], axis=0)
    garment = np.abs(rgb - corners).max(axis=2) > 0.05 * 255
    whole = light if corners.mean() > 127 else 255 - light
    light = whole if kind == "letterbox" else np.where(garment, np.clip(light, 8, 255), 0)
    image = Image.fromarray(np.rint(light).astype(np.uint8))
    image = image if kind == "letterbox" else image.crop(image.getbbox())
    return np.asarray(ImageOps.pad(image, (28, 28), Image.Resampling.BOX, 0))


def predict(images: np.ndarray, session: onnxruntime.InferenceSession, card: dict) -> np.ndarray:
    """Calibrated class probabilities [n, classes] of images uint8 [n, 28, 28]; unsure ones are mirrored too."""
    views = card["test_time_augmentation"]
    scores = session.run(["logits"], {"images": images})[0]
    second, first = np.sort(scores)[:, -2:].T
    unsure = views["mirror"] & (1 / (1 + np.exp(second - first)) <= views["single_view_confidence"])
    if unsure.any():
        mirrored = np.ascontiguousarray(images[unsure][:, :, ::-1])
        scores[unsure] = (scores[unsure] + session.run(["logits"], {"images": mirrored})[0]) / 2
    odds = np.exp(scores - scores.max(axis=1, keepdims=True))
    odds = np.maximum(odds / odds.sum(axis=1, keepdims=True), 1e-7) ** (1 / card["temperature"])
    return odds / odds.sum(axis=1, keepdims=True)


if __name__ == "__main__":
    card = json.loads(Path(__file__).with_name("card.json").read_text(encoding="utf-8"))
    session = onnxruntime.InferenceSession(Path(__file__).with_name("model.onnx"))
    for path in sys.argv[1:]:
        odds = predict(prepare(path, card["preparation"]["kind"])[None], session, card)[0]
        second, first = np.sort(odds)[-2:]
        automatic = card["threshold"] is not None and first / (first + second) >= card["threshold"]
        print(path, card["classes"][odds.argmax()], f"{first:.6f}", "automatic" if automatic else "check", sep="\t")
