"""Zips from outside: a member is unpacked no further than its limit."""

import struct
import zipfile

from fashion_core.errors import StorageError
from fashion_core.storage.arrays import READ_ERRORS, SAFE_COMPRESSION

ZIP_ENCRYPTED_FLAG = 0x1  # in a member's flags
ZIP_ERRORS = (*READ_ERRORS, LookupError, struct.error)  # what zipfile raises on damaged zips


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
