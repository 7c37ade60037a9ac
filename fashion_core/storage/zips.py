"""Zips from outside: a list of entries is read, and a member is unpacked, no further than its limit."""

import lzma
import struct
import tokenize
import zipfile
import zlib
from typing import IO

from fashion_core.errors import StorageError

# what zipfile and NumPy raise on damaged files
READ_ERRORS = (
    OSError,
    ValueError,
    EOFError,
    OverflowError,
    MemoryError,
    RuntimeError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    tokenize.TokenError,
)
ZIP_ERRORS = (*READ_ERRORS, LookupError, struct.error)  # what zipfile raises on damaged zips
SAFE_COMPRESSION = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # zipfile unpacks others without a limit
ZIP_ENCRYPTED_FLAG = 0x1  # in a member's flags
MAX_DIRECTORY_BYTES = 2**17  # of the list of entries of a zip that holds a few files


class _BoundedReader:
    """A binary file that refuses single reads above ``max_read`` while that is set: ``zipfile`` reads a zip's list of
    entries at once, however long the zip says it is."""

    def __init__(self, file: IO[bytes], max_read: int) -> None:
        self.max_read: int | None = max_read
        self.seek, self.tell, self._file = file.seek, file.tell, file

    def seekable(self) -> bool:
        return True

    def read(self, n: int = -1) -> bytes:
        if self.max_read is not None and n > self.max_read:
            raise StorageError("This zip lists too many files. Split it into smaller ones.")
        return self._file.read(n)


def open_bounded_zip(file: IO[bytes], max_directory_bytes: int = MAX_DIRECTORY_BYTES) -> zipfile.ZipFile:
    """Open a zip whose list of entries has at most ``max_directory_bytes``: before it is read, nothing else is checked.

    Raises ``StorageError`` when the list is longer, and one of ``ZIP_ERRORS`` when the zip is damaged.
    """
    reader = _BoundedReader(file, max_directory_bytes)
    archive = zipfile.ZipFile(reader)
    reader.max_read = None
    return archive


def read_zip_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, max_bytes: int) -> bytes:
    """The content of ``member``; its declared size and its compression are checked before it is unpacked.

    Raises ``StorageError`` when it has more than ``max_bytes``, is locked, damaged, or packed in a way that ``zipfile``
    unpacks without a limit.
    """
    if member.flag_bits & ZIP_ENCRYPTED_FLAG:
        raise StorageError("This file is locked with a password. Create the zip again without one.")
    if member.file_size > max_bytes:
        raise StorageError(f"This file is larger than {max_bytes / 2**20:.3g} MB. Make it smaller and try again.")
    if member.compress_type not in SAFE_COMPRESSION:
        raise StorageError("This file's compression is not supported. Create the zip again with the usual one.")
    try:
        with archive.open(member) as file:
            return file.read(member.file_size)  # without a size, all that is packed is unpacked, whatever was declared
    except ZIP_ERRORS as error:
        raise StorageError("This file is damaged in the zip. Create the zip again.") from error
