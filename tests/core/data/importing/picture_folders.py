"""Folders and zips of small pictures that can be told apart, each drawn at random."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import Image


def picture(seed: int, suffix: str = "png") -> bytes:
    """A picture on white of 64 x 48 pixels, another one for each seed."""
    rng = np.random.default_rng(seed)
    pixels = np.full((64, 48, 3), 255, np.uint8)
    for _ in range(4):
        top, left = rng.integers(4, 40), rng.integers(4, 28)
        pixels[top : top + rng.integers(8, 20), left : left + rng.integers(8, 16)] = rng.integers(0, 200, 3)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG" if suffix in ("jpg", "jpeg") else suffix.upper())
    return buffer.getvalue()


def write_files(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Write ``files`` below ``folder``, by path."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def class_files(counts: Mapping[str, int], prefix: str = "", seed: int = 0) -> dict[str, bytes]:
    """``counts`` pictures in a folder for each class, by path."""
    files = {}
    for name, n in counts.items():
        for i in range(n):
            seed += 1
            files[f"{prefix}{name}/{i}.png"] = picture(seed)
    return files


def zip_files(path: Path, files: Mapping[str, bytes]) -> Path:
    """Write a zip with ``files``, by path."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path
