"""What is to be sorted, as files of at most 1,000 pictures each in the folder of results.

A manifest is written once, before its pictures are sorted, and what was decided on them is one file of the same name in
the table. So a later call knows what is missing, and lists only pictures that no manifest holds. The memory that this
takes doesn't depend on the number of pictures.
"""

import hashlib
import io
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import islice
from typing import Any

from fashion_core.errors import StorageError
from fashion_core.sorting.stores import ListedPicture, Store

MANIFEST_FOLDER, TABLE_FOLDER = "manifest", "table"
PICTURES_PER_MANIFEST = 1000
SOURCE_KEY = b"source"  # in a manifest's metadata


def add_manifests(source: Store, output: Store) -> dict[str, int]:
    """Write manifests of the pictures below ``source`` that are in none yet; returns the number of pictures of each
    manifest in ``output`` by its name, in the order in which they were written.

    A picture is another one when its size or version changed. Raises ``StorageError`` when a folder cannot be used.
    """
    sizes: dict[str, int] = {}
    with closing(sqlite3.connect("")) as known:  # a temporary file, which SQLite removes
        known.execute("PRAGMA journal_mode = OFF")
        known.execute("CREATE TABLE known (key BLOB PRIMARY KEY) WITHOUT ROWID")
        for name in output.list_names(MANIFEST_FOLDER):
            _, pictures = read_manifest(output, name)
            known.executemany("INSERT OR IGNORE INTO known VALUES (?)", ((_make_key(p),) for p in pictures))
            sizes[name] = len(pictures)
        number = max((int(name.partition(".")[0]) for name in sizes), default=-1) + 1
        new = _select_new(source.list_pictures(output), known)
        while batch := list(islice(new, PICTURES_PER_MANIFEST)):
            name = f"{number:08}.parquet"
            output.write(f"{MANIFEST_FOLDER}/{name}", _to_parquet(source, batch))
            sizes[name], number = len(batch), number + 1
    return sizes


def _select_new(pictures: Iterator[ListedPicture], known: sqlite3.Connection) -> Iterator[ListedPicture]:
    for picture in pictures:
        if known.execute("INSERT OR IGNORE INTO known VALUES (?)", (_make_key(picture),)).rowcount:
            yield picture


def _make_key(picture: ListedPicture) -> bytes:
    text = b"\0".join([picture.address, str(picture.size).encode(), picture.version.encode("utf-8", "replace")])
    return hashlib.sha256(text).digest()[:16]


def _to_parquet(source: Store, pictures: Sequence[ListedPicture]) -> bytes:
    import pyarrow as pa

    columns: dict[str, Any] = {
        "address": pa.array([p.address for p in pictures], pa.binary()),
        "size": pa.array([p.size for p in pictures], pa.int64()),
        "version": pa.array([p.version for p in pictures], pa.string()),
    }
    return write_parquet(pa.table(columns).replace_schema_metadata({SOURCE_KEY: source.url.encode()}))


def write_parquet(table: Any) -> bytes:
    """A pyarrow table as the content of a Parquet file."""
    from pyarrow import parquet

    file = io.BytesIO()
    parquet.write_table(table, file)
    return file.getvalue()


def read_manifest(output: Store, name: str) -> tuple[str, list[ListedPicture]]:
    """The URL of the source and the pictures; raises ``StorageError`` when the manifest is gone or damaged."""
    import pyarrow as pa
    from pyarrow import parquet

    content = output.read(f"{MANIFEST_FOLDER}/{name}")
    try:
        table = parquet.read_table(io.BytesIO(content))
        source = table.schema.metadata[SOURCE_KEY].decode()
        return source, [ListedPicture(row["address"], row["size"], row["version"]) for row in table.to_pylist()]
    except (pa.ArrowException, OSError, KeyError, TypeError, ValueError) as error:
        raise StorageError(
            f"{output.url}/{MANIFEST_FOLDER}/{name} is damaged. Delete it and run the same command again."
        ) from error


def find_missing(output: Store, sizes: dict[str, int]) -> list[str]:
    """Names of the manifests whose pictures aren't in the table yet."""
    done = set(output.list_names(TABLE_FOLDER))
    return [name for name in sizes if name not in done]
