"""Read and prepare the pictures of a listing, and write each as a small JPEG."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from fashion_core.data.catalogue import DIGEST_BYTES, PICTURES_FOLDER, picture_file_name
from fashion_core.data.importing.content import ImportedContent
from fashion_core.data.importing.prepare import CatalogueKind, PreparedFile, prepare_sources
from fashion_core.data.importing.sources import ImportItem, Listing
from fashion_core.data.importing.splits import NO_SPLIT
from fashion_core.errors import DataError, PictureError
from fashion_core.storage.files import make_folder, write_new_file


def read_pictures(
    listing: Listing, folder: Path, kind: CatalogueKind, report: Callable[[int], None] = lambda n: None
) -> ImportedContent:
    """Prepare the pictures of ``listing`` and write their JPEGs below ``folder``.

    A file that can't be read, and an exact duplicate of another in its class, is left out and reported. ``report``
    gets the number of files done. Raises ``DataError`` when no picture can be read, and ``StorageError``.
    """
    kept: list[tuple[ImportItem, PreparedFile]] = []
    first_item: dict[bytes, ImportItem] = {}
    found = listing.found
    pictures_folder = folder / PICTURES_FOLDER
    make_folder(pictures_folder)
    prepared_files = prepare_sources([item.source for item in listing.items], kind)
    for n, (item, prepared) in enumerate(zip(listing.items, prepared_files, strict=True), 1):
        report(n)
        if isinstance(prepared, PictureError):
            found["unreadable"].append((item.name, str(prepared)))
            continue
        first = first_item.setdefault(prepared.digest, item)
        if first is not item and first.class_name == item.class_name:
            found["exact_duplicates"].append((item.name, first.name))
            continue
        if first is not item:
            found["two_classes"].append((f"{item.name} ({item.class_name})", f"{first.name} ({first.class_name})"))
        write_new_file(pictures_folder / picture_file_name(len(kept)), prepared.jpeg)
        kept.append((item, replace(prepared, jpeg=b"")))  # thousands stay in memory
    if not kept:
        name, reason = found["unreadable"][0]
        raise DataError(f"No picture can be read. {name}: {reason}")
    return _collect(listing, kept)


def stack_views(views: Sequence[np.ndarray], n_views: int) -> np.ndarray:
    """Views uint8 [v_i, 28, 28] of each picture as uint8 [n, n_views, 28, 28]; those that have fewer are repeated."""
    return np.stack([v[np.arange(n_views) % len(v)] for v in views])


def _collect(listing: Listing, kept: list[tuple[ImportItem, PreparedFile]]) -> ImportedContent:
    items, prepared = [item for item, _ in kept], [p for _, p in kept]
    classes = tuple(c for c in listing.classes if c in {item.class_name for item in items})
    number = {name: i for i, name in enumerate(classes)}
    n_views = max(len(p.views) for p in prepared)
    group_number: dict[str, int] = {}
    groups = [group_number.setdefault(item.group or f"/{i}", len(group_number)) for i, item in enumerate(items)]
    return ImportedContent(
        images=np.stack([p.views[0] for p in prepared]),
        views=stack_views([p.views for p in prepared], n_views) if n_views > 1 else None,
        digests=np.frombuffer(b"".join(p.digest for p in prepared), np.uint8).reshape(-1, DIGEST_BYTES),
        looks=np.stack([p.look for p in prepared]),
        names=[item.name for item in items],
        classes=classes,
        labels=np.array([number[item.class_name or ""] for item in items], np.uint8),
        splits=np.array([NO_SPLIT if item.split is None else item.split for item in items], np.uint8),
        groups=np.array(groups, np.int32),
        has_files=True,
        kinds=tuple(Counter(p.kind for p in prepared).most_common()),
        found=listing.found,
    )
