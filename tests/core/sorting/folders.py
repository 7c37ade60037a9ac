"""Folders of small pictures to sort."""

import csv
import os
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image


def write_pictures(folder: Path, n: int, seed: int = 0) -> dict[Path, bytes]:
    """``n`` different grey pictures of all brightnesses; their contents by path."""
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    contents = {}
    for number in range(n):
        pixels = np.zeros((28, 28), np.uint8)
        pixels[4:24, 4:24] = rng.integers(1, 250) + rng.integers(0, 6, (20, 20))
        path = folder / f"{number:03}.png"
        Image.fromarray(pixels).save(path)
        contents[path] = path.read_bytes()
    return contents


def files_below(folder: Path) -> dict[str, bytes]:
    """Content of every file that a user sees below ``folder``, by path in it, without the table."""
    return {
        os.fspath(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".") and path.name not in ("sorted.csv", "sorted.parquet")
    }


def read_table(folder: Path) -> list[dict[str, Any]]:
    """The rows of the table, as any CSV reader reads them."""
    with (folder / "sorted.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
