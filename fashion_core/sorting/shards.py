"""Sort any number of pictures into a table of Parquet files, one for each manifest; the pictures stay in place."""

import io
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import closing, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fashion_core.errors import ConfigError, PictureError, StorageError
from fashion_core.jobs.process import count_cores
from fashion_core.recognition.batch import predict_sources
from fashion_core.sorting.decision import SortedPicture, decide
from fashion_core.sorting.manifests import (
    MANIFEST_FOLDER,
    TABLE_FOLDER,
    add_manifests,
    find_missing,
    read_manifest,
    write_parquet,
)
from fashion_core.sorting.output import lock_output
from fashion_core.sorting.promise import SortingPromise
from fashion_core.sorting.sort import SortingModel, SortProgress
from fashion_core.sorting.stores import Store, open_store
from fashion_core.sorting.table import COLUMNS, NUMBER_COLUMNS, make_parquet_schema, path_to_text
from fashion_core.storage.access import check_change
from fashion_core.vision.picture_sources import PictureSource

REMOTE_READ_THREADS = 4  # of which most wait for the store


@dataclass(frozen=True)
class ManifestResult:
    """How many pictures of the manifest ``name`` were decided how."""

    name: str
    decisions: dict[str, int]


# sorts manifests of a folder of results, given by name, and yields a result whenever one is in the table
ManifestSorter = Callable[[Store, list[str]], Generator[ManifestResult]]


def sort_to_shards(
    source: Store,
    output: Store,
    sort_manifests: ManifestSorter,
    report: Callable[[SortProgress], None] = lambda progress: None,
) -> SortProgress:
    """Sort the pictures below ``source`` into the folder ``table`` of ``output``; ``report`` is called at the
    beginning and for each file.

    What is in the table already is skipped, so the next call continues where one was interrupted, and handles new
    pictures. Raises ``ConfigError`` for folders that don't fit each other, ``StorageError`` when one cannot be used.
    """
    check_change()
    if not source.exists():
        raise StorageError(f"There is no folder {source.url}. Give another.")
    if source.has_root(output):
        raise ConfigError("The pictures cannot be sorted into the folder that they lie in. Give another with --out.")
    with lock_output(Path(output.root)) if output.is_local else nullcontext():  # in a store, nothing can be locked
        output.remove_unfinished()
        sizes = add_manifests(source, output)
        if not sizes:
            raise PictureError(f"There are no pictures in {source.url}. Give another folder.")
        missing = find_missing(output, sizes)
        n = sum(sizes.values())
        progress = SortProgress(n, n_known=n - sum(sizes[name] for name in missing))
        report(progress)
        with closing(sort_manifests(output, missing)) as results:  # ends what runs on a cluster, also after an error
            for result in results:
                progress.decisions.update(result.decisions)
                report(progress)
    return progress


def sort_here(model: SortingModel) -> ManifestSorter:
    """A sorter that sorts one manifest after the other in this process."""

    def sort_manifests(output: Store, names: list[str]) -> Generator[ManifestResult]:
        for name in names:
            yield sort_manifest(model, output, name)

    return sort_manifests


def sort_manifest(model: SortingModel, output: Store, name: str, *, n_threads: int | None = None) -> ManifestResult:
    """Sort the pictures of a manifest, and write the file of the table with the same name.

    ``n_threads`` read and prepare pictures, by default one for each core. Raises ``StorageError`` when the store fails
    or has none of the pictures: then the fault is not theirs, and they are not in the table.
    """
    import pyarrow as pa

    url, pictures = read_manifest(output, name)
    store = open_store(url)
    if not store.is_local:
        n_threads = max(n_threads or count_cores(), REMOTE_READ_THREADS)
    missing: list[bytes] = []
    sources = (_note_missing(store.make_source(p.address), p.address, missing) for p in pictures)
    predicted = predict_sources(
        model.recognizer, sources, model.options, n_threads=n_threads, thumbnail_side=0, find_duplicates=False
    )
    results = [replace(result, image=None) for result in predicted]
    if len(missing) == len(pictures):
        raise StorageError(
            f"Not one of the {len(pictures):,} pictures of {output.url}/{MANIFEST_FOLDER}/{name} lies in {url}. Every "
            "machine of a cluster must see that folder under this name. If the pictures are gone, delete that file. "
            "Then run the same command again."
        )
    decided = decide(results, model.classes, model.promise)
    described = zip(pictures, results, decided, strict=True)
    rows = [_make_row(path_to_text(p.address), result.sha256, each, model.promise) for p, result, each in described]
    output.write(f"{TABLE_FOLDER}/{name}", write_parquet(pa.Table.from_pylist(rows, make_parquet_schema())))
    return ManifestResult(name, dict(Counter(each.decision for each in decided)))


def read_result(output: Store, name: str) -> ManifestResult:
    """What a manifest's file in the table says."""
    from pyarrow import parquet

    table = parquet.read_table(io.BytesIO(output.read(f"{TABLE_FOLDER}/{name}")), columns=["decision"])
    return ManifestResult(name, dict(Counter(table["decision"].to_pylist())))


def _note_missing(source: PictureSource, address: bytes, missing: list[bytes]) -> PictureSource:
    """The same source, which adds its address to ``missing`` when it turns out that it isn't there."""

    def read() -> bytes:
        try:
            return source.read()
        except PictureError as error:
            if isinstance(error.__cause__, FileNotFoundError):
                missing.append(address)
            raise

    return replace(source, read=read)


def _make_row(path: str, sha256: str, picture: SortedPicture, promise: SortingPromise) -> dict[str, Any]:
    """A row of the table, as ``read_rows`` returns it."""
    first, second, third = (*picture.candidates, "", "", "")[:3]
    filled = {
        "path": path, "sha256": sha256, "class": first, "predicted": first, "second": second, "third": third,
        "probability": picture.probability, "threshold": promise.threshold, "run": promise.run,
        "decision": picture.decision, "decided_by": "model", "error": picture.error,
    }  # fmt: skip
    return {column: None if column in NUMBER_COLUMNS else "" for column in COLUMNS} | filled
