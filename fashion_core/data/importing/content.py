"""The pictures of a source, prepared: what an import writes."""

from dataclasses import dataclass, field

import numpy as np

from fashion_core.data.importing.report import Pair


@dataclass(frozen=True)
class ImportedContent:
    """``n`` prepared pictures: ``images`` uint8 [n, 28, 28]; ``views`` uint8 [n, v, 28, 28], None where v is 1;
    ``digests`` uint8 [n, 16] and ``looks`` uint8 [n, 192], by which duplicates are found; ``names`` in the source.

    ``labels`` uint8 [n] number ``classes``; ``splits`` uint8 [n]: those that the source brings, ``NO_SPLIT`` where it
    brings none; ``groups`` int32 [n]. ``has_files``: whether the pictures were written as files. ``kinds``: number of
    pictures prepared as each kind. ``found``: what the report lists, by its field.
    """

    images: np.ndarray
    views: np.ndarray | None
    digests: np.ndarray
    looks: np.ndarray
    names: list[str]
    classes: tuple[str, ...]
    labels: np.ndarray
    splits: np.ndarray
    groups: np.ndarray
    has_files: bool
    kinds: tuple[tuple[str, int], ...] = ()
    found: dict[str, list[Pair]] = field(default_factory=dict)
