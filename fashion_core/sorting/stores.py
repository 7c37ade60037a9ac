"""Folders of pictures and of results, on this machine or in any store that fsspec reads.

The pictures of a folder on this machine are listed and read as ``sort_folder`` does, also where a name isn't UTF-8.
"""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from fashion_core.errors import ConfigError, FashionError, PictureError, StorageError
from fashion_core.sorting.listing import is_listed_name, list_pictures, refuse_zip
from fashion_core.vision.decode import MAX_PICTURE_BYTES
from fashion_core.vision.picture_sources import (
    PictureSource,
    is_hidden,
    make_file_source,
    replace_control_characters,
)  # fmt: skip

URL_MARK = "://"
CHAIN_MARK = "::"  # in URLs such as zip://::s3://bucket/pictures.zip
UNFINISHED_FOLDER = ".unfinished"  # in a folder of results: files that get their names when they are whole
# what stores call the version of a file, the best first
VERSION_FIELDS = ("ETag", "etag", "md5Hash", "LastModified", "last_modified", "updated", "mtime", "created")


@dataclass(frozen=True)
class ListedPicture:
    """A picture that lies in a store. ``address``: its path or URL as bytes, since a path need not be UTF-8; ``size``
    in bytes and ``version`` change when its content does, as far as the store tells."""

    address: bytes
    size: int
    version: str


@dataclass(frozen=True)
class Store:
    """A folder: ``url`` as it was given, an absolute path on this machine; ``root`` is its path for ``filesystem``, of
    fsspec."""

    url: str
    filesystem: Any
    root: str

    @property
    def is_local(self) -> bool:
        """Whether it is a folder that the operating system knows, possibly shared with other machines."""
        from fsspec.implementations.local import LocalFileSystem

        return isinstance(self.filesystem, LocalFileSystem)

    def has_root(self, other: "Store") -> bool:
        """Whether the other is the same folder."""
        return self.root == other.root and type(self.filesystem) is type(other.filesystem)

    def exists(self) -> bool:
        """Whether there is such a folder or file; raises ``StorageError`` when the store doesn't answer."""
        with self._explain("read"):
            return bool(self.filesystem.exists(self.root))

    def list_pictures(self, output: "Store") -> Iterator[ListedPicture]:
        """The pictures and zips below the folder, in no order, but not those below ``output``.

        Hidden files and folders are skipped. Of a folder on this machine, one picture is in memory at a time; of a
        store, the list of one of its folders. Raises ``StorageError`` when one cannot be read.
        """
        if self.is_local:
            # the folder itself is never below itself: nothing is skipped
            skipped = output if output.is_local else self
            for path in list_pictures(Path(self.root), Path(skipped.root)):
                yield ListedPicture(os.fsencode(path), *_find_version(path))
        else:
            with self._explain("read"):
                yield from self._walk(output.root if type(output.filesystem) is type(self.filesystem) else "")

    def _walk(self, skipped: str) -> Iterator[ListedPicture]:
        if self.filesystem.isfile(self.root):
            yield self._make_picture(self.filesystem.info(self.root))
            return
        for _, folders, files in self.filesystem.walk(self.root, detail=True, on_error="raise"):
            for name in [n for n, info in folders.items() if is_hidden(n) or info["name"].rstrip("/") == skipped]:
                del folders[name]
            for name, info in files.items():
                if is_listed_name(name):
                    yield self._make_picture(info)

    def _make_picture(self, info: dict[str, Any]) -> ListedPicture:
        _, mark, chain = self.url.partition(CHAIN_MARK)
        address = self.filesystem.unstrip_protocol(info["name"]) + mark + chain
        version = next((str(info[field]) for field in VERSION_FIELDS if info.get(field)), "")
        return ListedPicture(address.encode("utf-8", "surrogateescape"), info.get("size") or 0, version)

    def make_source(self, address: bytes) -> PictureSource:
        """A listed picture. Its ``read`` also raises ``StorageError``, when the store fails and not the picture."""
        if self.is_local:
            source = make_file_source(Path(os.fsdecode(address)))
        else:
            url = address.decode("utf-8", "surrogateescape")
            path = url.removesuffix(self.url[self.url.find(CHAIN_MARK) :]) if CHAIN_MARK in self.url else url
            source = PictureSource(replace_control_characters(url), (), partial(self._read_picture, path))
        is_zip = address.lower().partition(CHAIN_MARK.encode())[0].endswith(b".zip")
        return PictureSource(source.name, (), refuse_zip) if is_zip else source

    def _read_picture(self, path: str) -> bytes:
        try:
            with self.filesystem.open(path, "rb") as file:
                content: bytes = file.read(MAX_PICTURE_BYTES + 1)
                return content
        except (FileNotFoundError, PermissionError) as error:
            raise PictureError(f"The file cannot be read ({_describe(error)}).") from error
        except Exception as error:
            raise self._make_error("read", error) from error

    def list_names(self, folder: str) -> list[str]:
        """Names of the files in a folder of results, sorted; none if it isn't there. Raises ``StorageError``."""
        with self._explain("read"):
            try:
                paths = self.filesystem.ls(f"{self.root}/{folder}", detail=False)
            except FileNotFoundError:
                return []
            return sorted(name for path in paths if not is_hidden(name := path.rstrip("/").rpartition("/")[2]))

    def read(self, name: str) -> bytes:
        """The content of a result; raises ``StorageError`` when it cannot be read."""
        with self._explain("read"):
            content: bytes = self.filesystem.cat_file(f"{self.root}/{name}")
            return content

    def write(self, name: str, content: bytes) -> None:
        """Write a result: it appears whole or not at all. Raises ``StorageError`` when it cannot be written."""
        path, temporary = f"{self.root}/{name}", f"{self.root}/{UNFINISHED_FOLDER}/{uuid.uuid4().hex}"
        with self._explain("written"):
            for parent in (path, temporary):
                self.filesystem.makedirs(parent.rpartition("/")[0], exist_ok=True)
            with self.filesystem.open(temporary, "wb") as file:
                file.write(content)
                if self.is_local:
                    file.flush()
                    os.fsync(file.fileno())
            self.filesystem.mv(temporary, path)

    def remove_unfinished(self) -> None:
        """Remove what killed processes left; raises ``StorageError`` when that isn't possible."""
        with self._explain("written"):
            if self.filesystem.exists(f"{self.root}/{UNFINISHED_FOLDER}"):
                self.filesystem.rm(f"{self.root}/{UNFINISHED_FOLDER}", recursive=True)

    @contextmanager
    def _explain(self, action: str) -> Iterator[None]:
        """Raise ``StorageError`` for whatever a store raises."""
        try:
            yield
        except (FashionError, GeneratorExit):
            raise
        except Exception as error:
            raise self._make_error(action, error) from error

    def _make_error(self, action: str, error: BaseException) -> StorageError:
        return StorageError(
            f"{self.url} cannot be {action} ({_describe(error)}). Change that and run the same command again: it "
            "continues there."
        )


def open_store(url: str) -> Store:
    """The folder at ``url``: a path, or a URL of any protocol that fsspec knows.

    Raises ``ConfigError`` when a package is missing for that, or nobody knows the protocol, and ``StorageError`` when
    it cannot be reached.
    """
    import fsspec
    from fsspec.implementations.local import LocalFileSystem
    from fsspec.registry import known_implementations

    first, mark, last = url.rpartition(CHAIN_MARK)
    if URL_MARK not in last:  # a path, which other machines must find too
        url = first + mark + os.path.abspath(last)
    protocol = url.partition(URL_MARK)[0]
    try:
        if URL_MARK in url:
            filesystem, root = fsspec.url_to_fs(url, use_listings_cache=False)  # a cache grows with the pictures
        else:
            filesystem, root = fsspec.filesystem("file"), url
    except ImportError as error:
        needed = known_implementations.get(protocol, {}).get("err", str(error))
        raise ConfigError(
            f"A package is missing for {protocol}{URL_MARK}: {needed.rstrip('.')}. Then try again."
        ) from error
    except Exception as error:
        if isinstance(error, ValueError) and protocol not in known_implementations:
            raise ConfigError(
                f"{protocol}{URL_MARK} is no store that fsspec knows. Give a folder or another URL."
            ) from error
        raise StorageError(f"{url} cannot be reached ({_describe(error)}). Change that, or give another.") from error
    if isinstance(filesystem, LocalFileSystem):
        url = root
    return Store(url, filesystem, root.rstrip("/") or root)


def _find_version(path: Path) -> tuple[int, str]:
    """Size in bytes, and when it was changed last; nothing of a file that is gone by now: reading it will say so."""
    try:
        status = path.stat()
    except OSError:
        return 0, ""
    return status.st_size, str(status.st_mtime_ns)


def _describe(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return " ".join(str(error).split())[:200] or type(error).__name__
